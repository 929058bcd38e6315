"""A model that is loaded once and looked into often: every layer's output for one image, in one call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.model.file_limits import LIMITS, FileLimits, raised_limits
from cnn_explorer.core.model.info import ForwardPass, LayerWeight, ModelInfo
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.nodes.steps import Node, Step
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.preprocessing import Preprocessing, fit_preprocessing
from cnn_explorer.engine.device import memory
from cnn_explorer.engine.device.runtime import device_string
from cnn_explorer.engine.graph.calls import Graph, unroll
from cnn_explorer.engine.graph.inputs import KerasInput, closed, is_open, keras_inputs
from cnn_explorer.engine.graph.receptive_fields import ReceptiveFields
from cnn_explorer.engine.inspecting.all_outputs import AllOutputs
from cnn_explorer.engine.inspecting.layer_descriptions import first_calls, grouped, layer_infos, output_names
from cnn_explorer.engine.inspecting.microscope import Microscope
from cnn_explorer.engine.models.builder import build, first_line
from cnn_explorer.engine.opening.loader import LoadedModel, load_model_file
from cnn_explorer.engine.opening.weight_files import attach_weights

RawImage = NDArray[np.uint8] | NDArray[np.float32]
"""(rows, columns, channels), bytes or 0…255."""

_PREPARING_LAYERS = (keras.layers.Rescaling, keras.layers.Normalization)


class Inspector:
    """A loaded model whose graph gives all layers' outputs, traced once.

    ``graph`` is the model opened up into its calls, with a fixed size of every input; ``entrances`` are these inputs.
    It may be used from any thread; looks at the same model wait for each other. ``step`` and ``fields`` are for one
    thread at a time.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        info: ModelInfo,
        preprocessing: Preprocessing,
        graph: Graph,
        inputs: tuple[KerasInput, ...],
        outputs: AllOutputs,
    ) -> None:
        self.info = info
        self.loaded = loaded
        self.preprocessing = preprocessing
        self.graph = graph
        self.keras_inputs = inputs
        self._outputs = outputs
        self._fields: dict[int, ReceptiveFields] = {}

    @cached_property
    def _microscope(self) -> Microscope:
        return Microscope(self.graph)

    @property
    def device(self) -> str:
        """Where the model computes, in TensorFlow's words."""
        return self._outputs.device

    def forward(self, image: RawImage) -> ForwardPass:
        """Send one raw image through all layers; inputs of the model other than the first for images get zeros.

        Raises ``ExplorerError`` if the image has another shape than the model takes.
        """
        return self.forward_all({_first_for_images(self.keras_inputs): image})

    def forward_all(self, images: Mapping[int, RawImage]) -> ForwardPass:
        """``forward`` with a raw image for each of these inputs (by number); the others get zeros.

        Raises ``ExplorerError`` for an input that does not exist or takes no images, and as ``forward`` does.
        """
        for number, image in images.items():
            self._require(number, image)
        prepared = tuple(
            _prepared(self.preprocessing, images[number])
            if number in images
            else np.zeros(keras_input.shape, np.float32)
            for number, keras_input in enumerate(self.keras_inputs)
        )
        return ForwardPass(prepared, *self._outputs.of(prepared))

    def _require(self, number: int, image: RawImage) -> None:
        if not (0 <= number < len(self.keras_inputs) and self.keras_inputs[number].is_image):
            raise ExplorerError(f"Input {number + 1} of the model takes no images.", "Choose another input.")
        wanted = self.keras_inputs[number].shape
        if image.shape != wanted:
            what = "The model" if len(self.keras_inputs) == 1 else f'The input "{self.keras_inputs[number].name}"'
            raise ExplorerError(
                f"{what} takes images of {shape_text(wanted)} (rows, columns, channels), this one is "
                f"{shape_text(image.shape)}.",
                "Choose another image, or the model that belongs to it.",
            )

    def step(self, forward: ForwardPass, layer: str, node: Node) -> Step:
        """One node of a layer, computed by hand for what ``forward`` looked at. Raises as ``Microscope.step``."""
        with tf.device(self.device):
            return self._microscope.step(forward, layer, node)

    def receptive_fields(self, number: int) -> ReceptiveFields:
        """What the nodes of all layers see of input ``number``, which takes images; found once."""
        if number not in self._fields:
            self._fields[number] = ReceptiveFields(self.graph, number)
        return self._fields[number]

    def weights(self, layer: str) -> tuple[LayerWeight, ...]:
        """All weights of a layer, as they are now; none for an operation that is no layer."""
        operation = self.graph.calls[layer].operation
        found = list(operation.weights) if self.graph.calls[layer].is_layer else []
        often = Counter(weight.name for weight in found)
        return tuple(
            LayerWeight(
                # Layers within a layer call theirs alike.
                weight.name if often[weight.name] == 1 else weight.path.rpartition(f"{operation.name}/")[2],
                np.asarray(weight.numpy(), np.float32),
                weight.trainable,
            )
            for weight in found
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
                f"The model takes images of {shape_text(self.info.input_shape)}, "
                f"the data set has {shape_text(images.shape[1:])}.",
                "Choose the data set that the model was trained on.",
            )
        info = replace(self.info, preprocessing=name, preprocessing_is_guess=False)
        preprocessing = fit_preprocessing(name, images)
        return Inspector(self.loaded, info, preprocessing, self.graph, self.keras_inputs, self._outputs)


