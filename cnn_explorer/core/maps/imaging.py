"""From activation maps to a picture: scale to 0…1, lay out as one grid, colour.

Maps are arrays (rows, columns, maps) of float32 as a layer gives them for one image. NaN and infinity are
tolerated: they take no part in finding the limits, and count as the lowest (NaN, -inf) or highest (inf) of the
finite values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

ScaleMode = Literal["map", "layer", "standardized"]
SCALE_MODES: tuple[ScaleMode, ...] = ("map", "layer", "standardized")

Limits = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The smallest and the largest value of each map: two arrays (maps,)."""

VECTOR_COLUMNS = 64
"""How many values of a vector stand in one row of its grid."""


def as_maps(activation: NDArray[Any]) -> NDArray[Any] | None:
    """The activation as maps (rows, columns, maps); a plane is one map; ``None`` if it is a vector."""
    if activation.ndim == 3:
        return activation
    return activation[..., np.newaxis] if activation.ndim == 2 else None


def standardize(map_: NDArray[Any]) -> NDArray[np.float32]:
    """(x - mean) / std · 64 + 128, clipped to 0…255, as in the articles (there after F. Chollet).

    A constant map becomes 128. Works on an array of any shape as a whole.
    """
    scaled = _standardized(_prepared(map_), tuple(range(map_.ndim)))
    return (255 * scaled).astype(np.float32)


def map_limits(maps: NDArray[Any]) -> Limits:
    """The limits of each map (rows, columns, maps), as ``scale_maps`` finds them."""
    return _limits(_prepared(maps))


def plain_limits(maps: NDArray[Any]) -> Limits:
    """The smallest and the largest value of each map as they are: NaN where one is NaN, which tells at once."""
    if maps.shape[0] * maps.shape[1] == 0:
        return np.zeros(maps.shape[2]), np.zeros(maps.shape[2])
    flat = maps.reshape(maps.shape[0] * maps.shape[1], maps.shape[2])
    return flat.min(axis=0).astype(np.float64), flat.max(axis=0).astype(np.float64)


