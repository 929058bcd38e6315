"""Convolution and pooling by hand: one node of the output, with everything that went into it; NumPy alone.

Maps are (rows, columns, maps); kernels have Keras' shapes. ``padding`` is Keras' ``valid`` or ``same``, with the zeros
where TensorFlow puts them: as few as the last window needs, the odd one behind the map. A convolution in a network
does not flip its kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.nodes.activation_functions import FUNCTIONS, ActivationFunction
from cnn_explorer.core.nodes.steps import (
    Activated,
    Convolution,
    Places,
    Pooling,
    SeparableConvolution,
    Values,
    Window,
)

Pair = tuple[int, int]
_LINEAR = FUNCTIONS["linear"]


def output_size(nodes: int, size: int, stride: int, dilation: int, padding: str) -> int:
    """How many places a window of ``size`` has on ``nodes`` of a map, along one axis; 0 if it does not fit."""
    if padding == "same":
        return -(-nodes // stride)
    return max(0, (nodes - (size - 1) * dilation - 1) // stride + 1)


def covered(index: int, nodes: int, size: int, stride: int, dilation: int, padding: str) -> Places:
    """The nodes that the window of output node ``index`` covers, along one axis; those off the map are padding."""
    before = 0
    if padding == "same":
        span = (size - 1) * dilation + 1
        before = max((output_size(nodes, size, stride, dilation, padding) - 1) * stride + span - nodes, 0) // 2
    first = index * stride - before
    return tuple(first + dilation * step for step in range(size))


def covered_transposed(
    index: int, nodes: int, outputs: int, size: int, stride: int, dilation: int, padding: str
) -> Places:
    """The nodes whose spread kernels reach output node ``index``, one for each element of the kernel, or ``None``.

    A transposed convolution is a convolution read backwards: the window of input node n lies on the output where a
    convolution from ``outputs`` to ``nodes`` nodes would have it.
    """
    before = 0
    if padding == "same":
        before = max((nodes - 1) * stride + (size - 1) * dilation + 1 - outputs, 0) // 2
    reached = [index + before - dilation * step for step in range(size)]
    return tuple(place // stride if place % stride == 0 else None for place in reached)


def window_on(shape: tuple[int, ...], rows: Places, columns: Places) -> Window:
    """The window on maps of ``shape`` (rows, columns, …), with its real places marked."""
    down = np.array([row is not None and 0 <= row < shape[0] for row in rows], dtype=bool)
    across = np.array([column is not None and 0 <= column < shape[1] for column in columns], dtype=bool)
    return Window(rows, columns, down[:, None] & across[None, :])


def patch_under(maps: NDArray[Any], window: Window) -> Values:
    """The values (height, width, maps) under a window; 0 where nothing real is."""
    rows = [row if row is not None and 0 <= row < maps.shape[0] else 0 for row in window.rows]
    columns = [column if column is not None and 0 <= column < maps.shape[1] else 0 for column in window.columns]
    values = maps[np.ix_(rows, columns)].astype(np.float64)
    values[~window.real] = 0
    return values


def activate(sums: NDArray[Any], place: int, function: ActivationFunction) -> Activated:
    """Put the sum at ``place`` through ``function``; ``sums`` are those of all nodes that softmax would join."""
    values = np.asarray(sums, dtype=np.float64)
    if function.joint:
        after = float(function.value(values)[place])
        return Activated(function.name, function.formula, float(values[place]), after, values, place)
    before = float(values[place])
    return Activated(function.name, function.formula, before, float(function.value(before)), curve=function.value)


def convolve_node(
    maps: NDArray[Any],
    kernel: NDArray[Any],
    bias: NDArray[Any] | None,
    node: tuple[int, int, int],
    *,
    strides: Pair = (1, 1),
    padding: str = "valid",
    dilation: Pair = (1, 1),
    groups: int = 1,
    function: ActivationFunction = _LINEAR,
) -> Convolution:
    """One node of a Conv2D. ``kernel``: (height, width, input maps / groups, filters); ``bias``: (filters,)."""
    window = _window_at(maps, node, kernel.shape[:2], strides, dilation, padding)
    patch = patch_under(maps, window)
    each, filters = kernel.shape[2], kernel.shape[3] // groups

    def taking_part(filter_: int) -> tuple[int, ...]:
        first = filter_ // filters * each
        return tuple(range(first, first + each))

    sums = _sums(function, kernel.shape[3], node[2], lambda f: np.sum(patch[:, :, taking_part(f)] * kernel[:, :, :, f]))
    taken = taking_part(node[2])
    return _convolution(window, taken, patch[:, :, taken], kernel[:, :, :, node[2]], bias, node[2], sums, function)


def convolve_depthwise_node(
    maps: NDArray[Any],
    kernel: NDArray[Any],
    bias: NDArray[Any] | None,
    node: tuple[int, int, int],
    *,
    strides: Pair = (1, 1),
    padding: str = "valid",
    dilation: Pair = (1, 1),
    function: ActivationFunction = _LINEAR,
) -> Convolution:
    """One node of a DepthwiseConv2D. ``kernel``: (height, width, input maps, multiplier)."""
    height, width, count, multiplier = kernel.shape
    # The same as as many groups as there are maps.
    grouped = kernel.reshape(height, width, 1, count * multiplier)
    return convolve_node(
        maps,
        grouped,
        bias,
        node,
        strides=strides,
        padding=padding,
        dilation=dilation,
        groups=count,
        function=function,
    )


def convolve_transposed_node(
    maps: NDArray[Any],
    kernel: NDArray[Any],
    bias: NDArray[Any] | None,
    node: tuple[int, int, int],
    output: Pair,
    *,
    strides: Pair = (1, 1),
    padding: str = "valid",
    dilation: Pair = (1, 1),
    function: ActivationFunction = _LINEAR,
) -> Convolution:
    """One node of a Conv2DTranspose. ``kernel``: (height, width, filters, input maps); ``output``: rows and columns."""
    rows, columns = (
        covered_transposed(
            node[axis], maps.shape[axis], output[axis], kernel.shape[axis], strides[axis], dilation[axis], padding
        )
        for axis in (0, 1)
    )
    window = window_on(maps.shape, rows, columns)
    patch = patch_under(maps, window)
    sums = _sums(function, kernel.shape[2], node[2], lambda f: np.sum(patch * kernel[:, :, f]))
    taken = tuple(range(maps.shape[2]))
    return _convolution(window, taken, patch, kernel[:, :, node[2]], bias, node[2], sums, function)


def convolve_separable_node(
    maps: NDArray[Any],
    depthwise: NDArray[Any],
    pointwise: NDArray[Any],
    bias: NDArray[Any] | None,
    node: tuple[int, int, int],
    *,
    strides: Pair = (1, 1),
    padding: str = "valid",
    dilation: Pair = (1, 1),
    function: ActivationFunction = _LINEAR,
) -> SeparableConvolution:
    """One node of a SeparableConv2D.

    ``depthwise``: (height, width, input maps, multiplier); ``pointwise``: (1, 1, input maps · multiplier, filters).
    """
    window = _window_at(maps, node, depthwise.shape[:2], strides, dilation, padding)
    patch = patch_under(maps, window)
    kernels = depthwise.astype(np.float64)
    products = patch[..., None] * kernels
    between = products.sum(axis=(0, 1)).reshape(-1)
    matrix = pointwise[0, 0].astype(np.float64)
    weights = matrix[:, node[2]]
    contributions = between * weights
    shifts = np.zeros(matrix.shape[1]) if bias is None else bias.astype(np.float64)
    activated = activate(between @ matrix + shifts, node[2], function)
    return SeparableConvolution(
        window,
        patch,
        kernels,
        products,
        between,
        weights,
        contributions,
        float(contributions.sum()),
        float(shifts[node[2]]),
        activated,
    )


def pool_node(
    maps: NDArray[Any],
    node: tuple[int, int, int],
    kind: str,
    size: Pair,
    *,
    strides: Pair | None = None,
    padding: str = "valid",
) -> Pooling:
    """One node of a MaxPooling2D (``kind`` max) or AveragePooling2D (average). Only real places count."""
    window = _window_at(maps, node, size, strides or size, (1, 1), padding)
    return _pooling(maps, window, node[2], kind)


def pool_whole_map(maps: NDArray[Any], number: int, kind: str) -> Pooling:
    """One value of a GlobalMaxPooling2D or GlobalAveragePooling2D: all of map ``number``."""
    window = window_on(maps.shape, tuple(range(maps.shape[0])), tuple(range(maps.shape[1])))
    return _pooling(maps, window, number, kind)


def _window_at(
    maps: NDArray[Any], node: tuple[int, int, int], size: tuple[int, ...], strides: Pair, dilation: Pair, padding: str
) -> Window:
    """What a window of ``size`` (rows, columns) covers on ``maps`` for a node of the output."""
    rows, columns = (
        covered(node[axis], maps.shape[axis], size[axis], strides[axis], dilation[axis], padding) for axis in (0, 1)
    )
    return window_on(maps.shape, rows, columns)


def _pooling(maps: NDArray[Any], window: Window, number: int, kind: str) -> Pooling:
    patch = patch_under(maps[:, :, number : number + 1], window)[:, :, 0]
    row, column = np.unravel_index(int(np.argmax(np.where(window.real, patch, -np.inf))), patch.shape)
    count, total = int(window.real.sum()), float(patch.sum())
    value = float(patch[row, column]) if kind == "max" else total / count
    return Pooling(kind, window, number, patch, (int(row), int(column)), count, total, value)


def _sums(function: ActivationFunction, filters: int, filter_: int, sum_of: Any) -> Values:
    """The sum of every filter if ``function`` joins them, else of ``filter_`` alone; the others are not computed."""
    sums = np.zeros(filters)
    for index in range(filters) if function.joint else (filter_,):
        sums[index] = sum_of(index)
    return sums


def _convolution(
    window: Window,
    maps: tuple[int, ...],
    patch: Values,
    kernel: NDArray[Any],
    bias: NDArray[Any] | None,
    filter_: int,
    sums: Values,
    function: ActivationFunction,
) -> Convolution:
    slices = kernel.astype(np.float64)
    products = patch * slices
    partial = products.sum(axis=(0, 1))
    shifts = np.zeros_like(sums) if bias is None else bias.astype(np.float64)
    activated = activate(sums + shifts, filter_, function)
    return Convolution(
        window, maps, patch, slices, products, partial, float(partial.sum()), float(shifts[filter_]), activated
    )
