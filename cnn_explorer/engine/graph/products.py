"""How many products of a weight and a value a layer computes for one image, counted as in ``core.network``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cnn_explorer.engine.graph.calls import Call


def kernel_shape(call: Call) -> tuple[int, ...]:
    """The shape of a kernel; without adding up what it consists of, for it has no values yet."""
    layer = call.operation
    return tuple((layer._kernel if hasattr(layer, "_kernel") else layer.kernel).shape)


def at_each_place(call: Call) -> int:
    """Of a kernel whose last axis are the maps that come out."""
    kernel = kernel_shape(call)
    return count(outputs_of(call)[0]) // kernel[-1] * math.prod(kernel)


def depthwise(call: Call) -> int:
    window: int = math.prod(kernel_shape(call)[:-2])
    return count(outputs_of(call)[0]) * window


def separable(call: Call) -> int:
    layer = call.operation
    weights = math.prod(layer.depthwise_kernel.shape) + math.prod(layer.pointwise_kernel.shape)
    places = count(outputs_of(call)[0]) // int(layer.filters)
    return places * int(weights)


def transposed(call: Call) -> int:
    kernel = kernel_shape(call)
    return count(inputs_of(call)[0]) // kernel[-1] * math.prod(kernel)


def count(shape: Sequence[int]) -> int:
    return math.prod(shape)


def inputs_of(call: Call) -> list[tuple[int, ...]]:
    return [_known(tensor) for tensor in call.node.input_tensors]


def outputs_of(call: Call) -> list[tuple[int, ...]]:
    return [_known(tensor) for tensor in call.node.outputs]


def _known(tensor: Any) -> tuple[int, ...]:
    """Its shape for one image; never empty."""
    return tuple(1 if side is None else side for side in tensor.shape[1:]) or (1,)