def finite_limits(values: NDArray[Any]) -> tuple[float, float]:
    """Smallest and largest of the values that are numbers; 0, 0 if none is."""
    if not values.size:
        return 0.0, 0.0
    low, high = float(values.min()), float(values.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def scale_maps(
    maps: NDArray[Any], mode: ScaleMode, symmetric: bool = False, limits: Limits | None = None
) -> NDArray[np.float32]:
    """Bring maps (rows, columns, maps) to 0…1, float32 of the same shape.

    ``map``: from the minimum to the maximum of each map. ``layer``: the same limits for all maps, so that they
    can be compared. ``standardized``: ``standardize`` of each map, over 255.
    Where all values are equal, the result is 0, except standardized: 128/255.
    ``symmetric`` puts the value 0 in the middle (limits -m … m, with m the largest magnitude), for diverging
    colour maps of signed values; constant 0 is then 0.5. It has no effect on standardized maps, whose middle
    is their mean.
    ``limits`` replace those of ``maps`` themselves, so that pictures of several moments can be compared; values
    beyond are clipped. They have no effect on standardized maps either.
    """
    values = _prepared(maps)
    if values.size == 0:
        return values.astype(np.float32)
    if mode == "standardized":
        return _standardized(values, (0, 1)).astype(np.float32)
    low, high = limits or _limits(values)
    if mode == "layer":
        low, high = low.min(keepdims=True), high.max(keepdims=True)
    if symmetric:
        high = np.maximum(np.abs(low), np.abs(high))
        low = -high
    span = high - low
    if symmetric:
        low = np.where(span > 0, low, -0.5)
    values -= low
    values /= np.where(span > 0, span, 1.0)
    if limits is not None:
        np.clip(values, 0.0, 1.0, out=values)
    return values.astype(np.float32)


def _limits(values: NDArray[np.float64]) -> Limits:
    return values.min(axis=(0, 1)), values.max(axis=(0, 1))


def _prepared(values: NDArray[Any]) -> NDArray[np.float64]:
    """A copy in double precision, in which differences cannot overflow, with numbers for NaN and infinity."""
    prepared: NDArray[np.float64] = values.astype(np.float64)
    finite = np.isfinite(prepared)
    if not finite.all():
        known = prepared[finite]
        low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
        np.nan_to_num(prepared, copy=False, nan=low, posinf=high, neginf=low)
    return prepared


def _standardized(values: NDArray[np.float64], axes: tuple[int, ...]) -> NDArray[np.float64]:
    """``standardize`` over ``axes``, divided by 255; works in ``values``."""
    constant = np.max(values, axis=axes, keepdims=True) == np.min(values, axis=axes, keepdims=True)
    deviation = np.std(values, axis=axes, keepdims=True)
    # A constant map is told by its limits: rounding can leave it a tiny deviation that would blow up.
    usable = ~constant & (deviation > 1e-300)
    values -= np.mean(values, axis=axes, keepdims=True)
    values *= np.where(usable, 64 / np.where(usable, deviation, 1.0), 0.0)
    values += 128
    np.clip(values, 0.0, 255.0, out=values)
    values /= 255
    return values


@dataclass(frozen=True)
class GridLayout:
    """Where ``count`` maps of ``height`` × ``width`` lie in one picture, with lines of ``line`` pixels between them.

    Map 0 is at the top left, maps run along rows. There is no line around the whole.
    """

    rows: int
    columns: int
    height: int
    width: int
    count: int
    line: int = 1

    @classmethod
    def of(cls, shape: tuple[int, int, int], columns: int = 8, line: int = 1) -> GridLayout:
        """The layout for maps of ``shape`` (height, width, count), at most ``columns`` in a row."""
        height, width, count = shape
        if columns < 1:
            raise ValueError(f"a grid has at least one column, not {columns}")
        used = max(1, min(columns, count))
        return cls(-(-count // used), used, height, width, count, line)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the whole picture in pixels."""
        high = self.rows * (self.height + self.line) - self.line
        wide = self.columns * (self.width + self.line) - self.line
        return max(0, high), max(0, wide)

    def map_at(self, y: float, x: float) -> tuple[int, int, int] | None:
        """Map, row and column of the node under a point of the picture; ``None`` on lines, unused cells, outside.

        ``y`` grows downwards and ``x`` to the right, in pixels from the top left corner; pixel (0, 0) covers
        0 ≤ y < 1 and 0 ≤ x < 1.
        """
        high, wide = self.size
        if not (0 <= y < high and 0 <= x < wide):
            return None
        cell_row, row = divmod(math.floor(y), self.height + self.line)
        cell_column, column = divmod(math.floor(x), self.width + self.line)
        index = cell_row * self.columns + cell_column
        if row >= self.height or column >= self.width or index >= self.count:
            return None
        return index, row, column

    def rectangle(self, index: int) -> tuple[int, int, int, int]:
        """Top, left, bottom and right of map ``index`` in pixels, bottom and right excluded.

        Raises ``IndexError`` if there is no such map.
        """
        if not 0 <= index < self.count:
            raise IndexError(f"map {index} of {self.count}")
        cell_row, cell_column = divmod(index, self.columns)
        top, left = cell_row * (self.height + self.line), cell_column * (self.width + self.line)
        return top, left, top + self.height, left + self.width


def tile(maps: NDArray[np.float32], columns: int = 8, line: int = 1) -> tuple[NDArray[np.float32], GridLayout]:
    """Lay maps (rows, columns, maps) out as one array, at most ``columns`` in a row.

    Lines between maps and unused cells are NaN. With many maps this is one copy, without a loop over maps.
    """
    layout = GridLayout.of((maps.shape[0], maps.shape[1], maps.shape[2]), columns, line)
    cells = np.full((layout.rows * layout.columns, layout.height + line, layout.width + line), np.nan, dtype=np.float32)
    cells[: layout.count, : layout.height, : layout.width] = np.moveaxis(maps, 2, 0)
    high, wide = layout.rows * (layout.height + line), layout.columns * (layout.width + line)
    grid = cells.reshape(layout.rows, layout.columns, layout.height + line, layout.width + line)
    picture = grid.swapaxes(1, 2).reshape(high, wide)
    return picture[: layout.size[0], : layout.size[1]], layout


def colorize(
    values: NDArray[np.float32], lut: NDArray[np.uint8], line_color: tuple[int, int, int] = (96, 96, 96)
) -> NDArray[np.uint8]:
    """Colour a picture (height, width) of values 0…1 by a table (256, 3): bytes (height, width, 3).

    NaN gets ``line_color``. The value v takes row round(255 · v).
    """
    table = np.vstack((lut, np.array([line_color], dtype=np.uint8)))
    rows = np.nan_to_num(values * 255 + 0.5, nan=256.0)
    colored: NDArray[np.uint8] = table[rows.astype(np.int16)]
    return colored
