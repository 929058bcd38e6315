"""A file that its publisher keeps on a server, and how to know it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its name, where it is to be had, its size in bytes, and its SHA-256.

    ``also``: size and SHA-256 of the same content packed in other ways; they are as good.
    """

    name: str
    urls: tuple[str, ...]
    size: int
    sha256: str
    also: tuple[tuple[int, str], ...] = ()

    def is_in(self, folder: Path) -> bool:
        """Whether a file of this name and size lies in ``folder``; says nothing of its content."""
        try:
            size = (folder / self.name).stat().st_size
        except OSError:  # not there, or nobody may look
            return False
        return size in (self.size, *(size for size, _ in self.also))

    def is_told_by(self, size: int, sha256: str) -> bool:
        """Whether a file of this size and checksum is the published one."""
        return (size, sha256) in ((self.size, self.sha256), *self.also)
