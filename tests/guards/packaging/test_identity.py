"""Who the program is says one place; the executable's locks, icons and metadata agree with it."""

from __future__ import annotations

import configparser
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from PIL import Image

import cnn_explorer

_ROOT = Path(__file__).resolve().parents[3]
_LINUX = _ROOT / "packaging" / "linux"


def _module(name: str) -> ModuleType:
    """A module of the folder ``packaging``, which is no package: one from PyPI has that name."""
    spec = importlib.util.spec_from_file_location(f"executable_{name}", _ROOT / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


identity, contents = _module("identity"), _module("contents")


def test_that_there_is_one_version() -> None:
    metadata = ElementTree.parse(_LINUX / f"{identity.APP_ID}.metainfo.xml").getroot()
    release = metadata.find("releases/release")
    assert release is not None
    assert identity.version(_ROOT) == cnn_explorer.__version__ == release.get("version")
    assert metadata.findtext("id") == identity.APP_ID
    assert metadata.findtext("name") == identity.TITLE


@pytest.mark.parametrize(
    ("text", "numbers"), [("0.1.0", (0, 1, 0, 0)), ("2.10", (2, 10, 0, 0)), ("1.2.3rc4", (1, 2, 3, 0))]
)
def test_that_windows_gets_four_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert identity.version_numbers(text) == numbers


def test_that_the_icon_is_there_in_every_size() -> None:
    for size in identity.ICON_SIZES:
        with Image.open(identity.icon(_ROOT, size)) as picture:
            assert picture.size == (size, size)
            assert picture.mode == "RGBA"
            assert picture.getpixel((0, 0))[3] < 128  # the corners are round


def test_that_windows_and_macos_get_the_drawings_of_small_sizes(tmp_path: Path) -> None:
    with Image.open(identity.icon(_ROOT, 32)) as picture:
        drawn = picture.convert("RGBA").tobytes()
    with Image.open(identity.icon_file(_ROOT, tmp_path / "app.ico")) as ico:
        assert {(16, 16), (32, 32), (256, 256)} <= set(ico.info["sizes"])
        assert ico.ico.getimage((32, 32)).convert("RGBA").tobytes() == drawn
    with Image.open(identity.icon_file(_ROOT, tmp_path / "app.icns")) as icns:
        assert {(16, 16, 2), (128, 128, 1), (256, 256, 2)} <= set(icns.info["sizes"])  # 32 pixels for 16 at double size
        assert icns.icns.getimage((16, 16, 2)).convert("RGBA").tobytes() == drawn


def test_that_the_menu_entry_is_complete() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # configparser's own way to keep capitals
    parser.read(_LINUX / "cnn-explorer.desktop", "utf-8")
    entry = parser["Desktop Entry"]
    assert (entry["Type"], entry["Name"], entry["Terminal"]) == ("Application", identity.TITLE, "false")
    assert entry["Exec"] == "cnn-explorer gui %f"
    # Qt names its windows after the executable, and Wayland after QApplication.setDesktopFileName.
    assert entry["StartupWMClass"] == entry["Icon"] == identity.NAME


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="AppStream's own check is not installed")
def test_that_appstream_accepts_the_metadata() -> None:
    command = ["appstreamcli", "validate", "--no-net", str(_LINUX / f"{identity.APP_ID}.metainfo.xml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _pinned(lock: Path) -> dict[str, set[str]]:
    """Package -> its versions (scipy has one for each version of Python)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", lock.read_text("utf-8"), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def test_that_the_executable_is_made_of_the_versions_that_are_tested() -> None:
    tested, packaged = _pinned(_ROOT / "requirements.lock"), _pinned(_ROOT / "packaging" / "requirements.lock")
    assert packaged["tensorflow-cpu"] == tested["tensorflow"]
    assert {"pyinstaller", "keras", "pyside6-essentials"} <= packaged.keys()
    assert {name for name in packaged.keys() & tested.keys() if packaged[name] != tested[name]} == set()


def test_that_no_lock_names_an_index() -> None:
    for lock in (_ROOT / "requirements.lock", _ROOT / "packaging" / "requirements.lock"):
        assert "://" not in lock.read_text("utf-8")


def test_that_nothing_that_the_program_imports_at_its_start_stays_out() -> None:
    code = "import sys, cnn_explorer.app, cnn_explorer.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    out = contents.EXCLUDED_MODULES
    assert [name for name in done.stdout.split() if any(f"{name}.".startswith(f"{module}.") for module in out)] == []
