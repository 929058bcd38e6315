"""What tells that a file is not as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class FileStamp(NamedTuple):
    """A file as its disk describes it: its number there, the time of its last change in nanoseconds, bytes.

    The number counts too: files are replaced as a whole, and the clock of some file systems is too coarse to tell two
    of them apart. It is no part of what is kept on a disk for later: a copied folder is the same data.
    """

    number: int
    changed: int
    size: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileStamp:
        """That of a file of which the system was asked already."""
        return cls(status.st_ino, status.st_mtime_ns, status.st_size)


def file_stamp(path: Path) -> FileStamp | None:
    """That of a file as it is now; ``None`` if there is none, or it cannot be asked."""
    try:
        return FileStamp.of(path.stat())
    except OSError:
        return None
