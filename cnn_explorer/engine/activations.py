"""A model that is loaded once and looked into often: every layer's output for one image, in one call."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.model_info import LayerInfo, LayerWeight, Look, ModelInfo
from cnn_explorer.core.node_steps import Node, Step
from cnn_explorer.core.training import PreprocessingName
from cnn_explorer.data.preprocessing import Preprocessing, fit_preprocessing
from cnn_explorer.engine.describe import places
from cnn_explorer.engine.evaluate import shape_words
from cnn_explorer.engine.loader import LoadedModel, load_model_file
from cnn_explorer.engine.microscope import Microscope
from cnn_explorer.engine.receptive_gradient import ReceptiveFields
from cnn_explorer.engine.runtime import device_string

_PREPARING_LAYERS = (keras.layers.Rescaling, keras.layers.Normalization)


class Inspector:
    """A loaded model with a sub-model that gives all layers' outputs, built and traced once.

    It may be used from any thread; calls on the same model wait for each other.
    """

    def __init__(self, loaded: LoadedModel, info: ModelInfo, preprocessing: Preprocessing, outputs: _Outputs) -> None:
        self.info = info
        self.loaded = loaded
        self.preprocessing = preprocessing
        self._outputs = outputs

    @cached_property
    def _microscope(self) -> Microscope:
        return Microscope(self.loaded.model)

    @property
    def device(self) -> str:
        """Where the model computes, in TensorFlow's words."""
        return self._outputs.device

    def look(self, image: NDArray[np.uint8] | NDArray[np.float32]) -> Look:
        """Send one raw image (rows, columns, channels; bytes or 0…255) through all layers.

        Raises ``ExplorerError`` if the image has another shape than the model takes.
        """
        if image.shape != self.info.input_shape:
            raise ExplorerError(
                f"The model takes images of {shape_words(self.info.input_shape)} "
                f"(rows, columns, channels), this one is {shape_words(image.shape)}.",
                "Choose another image, or the model that belongs to it.",
            )
        prepared = self.preprocessing.apply(image)
        activations, prediction = self._outputs.of(prepared)
        return Look((prepared,), activations, prediction)

    def look_at(self, images: Mapping[int, NDArray[np.uint8] | NDArray[np.float32]]) -> Look:
        """``look`` with a raw image for each of these inputs (by number); the others get zeros."""
        (image,) = images.values()
        return self.look(image)

    def step(self, look: Look, layer: str, node: Node) -> Step:
        """One node of a layer, computed by hand for what ``look`` looked at. Raises as ``Microscope.step``."""
        return self._microscope.step(look, layer, node)

    def fields(self, number: int) -> ReceptiveFields:
        """What the nodes of all layers see of input ``number``, which takes images."""
        return ReceptiveFields(self._microscope.graph, number)

    def weights(self, layer: str) -> tuple[LayerWeight, ...]:
        """All weights of a layer, as they are now."""
        operation = self._microscope.graph.calls[layer].operation
        return tuple(
            LayerWeight(weight.name, np.asarray(weight.numpy(), np.float32), weight.trainable)
            for weight in operation.weights
        )

    def no_images(self) -> NDArray[np.uint8]:
        """Images to give to ``with_preprocessing`` where it learns nothing: none at all."""
        return np.zeros((0, *self.info.input_shape), np.uint8)

    def with_preprocessing(self, name: PreprocessingName, images: ImageArray) -> Inspector:
        """The same model with other preprocessing, fitted on ``images`` if it learns from any.

        Raises ``ExplorerError`` if the images have another shape than the model takes.
        """
        if images.shape[1:] != self.info.input_shape:
            raise ExplorerError(
                f"The model takes images of {shape_words(self.info.input_shape)}, "
                f"the data set has {shape_words(images.shape[1:])}.",
                "Choose the data set that the model was trained on.",
            )
        info = replace(self.info, preprocessing=name, preprocessing_is_guess=False)
        return Inspector(self.loaded, info, fit_preprocessing(name, images), self._outputs)


