"""The layers a user can stack, as frozen value objects; JSON in and out.

Types and arguments bear Keras' own names, so that a reader of the Keras documentation is at home. A layer
spec knows nothing of Keras: shapes and counts are in ``inference``, building in ``engine.models.builder``.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from cnn_explorer.core import specfile
from cnn_explorer.core.network.layers.fields import (
    ActivationName,
    DepthMultiplier,
    Dilation,
    Epsilon,
    Filters,
    HasFactor,
    HasShift,
    Initializer,
    KernelSize,
    LayerName,
    Margin,
    Padding,
    PoolSize,
    PoolStrides,
    Rate,
    Size,
    Strength,
    Strides,
    Units,
    UseBias,
)


class L1L2(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A penalty on weights w, added to the loss: l1 · Σ|w| + l2 · Σw²."""

    l1: Annotated[Strength, Meta(title="L1", description="Factor of the sum of absolute weights.")] = 0.0
    l2: Annotated[Strength, Meta(title="L2", description="Factor of the sum of squared weights.")] = 0.0


KernelRegularizer = Annotated[
    L1L2, Meta(title="Regularizer", description="A penalty on large kernel weights, added to the loss.")
]


class Layer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    """What every layer has: a name, unique in its network (Keras' ``name``)."""

    name: LayerName

    @property
    def type(self) -> str:
        """Keras' name of the layer's class."""
        return type(self).__name__


class Conv2D(Layer, frozen=True, kw_only=True, tag=True):
    """Each filter slides over all input maps; the products are summed, plus bias, through the activation."""

    filters: Filters
    kernel_size: KernelSize
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Dilation = (1, 1)
    activation: ActivationName = "linear"
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    kernel_regularizer: KernelRegularizer = L1L2()


class DepthwiseConv2D(Layer, frozen=True, kw_only=True, tag=True):
    """Each input map is convolved on its own with ``depth_multiplier`` kernels; maps are not mixed."""

    kernel_size: KernelSize
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    depth_multiplier: DepthMultiplier = 1
    dilation_rate: Dilation = (1, 1)
    activation: ActivationName = "linear"
    use_bias: UseBias = True
    depthwise_initializer: Initializer = "glorot_uniform"
    depthwise_regularizer: KernelRegularizer = L1L2()


class SeparableConv2D(Layer, frozen=True, kw_only=True, tag=True):
    """A depthwise convolution, then a 1×1 convolution that mixes the maps."""

    filters: Filters
    kernel_size: KernelSize
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Dilation = (1, 1)
    depth_multiplier: DepthMultiplier = 1
    activation: ActivationName = "linear"
    use_bias: UseBias = True
    depthwise_initializer: Annotated[Initializer, Meta(title="Depthwise initializer")] = "glorot_uniform"
    pointwise_initializer: Annotated[Initializer, Meta(title="Pointwise initializer")] = "glorot_uniform"
    depthwise_regularizer: Annotated[KernelRegularizer, Meta(title="Depthwise regularizer")] = L1L2()
    pointwise_regularizer: Annotated[KernelRegularizer, Meta(title="Pointwise regularizer")] = L1L2()


class Conv2DTranspose(Layer, frozen=True, kw_only=True, tag=True):
    """Each input node spreads its value over the output, times a kernel: a convolution backwards, which enlarges."""

    filters: Filters
    kernel_size: Annotated[
        Size, Meta(title="Kernel size", description="Rows and columns of the output over which one input node spreads.")
    ]
    strides: Annotated[
        Size,
        Meta(title="Strides", description="How far apart neighbouring input nodes spread: how many times maps grow."),
    ] = (1, 1)
    padding: Annotated[
        Padding,
        Meta(description="valid: all that is reached is kept; same: cut off, so that maps grow as the strides say."),
    ] = "valid"
    output_padding: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=255)], Annotated[int, Meta(ge=0, le=255)]] | None,
        Meta(
            title="Output pad",
            description="Rows and columns that are added to the smallest output, fewer than the strides. "
            "When not given, the padding decides.",
            extra={"short": "output padding {}"},
        ),
    ] = None
    activation: ActivationName = "linear"
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    kernel_regularizer: KernelRegularizer = L1L2()


