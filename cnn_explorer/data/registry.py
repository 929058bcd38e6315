"""The data sets that the program knows by name, as one table, and the way to get one into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.npz import PublishedArrays, read_npz
from cnn_explorer.paths import resource


@dataclass(frozen=True)
class DatasetSource:
    """A row of the table: what is known of a data set before it is loaded.

    ``image_shape`` is (rows, columns, channels); ``fingerprint`` is that of the published arrays
    (``fingerprint_of``); ``load`` brings them into memory and raises ``ExplorerError`` if it cannot.
    """

    name: str
    title: str
    description: str
    licence: str
    image_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    train_count: int
    test_count: int
    fingerprint: str
    load: Callable[[], PublishedArrays]


SOURCES: tuple[DatasetSource, ...] = (
    DatasetSource(
        name="mnist",
        title="MNIST",
        description="70,000 handwritten digits, grey, bright on dark, centred by their mass.",
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
        image_shape=(28, 28, 1),
        classes=tuple("0123456789"),
        train_count=60_000,
        test_count=10_000,
        fingerprint="81b5b7068b487449d7b931d1a017285f103d3a0a4db56f3de6ac0bd9b268bdb3",
        load=lambda: read_npz(resource("datasets", "mnist.npz")),
    ),
)


def source_of(name: str) -> DatasetSource:
    """The row of that name. Raises ``ExplorerError``, which lists the names, if there is none."""
    for source in SOURCES:
        if source.name == name:
            return source
    known = ", ".join(source.name for source in SOURCES)
    raise ExplorerError(f'There is no data set "{name}".', f"Choose one of: {known}.")


def load_dataset(name: str) -> Dataset:
    """Load a data set in its official split and check it against the table, fingerprint included.

    The check costs 0.03 s for MNIST where the processor has SHA instructions, reading the file about 0.3 s.
    Raises ``ExplorerError`` if the name is unknown or the data are missing, damaged or other ones.
    """
    source = source_of(name)
    arrays = source.load()
    _verify(source, arrays)
    return Dataset(source.name, source.title, source.classes, source.fingerprint, *arrays)


def fingerprint_of(arrays: PublishedArrays) -> str:
    """SHA-256, in hexadecimal, over shape and bytes of the four arrays in their order, labels as little-endian int64.

    It depends on the data alone and not on the file that they came in.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).data)
    return digest.hexdigest()


def _verify(source: DatasetSource, arrays: PublishedArrays) -> None:
    """Raise ``ExplorerError`` if ``arrays`` are not what the table says of ``source``."""
    expected = ((source.train_count, *source.image_shape), (source.test_count, *source.image_shape))
    got = (arrays.train_images.shape, arrays.test_images.shape)
    hint = "Install CNN Explorer again."
    if got != expected:
        raise ExplorerError(
            f"The data of {source.title} are not complete: expected images of shapes {expected}, got {got}.", hint
        )
    if fingerprint_of(arrays) != source.fingerprint:
        raise ExplorerError(f"The data of {source.title} are not the published ones: the fingerprint differs.", hint)
