"""Files that are either whole or not there: written under another name in the same folder, then renamed.

Failures of the disk (full, read-only, no right, no folder) become ``ExplorerError`` sentences here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from cnn_explorer.core.errors import ExplorerError

TEMPORARY_PREFIX = ".tmp-"
_KEPT_OF_NAME = 40  # the end of the name: keeps every suffix, and the whole below the usual 255 bytes

_FULL = "the disk is full", "Free some space, or choose a path on another disk."
_READ_ONLY = "the disk is read-only", "Choose a path that can be written."
_FORBIDDEN = "you have no right to write there", "Choose a path in a folder of your own."
_REASONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: ("the file is larger than the system allows", "Choose a path on another disk."),
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ENOTDIR: ("a part of the path is a file and not a folder", "Choose a path inside a folder."),
    errno.EISDIR: ("this is a folder", "Choose the name of a file."),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name."),
}


def _error_number(error: BaseException) -> int | None:
    """The system's error number; h5py has it in its text only."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = re.search(r"errno = (\d+)", str(error))
    return int(found[1]) if found else None


def write_failure(path: Path, error: BaseException) -> ExplorerError:
    """The sentence for a failed attempt to write ``path``: what was wrong and the way out."""
    number = _error_number(error)
    if number == errno.ENOENT and not path.parent.is_dir():
        reason, hint = f"the folder {path.parent} does not exist", "Create it, or choose another path."
    elif number in _REASONS:
        reason, hint = _REASONS[number]
    else:
        reason, hint = str(getattr(error, "strerror", None) or error), "Choose another path."
    return ExplorerError(f"{path} could not be written: {reason}.", hint)


def refuse_existing(path: Path, force: bool = False) -> None:
    """Raise ``ExplorerError`` if ``path`` exists and may not be replaced."""
    if not force and os.path.lexists(path):
        raise ExplorerError(f"{path} exists already.", "Choose another path, or use --force to replace it.")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the folder of ``path``, to be written in the block; it becomes ``path`` at its end.

    The temporary name ends like that of ``path``, since Keras chooses its format by the suffix. If anything is
    raised, ``path`` stays as it was and the temporary file goes. A symbolic link stays one: its target is
    replaced. The block should do nothing but write, because its ``OSError`` becomes a sentence about ``path``.

    Raises ``ExplorerError`` if the file cannot be written, or if ``path`` is there and is no regular file.
    """
    target = Path(os.path.realpath(path))
    mark = f"{TEMPORARY_PREFIX}{os.getpid()}-{threading.get_native_id()}-"
    temporary = target.with_name(mark + target.name[-_KEPT_OF_NAME:])
    try:
        _refuse_other_than_file(path, target)
        yield temporary
        _flush_to_disk(temporary)
        temporary.replace(target)
    except OSError as error:
        raise write_failure(path, error) from error
    except (RuntimeError, ValueError) as error:  # h5py, when closing a file fails
        if _error_number(error) is None:
            raise
        raise write_failure(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def atomic_write(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, replacing what is there. Raises ``ExplorerError`` like ``replacing``."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _refuse_other_than_file(path: Path, target: Path) -> None:
    if target.exists() and not target.is_file():
        kind = "a folder" if target.is_dir() else "a device"
        raise ExplorerError(f"{path} could not be written: this is {kind}.", "Choose the name of a file.")


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