class MaxPooling2D(Layer, frozen=True, kw_only=True, tag=True):
    """The largest value of each window, map by map."""

    pool_size: PoolSize = (2, 2)
    strides: PoolStrides = None
    padding: Padding = "valid"


class AveragePooling2D(Layer, frozen=True, kw_only=True, tag=True):
    """The mean of each window, map by map."""

    pool_size: PoolSize = (2, 2)
    strides: PoolStrides = None
    padding: Padding = "valid"


class GlobalAveragePooling2D(Layer, frozen=True, kw_only=True, tag=True):
    """The mean of each whole map: one number a map."""


class GlobalMaxPooling2D(Layer, frozen=True, kw_only=True, tag=True):
    """The largest value of each whole map: one number a map."""


class BatchNormalization(Layer, frozen=True, kw_only=True, tag=True):
    """Brings each map to mean 0 and deviation 1 over the batch, then scales and shifts by learnt numbers."""

    momentum: Annotated[
        float, Meta(ge=0.0, lt=1.0, title="Momentum", description="How slowly the running mean and variance follow.")
    ] = 0.99
    epsilon: Epsilon = 0.001
    center: HasShift = True
    scale: HasFactor = True


class LayerNormalization(Layer, frozen=True, kw_only=True, tag=True):
    """Brings the values of one image along an axis to mean 0 and deviation 1, then scales and shifts them."""

    # Keras also takes several axes, but loses them when it reads an .h5 file.
    axis: Annotated[
        Literal[-1, 1, 2, 3],
        Meta(
            title="Axis",
            description="What is normalized together: 1 columns of a map, 2 its rows, 3 or -1 all maps at one place.",
            extra={"short": "axis {}"},
        ),
    ] = -1
    epsilon: Epsilon = 0.001
    center: HasShift = True
    scale: HasFactor = True


class Activation(Layer, frozen=True, kw_only=True, tag=True):
    """An activation function as a layer of its own."""

    activation: ActivationName


class LeakyReLU(Layer, frozen=True, kw_only=True, tag=True):
    """x for x > 0, otherwise slope · x: a unit never goes silent."""

    negative_slope: Annotated[
        float, Meta(ge=0.0, le=1.0, title="Negative slope", description="The factor for values below 0.")
    ] = 0.3


class Dropout(Layer, frozen=True, kw_only=True, tag=True):
    """Sets random values to 0 while training, against overfitting; does nothing afterwards."""

    rate: Rate


class SpatialDropout2D(Layer, frozen=True, kw_only=True, tag=True):
    """Sets whole random maps to 0 while training; does nothing afterwards."""

    rate: Rate


class ZeroPadding2D(Layer, frozen=True, kw_only=True, tag=True):
    """Adds rows and columns of zeros around each map."""

    padding: Annotated[
        tuple[tuple[Margin, Margin], tuple[Margin, Margin]],
        Meta(title="Padding", description="Rows above and below, columns left and right."),
    ] = ((1, 1), (1, 1))


class UpSampling2D(Layer, frozen=True, kw_only=True, tag=True):
    """Repeats rows and columns (nearest) or interpolates between them (bilinear)."""

    size: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=16)], Annotated[int, Meta(ge=1, le=16)]],
        Meta(title="Size", description="How many times each row and each column is repeated."),
    ] = (2, 2)
    interpolation: Annotated[
        Literal["nearest", "bilinear"], Meta(title="Interpolation", description="How new nodes get their value.")
    ] = "nearest"


class Rescaling(Layer, frozen=True, kw_only=True, tag=True):
    """scale · x + offset, a fixed change of the value range."""

    scale: Annotated[float, Meta(title="Scale", description="The factor; 1/255 brings bytes to 0…1.")]
    offset: Annotated[float, Meta(title="Offset", description="Added after scaling.")] = 0.0


class Flatten(Layer, frozen=True, kw_only=True, tag=True):
    """All values in one vector, row by row: what a Dense layer takes."""


class Dense(Layer, frozen=True, kw_only=True, tag=True):
    """Each unit sums all inputs, each with its own weight, plus bias, through the activation."""

    units: Units
    activation: ActivationName = "linear"
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    kernel_regularizer: KernelRegularizer = L1L2()


