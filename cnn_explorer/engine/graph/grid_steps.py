"""How the nodes of a layer go back to those of its input, along rows and along columns.

One function for each kind of layer: of the call, and rows and columns ``before`` and ``after`` it. ``None`` where nodes
have no place on the maps before.
"""

from __future__ import annotations

from cnn_explorer.core.network.geometry import AxisStep, Enlarging, Sliding, Spreading
from cnn_explorer.engine.graph.calls import Call
from cnn_explorer.engine.graph.node_work import axes_as_kept

Sides = tuple[int, int]
AxisSteps = tuple[AxisStep, AxisStep]
STAY: AxisSteps = (Sliding(), Sliding())


def stay(_call: Call, _before: Sides, _after: Sides) -> AxisSteps | None:
    """Each node sees what the nodes at its own place see."""
    return STAY


def concatenate(call: Call, _before: Sides, _after: Sides) -> AxisSteps | None:
    """Joined along the maps, all keep their places."""
    axis = call.operation.axis % (len(call.shape) + 1)
    return STAY if axis == (1 if call.channels_first else 3) else None


def dense(call: Call, _before: Sides, _after: Sides) -> AxisSteps | None:
    """It mixes the values along the last axis."""
    return None if call.channels_first else STAY


def along_axes(call: Call, _before: Sides, _after: Sides) -> AxisSteps | None:
    """It mixes the values along the axes that it names."""
    return STAY if axes_as_kept(call.operation, 3) == [0 if call.channels_first else 2] else None


def sliding(call: Call, before: Sides, after: Sides) -> AxisSteps:
    layer = call.operation
    size = getattr(layer, "pool_size", None) or layer.kernel_size
    dilation = getattr(layer, "dilation_rate", (1, 1))

    def along(axis: int) -> AxisStep:
        span, stride = (size[axis] - 1) * dilation[axis] + 1, layer.strides[axis]
        missing = max((after[axis] - 1) * stride + span - before[axis], 0) if layer.padding == "same" else 0
        return Sliding(stride, missing // 2, span)

    return along(0), along(1)


def spreading(call: Call, before: Sides, after: Sides) -> AxisSteps:
    layer = call.operation

    def along(axis: int) -> AxisStep:
        span, stride = (layer.kernel_size[axis] - 1) * layer.dilation_rate[axis] + 1, layer.strides[axis]
        cut = max((before[axis] - 1) * stride + span - after[axis], 0) if layer.padding == "same" else 0
        return Spreading(stride, cut // 2, span)

    return along(0), along(1)


def padding(call: Call, _before: Sides, _after: Sides) -> AxisSteps:
    layer = call.operation
    (top, _), (left, _) = layer.padding
    return Sliding(before=top), Sliding(before=left)


def cropping(call: Call, _before: Sides, _after: Sides) -> AxisSteps:
    layer = call.operation
    (top, _), (left, _) = layer.cropping
    return Sliding(before=-top), Sliding(before=-left)


def up_sampling(call: Call, _before: Sides, _after: Sides) -> AxisSteps | None:
    layer = call.operation
    if layer.interpolation not in ("nearest", "bilinear"):
        return None
    bilinear = layer.interpolation == "bilinear"
    return Enlarging(layer.size[0], bilinear), Enlarging(layer.size[1], bilinear)
