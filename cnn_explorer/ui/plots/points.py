"""From very many points to what can be seen of them: one place a pixel. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """A curve as it is drawn: ``middle`` at ``position``, and the band from ``low`` to ``high`` around it.

    All have the shape (places,) and no value that is not finite. ``low`` and ``high`` are ``middle`` itself where the
    points are few enough to be drawn one by one (``is_whole``).
    """

    position: Floats
    middle: Floats
    low: Floats
    high: Floats
    is_whole: bool

    @classmethod
    def of_nothing(cls) -> Seen:
        """No points."""
        nothing = np.empty(0)
        return cls(nothing, nothing, nothing, nothing, True)


def seen(position: Floats, values: Floats, left: float, right: float, places: int) -> Seen:
    """What a plot from ``left`` to ``right``, ``places`` pixels wide, can show of ``values`` at rising ``position``.

    One point beyond each end is kept, so that lines go to the frame. Values that are not finite are left out.
    """
    first = max(0, int(np.searchsorted(position, left)) - 1)
    last = min(len(position), int(np.searchsorted(position, right, "right")) + 1)
    position, values = position[first:last], values[first:last]
    finite = np.isfinite(values)
    if not finite.all():
        position, values = position[finite], values[finite]
    if len(position) <= 2 * places:
        return Seen(position, values, values, values, True)
    edges = np.linspace(left, right, places + 1)
    starts = np.append(0, np.searchsorted(position, edges))  # rising; np.unique would sort it, and load numpy.ma first
    starts = starts[np.flatnonzero(np.diff(starts, prepend=-1) * (starts < len(position)))]
    counts = np.diff(np.append(starts, len(position)))
    return Seen(
        np.add.reduceat(position, starts) / counts,
        np.add.reduceat(values, starts) / counts,
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
        False,
    )


def columns_of(band: Seen, left: float, right: float, low: float, high: float, shape: tuple[int, int]) -> Mask:
    """Which pixels a band covers in a view of ``shape`` (rows, columns), from ``low`` (last row) to ``high``.

    Neighbouring columns always touch, as the line through their points would make them.
    """
    rows, columns = shape
    column = np.floor((band.position - left) / (right - left) * columns).astype(np.int64)
    bottom, top = band.low.copy(), band.high.copy()
    touching = np.flatnonzero(np.diff(column) == 1)
    bottom[touching + 1] = np.minimum(band.low[touching + 1], band.high[touching])
    top[touching + 1] = np.maximum(band.high[touching + 1], band.low[touching])
    inside = (column >= 0) & (column < columns)
    first = np.full(columns, rows, np.float64)
    last = np.zeros(columns)
    scale = rows / (high - low)
    first[column[inside]] = np.floor((high - top[inside]) * scale)
    last[column[inside]] = np.ceil((high - bottom[inside]) * scale)
    row = np.arange(rows)[:, np.newaxis]
    covered: Mask = (row >= first) & (row < last)
    return covered
