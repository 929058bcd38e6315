"""Folders of class folders for tests, and what was read from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.progress import unwatched
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.folders.reader import read_folder


def save_image(path: Path, pixels: object, mode: str | None = None, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    (image.convert(mode) if mode else image).save(path, **options)


def noise(seed: int, shape: tuple[int, ...] = (8, 8)) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def make_set(root: Path, per_class: int = 5, classes: tuple[str, ...] = ("a", "b"), **options: object) -> Path:
    """A folder of gray PNG images, each of them another noise."""
    for number, name in enumerate(classes):
        for index in range(per_class):
            save_image(root / name / f"{index}.png", noise(100 * number + index), **options)
    return root


def read(root: Path, **spec: object) -> Dataset:
    return read_folder(root, DatasetSpec(source=str(root), **spec), unwatched)  # type: ignore[arg-type]


def by_class(dataset: Dataset, label: int) -> set[bytes]:
    return {image.tobytes() for image in dataset.images[dataset.labels == label]}


def only_image(dataset: Dataset, label: int) -> NDArray[np.uint8]:
    """The one image of a class, however often it is there."""
    images = dataset.images[dataset.labels == label]
    assert (images == images[0]).all()
    return images[0]


def make_pairs(root: Path, save: Callable[[Path], object], suffix: str) -> None:
    """Two classes with two images each, all the same, so that both parts have some."""
    for name in "ab":
        (root / name).mkdir(parents=True)
        for number in range(2):
            save(root / name / f"{number}.{suffix}")
