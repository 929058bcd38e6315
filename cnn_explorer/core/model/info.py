"""What is said of a loaded model, and a forward pass through it: plain values, made by the engine, shown by anyone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import RuntimeOptions

_AS_IT_COMES = RuntimeOptions()


@dataclass(frozen=True)
class LayerInfo:
    """One use of a layer of a loaded model: ``nested/layer`` in a nested model, ``layer#2`` the second use of one.

    ``output_shape`` is without the batch axis, of maps always (rows, columns, maps). ``receptive_field`` and ``jump``
    (rows, columns, in pixels of the input) are ``None`` where they have no meaning or are not known. ``sources`` are
    the layers from which it takes its values ("" stands for an input of the model), and ``depth`` is the number of
    layers on the longest way from an input to it, itself counted. ``config``: its settings as (Keras' argument, value
    in words). ``takes``: the numbers of the model's inputs that it takes, in the order of their "" in ``sources``.
    """

    name: str
    type: str
    output_shape: tuple[int, ...]
    params: int
    receptive_field: tuple[int, int] | None = None
    jump: tuple[float, float] | None = None
    sources: tuple[str, ...] = ()
    depth: int = 0
    config: tuple[tuple[str, str], ...] = ()
    takes: tuple[int, ...] = ()

    @property
    def has_maps(self) -> bool:
        """Whether the output is a set of maps (rows, columns, maps) and not a vector."""
        return len(self.output_shape) == 3


@dataclass(frozen=True)
class ModelInput:
    """One input of a model. ``shape``: of an image (rows, columns, channels), whatever order the model keeps.

    Where the model takes any size it is the one that was chosen; rows and columns alone are gray images.
    """

    name: str
    shape: tuple[int, ...]

    @property
    def is_image(self) -> bool:
        """Whether an image can go in."""
        return len(self.shape) == 3


@dataclass(frozen=True, eq=False)
class LayerWeight:
    """One array of a layer's weights, as Keras keeps it: kernels are (rows, columns, input maps, output maps)."""

    name: str
    values: NDArray[np.float32]
    trainable: bool = True


@dataclass(frozen=True)
class ModelInfo:
    """A loaded model: what its file says, and what had to be guessed.

    ``input_shape`` is that of the first input that takes an image. ``preprocessing_is_guess`` is true for files that
    do not say how images are to be prepared. ``inputs`` are all of the model's, ``outputs`` the names of the layers
    that give its outputs. ``notes``: sentences on what was changed or assumed so that the model could be opened.
    """

    name: str
    path: Path
    input_shape: tuple[int, int, int]
    layers: tuple[LayerInfo, ...]
    total_params: int
    classes: tuple[str, ...]
    preprocessing: str
    preprocessing_is_guess: bool
    dataset: str = ""
    inputs: tuple[ModelInput, ...] = ()
    outputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def layer(self, name: str) -> LayerInfo | None:
        """The layer of that name."""
        return next((layer for layer in self.layers if layer.name == name), None)

    def taken(self, layer: LayerInfo) -> tuple[ModelInput, ...]:
        """The inputs that ``layer`` takes; none where there is only one, or where they are not known."""
        known = [self.inputs[number] for number in dict.fromkeys(layer.takes) if 0 <= number < len(self.inputs)]
        return tuple(known) if len(self.inputs) > 1 else ()


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """One image (or one for each input) through one model.

    ``inputs``: what every input of the network got, prepared, without the batch axis; images (rows, columns,
    channels). ``activations``: every layer's output, without the batch axis, unscaled float32, maps always (rows,
    columns, maps), in the order of the layers. ``prediction``: the first output if it is a vector, else ``None``.
    """

    inputs: tuple[NDArray[np.float32], ...]
    activations: dict[str, NDArray[np.float32]]
    prediction: NDArray[np.float32] | None

    @property
    def image(self) -> NDArray[np.float32]:
        """The first image as the network got it."""
        return next(values for values in self.inputs if values.ndim == 3)


@dataclass(frozen=True, eq=False)
class Predictions:
    """What one model says of each image of one part (``split``: ``train`` or ``test``) of a data set.

    ``predictions``: int64 (count,), the most probable class, in the order of the part. ``confidences``: float32
    (count,), the model's output for it: its probability if the model ends in a softmax. ``model`` is the file;
    ``fingerprint`` that of the data set.
    """

    split: str
    predictions: NDArray[np.int64]
    confidences: NDArray[np.float32]
    model: Path
    fingerprint: str


@dataclass(frozen=True)
class Device:
    """A processor that TensorFlow can compute on: ``name`` is what ``--device`` takes."""

    name: str
    description: str


@dataclass(frozen=True)
class DeviceReport:
    """What the engine runs on. ``gpu_note`` says in one sentence why a GPU is used, not used, or absent.

    ``options`` are those that TensorFlow was started with. ``idle_gpu``: there is a GPU, and it is not used.
    """

    devices: tuple[Device, ...]
    default: str
    gpu_note: str
    versions: tuple[tuple[str, str], ...]
    options: RuntimeOptions = _AS_IT_COMES
    idle_gpu: bool = False

    @property
    def default_description(self) -> str:
        """The device of ``auto``, for people: ``CPU (2 threads)``."""
        return next((d.description for d in self.devices if d.name == self.default), self.default)

    def differing(self, options: RuntimeOptions) -> tuple[str, ...]:
        """The fields of ``options`` that are not in force and matter here: without a GPU its memory does not."""
        names = [name for name in RuntimeOptions.__struct_fields__ if name != "gpu_memory" or len(self.devices) > 1]
        return tuple(name for name in names if getattr(options, name) != getattr(self.options, name))


@dataclass(frozen=True)
class StoredWeight:
    """One array of weights as it lies in a file."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class StoredLayer:
    """One layer as a file describes it. ``type`` is empty where the file holds weights only.

    ``name`` is that of the outer and the inner layer, ``outer/inner``, for layers of models within the model.
    ``config`` are its settings as (name, value) in words, in the file's order.
    """

    name: str
    type: str
    config: tuple[tuple[str, str], ...] = ()
    weights: tuple[StoredWeight, ...] = ()

    @property
    def params(self) -> int:
        """How many numbers its weights have."""
        return sum(weight.count for weight in self.weights)


@dataclass(frozen=True)
class ModelStructure:
    """What can be said of a model file without building the model, and in one sentence why it was not built."""

    path: Path
    name: str
    reason: str
    layers: tuple[StoredLayer, ...]

    @property
    def total_params(self) -> int:
        """How many numbers all weights have."""
        return sum(layer.params for layer in self.layers)


class NotBuiltError(ExplorerError):
    """A model file whose network is not, or cannot be, built here, while its structure can be shown.

    ``structure.reason`` is the message.
    """

    def __init__(self, message: str, hint: str, structure: ModelStructure) -> None:
        super().__init__(message, hint)
        self.structure = structure


class LimitError(ExplorerError):
    """A model file that asks for more than is given to files of unknown origin.

    Who trusts the file can open it nevertheless (``trusted``): what keeps code from running holds even then.
    """


class LimitNotBuiltError(NotBuiltError, LimitError):
    """Such a file, when its structure is known already and can be shown."""


class WeightsOnlyError(ExplorerError):
    """A file of weights without an architecture: they can be attached to a network that is there."""
