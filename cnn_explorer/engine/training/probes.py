"""The maps of one pinned image after every epoch, and the first kernels: how a network learns to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.layers.traits import traits_of
from cnn_explorer.store.atomic import replacing


class Probe:
    """The maps of one layer of a model while it learns.

    ``image``: (rows, columns, channels) as the network gets it. ``layer``: the name of a layer that has maps;
    nothing: the first such layer with weights, else the first one.
    """

    def __init__(self, model: keras.Model, image: NDArray[np.float32], layer: str = "") -> None:
        self._layer = _probed_layer(model, layer)
        self._image = image
        self._kernels = _first_kernels(model)
        if self._layer is None:
            return
        inner = keras.Model(model.inputs, self._layer.output)

        def compute(images: tf.Tensor) -> tf.Tensor:
            return tf.cast(inner(images, training=False), tf.float32)

        signature = [tf.TensorSpec((1, *image.shape), tf.float32)]
        self._call = tf.function(compute, input_signature=signature).get_concrete_function()

    def write(self, path: Path, epoch: int) -> bool:
        """Write the maps as they are now; false if the network has none.

        The file holds ``activations`` (1, rows, columns, maps), ``image``, ``layer`` and ``epoch``; and, if a layer
        has kernels, ``kernels`` (rows, columns, in, out) of the first such layer and its name ``kernel_layer``.
        Raises ``ExplorerError`` if it cannot be written.
        """
        if self._layer is None:
            return False
        maps = self._call(tf.constant(self._image[np.newaxis])).numpy()
        arrays: dict[str, Any] = {
            "activations": maps, "image": self._image, "layer": self._layer.name, "epoch": epoch
        }  # fmt: skip
        if self._kernels is not None:
            layer, variable = self._kernels
            kernels = variable.numpy()
            if traits_of(type(layer).__name__).convolution == "transposed":
                kernels = kernels.swapaxes(2, 3)  # Keras keeps these as (rows, columns, out, in)
            arrays |= {"kernels": kernels, "kernel_layer": layer.name}
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as temporary:
            np.savez_compressed(temporary, **arrays)
        return True


def check_probe(model: keras.Model, layer: str, index: int, test_count: int) -> None:
    """Raise ``ExplorerError`` if there is no test image ``index``, or no layer with maps of the name ``layer``."""
    if index >= test_count:
        raise ExplorerError(
            f"There is no test image {index}: the data set has {test_count}, counted from 0.",
            f"Choose a pinned image from 0 to {test_count - 1}.",
        )
    _probed_layer(model, layer)


def _probed_layer(model: keras.Model, name: str) -> keras.Layer | None:
    layers = [layer for layer in model.layers if len(layer.output.shape) == 4]
    if not name:
        return next((layer for layer in layers if layer.weights), layers[0] if layers else None)
    found = next((layer for layer in layers if layer.name == name), None)
    if found is not None:
        return found
    known = any(layer.name == name for layer in model.layers)
    what = f'The layer "{name}" has no maps' if known else f'There is no layer "{name}"'
    names = ", ".join(layer.name for layer in layers)
    hint = f"Choose one of: {names}." if names else "No layer of this network has maps; choose none."
    raise ExplorerError(f"{what}, so it cannot be filmed.", hint)


def _first_kernels(model: keras.Model) -> tuple[keras.Layer, keras.Variable] | None:
    """The first layer with kernels, and its first ones as Keras keeps them."""
    for layer in model.layers:
        for variable in layer.weights:
            if len(variable.shape) == 4:
                return layer, variable
    return None
