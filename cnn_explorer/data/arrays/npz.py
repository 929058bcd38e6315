"""NumPy's .npz: MNIST as the program brings it along, and files of the user's. Nothing is ever unpickled."""

from __future__ import annotations

import contextlib
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays.array_file import ArrayFile, ArrayInfo, Chunks

_MOST_AT_ONCE = 2**30
"""Bytes of an array that can be read only as a whole, because its columns come before its rows."""
# What zipfile and numpy raise for files that were changed; RuntimeError for bits that claim encryption, say.
_DAMAGED = (
    ValueError, KeyError, EOFError, TypeError, RuntimeError, SyntaxError, MemoryError, OverflowError, struct.error,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_CHOOSE = "Choose an intact .npz file."


class PublishedArrays(NamedTuple):
    """A data set as published: images uint8 (count, rows, columns, channels), labels int64 (count,)."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]


def read_npz(path: Path) -> PublishedArrays:
    """Read images and labels; grey images without a channel axis get one.

    Raises ``ExplorerError`` if the file is missing, damaged, or holds something else. Nothing is unpickled.
    """
    try:
        with open_npz(path) as file:
            x_train, x_test = (_images(file, name) for name in ("x_train", "x_test"))
            y_train, y_test = (_labels(file, name) for name in ("y_train", "y_test"))
    except ExplorerError as error:
        raise ExplorerError(error.message, "Install CNN Explorer again.") from error
    return PublishedArrays(x_train, y_train, x_test, y_test)


def _images(file: ArrayFile, name: str) -> NDArray[np.uint8]:
    array = _array(file, name)
    if array.dtype != np.uint8 or len(array.shape) not in (3, 4):
        raise ExplorerError(
            f"{file.path}: expected images as bytes (count, rows, columns[, channels]), "
            f"got {array.dtype} of shape {array.shape}."
        )
    images = file.whole(array)
    return images[..., np.newaxis] if images.ndim == 3 else images


def _labels(file: ArrayFile, name: str) -> NDArray[np.int64]:
    array = _array(file, name)
    if array.dtype.kind not in "iu" or len(array.shape) != 1:
        raise ExplorerError(
            f"{file.path}: expected one whole number an image as label, got {array.dtype} of shape {array.shape}."
        )
    return file.whole(array).astype(np.int64)


def _array(file: ArrayFile, name: str) -> ArrayInfo:
    if (array := file.array(name)) is None:
        raise ExplorerError(f'{file.path} has no array "{name}".')
    return array


@contextlib.contextmanager
def open_npz(path: Path) -> Iterator[ArrayFile]:
    """The arrays of a .npz of the user's.

    Raises ``ExplorerError`` if it is damaged, or if an array holds pickled objects: to unpickle is to run code.
    """
    with contextlib.ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            names = [name for name in archive.namelist() if name.endswith(".npy")]
            infos = []
            for name in names:
                with archive.open(name) as member:
                    infos.append(_header(path, name, member)[0])
        except OSError as error:
            raise ExplorerError(f"{path} could not be read: {error.strerror or error}.", _CHOOSE) from error
        except _DAMAGED as error:
            reason = error if zipfile.is_zipfile(path) else "it is no whole .npz file"
            raise ExplorerError(f"{path} is damaged: {reason}.", _CHOOSE) from error
        yield ArrayFile(path, tuple(infos), lambda info: _rows(path, archive, info))


def _header(path: Path, name: str, member: IO[bytes]) -> tuple[ArrayInfo, bool]:
    """What the array is, and whether its columns come first; ``member`` stands at its values afterwards."""
    version = np.lib.format.read_magic(member)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, columns_first, dtype = read(member)
    if min(shape, default=0) < 0:
        raise ValueError(f"the array {name} has the shape {shape}")
    stem = name.removesuffix(".npy")
    if dtype.hasobject:
        raise ExplorerError(
            f'{path}: the array "{stem}" holds pickled Python objects, which are never read: they could run code.',
            "Save it as numbers: np.savez(file, x=np.asarray(x, dtype='uint8')).",
        )
    return ArrayInfo(stem, shape, dtype), columns_first and len(shape) > 1


def _rows(path: Path, archive: zipfile.ZipFile, info: ArrayInfo) -> Chunks:
    row = math.prod(info.shape[1:]) * info.dtype.itemsize
    with archive.open(f"{info.name}.npy") as member:
        _, columns_first = _header(path, f"{info.name}.npy", member)
        if columns_first:
            yield _by_columns(path, member, info)
            return
        for start in range(0, info.shape[0], info.rows):
            count = min(info.rows, info.shape[0] - start)
            values = np.frombuffer(_exactly(path, member, info, count * row), info.dtype)
            yield values.reshape(count, *info.shape[1:])


def _by_columns(path: Path, member: IO[bytes], info: ArrayInfo) -> NDArray[Any]:
    size = math.prod(info.shape) * info.dtype.itemsize
    if size > _MOST_AT_ONCE:
        raise ExplorerError(
            f'{path}: the array "{info.name}" is in Fortran order and too large to be turned.',
            "Save it with np.ascontiguousarray.",
        )
    return np.frombuffer(_exactly(path, member, info, size), info.dtype).reshape(info.shape, order="F")


def _exactly(path: Path, member: IO[bytes], info: ArrayInfo, size: int) -> bytes:
    try:
        data = member.read(size)
    except (OSError, *_DAMAGED) as error:
        raise ExplorerError(f"{path} is damaged: {error}.", _CHOOSE) from error
    if len(data) < size:
        raise ExplorerError(f'{path}: the array "{info.name}" is shorter than it says.', _CHOOSE)
    return data
