"""How much a layer computes for one image, told from shapes alone: before it is asked to.

A small file can describe a window of a million pixels at each of a million places, or an attention of each pixel to
each other one. Neither its weights nor its outputs are large then, but it would not come to an end, or not have enough
memory on the way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras

from cnn_explorer.core.network.layers.traits import traits_of
from cnn_explorer.engine.graph.calls import Call, Graph, unroll
from cnn_explorer.engine.graph.products import count, inputs_of, kernel_shape, outputs_of
from cnn_explorer.engine.graph.rules import rule_of

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
    outputs = sum(sum(map(count, outputs_of(call))) for call in graph.calls.values())
    outputs += sum(math.prod(side or 1 for side in shape) for shape in graph.inputs)
    within = max(map(_within, graph.calls.values()), default=0)
    return Cost(batch * (outputs + within), batch * sum(map(_steps, graph.calls.values())))


def macs(call: Call) -> int | None:
    """Multiply-accumulates for one image, counted as in ``core.network.inference``; ``None`` where it is not known."""
    if not call.is_layer:
        return 0
    if (products := rule_of(call).products) is not None:
        return products(call)
    if traits_of(call.type).weights == "others" or not (call.operation.weights or _attends(call)):
        return 0
    return None


def _steps(call: Call) -> int:
    kind, traits, layer = call.type, traits_of(call.type), call.operation
    inputs, outputs = inputs_of(call), outputs_of(call)
    touched = sum(map(count, (*inputs, *outputs)))
    if not call.is_layer:
        return touched
    if (products := rule_of(call).products) is not None:
        return touched + products(call) * (_DEPTHWISE if traits.convolution in ("depthwise", "separable") else 1)
    if (window := getattr(layer, "pool_size", None) or getattr(_wrapped(call), "pool_size", None)) is not None:
        touched += _POOLED * count(outputs[0]) * math.prod(window)
    if kind == "Dot":
        return touched + count(outputs[0]) * max(map(max, inputs))
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
        kernel = kernel_shape(call)
        return count(inputs_of(call)[0]) // kernel[-1] * math.prod(kernel[:-1])
    if _attends(call):
        return 2 * _pairs(call) * (inputs_of(call)[0][-1] if call.type == "AdditiveAttention" else 1)
    return 0


def _attends(call: Call) -> bool:
    return traits_of(call.type).attends


def _pairs(call: Call) -> int:
    """Of how many places, with each other, an attention finds out what they have to do with each other."""
    layer, (query, *others) = call.operation, inputs_of(call)
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
        inner, times = _wrapped(call), inputs_of(call)[0][0]
    if not isinstance(inner, keras.Model) or not getattr(inner, "inputs", None):
        return None
    return cost_of(unroll(inner), times)
