"""What is in the wheel: the program and its resources, and nothing of where it was made."""

from __future__ import annotations

import email
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import cnn_explorer

_ROOT = Path(__file__).resolve().parents[3]
_TEXTS = (".py", ".svg", ".md", ".txt", "METADATA", "RECORD", "WHEEL", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel of the checkout."""
    (path,) = WheelBuilder(str(_ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_that_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    folders = {name.partition("/")[0] for name in wheel.namelist()}
    assert folders == {"cnn_explorer", f"cnn_explorer-{cnn_explorer.__version__}.dist-info"}
    wrong = re.compile(r"(^|/)(tests?|__pycache__|\.[^/]+|conftest\.py)(/|$)|\.pyc$|_driver\.py$")
    assert [name for name in wheel.namelist() if wrong.search(name)] == []
    assert [name for name in wheel.namelist() if "/resources/" in name and name.endswith(".py")] == []


def test_that_every_module_is_in_it(wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(_ROOT).as_posix() for path in (_ROOT / "cnn_explorer").rglob("*.py")}
    assert modules <= set(wheel.namelist())


def test_that_every_resource_is_in_it_unchanged(wheel: zipfile.ZipFile) -> None:
    folder = _ROOT / "resources"
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert len(files) > 60
    for path in files:
        assert wheel.read(f"cnn_explorer/resources/{path.relative_to(folder).as_posix()}") == path.read_bytes()


def test_that_no_path_of_the_machine_is_in_it(wheel: zipfile.ZipFile) -> None:
    places = [str(_ROOT), str(Path.home())]
    for name in wheel.namelist():
        if name.endswith(_TEXTS):
            text = wheel.read(name).decode("utf-8")
            assert [place for place in places if place in text] == [], name


def test_that_the_extra_gpu_brings_tensorflow_s_cuda_libraries(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
    metadata = email.message_from_bytes(wheel.read(name))
    assert metadata["Version"] == cnn_explorer.__version__
    assert metadata.get_all("Provides-Extra") == ["gpu"]
    (wanted,) = (line for line in metadata.get_all("Requires-Dist", []) if "extra ==" in line)
    assert wanted.startswith("tensorflow[and-cuda]")


def test_that_it_brings_the_command(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert b"cnn-explorer = cnn_explorer.__main__:main" in wheel.read(name)
