"""What a path is that someone drops on the window or names on the command line. No Qt."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, NamedTuple

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays.kinds import ARRAY_KINDS
from cnn_explorer.data.folders.listing import SUFFIXES
from cnn_explorer.store.runs import RunFolder

MODEL_SUFFIXES = (".h5", ".hdf5", ".keras")
"""Before those of data sets: an HDF5 file may be either."""
ARCHITECTURE_SUFFIX = ".json"
IMAGE_SUFFIXES = SUFFIXES
MODEL_FILES = f"Models ({' '.join(f'*{suffix}' for suffix in MODEL_SUFFIXES)});;All files (*)"
DATASET_PATTERNS = tuple(pattern for kind in ARRAY_KINDS for pattern in kind.patterns)
DATASET_FILES = f"Data sets ({' '.join(DATASET_PATTERNS)});;All files (*)"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_MODEL_MARKS = (b"keras_version", b"model_config", b"model_weights", b"layer_names")
_HEAD = 2**16
"""Bytes at the beginning of an HDF5 file in which the names of its first groups and attributes lie."""
_HINT = "Open a model (.h5, .keras), a run, an architecture (.json), images, a folder of class folders, or an .npz."


class OpenableFile(NamedTuple):
    """The file to open, and what opens it."""

    kind: Literal["model", "architecture", "image", "dataset"]
    path: Path


def openable(path: Path) -> OpenableFile:
    """How to open ``path``; raises ``ExplorerError`` if nothing here can.

    Only of HDF5 files, which may be models or arrays, is the beginning looked at.
    """
    if path.is_dir():
        run = RunFolder(path)
        if not run.run_json.is_file():
            return OpenableFile("dataset", path)
        if not run.model.is_file():
            raise ExplorerError(f"The run {path} has no {run.model.name} yet.", "Let it finish one epoch.")
        return OpenableFile("model", run.model)
    if not path.exists():
        raise ExplorerError(f"There is no file {path}.", "Check the path.")
    suffix = path.suffix.lower()
    if suffix in MODEL_SUFFIXES:
        return OpenableFile("dataset" if _has_arrays_only(path) else "model", path)
    if suffix == ARCHITECTURE_SUFFIX:
        return OpenableFile("architecture", path)
    if suffix in IMAGE_SUFFIXES:
        return OpenableFile("image", path)
    if any(fnmatchcase(path.name.lower(), pattern) for pattern in DATASET_PATTERNS):
        return OpenableFile("dataset", path)
    raise ExplorerError(f"{path.name} is not a file that CNN Explorer opens.", _HINT)


def _has_arrays_only(path: Path) -> bool:
    """Whether an HDF5 file shows no sign of Keras. What cannot be read is left to those who explain such files."""
    if path.name.lower().endswith(".weights.h5"):
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return head.startswith(_HDF5) and not any(mark in head for mark in _MODEL_MARKS)
