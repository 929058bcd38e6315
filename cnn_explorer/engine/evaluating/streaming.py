"""Images that are too many for the device: read from where they lie, batch by batch, from inside a graph."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.engine.device.runtime import CPU_STRING


class Stream:
    """Images (count, rows, columns, channels; bytes) of which a graph takes what it needs.

    Nothing else depends on when they are read, so that TensorFlow reads the images of the next steps of a call, on
    the processor, while the device works on this one.
    """

    def __init__(self, images: ImageArray) -> None:
        self.images = images
        self.failure: Exception | None = None
        """Why images could not be read: TensorFlow passes on only the words of it."""
        self._number = next(_numbers)
        _streams[self._number] = self

    def at(self, indices: tf.Tensor) -> tf.Tensor:
        """The images at ``indices`` (int32), as bytes."""
        with tf.device(CPU_STRING):
            number = tf.constant(self._number, tf.int64)
            images = tf.numpy_function(_read, [number, indices], tf.uint8, stateful=False)
        return tf.ensure_shape(images, (None, *self.images.shape[1:]))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """In the block, a graph that fails because images cannot be read says so, as an ``ExplorerError``."""
        try:
            yield
        except Exception as error:
            failure = self.failure
            if failure is None:
                raise
            if isinstance(failure, OSError):
                where = f" ({failure.filename})" if failure.filename else ""
                raise ExplorerError(
                    f"The images of the data set can no longer be read: {failure.strerror or failure}{where}.",
                    "Load the data set again, and then continue the run.",
                ) from failure
            raise failure from error


# TensorFlow keeps each Python function that a graph calls for good: it may not hold images. So it gets one function
# for all streams, and a number, which means something for as long as somebody else holds the stream.
_numbers = itertools.count()
_streams: weakref.WeakValueDictionary[int, Stream] = weakref.WeakValueDictionary()


def _read(number: NDArray[np.int64], indices: NDArray[np.int32]) -> NDArray[np.uint8]:
    stream = _streams[int(number)]
    try:
        return np.asarray(stream.images[indices])
    except Exception as error:
        stream.failure = error
        raise
