"""A data set in memory: images as bytes, labels, names; nothing preprocessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dataset:
    """Images and labels in two parts.

    Images: uint8 (count, rows, columns, channels). Labels: int64 (count,), indices into ``classes``.
    ``fingerprint`` is a SHA-256 over the published arrays, so it does not change with split or limits.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    fingerprint: str
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels of one image."""
        rows, columns, channels = self.train_images.shape[1:]
        return rows, columns, channels

    def part(self, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Images and labels of ``"train"`` or ``"test"``."""
        if split == "train":
            return self.train_images, self.train_labels
        return self.test_images, self.test_labels
