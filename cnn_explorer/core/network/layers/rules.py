"""What each type of layer does to its input: shape, weights, work, geometry; one rule a type, as in Keras.

Semantics are those of Keras 3 on TensorFlow with channels last. ``effect_of`` is the one place to extend for a
new type of layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from math import prod

from cnn_explorer.core.network import architecture as arch
from cnn_explorer.core.network.geometry import AxisStep, Enlarging, Sliding, Spreading
from cnn_explorer.core.network.layers.fields import Padding
from cnn_explorer.core.sizes import shape_text

Shape = tuple[int, ...]
AxisSteps = tuple[AxisStep, AxisStep]
_STAY: AxisSteps = (Sliding(), Sliding())


class MisfitError(Exception):
    """The layer does not go with what it gets; the text names the layer and the way out."""


@dataclass(frozen=True)
class Flow:
    """What comes into a layer.

    ``shape`` is without the batch axis, ``source`` the name of the layer that gives it ("" for the image),
    ``vector_since`` the name of the layer that made a vector of the maps ("" while there are maps).
    """

    shape: Shape
    source: str = ""
    vector_since: str = ""

    @property
    def has_maps(self) -> bool:
        """Whether this is (rows, columns, maps) and not a vector."""
        return len(self.shape) == 3

    def after(self, layer: arch.Layer, effect: Effect) -> Flow:
        """What ``layer`` passes on."""
        flattens = self.has_maps and len(effect.shape) != 3
        return Flow(effect.shape, layer.name, layer.name if flattens else self.vector_since)


@dataclass(frozen=True)
class Effect:
    """What a layer does to one image.

    ``steps``: the geometry along rows and columns, ``None`` where places on the map get lost.
    ``macs``: multiply-accumulates of a kernel or weight matrix, one for each product of a weight and a value;
    those with padding count, as they are computed, and so do those of a transposed convolution (each input value with
    each weight of its map) that fall where the output is cut off. Bias, activation, pooling and normalization do not
    count.
    """

    shape: Shape
    params: int = 0
    frozen_params: int = 0
    macs: int = 0
    steps: AxisSteps | None = _STAY


@singledispatch
def effect_of(layer: arch.Layer, flow: Flow) -> Effect:
    """What ``layer`` does to ``flow``; raises ``MisfitError`` where Keras or TensorFlow would refuse."""
    raise TypeError(f"no rule for {layer.type} on {flow.shape}")


@effect_of.register
def _(layer: arch.Conv2D, flow: Flow) -> Effect:
    if max(layer.strides) > 1 and max(layer.dilation_rate) > 1:
        raise MisfitError(f"{layer.name}: strides and dilation above 1 do not go together: set one of them to 1×1.")
    (rows, columns, maps), steps = _slide(layer, flow, layer.kernel_size, layer.strides, layer.dilation_rate)
    weights = prod(layer.kernel_size) * maps * layer.filters
    return Effect(
        shape=(rows, columns, layer.filters),
        params=weights + layer.use_bias * layer.filters,
        macs=rows * columns * weights,
        steps=steps,
    )


@effect_of.register
def _(layer: arch.DepthwiseConv2D, flow: Flow) -> Effect:
    _refuse_unequal_strides(layer)
    (rows, columns, maps), steps = _slide(layer, flow, layer.kernel_size, layer.strides, layer.dilation_rate)
    outputs = maps * layer.depth_multiplier
    weights = prod(layer.kernel_size) * outputs
    return Effect(
        shape=(rows, columns, outputs),
        params=weights + layer.use_bias * outputs,
        macs=rows * columns * weights,
        steps=steps,
    )


@effect_of.register
def _(layer: arch.SeparableConv2D, flow: Flow) -> Effect:
    _refuse_unequal_strides(layer)
    (rows, columns, maps), steps = _slide(layer, flow, layer.kernel_size, layer.strides, layer.dilation_rate)
    between = maps * layer.depth_multiplier
    weights = prod(layer.kernel_size) * between + between * layer.filters
    return Effect(
        shape=(rows, columns, layer.filters),
        params=weights + layer.use_bias * layer.filters,
        macs=rows * columns * weights,
        steps=steps,
    )


@effect_of.register
def _(layer: arch.Conv2DTranspose, flow: Flow) -> Effect:
    rows, columns, maps = _maps(layer, flow)
    down, height = _spread_axis(layer, 0, rows)
    across, width = _spread_axis(layer, 1, columns)
    weights = prod(layer.kernel_size) * maps * layer.filters
    return Effect(
        shape=(height, width, layer.filters),
        params=weights + layer.use_bias * layer.filters,
        macs=rows * columns * weights,
        steps=(down, across),
    )


@effect_of.register
def _(layer: arch.MaxPooling2D | arch.AveragePooling2D, flow: Flow) -> Effect:
    shape, steps = _slide(layer, flow, layer.pool_size, layer.strides or layer.pool_size, (1, 1))
    return Effect(shape=shape, steps=steps)


@effect_of.register
def _(layer: arch.GlobalAveragePooling2D | arch.GlobalMaxPooling2D, flow: Flow) -> Effect:
    return Effect(shape=_maps(layer, flow)[2:], steps=None)


@effect_of.register
def _(layer: arch.BatchNormalization, flow: Flow) -> Effect:
    # Two numbers a map are learnt, two more (running mean and variance) are kept beside them.
    learnt = flow.shape[-1] * (layer.center + layer.scale)
    kept = flow.shape[-1] * 2
    return Effect(shape=flow.shape, params=learnt + kept, frozen_params=kept)


@effect_of.register
def _(layer: arch.LayerNormalization, flow: Flow) -> Effect:
    last = len(flow.shape)
    axis = last if layer.axis == -1 else layer.axis
    if axis > last:
        raise MisfitError(
            f"{layer.name} normalizes along axis {axis}, but gets a vector: use axis -1, "
            f"or move it in front of {flow.vector_since}."
        )
    # Along rows or columns a node sees what all of these see, which is no window.
    return Effect(
        shape=flow.shape,
        params=flow.shape[axis - 1] * (layer.center + layer.scale),
        steps=_STAY if axis == last else None,
    )


@effect_of.register
def _(_layer: arch.Activation | arch.LeakyReLU | arch.Dropout | arch.Rescaling, flow: Flow) -> Effect:
    return Effect(shape=flow.shape)


@effect_of.register
def _(layer: arch.SpatialDropout2D, flow: Flow) -> Effect:
    return Effect(shape=_maps(layer, flow))


@effect_of.register
def _(layer: arch.ZeroPadding2D, flow: Flow) -> Effect:
    rows, columns, maps = _maps(layer, flow)
    (top, bottom), (left, right) = layer.padding
    return Effect(
        shape=(rows + top + bottom, columns + left + right, maps),
        steps=(Sliding(before=top), Sliding(before=left)),
    )


@effect_of.register
def _(layer: arch.UpSampling2D, flow: Flow) -> Effect:
    rows, columns, maps = _maps(layer, flow)
    bilinear = layer.interpolation == "bilinear"
    down, across = layer.size
    return Effect(
        shape=(rows * down, columns * across, maps), steps=(Enlarging(down, bilinear), Enlarging(across, bilinear))
    )


@effect_of.register
def _(_layer: arch.Flatten, flow: Flow) -> Effect:
    return Effect(shape=(prod(flow.shape),), steps=None)


@effect_of.register
def _(layer: arch.Dense, flow: Flow) -> Effect:
    # On maps it acts at each place on the values of all maps, like a 1×1 convolution.
    *places, inputs = flow.shape
    weights = inputs * layer.units
    return Effect(
        shape=(*places, layer.units),
        params=weights + layer.use_bias * layer.units,
        macs=prod(places) * weights,
    )


def _maps(layer: arch.Layer, flow: Flow) -> tuple[int, int, int]:
    """Rows, columns and number of maps that come in; refuses a vector."""
    if not flow.has_maps:
        raise MisfitError(
            f"{layer.name} needs maps, but {flow.source} before it gives a vector: "
            f"move {layer.name} in front of {flow.vector_since}, or remove it."
        )
    rows, columns, maps = flow.shape
    return rows, columns, maps


def _refuse_unequal_strides(layer: arch.DepthwiseConv2D | arch.SeparableConv2D) -> None:
    # TensorFlow's depthwise kernel has one stride. With dilation Keras computes at stride 1 and picks, so any go.
    down, across = layer.strides
    if down != across and layer.dilation_rate == (1, 1):
        raise MisfitError(
            f"{layer.name}: TensorFlow cannot move these windows by {shape_text((down, across))}: "
            "make both strides equal, or use Conv2D."
        )


def _slide(
    layer: arch.Conv2D | arch.DepthwiseConv2D | arch.SeparableConv2D | arch.MaxPooling2D | arch.AveragePooling2D,
    flow: Flow,
    size: tuple[int, int],
    strides: tuple[int, int],
    dilation: tuple[int, int],
) -> tuple[tuple[int, int, int], AxisSteps]:
    """Shape after a window has gone over the maps (their number unchanged), and its geometry."""
    rows, columns, maps = _maps(layer, flow)
    spans = tuple((extent - 1) * gap + 1 for extent, gap in zip(size, dilation, strict=True))
    if layer.padding == "valid" and (spans[0] > rows or spans[1] > columns):
        window = f"a {shape_text(size)} window"
        way_out = "use a smaller window"
        if spans != size:
            window += f" with dilation {shape_text(dilation)} spans {shape_text(spans)} and"
            way_out += ", less dilation"
        raise MisfitError(
            f"{layer.name}: the map is {shape_text((rows, columns))}, {window} does not fit: {way_out} or padding same."
        )
    down, height = _slide_axis(rows, spans[0], strides[0], layer.padding)
    across, width = _slide_axis(columns, spans[1], strides[1], layer.padding)
    return (height, width, maps), (down, across)


def _slide_axis(nodes: int, span: int, stride: int, padding: Padding) -> tuple[Sliding, int]:
    """The step, and the number of places where the window stands."""
    if padding == "valid":
        return Sliding(stride, 0, span), (nodes - span) // stride + 1
    places = (nodes - 1) // stride + 1
    # TensorFlow pads as little as the last window needs; the odd zero goes behind the map.
    missing = max((places - 1) * stride + span - nodes, 0)
    return Sliding(stride, missing // 2, span), places


def _spread_axis(layer: arch.Conv2DTranspose, axis: int, nodes: int) -> tuple[Spreading, int]:
    """The step, and the number of nodes over which ``nodes`` spread."""
    span, stride = layer.kernel_size[axis], layer.strides[axis]
    added = None if layer.output_padding is None else layer.output_padding[axis]
    if added is not None and added >= stride:
        raise MisfitError(
            f"{layer.name}: an output padding of {added} does not go with a stride of {stride}: make it smaller than "
            "the stride."
        )
    if layer.padding == "valid":
        return Spreading(stride, 0, span), (nodes - 1) * stride + (max(span, stride) if added is None else span + added)
    if added == 0 and span % 2 == 0:
        raise MisfitError(
            f"{layer.name}: with padding same, a kernel with a side of {span} needs an output padding above 0."
        )
    places = nodes * stride if added is None else (nodes - 1) * stride + span % 2 + added
    # As many as a convolution from there to here would pad; the odd one is cut off behind.
    return Spreading(stride, max((nodes - 1) * stride + span - places, 0) // 2, span), places
