"""HDF5 files of the user's as files of arrays. Nothing outside the file is read, whatever it points to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import h5py

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.array_file import ArrayFile, ArrayInfo, Chunks

_MOST_ARRAYS = 1000
_DEEPEST = 20
_DAMAGED = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, MemoryError)
_HINT = "Save the arrays themselves into the file, without links."


@contextlib.contextmanager
def open_hdf5(path: Path) -> Iterator[ArrayFile]:
    """The numeric and text arrays of the file, with their paths as names.

    Raises ``ExplorerError`` if it is no HDF5 file or damaged, and for links to other files, virtual data sets and
    data kept outside: to follow them would read files that nobody has chosen.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(h5py.File(path, "r"))
            arrays = tuple(_arrays(path, file, "", 0))
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


def _arrays(path: Path, group: h5py.Group, prefix: str, depth: int) -> Iterator[ArrayInfo]:
    if depth > _DEEPEST or len(group) > _MOST_ARRAYS:
        raise ExplorerError(f"{path} holds more groups and arrays than a data set has.", "Choose a file of images.")
    for key in group:
        name, link = f"{prefix}{key}", group.get(key, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            raise ExplorerError(
                f'{path}: "{name}" is a link to another file, {link.filename}; such links are not followed.', _HINT
            )
        if isinstance(link, h5py.SoftLink):
            continue  # what it points to is in the file under its own name, or nowhere
        member = group[key]
        if isinstance(member, h5py.Group):
            yield from _arrays(path, member, f"{name}/", depth + 1)
        elif isinstance(member, h5py.Dataset) and member.ndim:
            if member.external or member.is_virtual:
                raise ExplorerError(f'{path}: the data of "{name}" lie in other files, which are not read.', _HINT)
            # Words come as objects; whatever else does is no array of numbers.
            if member.dtype.kind != "O" or h5py.check_string_dtype(member.dtype):
                yield ArrayInfo(name, tuple(member.shape), member.dtype)
