"""Receptive field and jump of the layers of a model with branches: the walk of ``core.network.receptive_field``.

Where branches meet, a node sees what it sees through any of them. Unlike the rectangles of
``engine.graph.receptive_fields`` these numbers know no border: a deep layer may see more than the image has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnn_explorer.core.network.branches import Spreading, beside
from cnn_explorer.core.network.geometry import AxisStep, Enlarging, Sliding, View
from cnn_explorer.core.network.receptive_field import Sight
from cnn_explorer.engine.graph.calls import Call, Graph, Ref, shape_maps_last
from cnn_explorer.engine.graph.node_work import MERGES
from cnn_explorer.engine.graph.receptive_field_rules import STAYING

Place = tuple[tuple[int, int], tuple[float, float]]
"""Receptive field and jump, both (rows, columns), in pixels of the input."""
AxisSteps = tuple[AxisStep, AxisStep]
_STAY: AxisSteps = (Sliding(), Sliding())


def graph_places(graph: Graph, number: int = 0) -> dict[str, Place | None]:
    """Receptive field and jump of every call's output, in pixels of the model's input ``number``.

    ``None`` for vectors and after them, where nothing of that input is seen, after layers whose geometry is not
    known, and where branches meet that look at the image at different distances.
    """
    sights: dict[Ref, Sight | None] = {Ref("", number): Sight()}
    # Inputs that are not meant add nothing to what is seen; they are told from values whose sight is not known.
    blind = {Ref("", index) for index in range(len(graph.inputs)) if index != number}
    places: dict[str, Place | None] = {}
    for name, call in graph.calls.items():
        ref = Ref(name)
        seeing = [source for source in call.sources if source not in blind]
        if not seeing:
            blind.add(ref)
        shape = shape_maps_last(call.shape, call.channels_first)
        sight = _sight_of(graph, call, [sights.get(source) for source in seeing]) if len(shape) == 3 else None
        sights[ref] = sight
        places[name] = None if sight is None else (sight.largest(shape), sight.jump)
    return places


def _sight_of(graph: Graph, call: Call, seen: list[Sight | None]) -> Sight | None:
    steps = _steps_of(graph, call)
    if steps is None or not seen:
        return None
    rows, columns = View(), View()
    for index, sight in enumerate(seen):
        through = None if sight is None else sight.through(steps)
        if through is None:
            return None
        if index == 0:
            rows, columns = through.rows, through.columns
            continue
        both = beside(rows, through.rows), beside(columns, through.columns)
        if both[0] is None or both[1] is None:
            return None
        rows, columns = both[0], both[1]
    return Sight(rows, columns)


def _steps_of(graph: Graph, call: Call) -> AxisSteps | None:
    """How a layer's nodes go back to those of its inputs; ``None`` if that is not known."""
    name = call.type
    if name in MERGES and len(call.sources) > 1:
        # What is spread over rows and columns has no place on the image.
        return _STAY if all(_places(graph, ref) == _places(graph, Ref(call.name)) for ref in call.sources) else None
    if not call.is_layer:
        return None
    if name == "Concatenate":
        axis = call.operation.axis % (len(call.shape) + 1)
        return _STAY if axis == (1 if call.channels_first else 3) else None
    if name in (*STAYING, "Activation", "Softmax"):
        return _STAY
    if name == "Dense":
        return None if call.channels_first else _STAY
    make = _STEPS.get(name)
    if make is None:
        return None
    before, after = _places(graph, call.sources[0]), _places(graph, Ref(call.name))
    return make(call.operation, before, after)


def _places(graph: Graph, ref: Ref) -> tuple[int, int]:
    """Rows and columns of maps."""
    shape = shape_maps_last(graph.shape(ref), graph.channels_first(ref))
    return (shape[0], shape[1]) if len(shape) == 3 else (0, 0)


def _sliding(layer: Any, before: tuple[int, int], after: tuple[int, int]) -> AxisSteps:
    size = getattr(layer, "pool_size", None) or layer.kernel_size
    dilation = getattr(layer, "dilation_rate", (1, 1))

    def along(axis: int) -> AxisStep:
        span, stride = (size[axis] - 1) * dilation[axis] + 1, layer.strides[axis]
        missing = max((after[axis] - 1) * stride + span - before[axis], 0) if layer.padding == "same" else 0
        return Sliding(stride, missing // 2, span)

    return along(0), along(1)


def _spreading(layer: Any, before: tuple[int, int], after: tuple[int, int]) -> AxisSteps:
    def along(axis: int) -> AxisStep:
        span, stride = (layer.kernel_size[axis] - 1) * layer.dilation_rate[axis] + 1, layer.strides[axis]
        cut = max((before[axis] - 1) * stride + span - after[axis], 0) if layer.padding == "same" else 0
        return Spreading(stride, cut // 2, span)

    return along(0), along(1)


def _padding(layer: Any, _before: tuple[int, int], _after: tuple[int, int]) -> AxisSteps:
    (top, _), (left, _) = layer.padding
    return Sliding(before=top), Sliding(before=left)


def _cropping(layer: Any, _before: tuple[int, int], _after: tuple[int, int]) -> AxisSteps:
    (top, _), (left, _) = layer.cropping
    return Sliding(before=-top), Sliding(before=-left)


def _up_sampling(layer: Any, _before: tuple[int, int], _after: tuple[int, int]) -> AxisSteps | None:
    if layer.interpolation not in ("nearest", "bilinear"):
        return None
    bilinear = layer.interpolation == "bilinear"
    return Enlarging(layer.size[0], bilinear), Enlarging(layer.size[1], bilinear)


_STEPS: dict[str, Callable[[Any, tuple[int, int], tuple[int, int]], AxisSteps | None]] = {
    **dict.fromkeys(
        ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D"),
        _sliding,
    ),
    "Conv2DTranspose": _spreading,
    "ZeroPadding2D": _padding,
    "Cropping2D": _cropping,
    "UpSampling2D": _up_sampling,
}
