"""A data set: images as bytes, labels, names; nothing preprocessed, and in memory only if it is small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.image_array import ImageArray

Split = Literal["test", "train"]
"""A part of a data set."""
Indices = range | NDArray[np.int64]
"""Places in the array of all images: a range where they lie one after another, so that nothing need be copied."""


@dataclass(frozen=True, eq=False)
class Picked:
    """Some images of an array in an order of their own, none of them read before it is asked for."""

    source: NDArray[np.uint8]
    chosen: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        """Count, rows, columns and channels."""
        return len(self.chosen), *self.source.shape[1:]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, key: Any) -> NDArray[np.uint8]:
        images: NDArray[np.uint8] = self.source[self.chosen[key]]
        return images


def picked(source: NDArray[np.uint8], chosen: Indices) -> ImageArray:
    """The images at ``chosen``: a view of ``source`` if they lie one after another."""
    return source[chosen.start : chosen.stop] if isinstance(chosen, range) else Picked(source, chosen)


class Skipped(NamedTuple):
    """An image that was left out: where it lies, in the words of its source, and why."""

    place: str
    reason: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels in two parts, training and test.

    Images: uint8 (count, rows, columns, channels), an array in memory or the map of a file. Labels: int64 (count,),
    indices into ``classes``. ``train`` and ``test`` are the places of both parts. ``fingerprint`` is a SHA-256 over
    the arrays in their official split, so it does not change with another one. ``spec`` says where it comes from;
    ``remarks`` are sentences on what was changed in reading, ``skipped`` what was left out.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    fingerprint: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    train: Indices
    test: Indices
    spec: DatasetSpec
    remarks: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @classmethod
    def of_parts(
        cls, name: str, title: str, classes: tuple[str, ...], fingerprint: str,
        train_images: NDArray[np.uint8], train_labels: NDArray[np.int64],
        test_images: NDArray[np.uint8], test_labels: NDArray[np.int64],
    ) -> Dataset:  # fmt: skip
        """A registered data set from its published arrays."""
        return cls(
            name=name,
            title=title,
            classes=classes,
            fingerprint=fingerprint,
            images=np.concatenate((train_images, test_images)),
            labels=np.concatenate((train_labels, test_labels)),
            train=range(len(train_labels)),
            test=range(len(train_labels), len(train_labels) + len(test_labels)),
            spec=DatasetSpec(source=name),
        )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels of one image."""
        rows, columns, channels = self.images.shape[1:]
        return rows, columns, channels

    @property
    def train_images(self) -> ImageArray:
        """The images of the training part."""
        return picked(self.images, self.train)

    @property
    def train_labels(self) -> NDArray[np.int64]:
        """Their labels."""
        return self.labels[self.train]

    @property
    def test_images(self) -> ImageArray:
        """The images of the test part."""
        return picked(self.images, self.test)

    @property
    def test_labels(self) -> NDArray[np.int64]:
        """Their labels."""
        return self.labels[self.test]

    def part(self, split: str) -> tuple[ImageArray, NDArray[np.int64]]:
        """Images and labels of ``"train"`` or ``"test"``."""
        if split == "train":
            return self.train_images, self.train_labels
        return self.test_images, self.test_labels
