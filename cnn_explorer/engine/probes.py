"""The maps of one pinned image after every epoch: how a layer learns to see."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.store.atomic import replacing


class Probe:
    """The first convolution's maps (else the first layer's that has maps) of a model while it learns.

    ``image``: (rows, columns, channels) as the network gets it.
    """

    def __init__(self, model: keras.Model, image: NDArray[np.float32]) -> None:
        layers = [layer for layer in model.layers if len(layer.output.shape) == 4]
        self._layer = next((layer for layer in layers if layer.weights), layers[0] if layers else None)
        self._image = image
        if self._layer is None:
            return
        inner = keras.Model(model.inputs, self._layer.output)

        def compute(images: tf.Tensor) -> tf.Tensor:
            return tf.cast(inner(images, training=False), tf.float32)

        signature = [tf.TensorSpec((1, *image.shape), tf.float32)]
        self._call = tf.function(compute, input_signature=signature).get_concrete_function()

    def write(self, path: Path, epoch: int) -> bool:
        """Write the maps as they are now; false if the network has none.

        The file holds ``activations`` (1, rows, columns, maps), ``image``, ``layer`` and ``epoch``. Raises
        ``ExplorerError`` if it cannot be written.
        """
        if self._layer is None:
            return False
        maps = self._call(tf.constant(self._image[np.newaxis])).numpy()
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as temporary:
            np.savez_compressed(temporary, activations=maps, image=self._image, layer=self._layer.name, epoch=epoch)
        return True
