"""How much a layer computes for one image, told from shapes alone: before it is asked to.

A small file can describe a window of a million pixels at each of a million places, or an attention of each pixel to
each other one. Neither its weights nor its outputs are large then, but it would not come to an end, or not have enough
memory on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from cnn_explorer.core.network.layer_traits import traits_of
from cnn_explorer.engine.graph.calls import Call, Graph, unroll

_POOLED = 20  # a value that is looked at in a pooling window takes about as long as so many products in a matrix
_DEPTHWISE = 10  # and so a product in a depthwise convolution
_RECURRENT = 2_000_000  # and so one step of a recurrent layer, however small
_TRACED = 100_000_000  # and so a step that TensorFlow has to write down: TimeDistributed does that for each


@dataclass(frozen=True)
class Cost:
    """For one image (or one batch, where the model takes no other number).

    ``numbers``: those that there are at once at most: the inputs, all layers' outputs, and what one layer has within.
    ``steps``: how long it takes, in products of a weight and a value, as matrix products compute them.
    """

    numbers: int
    steps: int


def cost_of(graph: Graph, batch: int = 1) -> Cost:
    """That of a whole graph for ``batch`` images; sizes that are left open count as one."""
    outputs = sum(sum(map(_count, _outputs(call))) for call in graph.calls.values())
    outputs += sum(math.prod(side or 1 for side in shape) for shape in graph.inputs)
    within = max(map(_within, graph.calls.values()), default=0)
    return Cost(batch * (outputs + within), batch * sum(map(_steps, graph.calls.values())))


def macs(call: Call) -> int | None:
    """Multiply-accumulates for one image, counted as in ``core.network.inference``; ``None`` where it is not known."""
    if not call.is_layer:
        return 0
    if (rule := _PRODUCTS.get(call.type)) is not None:
        return rule(call)
    if traits_of(call.type).weights == "others" or not (call.operation.weights or _attends(call)):
        return 0
    return None


def _steps(call: Call) -> int:
    kind, traits, layer = call.type, traits_of(call.type), call.operation
    inputs, outputs = _inputs(call), _outputs(call)
    touched = sum(map(_count, (*inputs, *outputs)))
    if not call.is_layer:
        return touched
    if kind in _PRODUCTS:
        return touched + _PRODUCTS[kind](call) * (_DEPTHWISE if traits.convolution in ("depthwise", "separable") else 1)
    if (window := getattr(layer, "pool_size", None) or getattr(_wrapped(call), "pool_size", None)) is not None:
        touched += _POOLED * _count(outputs[0]) * math.prod(window)
    if kind == "Dot":
        return touched + _count(outputs[0]) * max(map(max, inputs))
    if _attends(call):
        depth = getattr(layer, "_key_dim", None) or getattr(layer, "head_dim", None) or inputs[0][-1]
        touched += 2 * _pairs(call) * depth
    if traits.recurrent:
        touched += inputs[0][0] * _RECURRENT * (2 if kind == "Bidirectional" else 1)
    if kind == "TimeDistributed":
        touched += inputs[0][0] * _TRACED
    if (inside := _inside(call)) is not None:
        touched += inside.steps
    places = max(math.prod(shape[:-1]) for shape in (*inputs, *outputs))
    return touched + (0 if traits.weights == "others" else layer.count_params() * places)


def _within(call: Call) -> int:
    """Numbers that a layer holds beside its inputs and outputs while it computes."""
    if not call.is_layer:
        return 0
    if (inside := _inside(call)) is not None:
        return inside.numbers
    if traits_of(call.type).convolution == "transposed":  # all products, before they are summed up
        kernel = _kernel(call)
        return _count(_inputs(call)[0]) // kernel[-1] * math.prod(kernel[:-1])
    if _attends(call):
        return 2 * _pairs(call) * (_inputs(call)[0][-1] if call.type == "AdditiveAttention" else 1)
    return 0


def _attends(call: Call) -> bool:
    return traits_of(call.type).attends


def _pairs(call: Call) -> int:
    """Of how many places, with each other, an attention finds out what they have to do with each other."""
    layer, (query, *others) = call.operation, _inputs(call)
    heads = getattr(layer, "_num_heads", None) or getattr(layer, "num_query_heads", None) or 1
    pairs: int = math.prod(query[:-1]) * math.prod((others[0] if others else query)[:-1])
    return int(heads) * pairs


def _wrapped(call: Call) -> Any:
    """The layer within a TimeDistributed or the like."""
    return getattr(call.operation, "layer", None)


def _inside(call: Call) -> Cost | None:
    """What a model within the model takes that could not be opened up, each time that it is called."""
    inner, times = call.operation, 1
    if call.type == "TimeDistributed":
        inner, times = _wrapped(call), _inputs(call)[0][0]
    if not isinstance(inner, keras.Model) or not getattr(inner, "inputs", None):
        return None
    return cost_of(unroll(inner), times)


def _kernel(call: Call) -> tuple[int, ...]:
    """The shape of a kernel; without adding up what it consists of, for it has no values yet."""
    layer = call.operation
    return tuple((layer._kernel if hasattr(layer, "_kernel") else layer.kernel).shape)


def _at_each_place(call: Call) -> int:
    """Of a kernel whose last axis are the maps that come out."""
    kernel = _kernel(call)
    return _count(_outputs(call)[0]) // kernel[-1] * math.prod(kernel)


def _depthwise(call: Call) -> int:
    window: int = math.prod(_kernel(call)[:-2])
    return _count(_outputs(call)[0]) * window


def _separable(call: Call) -> int:
    layer = call.operation
    weights = math.prod(layer.depthwise_kernel.shape) + math.prod(layer.pointwise_kernel.shape)
    places = _count(_outputs(call)[0]) // int(layer.filters)
    return places * int(weights)


def _transposed(call: Call) -> int:
    kernel = _kernel(call)
    return _count(_inputs(call)[0]) // kernel[-1] * math.prod(kernel)


def _count(shape: Sequence[int]) -> int:
    return math.prod(shape)


def _inputs(call: Call) -> list[tuple[int, ...]]:
    return [_known(tensor) for tensor in call.node.input_tensors]


def _outputs(call: Call) -> list[tuple[int, ...]]:
    return [_known(tensor) for tensor in call.node.outputs]


def _known(tensor: Any) -> tuple[int, ...]:
    """Its shape for one image; never empty."""
    return tuple(1 if side is None else side for side in tensor.shape[1:]) or (1,)


_PRODUCTS: dict[str, Callable[[Call], int]] = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "Dense"), _at_each_place),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _transposed),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
}
