"""Maps straight to rows of a colour table, one byte a node: what a window needs to paint large layers at once.

The same picture as ``colorize(tile(scale_maps(…)))``, up to the rounding of values that lie between two rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import GridLayout, Limits, ScaleMode, plain_limits, scale_maps
from cnn_explorer.core.maps.statistics import moments

_BLOCK = 65536
"""How many values are worked on at a time: they stay in the processor's cache."""
_HALF = np.float32(0.5)
_SMALLEST_SPAN, _LARGEST = 1e-30, 1e37
"""Within these, differences and quotients can neither overflow nor vanish in single precision."""


def map_rows(
    maps: NDArray[Any],
    mode: ScaleMode,
    symmetric: bool = False,
    limits: Limits | None = None,
    own: Limits | None = None,
) -> NDArray[np.uint8]:
    """The rows 0…255 of a colour table for maps (rows, columns, maps), of the same shape.

    As ``scale_maps`` scales them. ``own`` are the limits of these maps if the caller has found them already
    (``plain_limits``).
    """
    own = own or plain_limits(maps)
    edges = np.concatenate([np.ravel(edge) for edge in (*own, *(limits or ()))])
    moderate = bool(np.isfinite(edges).all()) and float(np.abs(edges).max(initial=0.0)) < _LARGEST
    if maps.dtype != np.float32 or not maps.size or not moderate:
        return _rounded(scale_maps(maps, mode, symmetric, limits))
    return _plain_rows(maps, mode, symmetric, limits, own)


def tile_rows(
    rows: NDArray[np.uint8], columns: int, order: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.uint8], GridLayout]:
    """Lay rows (rows, columns, maps) out as one contiguous picture without lines; unused cells are 0.

    ``order``: the number of the map at each place; by number if there is none.
    """
    layout = GridLayout.of((rows.shape[0], rows.shape[1], rows.shape[2]), columns, line=0)
    if order is not None:
        rows = rows.transpose(2, 0, 1)[order].transpose(1, 2, 0)
    height, width = layout.height, layout.width
    whole, rest = divmod(layout.count, layout.columns)
    picture = np.zeros((layout.rows, height, layout.columns, width), np.uint8)
    cut = whole * layout.columns
    if whole:
        cells = rows[..., :cut].reshape(height, width, whole, layout.columns)
        picture[:whole] = cells.transpose(2, 0, 3, 1)
    if rest:
        picture[whole, :, :rest] = rows[..., cut:].transpose(0, 2, 1)
    return picture.reshape(layout.rows * height, layout.columns * width), layout


def _rounded(scaled: NDArray[np.float32]) -> NDArray[np.uint8]:
    values = scaled * np.float32(255)
    values += _HALF
    return values.astype(np.uint8)


def _plain_rows(
    maps: NDArray[np.float32], mode: ScaleMode, symmetric: bool, limits: Limits | None, own: Limits
) -> NDArray[np.uint8]:
    """For finite values of moderate size: in single precision, block by block."""
    if mode == "standardized":
        return _standardized_rows(maps, own)
    low, high = limits or own
    if mode == "layer":
        low, high = np.min(low, keepdims=True), np.max(high, keepdims=True)
    if symmetric:
        high = np.maximum(np.abs(low), np.abs(high))
        low = -high
    span = np.asarray(high - low, np.float64)
    constant = span == 0
    if (span[~constant] < _SMALLEST_SPAN).any():
        return _rounded(scale_maps(maps, mode, symmetric, limits))
    # As scale_maps has it: a constant map lies at the lower end, or at 0 in the middle of a symmetric scale.
    start = np.asarray(np.where(constant & symmetric, -0.5, low), np.float32)
    factor = (255 / np.where(constant, 1.0, span)).astype(np.float32)
    return _filled(maps, start, factor, _HALF, clip=limits is not None)


def _standardized_rows(maps: NDArray[np.float32], own: Limits) -> NDArray[np.uint8]:
    """(x - mean) / std · 64 + 128 of each map."""
    mean, deviation = moments(maps)
    constant = own[0] == own[1]  # told by its limits, as in core.imaging
    if (deviation[~constant] < _SMALLEST_SPAN).any():
        return _rounded(scale_maps(maps, "standardized"))
    factor = np.where(constant, 0.0, 64 / np.where(constant, 1.0, deviation)).astype(np.float32)
    return _filled(maps, mean.astype(np.float32), factor, np.float32(128.5), clip=True)


def _filled(
    maps: NDArray[np.float32], start: NDArray[np.float32], factor: NDArray[np.float32], added: np.float32, clip: bool
) -> NDArray[np.uint8]:
    """(maps - start) · factor + added, cut down to whole numbers."""
    flat = maps.reshape(maps.shape[0] * maps.shape[1], maps.shape[2])
    found = np.empty(flat.shape, np.uint8)
    step = max(1, _BLOCK // flat.shape[1])
    room = np.empty((min(step, len(flat)), flat.shape[1]), np.float32)
    for begin in range(0, len(flat), step):
        part = flat[begin : begin + step]
        values = room[: len(part)]
        # First the difference: it is exact where values lie close together.
        np.subtract(part, start, out=values)
        np.multiply(values, factor, out=values)
        np.add(values, added, out=values)
        if clip:
            np.clip(values, 0.0, 255.5, out=values)
        np.copyto(found[begin : begin + step], values, casting="unsafe")
    return found.reshape(maps.shape)
