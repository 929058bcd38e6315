"""Folders that appear at once and whole: made under a hidden name beside their place, then renamed.

The folder ``.NAME.HEX`` is locked while it is made. Those of killed processes are removed by whoever stages something
in the same parent later.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from cnn_explorer.store.atomic import TEMPORARY_PREFIX, write_failure
from cnn_explorer.store.locks import Lock

LOCK_NAME = ".lock"
_NAME = re.compile(r"\..+\.[0-9a-f]{12}")
_KEPT_OF_NAME = 40  # the whole name stays below the usual 255 bytes
_STILL = 60.0
"""Seconds without a change after which an unlocked folder is dead. A living one is unlocked only while it is renamed,
because Windows renames no folder that holds an open file."""


class Staged:
    """A folder in the making. It is removed when its block ends, unless it was published."""

    def __init__(self, path: Path, lock: Lock) -> None:
        self.path, self._lock = path, lock

    def publish(self, place: Path) -> None:
        """Rename the folder to ``place``, which must not be there (an empty folder may). Raises ``OSError``."""
        self._lock.release()
        self.path.rename(place)


@contextmanager
def staged(place: Path, files: Collection[str]) -> Iterator[Staged]:
    """Yield a new folder beside ``place``, for files of the names ``files``; parents are made.

    If the block raises, everything that was made goes again. Raises ``ExplorerError`` if nothing can be made there.
    """
    missing = [parent for parent in place.parents if not parent.exists()]
    try:
        _make(place.parent)
        _remove_dead(place.parent, files)
        folder = _begin(place)
    except OSError as error:
        _remove_folders(missing)
        raise write_failure(place, error) from error
    try:
        yield folder
    finally:
        folder._lock.release()
        if folder.path.is_dir():
            _remove(folder.path, files)
            _remove_folders(missing)


def _make(parent: Path) -> None:
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # what mkdir says of a file in its place
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(parent)) from error


def _begin(place: Path) -> Staged:
    while True:
        path = place.with_name(f".{place.name[:_KEPT_OF_NAME]}.{secrets.token_hex(6)}")
        path.mkdir()
        lock = Lock(path / LOCK_NAME)
        with contextlib.suppress(FileNotFoundError):  # removed as empty by another process, before it was locked
            if lock.acquire():
                return Staged(path, lock)


def _remove_dead(parent: Path, files: Collection[str]) -> None:
    """Remove what killed processes left in ``parent``; whatever cannot be removed does no harm."""
    with contextlib.suppress(OSError):
        for path in [path for path in parent.iterdir() if _NAME.fullmatch(path.name)]:
            with contextlib.suppress(OSError):
                if _is_dead(path, files):
                    _remove(path, files)


def _is_dead(path: Path, files: Collection[str]) -> bool:
    """Whether ``path`` is a folder of ours that nobody works in any more."""
    with os.scandir(path) as entries:
        found = list(entries)
    names = {entry.name for entry in found}
    if not all(_is_ours(name, files) for name in names):
        return False
    changes = [path.stat().st_mtime, *(entry.stat(follow_symlinks=False).st_mtime for entry in found)]
    if max(changes) > time.time() - _STILL:
        return False
    if LOCK_NAME in names:
        return not Lock(path / LOCK_NAME).is_held_elsewhere()
    return not names  # killed before it was locked


def _is_ours(name: str, files: Collection[str]) -> bool:
    return name in files or name == LOCK_NAME or name.startswith(TEMPORARY_PREFIX)


def _remove(path: Path, files: Collection[str]) -> None:
    """Remove a staged folder, its lock last, and nothing that is not ours."""
    with contextlib.suppress(OSError):
        for file in path.iterdir():
            if file.name != LOCK_NAME and _is_ours(file.name, files):
                file.unlink()
        (path / LOCK_NAME).unlink(missing_ok=True)
        path.rmdir()


def _remove_folders(paths: list[Path]) -> None:
    """Remove those of ``paths`` that are empty, the innermost first."""
    for path in paths:
        with contextlib.suppress(OSError):
            path.rmdir()
