"""The archive of ``make package``, unpacked as on the computer of someone who has nothing else."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import identity
import pytest
from unpacked import ROOT, Packaged


@pytest.fixture(scope="session")
def archive() -> Path:
    """The newest archive."""
    archives = sorted((ROOT / "dist").glob(f"{identity.NAME}-*.tar.xz"), key=lambda path: path.stat().st_mtime)
    if not archives:
        pytest.fail("There is no archive in dist: call make package first.")
    return archives[-1]


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder that another user can read, under a name with blanks and umlauts."""
    outer = Path(tempfile.mkdtemp(prefix="package-test-"))
    outer.chmod(0o755)
    inner = outer / "Größere Übung mit Leerzeichen"
    inner.mkdir()
    yield inner
    for folder, _, _ in os.walk(outer):
        Path(folder).chmod(0o755)
    shutil.rmtree(outer)


@pytest.fixture(scope="session")
def folder(archive: Path, place: Path) -> Path:
    """The unpacked program, in which nothing can be written."""
    with tarfile.open(archive) as tar:
        tar.extractall(place, filter="data")
    folder = place / identity.NAME
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    return folder


@pytest.fixture
def packaged(folder: Path, place: Path) -> Iterator[Packaged]:
    """The program with an empty home; in the end none of its processes is left."""
    home = Path(tempfile.mkdtemp(prefix="home ", dir=place))
    home.chmod(0o755)
    packaged = Packaged(folder, home)
    packaged.give(home)
    yield packaged
    assert packaged.processes() == []
