"""IDX, the format of the MNIST family: a magic number, the lengths of the axes, then the values; plain or gzipped.

Format: http://yann.lecun.com/exdb/mnist/ (section "The IDX file format").
"""

from __future__ import annotations

import contextlib
import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays.array_file import ArrayFile, ArrayInfo, Chunks

ROLES = ("train_images", "train_labels", "test_images", "test_labels")
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 8
_TEST_WORDS = ("t10k", "test")
_WAY_OUT = "Get the file anew; an IDX file begins with two zero bytes, its type and its number of axes."


def read_idx(path: Path) -> NDArray[Any]:
    """The array in an IDX file, plain or gzipped, in native byte order.

    Raises ``ExplorerError`` if the file is missing, has a wrong magic number, or is shorter or longer than it says.
    """
    with _opened(path, "values") as (info, file):
        chunks = list(_chunks(path, info, file))
    return np.concatenate(chunks) if chunks else np.empty(info.shape, info.dtype)


def is_idx(path: Path) -> bool:
    """Whether the file begins like an IDX file, unpacked if it is gzipped."""
    try:
        with _raw(path) as file:
            head = file.read(4)
    except (OSError, EOFError, zlib.error):
        return False
    return len(head) == 4 and head[:2] == b"\0\0" and head[2] in _TYPES and 1 <= head[3] <= _MOST_AXES


def idx_files(path: Path) -> dict[str, Path]:
    """The files of the set to which ``path`` belongs, a folder or one of the files, by their roles.

    They are told by their names, as those of MNIST: images or labels, and ``t10k`` or ``test`` for the test part.
    """
    folder, only = (path, None) if path.is_dir() else (path.parent, path)
    # A name counts as much as the first bytes: a damaged file must be told of, not overlooked.
    candidates = sorted(file for file in folder.iterdir() if file.is_file() and (_named(file) or is_idx(file)))
    if only is not None and not any(word in only.name for word in ("images", "labels", "idx3", "idx1")):
        return {"train_images": only}
    found: dict[str, Path] = {}
    for file in candidates:
        name = file.name.lower()
        kind = "labels" if "label" in name or "idx1" in name else "images" if "image" in name or "idx3" in name else ""
        if kind:
            found.setdefault(f"{'test' if any(word in name for word in _TEST_WORDS) else 'train'}_{kind}", file)
    return found


def _named(file: Path) -> bool:
    name = file.name.lower()
    return "ubyte" in name or ".idx" in name or "idx1" in name or "idx3" in name


@contextlib.contextmanager
def open_idx(path: Path) -> Iterator[ArrayFile]:
    """The files of a set, as arrays with the names of their roles. Raises like ``read_idx``."""
    files = idx_files(path)
    infos = []
    for role in ROLES:
        if role in files:
            with _opened(files[role], role) as (info, _file):
                infos.append(info)

    def read(info: ArrayInfo) -> Chunks:
        with _opened(files[info.name], info.name) as (_, file):
            yield from _chunks(files[info.name], info, file)

    yield ArrayFile(path, tuple(infos), read)


def _raw(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


@contextlib.contextmanager
def _opened(path: Path, name: str) -> Iterator[tuple[ArrayInfo, IO[bytes]]]:
    """Header and the file behind it; whatever goes wrong in reading becomes an ``ExplorerError``."""
    try:
        with _raw(path) as file:
            head = file.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _TYPES or not 1 <= head[3] <= _MOST_AXES:
                raise ExplorerError(f"{path} is no IDX file: its magic number is {head.hex() or 'missing'}.", _WAY_OUT)
            axes = file.read(4 * head[3])
            if len(axes) < 4 * head[3]:
                raise ExplorerError(f"{path} is cut off within its header.", _WAY_OUT)
            shape = struct.unpack(f">{head[3]}I", axes)
            yield ArrayInfo(name, shape, np.dtype(_TYPES[head[2]]).newbyteorder("=")), file
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ExplorerError(f"{path} could not be read: {reason}.", "Choose an intact IDX file.") from error


def _chunks(path: Path, info: ArrayInfo, file: IO[bytes]) -> Chunks:
    row = math.prod(info.shape[1:]) * info.dtype.itemsize
    for start in range(0, info.shape[0], info.rows):
        count = min(info.rows, info.shape[0] - start)
        data = file.read(count * row)
        if len(data) < count * row:
            raise ExplorerError(
                f"{path} is too short: it says that it holds {info.shape[0]:,} rows, but ends in row "
                f"{start + len(data) // max(row, 1) + 1:,}.",
                _WAY_OUT,
            )
        values = np.frombuffer(data, info.dtype.newbyteorder(">")).reshape(count, *info.shape[1:])
        yield values.astype(info.dtype, copy=False)
    if file.read(1):
        raise ExplorerError(f"{path} is longer than it says: {info.shape[0]:,} rows.", _WAY_OUT)
