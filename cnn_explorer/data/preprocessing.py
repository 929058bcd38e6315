"""From the bytes of an image to the numbers that the network gets.

``standardize`` is scikit-learn's ``StandardScaler`` per pixel, as in the articles: each pixel position gets
mean 0 and deviation 1. It is fitted on the training images only. Mean and deviation are learnt quantities like
the weights: taken over all images, they would carry knowledge of the test images into training, and the test
accuracy would no longer tell how the network does on images that nobody has seen. The same numbers are then
applied to training, test and foreign images alike, and kept in the model file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from cnn_explorer.core.training import PreprocessingName

_CHUNK = 2048  # images a step: StandardScaler works on float64 copies, eight times the size of the bytes


@dataclass(frozen=True, eq=False)  # arrays have no one truth value: two objects are equal only if they are the same
class Preprocessing:
    """network input = (image - offset) / scale, with image in 0…255.

    ``offset`` and ``scale``: float32, broadcastable to (rows, columns, channels); ``scale`` is never 0.
    """

    name: PreprocessingName
    offset: NDArray[np.float32]
    scale: NDArray[np.float32]

    def apply(self, images: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
        """Prepare one image (rows, columns, channels) or many (count, rows, columns, channels): a new float32 array.

        Raises ``ValueError`` if the images have another shape than those that this was fitted on.
        """
        prepared = np.array(images, dtype=np.float32)
        prepared -= self.offset
        prepared /= self.scale
        return prepared


def _constants(name: PreprocessingName, scale: float) -> Preprocessing:
    return Preprocessing(name, np.zeros((1, 1, 1), np.float32), np.full((1, 1, 1), scale, np.float32))


def fit_preprocessing(name: PreprocessingName, train_images: NDArray[np.uint8]) -> Preprocessing:
    """The preprocessing of that name; ``standardize`` learns from ``train_images`` (count, rows, columns, channels).

    The images are read in chunks, so that the memory needed does not grow with their number. A pixel that is the
    same in all images gets scale 1: it becomes 0, and does not explode in another image where it differs.
    """
    match name:
        case "scale":
            return _constants(name, 255.0)
        case "none":
            return _constants(name, 1.0)
        case "standardize":
            scaler = StandardScaler()
            for start in range(0, len(train_images), _CHUNK):
                chunk = train_images[start : start + _CHUNK]
                scaler.partial_fit(chunk.reshape(len(chunk), -1))
            shape = train_images.shape[1:]
            return Preprocessing(
                name, scaler.mean_.reshape(shape).astype(np.float32), scaler.scale_.reshape(shape).astype(np.float32)
            )