def open_model(path: Path, device: str = "auto", trusted: bool = False) -> Inspector:
    """Load the model in ``path`` (a file, or a run's folder) for inspection.

    Files that do not say how images are prepared get a guess: as they are if the model begins with a layer that
    prepares them itself, divided by 255 otherwise. ``trusted`` raises the limits of what the file may ask for. Raises
    ``ExplorerError`` as ``load_model_file`` does.
    """
    limits = raised_limits(memory.available()) if trusted else LIMITS
    place = device_string(device)
    with tf.device(place):
        return _inspector(load_model_file(path, limits), place, limits)


def open_with_weights(architecture: Architecture, weights: Path, device: str = "auto") -> Inspector:
    """The network of ``architecture`` with the weights of a file that holds nothing else, for inspection.

    How images are prepared is a guess then. Raises ``ExplorerError`` as ``attach_weights`` does.
    """
    place = device_string(device)
    with tf.device(place):
        model = build(architecture)
        attach_weights(model, weights)
        return _inspector(LoadedModel(model, weights, None), place, LIMITS)


def activation_of(inspector: Inspector, layer: str, image: RawImage) -> ForwardPass:
    """``inspector.look(image)``, after checking that there is a layer of that name.

    Raises ``ExplorerError`` that lists the names if there is none.
    """
    if inspector.info.layer(layer) is None:
        names = ", ".join(info.name for info in inspector.info.layers)
        raise ExplorerError(f'The model has no layer "{layer}".', f"Its layers are: {names}.")
    return inspector.forward(image)


def _inspector(loaded: LoadedModel, device: str, limits: FileLimits) -> Inspector:
    graph, inputs, outputs, note = _traced(loaded, device, limits)
    if not outputs.shapes:
        if outputs.left_out:
            raise loaded.refuse(f"{loaded.path} cannot be computed: {outputs.left_out[0]}", "")
        raise ExplorerError(f"{loaded.path} has no layers to look into.", "Choose another model.")
    first = _first_for_images(inputs)
    metadata = loaded.metadata
    preprocessing = metadata.preprocessing if metadata else _guess(graph, first)
    rows, columns, channels = inputs[first].shape
    info = ModelInfo(
        name=loaded.model.name,
        path=loaded.path,
        input_shape=(rows, columns, channels),
        layers=layer_infos(graph, inputs, outputs.shapes),
        total_params=loaded.model.count_params(),
        classes=metadata.classes if metadata else (),
        preprocessing=preprocessing.name,
        preprocessing_is_guess=metadata is None,
        dataset=metadata.dataset if metadata else "",
        inputs=tuple(keras_input.info for keras_input in inputs),
        outputs=output_names(graph, outputs.shapes),
        notes=(*grouped(loaded.repairs), *note, *outputs.left_out),
    )
    return Inspector(loaded, info, preprocessing, graph, inputs, outputs)


def _traced(
    loaded: LoadedModel, device: str, limits: FileLimits
) -> tuple[Graph, tuple[KerasInput, ...], AllOutputs, tuple[str, ...]]:
    """The graph with a fixed size of every input, its inputs, its compiled call, and what is to be said of it."""
    graph = unroll(loaded.model)
    why = "its layers work at none of the sizes that were tried."
    for fixed, note in closed(graph, limits) if is_open(graph) else [(graph, "")]:
        inputs = keras_inputs(loaded.model, fixed)
        try:
            outputs = AllOutputs(fixed, inputs, device)
        except Exception as error:  # what TensorFlow raises for layers that it cannot compute here
            why = first_line(error)
            continue
        return fixed, inputs, outputs, (note,) if note else ()
    raise loaded.refuse(f"{loaded.path} cannot be computed: {why}", "")


def _first_for_images(inputs: tuple[KerasInput, ...]) -> int:
    return next(number for number, keras_input in enumerate(inputs) if keras_input.is_image)


def _prepared(preprocessing: Preprocessing, image: RawImage) -> NDArray[np.float32]:
    """The image as the network gets it. An input for images of another shape than those that the preprocessing was
    fitted on gets them divided by 255."""
    for array in (preprocessing.offset, preprocessing.scale):
        if any(size not in (1, side) for size, side in zip(array.shape, image.shape, strict=True)):
            return np.asarray(image, np.float32) / np.float32(255)
    return preprocessing.apply(image)


def _guess(graph: Graph, number: int) -> Preprocessing:
    """ "scale" and "none" learn nothing from images, so that none are needed here."""
    takers = [call.operation for call in first_calls(graph, number)]
    prepares = bool(takers) and all(isinstance(layer, _PREPARING_LAYERS) for layer in takers)
    name: PreprocessingName = "none" if prepares else "scale"
    return fit_preprocessing(name, np.zeros((0, 1, 1, 1), np.uint8))
