"""The weights of a layer as pictures and figures: kernels per input map, matrices, histograms.

Arrays are as Keras keeps them. Pictures are maps (rows, columns, maps), as ``core.maps.imaging`` takes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.model.info import LayerInfo, LayerWeight, ModelInfo
from cnn_explorer.core.network.layers.traits import traits_of

Way = Literal["colors", "input", "mean", "strength", "matrix", "unit", "values"]
"""How an array is looked at.

``colors``: kernels over three input maps as red, green and blue. ``input``: their part for one input map. ``mean``,
``strength``: the mean, or the Euclidean norm, over all input maps. ``matrix``: a row for each input, a column for each
output. ``unit``: what one output takes from each node of the maps before Flatten. ``values``: one number after another.
"""

LARGEST_SIDE = 512
"""Rows and columns of a matrix that are shown one by one; of larger ones, several share a pixel."""

BINS = 48
_BLOCK = 1 << 20  # values that are looked at at a time


@dataclass(frozen=True)
class WeightFigures:
    """Statistics of one array. ``low`` to ``deviation`` are of its finite values, 0 if there is none.

    ``zeros``: the share of all values that are exactly 0, from 0 to 1. ``not_finite``: how many are no numbers.
    """

    count: int
    low: float
    mean: float
    high: float
    deviation: float
    zeros: float
    not_finite: int = 0


@dataclass(frozen=True)
class Histogram:
    """How many finite values lie in each of the bins, all equally wide, from ``low`` to ``high`` (included)."""

    low: float
    high: float
    counts: tuple[int, ...]

    def edges(self, index: int) -> tuple[float, float]:
        """From where to where bin ``index`` goes."""
        step = (self.high - self.low) / len(self.counts)
        return self.low + index * step, self.low + (index + 1) * step


@dataclass(frozen=True, eq=False)
class WeightPicture:
    """An array as it is shown in one way.

    ``values``: (rows, columns, maps); for ``colors`` (rows, columns, 3, maps); for ``values`` (count,). ``signed``:
    whether 0 belongs in the middle of the scale. ``block``: how many rows and columns of a matrix share a pixel.
    """

    way: Way
    values: NDArray[np.float32]
    signed: bool = True
    block: tuple[int, int] = (1, 1)


@dataclass(frozen=True, eq=False)
class WeightDigest:
    """One array of weights with what its values amount to. ``histogram``: ``None`` if there is no finite value."""

    weight: LayerWeight
    figures: WeightFigures
    histogram: Histogram | None


def digest(weight: LayerWeight) -> WeightDigest:
    """Figures and histogram of an array."""
    figures = figures_of(weight.values)
    if figures.count == figures.not_finite:
        return WeightDigest(weight, figures, None)
    return WeightDigest(weight, figures, histogram(weight.values, figures.low, figures.high))


def kernels_of(weight: LayerWeight, layer_type: str) -> NDArray[np.float32] | None:
    """The array as kernels (rows, columns, input maps, output maps); ``None`` if it is something else.

    A depthwise kernel sees one input map only: its second last axis is 1, and its last has all of them, for each input
    map its own. Kernels over volumes are laid out slice below slice; those over sequences have the inputs as columns.
    """
    values = weight.values
    if "kernel" not in weight.name or not 3 <= values.ndim <= 5 or math.prod(values.shape[:-2]) <= 1:
        return None
    if values.ndim == 3 and not traits_of(layer_type).convolution:
        return None
    if traits_of(layer_type).convolution == "transposed":
        values = values.swapaxes(-1, -2)  # Keras keeps these as (…, output maps, input maps)
    if is_depthwise(weight, layer_type):
        values = values.reshape(*values.shape[:-2], 1, -1)
        return values[:, np.newaxis] if values.ndim == 3 else values.reshape(-1, *values.shape[-3:])
    if values.ndim == 3:
        return values[:, :, np.newaxis, :]
    return values.reshape(-1, *values.shape[-3:])


def is_depthwise(weight: LayerWeight, layer_type: str) -> bool:
    """Whether each kernel of the array sees one input map only."""
    return traits_of(layer_type).convolution == "depthwise" or "depthwise" in weight.name


def ways(weight: LayerWeight, layer_type: str, unit_shape: tuple[int, ...] | None = None) -> tuple[Way, ...]:
    """In which ways an array can be looked at, the best first. ``unit_shape``: see ``maps_before``."""
    kernels = kernels_of(weight, layer_type)
    if kernels is not None:
        inputs = kernels.shape[2]
        if inputs == 1:
            return ("input",)
        return ("colors", "input", "mean", "strength") if inputs == 3 else ("input", "mean", "strength")
    if weight.values.ndim < 2:
        return ("values",)
    return ("matrix", "unit") if unit_shape else ("matrix",)


def numbers(weight: LayerWeight, layer_type: str, way: Way) -> int:
    """How many input maps (``input``) or outputs (``unit``) there are to choose from; 0 where there is no choice."""
    if way == "unit":
        return int(weight.values.shape[-1])
    kernels = kernels_of(weight, layer_type) if way == "input" else None
    return 0 if kernels is None or kernels.shape[2] == 1 else int(kernels.shape[2])


def picture(
    weight: LayerWeight, layer_type: str, way: Way, number: int = 0, unit_shape: tuple[int, ...] | None = None
) -> WeightPicture:
    """The array in one of its ``ways``; ``number`` is the input map, or the output, that is asked for."""
    values = weight.values
    if way == "values":
        return WeightPicture(way, values.reshape(-1))
    if way == "matrix":
        flat = values.reshape(-1, values.shape[-1])
        shown, block = reduced(flat)
        return WeightPicture(way, shown[..., np.newaxis], block=block)
    if way == "unit":
        assert unit_shape is not None
        return WeightPicture(way, np.ascontiguousarray(values[:, number]).reshape(unit_shape))
    kernels = kernels_of(weight, layer_type)
    assert kernels is not None
    if way == "colors":
        return WeightPicture(way, kernels)
    if way == "input":
        return WeightPicture(way, kernels[:, :, number])
    if way == "mean":
        return WeightPicture(way, kernels.mean(axis=2, dtype=np.float32))
    strength = np.sqrt(np.square(kernels, dtype=np.float32).sum(axis=2, dtype=np.float32))
    return WeightPicture(way, strength, signed=False)


def color_rows(kernels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Kernels (rows, columns, 3, maps) as bytes of red, green and blue, of the same shape.

    All on one scale: the largest magnitude is 0 or 255, and 0 is 128, a middle grey. What is no number is grey too.
    """
    finite = np.where(np.isfinite(kernels), kernels, np.float32(0))
    strongest = float(np.abs(finite).max(initial=0.0)) or 1.0
    return (finite / np.float32(strongest) * np.float32(127.5) + np.float32(128)).astype(np.uint8)


