"""HDF5 files of the user's as files of arrays. Nothing outside the file is read, whatever it points to."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import h5py

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.sizes import megabytes
from cnn_explorer.data.arrays.array_file import ArrayFile, ArrayInfo, Chunks

_MOST_MEMBERS = 1000
"""Groups and arrays, counted anew on each path that leads to one."""
_MOST_PACKED = 2**29
"""Bytes of a chunk, which the library unpacks as a whole even if one row of it is wanted."""
_DAMAGED = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, MemoryError)
_HINT = "Save the arrays themselves into the file, without links."
_CHUNKS = f"Save it in chunks of less than {megabytes(_MOST_PACKED)}."


@contextlib.contextmanager
def open_hdf5(path: Path) -> Iterator[ArrayFile]:
    """The numeric and text arrays of the file, with their paths as names.

    Raises ``ExplorerError`` if it is no HDF5 file or damaged, and for links to other files, virtual data sets and
    data kept outside: to follow them would read files that nobody has chosen.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(h5py.File(path, "r"))
            arrays = tuple(_arrays(path, file))
        except _DAMAGED as error:
            raise _damaged(path, error) from error
        yield ArrayFile(path, arrays, lambda info: _chunks(path, file[info.name], info))


def _chunks(path: Path, data: h5py.Dataset, info: ArrayInfo) -> Chunks:
    for start in range(0, info.shape[0], info.rows):
        try:
            rows = data[start : start + info.rows]
        except _DAMAGED as error:
            raise _damaged(path, error) from error
        yield rows


def _damaged(path: Path, error: Exception) -> ExplorerError:
    return ExplorerError(f"{path} could not be read as HDF5: {error}.", "Choose an intact HDF5 file.")


def _arrays(path: Path, file: h5py.File) -> Iterator[ArrayInfo]:
    """The arrays of the file, those of upper groups first. Groups may be in circles, and be found on many paths."""
    numbers = itertools.count(1)
    waiting = deque[tuple[str, h5py.Group]]([("", file)])
    while waiting:
        prefix, group = waiting.popleft()
        for key in group:
            if next(numbers) > _MOST_MEMBERS:
                raise ExplorerError(
                    f"{path} holds more groups and arrays than a data set has.", "Choose a file of images."
                )
            name = f"{prefix}{key}"
            if (member := _member(path, group, key, name)) is None:
                continue
            if isinstance(member, h5py.Group):
                waiting.append((f"{name}/", member))
            else:
                yield ArrayInfo(name, tuple(member.shape), member.dtype)


def _member(path: Path, group: h5py.Group, key: str, name: str) -> h5py.Group | h5py.Dataset | None:
    """A group, or an array of numbers or words; ``None`` for whatever else. Raises ``ExplorerError``."""
    link = group.get(key, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        raise ExplorerError(
            f'{path}: "{name}" is a link to another file, {link.filename}; such links are not followed.', _HINT
        )
    if isinstance(link, h5py.SoftLink):
        return None  # what it points to is in the file under its own name, or nowhere
    member = group[key]
    if isinstance(member, h5py.Group):
        return member
    if not isinstance(member, h5py.Dataset) or not member.ndim:
        return None
    if member.external or member.is_virtual:
        raise ExplorerError(f'{path}: the data of "{name}" lie in other files, which are not read.', _HINT)
    if math.prod(member.chunks or (0,)) * member.dtype.itemsize > _MOST_PACKED:
        raise ExplorerError(f'{path}: "{name}" is stored in chunks that are too large to be unpacked.', _CHUNKS)
    # Words come as objects; whatever else does is no array of numbers.
    return member if member.dtype.kind != "O" or h5py.check_string_dtype(member.dtype) else None
