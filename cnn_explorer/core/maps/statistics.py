"""What each map of a layer amounts to in figures, all maps at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import Limits, plain_limits

_BLOCK = 65536
"""How many values are brought to double precision at a time."""


@dataclass(frozen=True, eq=False)
class MapStatistics:
    """Figures of each map, arrays (maps,) of float64.

    Values that are not finite take no part; of a map without a finite value ``low``, ``mean``, ``high`` and
    ``deviation`` are NaN. ``deviation`` is that of the nodes themselves (divided by their number, not by one less).
    ``zeros``: which share of all nodes is exactly 0, from 0 to 1.
    """

    low: NDArray[np.float64]
    mean: NDArray[np.float64]
    high: NDArray[np.float64]
    deviation: NDArray[np.float64]
    zeros: NDArray[np.float64]

    def of(self, number: int) -> MapFigures:
        """The figures of one map."""
        each = (self.low, self.mean, self.high, self.deviation, self.zeros)
        return MapFigures(*(float(figures[number]) for figures in each))


@dataclass(frozen=True)
class MapFigures:
    """The figures of one map, see ``MapStatistics``."""

    low: float
    mean: float
    high: float
    deviation: float
    zeros: float


def map_statistics(maps: NDArray[Any]) -> MapStatistics:
    """The figures of maps (rows, columns, maps)."""
    flat = maps.reshape(maps.shape[0] * maps.shape[1], maps.shape[2])
    low, high = plain_limits(maps)
    zeros = _zeros(flat) / max(len(flat), 1)
    if len(flat) and np.isfinite(low).all() and np.isfinite(high).all():
        mean, deviation = _moments(flat, low)
        return MapStatistics(low, mean, high, deviation, zeros)
    known = np.isfinite(flat)
    count = known.sum(axis=0)
    shares = np.divide(len(flat), count, out=np.full(len(count), np.nan), where=count > 0)
    some = count > 0
    low = np.where(some, np.where(known, flat, np.inf).min(axis=0, initial=np.inf), np.nan)
    high = np.where(some, np.where(known, flat, -np.inf).max(axis=0, initial=-np.inf), np.nan)
    # What is not finite is put at the mean of the others: there it changes neither mean nor sum of squares.
    mean = np.where(known, flat, 0.0).sum(axis=0, dtype=np.float64) / np.where(some, count, 1)
    _, deviation = _moments(np.where(known, flat, mean), mean)
    return MapStatistics(low, np.where(some, mean, np.nan), high, deviation * np.sqrt(shares), zeros)


def moments(maps: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each map (rows, columns, maps) of finite values; exactly 0 if it is constant."""
    flat = maps.reshape(maps.shape[0] * maps.shape[1], maps.shape[2])
    return _moments(flat, flat[0].astype(np.float64))


def overall_limits(layers: Iterable[NDArray[Any]]) -> Limits:
    """The smallest and the largest finite value of all maps of several layers, as limits for ``scale_maps``.

    Arrays that are not maps (rows, columns, maps) take no part. Without any value: 0 and 0.
    """
    low, high = np.inf, -np.inf
    for values in layers:
        if values.ndim != 3 or not values.size:
            continue
        first, last = float(values.min()), float(values.max())
        if not np.isfinite(first) or not np.isfinite(last):
            finite = values[np.isfinite(values)]
            if not finite.size:
                continue
            first, last = float(finite.min()), float(finite.max())
        low, high = min(low, first), max(high, last)
    return (np.array([low]), np.array([high])) if low <= high else (np.zeros(1), np.zeros(1))


def double_blocks(flat: NDArray[Any]) -> Iterable[NDArray[np.float64]]:
    """Copies of a few rows at a time, in double precision, in which float32 values cannot overflow when squared."""
    for block in _blocks(flat):
        yield block.astype(np.float64)


def _blocks(flat: NDArray[Any]) -> Iterable[NDArray[Any]]:
    step = max(1, _BLOCK // max(flat.shape[1], 1))
    return (flat[begin : begin + step] for begin in range(0, len(flat), step))


def _moments(flat: NDArray[Any], origin: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column, from the differences to a value of it: nothing is lost of large
    values that differ little."""
    sums, squares = np.zeros(flat.shape[1]), np.zeros(flat.shape[1])
    for block in double_blocks(flat):
        block -= origin
        sums += block.sum(axis=0)
        squares += np.einsum("nm,nm->m", block, block)
    mean = sums / len(flat)
    return mean + origin, np.sqrt(np.maximum(squares / len(flat) - mean * mean, 0.0))


def _zeros(flat: NDArray[Any]) -> NDArray[np.float64]:
    """How many nodes of each column are 0."""
    found = np.zeros(flat.shape[1])
    for block in _blocks(flat):
        found += (block == 0).astype(np.float32).sum(axis=0)  # whole numbers; many times as fast as count_nonzero
    return found
