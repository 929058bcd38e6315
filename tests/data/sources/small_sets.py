"""Small data sets in the forms in which the real ones are published."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.data.arrays.npz import PublishedArrays
from cnn_explorer.data.sources import published
from cnn_explorer.data.sources.registry import DatasetSource, fingerprint_of
from cnn_explorer.data.sources.remote_file import RemoteFile

TRAIN, TEST = 12, 6


def made_up(shape: tuple[int, int, int], classes: int = 3) -> PublishedArrays:
    """12 training and 6 test images of noise."""
    generator = np.random.default_rng(1)
    images = generator.integers(0, 256, (TRAIN + TEST, *shape), np.uint8)
    labels = np.arange(TRAIN + TEST) % classes
    return PublishedArrays(images[:TRAIN], labels[:TRAIN], images[TRAIN:], labels[TRAIN:])


def idx(array: NDArray[np.integer]) -> bytes:
    """Unsigned bytes as an IDX file."""
    return (
        b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype("u1").tobytes()
    )


def idx_files(arrays: PublishedArrays, packed: bool = True) -> dict[str, bytes]:
    """The four files of a set of grey images, by their names."""
    images = {name: array[..., 0] if array.ndim == 4 else array for name, array in arrays._asdict().items()}
    files = {name: idx(array) for name, array in zip(published.IDX_NAMES, images.values(), strict=True)}
    return {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in files.items()} if packed else files


def cifar_archive(arrays: PublishedArrays, fine: bool) -> bytes:
    """An archive as that of CIFAR-10, or CIFAR-100 if ``fine``; the coarse labels are all 7."""

    def records(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> bytes:
        head = [7] if fine else []
        return b"".join(
            bytes([*head, label]) + image.transpose(2, 0, 1).tobytes()
            for image, label in zip(images, labels, strict=True)
        )

    images, labels, test_images, test_labels = arrays
    if fine:
        files = {"cifar-100-binary/train.bin": records(images, labels)}
        files["cifar-100-binary/test.bin"] = records(test_images, test_labels)
    else:
        cuts = np.linspace(0, len(images), 6).astype(int)
        files = {"cifar-10-batches-bin/readme.html": b"<html>"}
        for number in range(5):
            part = slice(cuts[number], cuts[number + 1])
            files[f"cifar-10-batches-bin/data_batch_{number + 1}.bin"] = records(images[part], labels[part])
        files["cifar-10-batches-bin/test_batch.bin"] = records(test_images, test_labels)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def emnist_archive(arrays: PublishedArrays) -> bytes:
    """An archive as that of EMNIST: images transposed, labels from 1."""
    lying = PublishedArrays(
        arrays.train_images.transpose(0, 2, 1, 3), arrays.train_labels + 1,
        arrays.test_images.transpose(0, 2, 1, 3), arrays.test_labels + 1,
    )  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("gzip/emnist-digits-train-labels-idx1-ubyte.gz", b"another set")
        for name, data in idx_files(lying).items():
            archive.writestr(f"gzip/emnist-letters-{name.replace('t10k', 'test')}", data)
    return packed.getvalue()


def like(source: DatasetSource, arrays: PublishedArrays, files: dict[str, bytes], url: str) -> DatasetSource:
    """A row as ``source``, for a small set that is published at ``url``."""
    remote = tuple(
        RemoteFile(name, (f"{url}/{name}",), len(data), hashlib.sha256(data).hexdigest())
        for name, data in files.items()
    )
    return dataclasses.replace(
        source,
        image_shape=arrays.train_images.shape[1:],
        classes=tuple("abc"),
        train_count=len(arrays.train_labels),
        test_count=len(arrays.test_labels),
        fingerprint=fingerprint_of(arrays) if source.fingerprint else "",
        files=remote,
    )


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files into a new folder."""
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
