"""A data set on the device, and how much of it one call works through.

The images lie there once, as bytes: a quarter of the memory of prepared ones. Where they are too many for that, each
batch is read from where they are kept. A call gets a matrix of indices and does everything else, gathering and
preparing too, inside one graph.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.data.preprocessing import Preprocessing
from cnn_explorer.engine.evaluating.augmentation import Augmentation
from cnn_explorer.engine.evaluating.streaming import Stream
from cnn_explorer.engine.models.losses import LossSpec

CALL_SECONDS = 0.08
"""What one call should take: short enough to stop at once and to draw ten times a second, long enough to be fast."""

RESIDENT_BYTES = 256 * 1024**2
"""Images that are more than this, in all feeds of a run together, are not brought to the device as a whole."""

INDICES = tf.TensorSpec((None, None), tf.int32)
"""The signature of a call: (batches, images a batch). Its graph is built once, for all sizes, before the first call."""


class Feed:
    """Images (count, rows, columns, channels; bytes) and labels (count,) for the current device.

    They are constants there if they are not too many, else they are read batch by batch. ``beside``: the bytes of
    another feed of the run that are on the device already.
    """

    def __init__(
        self, images: ImageArray, labels: NDArray[np.int64], preprocessing: Preprocessing, loss: LossSpec,
        classes: int, beside: int = 0,
    ) -> None:  # fmt: skip
        self.count = len(images)
        self.labels = labels
        self.loss = loss
        self._classes = classes
        size = math.prod(images.shape)
        resident = beside + size <= RESIDENT_BYTES
        self.resident_bytes = size if resident else 0
        self._images: tf.Tensor | Stream = tf.constant(images[:]) if resident else Stream(images)
        self._labels = tf.constant(labels)
        self._per_image = preprocessing.per_image
        self._offset = tf.constant(preprocessing.offset)
        self._scale = tf.constant(preprocessing.scale)

    def batch(self, indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Prepared images (float32) at ``indices``, and what the loss compares their outputs with."""
        return self._prepared(self._raw(indices)), self.targets(indices)

    def targets(self, indices: tf.Tensor) -> tf.Tensor:
        """What the loss compares the outputs for the images at ``indices`` with."""
        return self.loss.targets(tf.gather(self._labels, indices), self._classes)

    def watched(self) -> AbstractContextManager[None]:
        """For calls of graphs with ``batch``: in the block, images that cannot be read are an ``ExplorerError``."""
        return self._images.watched() if isinstance(self._images, Stream) else nullcontext()

    def _raw(self, indices: tf.Tensor) -> tf.Tensor:
        images = self._images.at(indices) if isinstance(self._images, Stream) else tf.gather(self._images, indices)
        return tf.cast(images, tf.float32)

    def _prepared(self, images: tf.Tensor) -> tf.Tensor:
        """The arithmetic of ``Preprocessing.apply``."""
        if self._per_image:
            return tf.image.per_image_standardization(images)
        return (images - self._offset) / self._scale


class TrainingFeed(Feed):
    """The images that a network learns from: changed at random and weighted by class, if that is wanted.

    ``weights``: (classes,), how much an image of each class counts, ``None`` for all the same.
    """

    def __init__(
        self, images: ImageArray, labels: NDArray[np.int64], preprocessing: Preprocessing, loss: LossSpec,
        classes: int, augmentation: Augmentation | None = None, weights: NDArray[np.float32] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(images, labels, preprocessing, loss, classes)
        self._augmentation = augmentation
        self._weights = None if weights is None else tf.constant(weights)

    def training_batch(self, indices: tf.Tensor, epoch: tf.Tensor, position: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """What ``keras.Model.train_step`` takes: images, targets, and the images' weights if there are any.

        ``epoch`` and ``position``: see ``Augmentation.apply``.
        """
        images = self._raw(indices)
        if self._augmentation is not None:
            images = self._augmentation.apply(images, epoch, position)
        data = self._prepared(images), self.targets(indices)
        if self._weights is None:
            return data
        return *data, tf.gather(self._weights, tf.gather(self._labels, indices))


class CallSize:
    """How many batches one call should work through, learnt from what the last ones took."""

    def __init__(self) -> None:
        self.batches = 1

    def took(self, batches: int, seconds: float) -> None:
        """Hear what a call took. The number at most doubles at once, since a single measurement may mislead."""
        fitting = round(CALL_SECONDS * batches / max(seconds, 1e-6))
        self.batches = min(max(fitting, 1), 2 * self.batches)


def index_matrices(order: NDArray[np.int32], batch_size: int, call_size: CallSize) -> Iterator[NDArray[np.int32]]:
    """Cut ``order`` into matrices (batches, images), a call each; an incomplete last batch comes alone."""
    whole = len(order) // batch_size * batch_size
    rows = order[:whole].reshape(-1, batch_size)
    start = 0
    while start < len(rows):
        matrix = rows[start : start + call_size.batches]
        start += len(matrix)
        yield matrix
    if whole < len(order):
        yield order[np.newaxis, whole:]
