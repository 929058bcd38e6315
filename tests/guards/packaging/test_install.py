"""``install.sh`` of the Linux archive, with a stand-in for the program: what it makes in a home, and what it leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the script is for Linux")
_LINUX = Path(__file__).resolve().parents[3] / "packaging" / "linux"
_ENTRY, _METADATA = "cnn-explorer.desktop", "org.cnn_explorer.CNNExplorer.metainfo.xml"


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A folder laid out like the archive's, under a path with blanks; its program says its version."""
    folder = tmp_path / "Meine Übung" / "cnn-explorer"
    for name in ("_internal", "share/applications", "share/metainfo", "share/icons/hicolor/16x16/apps"):
        (folder / name).mkdir(parents=True)
    _program(folder, "1")
    (folder / "share/icons/hicolor/16x16/apps/cnn-explorer.png").write_bytes(b"icon")
    shutil.copy(_LINUX / _ENTRY, folder / "share/applications")
    shutil.copy(_LINUX / _METADATA, folder / "share/metainfo")
    shutil.copy(_LINUX / "install.sh", folder)
    return folder


def _program(folder: Path, version: str) -> None:
    (folder / "cnn-explorer").write_text(f"#!/bin/sh\necho version {version}\n")
    (folder / "cnn-explorer").chmod(0o755)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with signs in its path that mean something to a shell or in a menu entry, and a run in it."""
    home = tmp_path / 'zu "Hause" $HOME 100% grün'
    run = home / ".local/share/cnn-explorer/runs/a"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}")
    return home


def _install(folder: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    command = [str(folder / "install.sh"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _files(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*") if not path.is_dir()}


def _says(command: Path) -> str:
    return subprocess.run([str(command)], capture_output=True, text=True, check=True).stdout


def test_that_it_brings_a_command_a_menu_entry_and_icons(unpacked: Path, home: Path) -> None:
    done = _install(unpacked, home)
    assert (done.returncode, done.stderr) == (0, "")
    assert _says(home / ".local/bin/cnn-explorer") == "version 1\n"
    assert (home / ".local/share/icons/hicolor/16x16/apps/cnn-explorer.png").read_bytes() == b"icon"
    assert (home / ".local/share/metainfo" / _METADATA).exists()
    entry = (home / ".local/share/applications" / _ENTRY).read_text("utf-8").splitlines()
    program = str(home / ".local/lib/cnn-explorer/cnn-explorer")
    assert f"TryExec={program}" in entry
    # Desktop Entry Specification: quotes, $ and ` with a backslash inside quotes, and that once more; % twice.
    quoted = program.replace('"', '\\\\"').replace("$", "\\\\$").replace("%", "%%")
    assert f'Exec="{quoted}" gui %f' in entry
    assert ".local/bin" in done.stdout  # since PATH lacks it
    assert not list(home.glob(".local/lib/*.new.*"))


def test_that_remove_takes_away_what_it_brought_and_leaves_the_runs(unpacked: Path, home: Path) -> None:
    before = _files(home)
    _install(unpacked, home)
    shutil.rmtree(unpacked)
    done = _install(home / ".local/lib/cnn-explorer", home, "--remove")
    assert (done.returncode, done.stderr) == (0, "")
    assert _files(home) == before
    assert ".local/share/cnn-explorer" in done.stdout


def test_that_a_newer_version_takes_the_place_of_an_older_one(unpacked: Path, home: Path) -> None:
    _install(unpacked, home)
    (home / ".local/lib/cnn-explorer/_internal/old").touch()
    _program(unpacked, "2")
    assert _install(unpacked, home).returncode == 0
    assert _says(home / ".local/bin/cnn-explorer") == "version 2\n"
    assert not (home / ".local/lib/cnn-explorer/_internal/old").exists()


def test_that_a_read_only_copy_can_be_installed_and_removed(unpacked: Path, home: Path) -> None:
    for path in (*unpacked.rglob("*"), unpacked):
        path.chmod(path.stat().st_mode & 0o555)
    try:
        assert _install(unpacked, home).returncode == 0
        assert (home / ".local/lib/cnn-explorer/_internal").stat().st_mode & 0o200
    finally:
        for path in (unpacked, *unpacked.rglob("*")):
            path.chmod(0o755)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_that_another_command_of_that_name_is_left_alone(unpacked: Path, home: Path, kind: str) -> None:
    command = home / ".local/bin/cnn-explorer"
    command.parent.mkdir()
    command.symlink_to("/somewhere/else") if kind == "link" else command.write_text("pipx")
    before = _files(home)
    done = _install(unpacked, home)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("install.sh: There is another ")
    assert _files(home) == before


@pytest.mark.parametrize(
    ("arguments", "words"), [(("--remove",), "is not installed"), (("--prefix=/usr",), "There is no --prefix=/usr")]
)
def test_that_what_cannot_be_done_is_one_sentence(
    unpacked: Path, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = _files(home)
    done = _install(unpacked, home, *arguments)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert words in line
    assert _files(home) == before


def test_that_half_a_folder_is_not_installed(unpacked: Path, home: Path) -> None:
    (unpacked / "cnn-explorer").unlink()
    done = _install(unpacked, home)
    assert done.returncode == 2
    assert "unpack it anew" in done.stderr


def test_that_a_home_that_is_not_there_is_one_sentence(unpacked: Path, tmp_path: Path) -> None:
    done = _install(unpacked, tmp_path / "nowhere")
    assert done.returncode == 2
    assert done.stderr == "install.sh: HOME does not name your home folder.\n"
