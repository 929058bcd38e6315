"""One node by hand for the layers without windows: dense, normalization, functions, merges, and layers that only move.

As ``core.nodes.convolution``: NumPy alone, maps are (rows, columns, maps), results are ``core.nodes.steps``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.nodes.activation_functions import FUNCTIONS, ActivationFunction
from cnn_explorer.core.nodes.convolution import Pair, activate
from cnn_explorer.core.nodes.steps import Blend, Carried, DenseSum, Merge, Node, Normalization, Pointwise


def dense_node(
    inputs: NDArray[Any],
    kernel: NDArray[Any],
    bias: NDArray[Any] | None,
    unit: int,
    *,
    sources: NDArray[np.intp] | None = None,
    function: ActivationFunction = FUNCTIONS["linear"],
) -> DenseSum:
    """One unit of a Dense layer. ``inputs``: (inputs,), ``kernel``: (inputs, units); ``sources`` as in ``DenseSum``."""
    values = inputs.astype(np.float64)
    weights = kernel[:, unit].astype(np.float64)
    products = values * weights
    shifts = np.zeros(kernel.shape[1]) if bias is None else bias.astype(np.float64)
    if function.joint:
        sums = values @ kernel.astype(np.float64) + shifts
    else:
        sums = shifts.copy()
        sums[unit] += products.sum()
    if sources is None:
        sources = np.arange(values.size, dtype=np.intp)[:, None]
    order = np.argsort(-np.abs(products), kind="stable")
    activated = activate(sums, unit, function)
    return DenseSum(values, weights, products, order, sources, float(products.sum()), float(shifts[unit]), activated)


def normalize_node(
    x: float, mean: float, variance: float, epsilon: float, gamma: float = 1.0, beta: float = 0.0
) -> Normalization:
    """Batch normalization after training, with the mean and variance that it has kept: its four numbers and x."""
    deviation = math.sqrt(variance + epsilon)
    standardized = (x - mean) / deviation
    return Normalization(x, mean, variance, epsilon, gamma, beta, deviation, standardized, gamma * standardized + beta)


def normalize_together(
    values: NDArray[Any],
    place: int,
    epsilon: float,
    gamma: float = 1.0,
    beta: float = 0.0,
    *,
    sources: NDArray[np.intp],
) -> Normalization:
    """Layer normalization: the value at ``place`` of ``values`` (values,), by mean and variance of all of them.

    ``sources``: as in ``Normalization``.
    """
    together = values.astype(np.float64)
    alone = normalize_node(float(together[place]), float(together.mean()), float(together.var()), epsilon, gamma, beta)
    return replace(alone, together=together, sources=sources, place=place)


def pointwise_node(source: Node, values: NDArray[Any], place: int, function: ActivationFunction) -> Pointwise:
    """A function of the value at ``place`` of ``values`` (the others matter for softmax only)."""
    return Pointwise(source, activate(values, place, function))


def merge_node(kind: str, maps: Sequence[NDArray[Any]], node: Node) -> Merge:
    """Add, Subtract, Multiply, Average, Maximum or Minimum; an axis of length 1 is spread over that of the others."""
    sources = tuple(spread(array.shape, node) for array in maps)
    values = tuple(float(array[source]) for array, source in zip(maps, sources, strict=True))
    match kind:
        case "add":
            value = math.fsum(values)
        case "subtract":
            value = values[0] - values[1]
        case "multiply":
            value = math.prod(values)
        case "average":
            value = math.fsum(values) / len(values)
        case "maximum":
            value = max(values)
        case "minimum":
            value = min(values)
        case _:
            raise ValueError(f"no such merge: {kind}")
    return Merge(kind, values, sources, value)


def spread(shape: tuple[int, ...], node: Node) -> Node:
    """The node of an input of ``shape`` that takes part in ``node``: axes of length 1 are spread, as NumPy does."""
    return tuple(min(place, size - 1) for place, size in zip(node[len(node) - len(shape) :], shape, strict=True))


def joined_source(shapes: Sequence[tuple[int, ...]], node: Node, axis: int = -1) -> tuple[int, Node]:
    """Which input of a Concatenate a node comes from, and its place there."""
    axis %= len(node)
    place = node[axis]
    for number, shape in enumerate(shapes):
        if place < shape[axis]:
            return number, (*node[:axis], place, *node[axis + 1 :])
        place -= shape[axis]
    raise IndexError(f"node {node} of maps that have been joined")


def reshaped_source(shape: tuple[int, ...], output: tuple[int, ...], node: Node) -> Node:
    """The node before a Flatten or Reshape from ``shape`` to ``output``: values keep their order, row by row."""
    return tuple(int(place) for place in np.unravel_index(int(np.ravel_multi_index(node, output)), shape))


def permuted_source(dims: Sequence[int], node: Node) -> Node:
    """The node before a Permute: axis i of the output is axis dims[i] (from 1) of the input."""
    source = [0] * len(node)
    for axis, place in zip(dims, node, strict=True):
        source[axis - 1] = place
    return tuple(source)


def shifted_source(shape: tuple[int, ...], node: Node, before: Pair) -> Node | None:
    """The node before a ZeroPadding2D that adds ``before`` (rows above, columns left); ``None`` for a zero.

    With negative numbers: before a Cropping2D.
    """
    row, column = node[0] - before[0], node[1] - before[1]
    if not (0 <= row < shape[0] and 0 <= column < shape[1]):
        return None
    return (row, column, *node[2:])


def repeated_source(node: Node, size: Pair) -> Node:
    """The node before an UpSampling2D that repeats rows and columns."""
    return (node[0] // size[0], node[1] // size[1], *node[2:])


def carried(maps: NDArray[Any], source: Node | None, number: int = 0) -> Carried:
    """The value that a layer which only moves takes from ``source`` of its input ``number``."""
    return Carried(source, 0.0 if source is None else float(maps[source]), number)


def blended_node(maps: NDArray[Any], node: tuple[int, int, int], size: Pair) -> Blend:
    """One node of an UpSampling2D with bilinear interpolation: up to four nodes around its place."""
    rows, columns = (blended_places(node[axis], size[axis], maps.shape[axis]) for axis in (0, 1))
    sources = tuple((row, column, node[2]) for row, _ in rows for column, _ in columns)
    weights = tuple(down * across for _, down in rows for _, across in columns)
    values = tuple(float(maps[source]) for source in sources)
    return Blend(sources, values, weights, math.fsum(v * w for v, w in zip(values, weights, strict=True)))


def blended_places(index: int, factor: int, nodes: int) -> list[tuple[int, float]]:
    """The one or two nodes around node ``index`` of an enlarged map, with weights; a node is the middle of a cell."""
    place = (index + 0.5) / factor - 0.5
    first = math.floor(place)
    share = place - first
    near, far = (min(max(node, 0), nodes - 1) for node in (first, first + 1))
    if near == far or share == 0:
        return [(near, 1.0)]
    return [(near, 1 - share), (far, share)]
