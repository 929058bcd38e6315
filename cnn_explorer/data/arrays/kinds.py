"""The kinds of files of arrays, as one table: how each is told from others, what opens it. A new kind is one row here.

Light to import: the window reads the table at its start, to know what can be dropped on it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from cnn_explorer.data.arrays.array_file import ArrayFile
from cnn_explorer.data.arrays.idx import idx_files, is_idx, open_idx
from cnn_explorer.data.arrays.npz import open_npz


def _alone(path: Path) -> tuple[Path, ...]:
    return (path,)


def _no_folder(_path: Path) -> bool:
    return False


@dataclass(frozen=True)
class ArrayKind:
    """One kind of files of arrays.

    ``suffixes``: endings of its files; ``name_parts``: what else in a name means this kind. ``more_patterns``: of file
    names that may be of this kind, besides those endings. ``begins``: whether a file begins as one of this kind, from
    its path and its first 8 bytes. ``open`` raises ``ExplorerError`` if a file is damaged, or not safe to read.
    ``files``: those that make up one data set with a path; ``is_folder``: whether a folder holds such files.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    begins: Callable[[Path, bytes], bool]
    open: Callable[[Path], AbstractContextManager[ArrayFile]]
    name_parts: tuple[str, ...] = ()
    more_patterns: tuple[str, ...] = ()
    files: Callable[[Path], tuple[Path, ...]] = _alone
    is_folder: Callable[[Path], bool] = _no_folder

    @property
    def patterns(self) -> tuple[str, ...]:
        """Of the names of its files, as file dialogues take them."""
        return (*(f"*{suffix}" for suffix in self.suffixes), *self.more_patterns)

    def names(self, path: Path) -> bool:
        """Whether the name of a file says that it is one of this kind: a damaged one, whose reader says how."""
        name = path.name.lower()
        return path.suffix.lower() in self.suffixes or any(part in name for part in self.name_parts)


def _is_idx_folder(path: Path) -> bool:
    try:
        return "train_images" in idx_files(path)
    except OSError:
        return False


def _open_hdf5(path: Path) -> AbstractContextManager[ArrayFile]:
    # Here, since h5py takes longer to import than the window may wait for at its start.
    from cnn_explorer.data.arrays.hdf5 import open_hdf5

    return open_hdf5(path)


ARRAY_KINDS = (
    ArrayKind(
        "npz", "NPZ", (".npz",),
        begins=lambda _path, head: head[:4] in (b"PK\x03\x04", b"PK\x05\x06"),
        open=open_npz,
    ),
    ArrayKind(
        "idx", "IDX", (".idx",), name_parts=("idx", "ubyte"), more_patterns=("*.gz", "*ubyte*"),
        begins=lambda path, _head: is_idx(path),
        open=open_idx,
        files=lambda path: tuple(idx_files(path).values()),
        is_folder=_is_idx_folder,
    ),
    ArrayKind(
        "hdf5", "HDF5", (".h5", ".hdf5"),
        begins=lambda _path, head: head == b"\x89HDF\r\n\x1a\n",
        open=_open_hdf5,
    ),
)  # fmt: skip
"""All of them. Told by the first bytes in this order, and only then by the name."""