def reduced(matrix: NDArray[Any], most: int = LARGEST_SIDE) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """A matrix with at most ``most`` rows and columns, and the rows and columns of the blocks that share a value.

    Of each block the value with the largest magnitude is kept: single strong weights are what one looks for.
    """
    height, width = -(-matrix.shape[0] // most) or 1, -(-matrix.shape[1] // most) or 1
    if (height, width) == (1, 1):
        return matrix.astype(np.float32, copy=False), (1, 1)
    rows, columns = -(-matrix.shape[0] // height), -(-matrix.shape[1] // width)
    strongest = np.empty((rows, columns), np.float32)
    for row in range(rows):  # a strip at a time: a copy of all of it would be as large as the matrix
        strip = np.zeros((height, columns * width), np.float32)
        part = matrix[row * height : (row + 1) * height]
        strip[: len(part), : matrix.shape[1]] = part
        low = strip.min(axis=0).reshape(columns, width).min(axis=1)
        high = strip.max(axis=0).reshape(columns, width).max(axis=1)
        strongest[row] = np.where(-low > high, low, high)
    return strongest, (height, width)


def maps_before(info: ModelInfo, layer: LayerInfo) -> tuple[int, int, int] | None:
    """The maps (rows, columns, maps) that Flatten has made into the inputs of a Dense ``layer``.

    ``None`` if it is not so, or if the model keeps its maps first: then their order after Flatten is another one.
    """
    flatten = info.layer(layer.sources[0]) if layer.type == "Dense" and len(layer.sources) == 1 else None
    if flatten is None or flatten.type != "Flatten" or len(flatten.sources) != 1:
        return None
    if any("channels_first" in value for one in info.layers for _, value in one.config):
        return None
    source = info.layer(flatten.sources[0])
    shape = source.output_shape if source else info.input_shape
    if len(shape) != 3 or (math.prod(shape),) != flatten.output_shape:
        return None
    rows, columns, maps = shape
    return rows, columns, maps


def figures_of(values: NDArray[Any]) -> WeightFigures:
    """Statistics of an array of any shape."""
    count, zeros, known = int(values.size), 0, 0
    low, high, total = math.inf, -math.inf, 0.0
    for block in _finite_blocks(values):
        known += block.size
        zeros += block.size - int(np.count_nonzero(block))
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        total += float(block.sum(dtype=np.float64))
    if not known:
        return WeightFigures(count, 0.0, 0.0, 0.0, 0.0, 0.0, count)
    mean = total / known
    squares = sum(float(np.square(block.astype(np.float64) - mean).sum()) for block in _finite_blocks(values))
    return WeightFigures(count, low, mean, high, math.sqrt(squares / known), zeros / count, count - known)


def histogram(values: NDArray[Any], low: float, high: float, bins: int = BINS) -> Histogram:
    """The finite values of an array in bins from ``low`` to ``high``, the smallest and the largest of them.

    If both are the same, one bin has all values.
    """
    if low == high:
        return Histogram(low, high, (sum(block.size for block in _finite_blocks(values)),))
    counts = np.zeros(bins, np.int64)
    scale = bins / (high - low)
    for block in _finite_blocks(values):
        places = ((block.astype(np.float64) - low) * scale).astype(np.int64)
        counts += np.bincount(np.clip(places, 0, bins - 1), minlength=bins)
    return Histogram(low, high, tuple(counts.tolist()))


def _finite_blocks(values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """The finite values, some at a time, none of them empty."""
    flat = values.reshape(-1)
    for begin in range(0, flat.size, _BLOCK):
        block = flat[begin : begin + _BLOCK]
        finite = np.isfinite(block)
        block = block if finite.all() else block[finite]
        if block.size:
            yield block
