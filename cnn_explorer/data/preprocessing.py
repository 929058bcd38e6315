"""From the bytes of an image to the numbers that the network gets.

``standardize`` is scikit-learn's ``StandardScaler`` per pixel, as in the articles: each pixel position gets
mean 0 and deviation 1; ``standardize_channel`` does it per channel. Both are fitted on the training images only. Mean
and deviation are learnt quantities like the weights: taken over all images, they would carry knowledge of the test
images into training, and the test accuracy would no longer tell how the network does on images that nobody has seen.
The same numbers are then applied to training, test and foreign images alike, and kept in the model file.
``standardize_image`` learns nothing: each image is measured by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.core.run.config import PreprocessingName

_CHUNK_BYTES = 2**21  # of images a step
_CHUNK_IMAGES = 2**16  # a step: the sum of so many squares of bytes fits into 32 bits, which are summed twice as fast


@dataclass(frozen=True, eq=False)  # arrays have no one truth value: two objects are equal only if they are the same
class Preprocessing:
    """network input = (image - offset) / scale, with image in 0…255; each image's own, for ``standardize_image``.

    ``offset`` and ``scale``: float32, broadcastable to (rows, columns, channels); ``scale`` is never 0.
    """

    name: PreprocessingName
    offset: NDArray[np.float32]
    scale: NDArray[np.float32]

    @property
    def per_image(self) -> bool:
        """Whether each image is standardized by itself, and offset and scale say nothing (0 and 1)."""
        return self.name == "standardize_image"

    def apply(self, images: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
        """Prepare one image (rows, columns, channels) or many (count, rows, columns, channels): a new float32 array.

        Raises ``ValueError`` if the images have another shape than those that this was fitted on.
        """
        prepared = np.array(images, dtype=np.float32)
        if self.per_image:
            return _each_standardized(prepared)
        prepared -= self.offset
        prepared /= self.scale
        return prepared


def _each_standardized(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """``tf.image.per_image_standardization``: mean 0 and deviation 1 for each image. Changes ``images``.

    A deviation counts as 1 / √(values of an image) at least, less than any other image of bytes has where pixels
    differ: so an image that is the same everywhere becomes 0 and not a division by zero.
    """
    axes = (-3, -2, -1)
    means = images.mean(axis=axes, keepdims=True, dtype=np.float64)
    deviations = images.std(axis=axes, keepdims=True, dtype=np.float64)
    images -= means.astype(np.float32)
    images /= np.maximum(deviations, 1 / math.sqrt(math.prod(images.shape[-3:]))).astype(np.float32)
    return images


def fit_preprocessing(name: PreprocessingName, train_images: ImageArray, watch: Watch = unwatched) -> Preprocessing:
    """The preprocessing of that name; some learn from ``train_images`` (count, rows, columns, channels).

    The images are then read once, in chunks, so that the memory needed does not grow with their number. A pixel, or
    a channel, that is the same in all images gets scale 1: it becomes 0, and does not explode in another image where
    it differs. ``watch`` hears of it between the chunks, and may end it.
    """
    match name:
        case "scale":
            return _constants(name, 0.0, 255.0)
        case "scale_signed":
            return _constants(name, 127.5, 127.5)
        case "none" | "standardize_image":
            return _constants(name, 0.0, 1.0)
        case "standardize":
            return _standardized(name, len(train_images), *_sums(train_images, watch))
        case "standardize_channel":
            values = len(train_images) * math.prod(train_images.shape[1:3])
            return _standardized(
                name, values, *(each.sum((0, 1), keepdims=True) for each in _sums(train_images, watch))
            )


def _constants(name: PreprocessingName, offset: float, scale: float) -> Preprocessing:
    return Preprocessing(name, np.full((1, 1, 1), offset, np.float32), np.full((1, 1, 1), scale, np.float32))


def _sums(images: ImageArray, watch: Watch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The sums of all images and of their squares, exact, each (rows, columns, channels).

    ``StandardScaler.partial_fit`` gives the same in ten times the time: it works on float64 copies.
    """
    shape = images.shape[1:]
    sums, squares = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    step = min(max(1, _CHUNK_BYTES // math.prod(shape)), _CHUNK_IMAGES)
    for start in range(0, len(images), step):
        if start:
            watch("Fitting the preprocessing", start, len(images))
        chunk = images[start : start + step]
        sums += chunk.sum(axis=0, dtype=np.uint32)
        squares += np.square(chunk, dtype=np.uint16).sum(axis=0, dtype=np.uint32)
    return sums, squares


def _standardized(
    name: PreprocessingName, count: int, sums: NDArray[np.int64], squares: NDArray[np.int64]
) -> Preprocessing:
    """Mean and deviation of ``count`` bytes each, from their sums and the sums of their squares."""
    # About the whole number below the mean, nothing large is subtracted from something large, and integers are exact:
    # where all bytes are the same the variance is 0, and not a small number that one must not divide by.
    whole = sums // count
    rest = (sums - count * whole) / count
    variance = (squares - whole * (2 * sums - count * whole)) / count - rest**2
    deviation = np.sqrt(np.where(variance > 0, variance, 1.0))
    return Preprocessing(name, (sums / count).astype(np.float32), deviation.astype(np.float32))
