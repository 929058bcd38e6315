"""Locks between processes: a file that one of them holds locked. The system takes the lock back when it dies."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from filelock import FileLock, Timeout

_PATIENCE = 0.5
"""Seconds for which a lock is tried: someone else may only be looking whether it is free."""
_NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)
"""What a disk says that knows no locks, as some network disks don't. Work goes on there, without protection."""


class Lock:
    """One lock, held from ``acquire`` to ``release``; never held twice, not by two threads of a process either."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # A soft lock, a file that is there or not, would outlive a killed process.
        self._file = FileLock(path, fallback_to_soft=False)

    def acquire(self) -> bool:
        """Take the lock; false if someone else holds it. Raises ``OSError`` if the file cannot be made."""
        if not self._path.parent.is_dir():  # filelock would make it
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))
        return self._acquire(_PATIENCE)

    def release(self) -> None:
        """Give the lock back, if it is held."""
        self._file.release()

    def is_held_elsewhere(self) -> bool:
        """Whether someone holds the lock just now."""
        try:
            if not self._acquire(0):
                return True
        except OSError:
            return False
        self.release()
        return False

    def _acquire(self, seconds: float) -> bool:
        try:
            self._file.acquire(timeout=seconds, poll_interval=0.02)
        except Timeout:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        return True
