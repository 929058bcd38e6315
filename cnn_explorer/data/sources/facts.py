"""What a file or folder of the user's is, before it is read: for the choice of arrays, sizes and colours."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays.array_file import ArrayFile, ArrayInfo
from cnn_explorer.data.arrays.hdf5 import open_hdf5
from cnn_explorer.data.arrays.idx import idx_files, is_idx, open_idx
from cnn_explorer.data.arrays.npz import open_npz
from cnn_explorer.data.arrays.roles import guessed

Kind = Literal["folder", "npz", "idx", "hdf5"]
_KINDS = "a folder of class folders, or an NPZ, IDX or HDF5 file"


@dataclass(frozen=True)
class SourceFacts:
    """What lies at a path. ``arrays``: those of a file, none for a folder. ``spec``: how to read it, as far as the
    names tell; ``None`` if someone has to choose the arrays."""

    kind: Kind
    arrays: tuple[ArrayInfo, ...]
    spec: DatasetSpec | None


def kind_of(path: Path) -> Kind:
    """What kind of source ``path`` is, told by its first bytes and not by its name.

    Raises ``ExplorerError`` if it is none, or not there.
    """
    try:
        if path.is_dir():
            return "idx" if _is_idx_folder(path) else "folder"
        if not path.exists():
            raise ExplorerError(f"{path} is not there.", f"Choose {_KINDS}.")
        if not path.is_file():  # a pipe would keep us waiting for its first byte
            raise ExplorerError(f"{path} is no file and no folder.", f"Choose {_KINDS}.")
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise ExplorerError(f"{path} could not be read: {error.strerror}.", f"Choose {_KINDS}.") from error
    if head == b"\x89HDF\r\n\x1a\n":
        return "hdf5"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "npz"
    suffixes = "".join(path.suffixes[-2:]).lower()
    if is_idx(path) or "idx" in path.name.lower() or "ubyte" in suffixes:
        return "idx"
    named: dict[str, Kind] = {".npz": "npz", ".h5": "hdf5", ".hdf5": "hdf5", ".idx": "idx"}
    if path.suffix.lower() in named:  # damaged, and its reader says how
        return named[path.suffix.lower()]
    raise ExplorerError(f"{path} is no data set.", f"Choose {_KINDS}.")


def _is_idx_folder(path: Path) -> bool:
    try:
        return "train_images" in idx_files(path)
    except OSError:
        return False


def opened(kind: Kind, path: Path) -> AbstractContextManager[ArrayFile]:
    """A file of arrays of that kind, opened. Raises ``ExplorerError`` if it is damaged, or not safe to read."""
    openers = {"npz": open_npz, "idx": open_idx, "hdf5": open_hdf5}
    return openers[kind](path)


def source_facts(path: Path) -> SourceFacts:
    """Look at what lies at ``path`` without reading its images. Raises ``ExplorerError`` if it is no data set."""
    kind = kind_of(path)
    if kind == "folder":
        return SourceFacts(kind, (), DatasetSpec(source=str(path)))
    with opened(kind, path) as file:
        return SourceFacts(kind, file.arrays, guessed(file))
