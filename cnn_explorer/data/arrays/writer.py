"""A data set as one .npz file, with the array names that Keras gave its own mnist.npz."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.store.atomic import refuse_existing, replacing

_CHUNK_BYTES = 1 << 24


def save_npz(dataset: Dataset, path: Path, watch: Watch, force: bool = False) -> None:
    """Write ``x_train``, ``y_train``, ``x_test``, ``y_test`` and ``class_names``, a part of the images at a time.

    Images are bytes (count, rows, columns, channels), labels int64. Nothing is compressed, and nothing is pickled:
    ``numpy.load`` opens it as it is. Raises ``ExplorerError`` if the file is there (without ``force``) or cannot be
    written, ``CancelledError`` if ``watch`` ends it; ``path`` is as it was then.
    """
    refuse_existing(path, force)
    total, done = len(dataset.train) + len(dataset.test), 0
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for part in ("train", "test"):
            images, labels = dataset.part(part)
            _write_images(archive, f"x_{part}", images, watch, f"Saving {path.name}", done, total)
            _write(archive, f"y_{part}", labels)
            done += len(labels)
        _write(archive, "class_names", np.array(dataset.classes))


def _write(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    with archive.open(f"{name}.npy", "w") as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def _write_images(
    archive: zipfile.ZipFile, name: str, images: ImageArray, watch: Watch, what: str, done: int, total: int
) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": tuple(map(int, images.shape))}
    step = max(1, _CHUNK_BYTES // int(np.prod(images.shape[1:])))
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, len(images), step):
            watch(what, done + start, total)
            file.write(np.ascontiguousarray(images[start : start + step]).data)
