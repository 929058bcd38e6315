"""What a model makes of the images of one class on average, at all layers at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.top_images import ClassAverage, drawn
from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.inspecting.batches import ImageBatches, refuse_other_images
from cnn_explorer.engine.inspecting.inspector import Inspector


def class_average(
    inspector: Inspector, dataset: Dataset, split: str, class_index: int, count: int, watch: Watch = unwatched
) -> ClassAverage:
    """The means and deviations over ``count`` images of a class in ``split``, ``train`` or ``test``, of ``dataset``.

    Of more images than ``count`` always the same are drawn. ``watch`` hears how far it is after each call and may end
    it. Memory: three times all activations of one image, besides those of a call. Raises ``ExplorerError`` if the model
    takes other images, or if the part has no image of the class.
    """
    refuse_other_images(inspector, dataset)
    images, labels = dataset.part(split)
    of_class = np.flatnonzero(labels == class_index)
    name = dataset.classes[class_index]
    if not len(of_class):
        part = "training" if split == "train" else "test"
        raise ExplorerError(f"The {part} part has no image of “{name}”.", "Choose another class, or the other part.")
    places = of_class[np.asarray(drawn(len(of_class), count))]
    layers = tuple(layer.name for layer in inspector.info.layers)
    values = sum(math.prod(layer.output_shape) for layer in inspector.info.layers)
    image_batches = ImageBatches(inspector, layers, _digest, extra=8 * values)
    what, total, means = f"Averaging {len(places):,} images of “{name}”", len(places), _Means()
    while means.count < total:
        watch(what, means.count, total)
        count_now, digested = image_batches.next(images, places[means.count :])
        means.add(count_now, [tensor.numpy() for tensor in digested])
    watch(what, total, total)
    image, *outputs = means.means
    activations = dict(zip(layers, outputs, strict=True))
    deviations = dict(zip(layers, means.deviations()[1:], strict=True))
    inputs = tuple(
        image if number == image_batches.image_input else np.zeros(keras_input.shape, np.float32)
        for number, keras_input in enumerate(inspector.keras_inputs)
    )
    forward = ForwardPass(inputs, activations, _prediction(inspector, activations))
    return ClassAverage(forward, deviations, total, class_index, name, split)


class _Means:
    """Means of several arrays over images that come in portions, and the sums of the squares of what differs from them.

    Portions are put together as T. Chan et al. do (Updating formulae and a pairwise algorithm for computing sample
    variances, 1979): no large sums of squares are subtracted, so that float32 is enough.
    """

    def __init__(self) -> None:
        self.count = 0
        self.means: list[NDArray[np.float32]] = []
        self._squares: list[NDArray[np.float32]] = []

    def add(self, count: int, digested: list[NDArray[np.float32]]) -> None:
        """``digested``: the means of ``count`` images for each array, then as many sums of squares."""
        half = len(digested) // 2
        means, squares = digested[:half], digested[half:]
        total = self.count + count
        if not self.count:
            self.means = [np.array(each) for each in means]
            self._squares = [np.array(each) for each in squares]
        else:
            for number in range(half):
                apart = means[number] - self.means[number]
                self.means[number] += apart * np.float32(count / total)
                np.square(apart, out=apart)
                self._squares[number] += squares[number] + apart * np.float32(self.count * count / total)
        self.count = total

    def deviations(self) -> list[NDArray[np.float32]]:
        """The standard deviations over all images (population)."""
        return [np.sqrt(each / np.float32(self.count)) for each in self._squares]


def _digest(images: Any, outputs: list[Any], real: Any) -> list[Any]:
    """Over the real images: the mean prepared image, the mean of each output, and the sums of squares around these."""
    arrays = [images, *outputs]
    means = [tf.tensordot(real / tf.reduce_sum(real), each, 1) for each in arrays]
    return [
        *means,
        *(tf.tensordot(real, tf.square(each - mean), 1) for each, mean in zip(arrays, means, strict=True)),
    ]


def _prediction(inspector: Inspector, activations: dict[str, NDArray[np.float32]]) -> NDArray[np.float32] | None:
    """The mean of the model's first output, if it is a vector."""
    found = activations.get(inspector.graph.outputs[0].call)
    return found if found is not None and found.ndim == 1 else None