def open_model(path: Path, device: str = "auto") -> Inspector:
    """Load the model in ``path`` (a file, or a run's folder) for inspection.

    Files that do not say how images are prepared get a guess: as they are if the model begins with a layer that
    prepares them itself, divided by 255 otherwise. Raises ``ExplorerError`` as ``load_model_file`` does.
    """
    place = device_string(device)
    with tf.device(place):
        loaded = load_model_file(path)
        outputs = _Outputs(loaded, place)
    layers = outputs.layers
    preprocessing = loaded.metadata.preprocessing if loaded.metadata else _guess(layers[0])
    info = ModelInfo(
        name=loaded.model.name,
        path=loaded.path,
        input_shape=loaded.input_shape,
        layers=tuple(
            LayerInfo(
                name=layer.name,
                type=type(layer).__name__,
                output_shape=tuple(tensor.shape[1:]),
                params=layer.count_params(),
                receptive_field=where[0] if where else None,
                jump=where[1] if where else None,
            )
            for layer, tensor, where in zip(layers, outputs.tensors, places(loaded.model, layers), strict=True)
        ),
        total_params=loaded.model.count_params(),
        classes=loaded.metadata.classes if loaded.metadata else (),
        preprocessing=preprocessing.name,
        preprocessing_is_guess=loaded.metadata is None,
        dataset=loaded.metadata.dataset if loaded.metadata else "",
    )
    return Inspector(loaded, info, preprocessing, outputs)


def activation_of(inspector: Inspector, layer: str, image: NDArray[np.uint8] | NDArray[np.float32]) -> Look:
    """``inspector.look(image)``, after checking that there is a layer of that name.

    Raises ``ExplorerError`` that lists the names if there is none.
    """
    if inspector.info.layer(layer) is None:
        names = ", ".join(info.name for info in inspector.info.layers)
        raise ExplorerError(f'The model has no layer "{layer}".', f"Its layers are: {names}.")
    return inspector.look(image)


class _Outputs:
    """The sub-model from the image to every layer's output, and the model's own output after them."""

    def __init__(self, loaded: LoadedModel, device: str) -> None:
        model = loaded.model
        found = [(layer, tensor) for layer in model.layers if (tensor := _output_of(layer)) is not None]
        if not found:
            raise ExplorerError(f"{loaded.path} has no layers to look into.", "Choose another model.")
        self.layers: list[keras.Layer] = [layer for layer, _ in found]
        self.tensors = [tensor for _, tensor in found]
        self.device = device
        self._lock = threading.Lock()
        inner = keras.Model(model.inputs, [*self.tensors, model.outputs[0]])

        def compute(images: tf.Tensor) -> list[tf.Tensor]:
            # Half precision of mixed models becomes float32 for whoever looks at it.
            return [tf.cast(output, tf.float32) for output in inner(images, training=False)]

        signature = [tf.TensorSpec((1, *loaded.input_shape), tf.float32)]
        self._call = tf.function(compute, input_signature=signature).get_concrete_function()

    def of(self, image: NDArray[np.float32]) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32] | None]:
        """Every layer's output for a prepared image, without the batch axis, and the model's if it is a vector."""
        with self._lock, tf.device(self.device):
            *outputs, last = (output.numpy()[0] for output in self._call(tf.constant(image[np.newaxis])))
        names = (layer.name for layer in self.layers)
        return dict(zip(names, outputs, strict=True)), last if last.ndim == 1 else None


def _output_of(layer: keras.Layer) -> Any:
    """The tensor that ``layer`` gives, at its first use if it is used twice; ``None`` where there is no such one.

    That is: for inputs, layers with several outputs, and models as layers, whose outputs belong to their own graph.
    """
    if isinstance(layer, keras.layers.InputLayer | keras.Model):
        return None
    try:
        output = layer.output
    except (AttributeError, ValueError):  # never called
        return None
    return output if hasattr(output, "shape") else None


def _guess(first: keras.Layer) -> Preprocessing:
    """ "scale" and "none" learn nothing from images, so that none are needed here."""
    name: PreprocessingName = "none" if isinstance(first, _PREPARING_LAYERS) else "scale"
    return fit_preprocessing(name, np.zeros((0, 1, 1, 1), np.uint8))
