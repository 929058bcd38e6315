"""The reader of data sets in NumPy's .npz, with the array names that Keras gave its own copy of MNIST."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError

ARRAY_NAMES = ("x_train", "y_train", "x_test", "y_test")
# What zipfile and numpy raise for files that were changed; RuntimeError for bits that claim encryption, say.
_DAMAGED = (
    ValueError, KeyError, EOFError, TypeError, RuntimeError, SyntaxError, MemoryError, OverflowError, struct.error,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_WAY_OUT = "Install CNN Explorer again."


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
        # Opened here: np.load leaves a file that it cannot read to the garbage collector.
        with path.open("rb") as file:
            if not zipfile.is_zipfile(path):  # numpy would take it for something else, and advise to unpickle it
                raise zipfile.BadZipFile("it is no whole .npz file")
            with np.load(file, allow_pickle=False) as archive:
                x_train, y_train, x_test, y_test = (archive[name] for name in ARRAY_NAMES)
    except OSError as error:
        raise ExplorerError(f"{path} could not be read: {error.strerror or error}.", _WAY_OUT) from error
    except _DAMAGED as error:
        raise ExplorerError(f"{path} is damaged: {error}.", _WAY_OUT) from error
    return PublishedArrays(_images(path, x_train), _labels(path, y_train), _images(path, x_test), _labels(path, y_test))


def _images(path: Path, array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype != np.uint8 or array.ndim not in (3, 4):
        raise ExplorerError(
            f"{path}: expected images as bytes (count, rows, columns[, channels]), "
            f"got {array.dtype} of shape {array.shape}.",
            _WAY_OUT,
        )
    return array[..., np.newaxis] if array.ndim == 3 else array


def _labels(path: Path, array: NDArray[Any]) -> NDArray[np.int64]:
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise ExplorerError(
            f"{path}: expected one whole number an image as label, got {array.dtype} of shape {array.shape}.",
            _WAY_OUT,
        )
    return array.astype(np.int64)
