"""Readers of published data sets: from the files as their makers spread them to arrays. Nothing is ever unpickled.

Every reader takes the folder in which the files lie and gives all images as bytes. The files have been checked, so
that a reader tells only what cannot be read at all.
"""

from __future__ import annotations

import gzip
import importlib.util
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays.idx import read_idx
from cnn_explorer.data.arrays.npz import PublishedArrays

IDX_NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
"""The files of MNIST and of the sets that were made to take its place, in the order of ``PublishedArrays``."""
CIFAR_10, CIFAR_100, EMNIST = "cifar-10-binary.tar.gz", "cifar-100-binary.tar.gz", "gzip.zip"

_CIFAR_IMAGE = (3, 32, 32)
_DAMAGED = (OSError, EOFError, KeyError, ValueError, tarfile.TarError, zipfile.BadZipFile, zlib.error)


def idx_file(folder: Path, name: str) -> Path | None:
    """The IDX file of that name in ``folder``, plain or gzipped; ``None`` if neither is there."""
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def is_idx_folder(folder: Path) -> bool:
    """Whether all four files lie in ``folder``."""
    return all(idx_file(folder, name) for name in IDX_NAMES)


def read_idx_folder(folder: Path, names: tuple[str, ...] = IDX_NAMES) -> PublishedArrays:
    """The four files ``names``, plain or gzipped; grey images get their channel axis.

    Raises ``ExplorerError`` that names the file that is missing, damaged or something else.
    """
    arrays: list[NDArray[Any]] = []
    for name in names:
        array = read_idx(idx_file(folder, name) or folder / name)
        if array.dtype != np.uint8 or array.ndim != (1 if "labels" in name else 3):
            raise ExplorerError(f"{folder / name}: expected bytes, got {array.dtype} of shape {array.shape}.")
        arrays.append(array.astype(np.int64) if array.ndim == 1 else array[..., np.newaxis])
    return PublishedArrays(*arrays)


def read_cifar_10(folder: Path) -> PublishedArrays:
    """CIFAR-10 in its binary version: five files of training images and one of test images."""
    train = tuple(f"cifar-10-batches-bin/data_batch_{number}.bin" for number in range(1, 6))
    return _read_cifar(folder / CIFAR_10, train, ("cifar-10-batches-bin/test_batch.bin",), labels=1)


def read_cifar_100(folder: Path) -> PublishedArrays:
    """CIFAR-100 in its binary version, with the 100 fine labels; the 20 coarse ones before them are left out."""
    return _read_cifar(folder / CIFAR_100, ("cifar-100-binary/train.bin",), ("cifar-100-binary/test.bin",), labels=2)


def _read_cifar(path: Path, train: tuple[str, ...], test: tuple[str, ...], labels: int) -> PublishedArrays:
    """Format: https://www.cs.toronto.edu/~kriz/cifar.html. A record is ``labels`` bytes, the last one the label that
    counts, and the image as three planes, red, green, blue."""
    found: dict[str, NDArray[np.uint8]] = {}
    try:
        # One way through the stream: a gzipped archive knows no going back.
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                if member.name in (*train, *test) and (file := archive.extractfile(member)) is not None:
                    records = np.frombuffer(file.read(), np.uint8)
                    found[member.name] = records.reshape(-1, labels + int(np.prod(_CIFAR_IMAGE)))
        parts = [np.concatenate([found[name] for name in names]) for names in (train, test)]
    except _DAMAGED as error:
        raise _damaged(path, error) from error
    arrays: list[NDArray[Any]] = []
    for records in parts:
        planes = records[:, labels:].reshape(-1, *_CIFAR_IMAGE)
        arrays += [np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), records[:, labels - 1].astype(np.int64)]
    return PublishedArrays(*arrays)


def read_emnist_letters(folder: Path) -> PublishedArrays:
    """The letters of EMNIST. Their images lie transposed in the files and are turned upright; labels begin with 1."""
    path = folder / EMNIST
    names = tuple(f"emnist-letters-{name}".replace("t10k", "test") for name in IDX_NAMES)
    with tempfile.TemporaryDirectory(prefix="cnn-explorer-") as temporary:
        try:
            with zipfile.ZipFile(path) as archive:
                for name in names:
                    with archive.open(f"gzip/{name}.gz") as packed:
                        _copy(packed, Path(temporary, f"{name}.gz"))
        except _DAMAGED as error:
            raise _damaged(path, error) from error
        arrays = read_idx_folder(Path(temporary), names)
    return PublishedArrays(
        np.ascontiguousarray(arrays.train_images.transpose(0, 2, 1, 3)),
        arrays.train_labels - 1,
        np.ascontiguousarray(arrays.test_images.transpose(0, 2, 1, 3)),
        arrays.test_labels - 1,
    )


def read_digits(folder: Path) -> PublishedArrays:
    """scikit-learn's digits: 8×8 values from 0 to 16 become bytes; of each class every fifth image is for the test.

    ``folder`` is that of ``digits_folder``. The file is read as it is, since to import scikit-learn takes two
    seconds. Raises ``ExplorerError`` if it cannot be read.
    """
    path = folder / "digits.csv.gz"
    try:
        with gzip.open(path, "rt") as file:
            table = np.loadtxt(file, delimiter=",", dtype=np.float64)
    except _DAMAGED as error:
        raise _damaged(path, error) from error
    images = np.rint(table[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    labels = table[:, -1].astype(np.int64)
    tested = np.zeros(len(labels), bool)
    for label in range(10):
        tested[np.flatnonzero(labels == label)[4::5]] = True
    return PublishedArrays(images[~tested], labels[~tested], images[tested], labels[tested])


def digits_folder() -> Path:
    """Where scikit-learn keeps its data; found without importing it. Raises ``ExplorerError``."""
    found = importlib.util.find_spec("sklearn")
    for place in (found.submodule_search_locations or ()) if found else ():
        if (folder := Path(place, "datasets", "data")).is_dir():
            return folder
    raise ExplorerError("scikit-learn's data are missing.", "Install CNN Explorer again.")


def _copy(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        while piece := source.read(1 << 20):
            file.write(piece)


def _damaged(path: Path, error: BaseException) -> ExplorerError:
    return ExplorerError(f"{path} could not be read: {error}.", "Remove the file and get it again.")