AnyLayer = (
    Conv2D | DepthwiseConv2D | SeparableConv2D | Conv2DTranspose | MaxPooling2D | AveragePooling2D
    | GlobalAveragePooling2D | GlobalMaxPooling2D | BatchNormalization | LayerNormalization | Activation
    | LeakyReLU | Dropout | SpatialDropout2D | ZeroPadding2D | UpSampling2D | Rescaling | Flatten | Dense
)  # fmt: skip

Side = Annotated[int, Meta(ge=1, le=4096)]
InputShape = Annotated[
    tuple[Side, Side, Side], Meta(title="Input shape", description="Height, width and channels of one image.")
]


class Architecture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stack of layers over images of one shape (height, width, channels).

    It may have problems (``inference.infer`` names them): such a network can be saved but not trained.
    """

    format: Literal[1] = 1
    name: Annotated[str, Meta(title="Name", max_length=128)] = "network"
    input_shape: InputShape
    layers: tuple[AnyLayer, ...] = ()

    def to_json(self) -> bytes:
        """The architecture file: indented JSON, defaults of layers left out."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @classmethod
    def from_json(cls, text: bytes | str) -> Architecture:
        """Read an architecture file.

        Raises ``ExplorerError`` that names the path to the first wrong value and what was expected there.
        """
        return specfile.decode(text, cls, "architecture")


@dataclass(frozen=True)
class LayerKind:
    """A row of the palette: a layer class, the group it stands in, and what a new one starts with."""

    spec: type[Layer]
    group: str
    stem: str
    initial: Mapping[str, Any] = field(default_factory=dict)

    @property
    def description(self) -> str:
        """What the layer does, in one sentence."""
        return inspect.getdoc(self.spec) or ""

    def new(self, taken: Iterable[str]) -> AnyLayer:
        """A layer with the initial values and a name that is not ``taken``."""
        layer = self.spec(name=free_name(self.stem, taken), **self.initial)
        return typing.cast(AnyLayer, layer)


_CONVOLUTION = {"kernel_size": (3, 3), "activation": "relu"}

LAYER_KINDS: tuple[LayerKind, ...] = (
    LayerKind(Conv2D, "Convolution", "Conv2D", {"filters": 32, **_CONVOLUTION}),
    LayerKind(DepthwiseConv2D, "Convolution", "Depthwise", _CONVOLUTION),
    LayerKind(SeparableConv2D, "Convolution", "Separable", {"filters": 32, **_CONVOLUTION}),
    LayerKind(
        Conv2DTranspose,
        "Convolution",
        "Transposed",
        {"filters": 32, **_CONVOLUTION, "strides": (2, 2), "padding": "same"},
    ),
    LayerKind(MaxPooling2D, "Pooling", "Max_Pool"),
    LayerKind(AveragePooling2D, "Pooling", "Average_Pool"),
    LayerKind(GlobalAveragePooling2D, "Pooling", "Global_Average"),
    LayerKind(GlobalMaxPooling2D, "Pooling", "Global_Max"),
    LayerKind(Flatten, "Dense", "Flatten"),
    LayerKind(Dense, "Dense", "Dense", {"units": 64, "activation": "relu"}),
    LayerKind(Activation, "Activation", "Activation", {"activation": "relu"}),
    LayerKind(LeakyReLU, "Activation", "Leaky_ReLU"),
    LayerKind(BatchNormalization, "Regularization", "Batch_Norm"),
    LayerKind(LayerNormalization, "Regularization", "Layer_Norm"),
    LayerKind(Dropout, "Regularization", "Dropout", {"rate": 0.5}),
    LayerKind(SpatialDropout2D, "Regularization", "Spatial_Dropout", {"rate": 0.2}),
    LayerKind(ZeroPadding2D, "Shape", "Zero_Padding"),
    LayerKind(UpSampling2D, "Shape", "Up_Sampling"),
    LayerKind(Rescaling, "Shape", "Rescaling", {"scale": 1 / 255}),
)


def free_name(stem: str, taken: Iterable[str]) -> str:
    """The first of ``stem_1``, ``stem_2`` … that is not ``taken``."""
    names = set(taken)
    return next(name for n in count(1) if (name := f"{stem}_{n}") not in names)
