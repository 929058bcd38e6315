"""One activation against another: which layers belong together, their difference, and one scale for both.

Maps are (rows, columns, maps) of float32, vectors (values,). The difference is always A − B.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import Limits, ScaleMode, map_limits, plain_limits
from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.core.network.layers.traits import traits_of
from cnn_explorer.core.sizes import shape_text

SPREAD = 2.0
"""Standardised values, and differences in units of a deviation, are shown from -2 to +2."""

_BLOCK = 512  # rows
_NOTHING = 1e-5  # a deviation of less than this part of the largest magnitude is rounding, not variation


def same_layer(layer: LayerInfo, others: Sequence[LayerInfo]) -> LayerInfo | None:
    """The layer of another model that has the name and the output shape of ``layer``."""
    return next((o for o in others if o.name == layer.name and o.output_shape == layer.output_shape), None)


def proposed_layer(layer: LayerInfo, others: Sequence[LayerInfo]) -> LayerInfo | None:
    """The layer to set beside ``layer`` before anyone has chosen one; ``None`` if the other model has none.

    The one of the same name and shape; else the first of the same shape, if possible of the same type; else the one
    of the same name; else the first with maps, if ``layer`` has maps, or the last one.
    """
    if not others:
        return None
    shaped = [other for other in others if other.output_shape == layer.output_shape]
    alike = [other for other in shaped if other.type == layer.type]
    named = [other for other in others if other.name == layer.name]
    of_a_kind = (
        [other for other in others if other.has_maps and not traits_of(other.type).is_input] if layer.has_maps else []
    )
    found = same_layer(layer, others)
    return found or (alike or shaped or named or of_a_kind or [others[-1]])[0]


def why_no_difference(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    """Why outputs of these shapes have no difference, in a sentence; "" if they have one."""
    if a == b:
        return ""
    if len(a) != len(b):
        kinds = ("maps" if len(shape) > 1 else "a vector" for shape in (a, b))
        return "There is no difference to show: A has {}, B {}.".format(*kinds)
    return f"There is no difference to show: A is {shape_text(a)}, B is {shape_text(b)}."


@dataclass(frozen=True, eq=False)
class Comparison:
    """A − B, and what it comes to. A vector counts as values that are maps of one node each.

    ``difference``: float32, of the shape of both. ``mean`` and ``largest``: of its magnitude, over all numbers.
    ``correlation``: of all values of A with those of B, ``None`` where one of them does not vary. ``by_map``: float64
    (maps,), the mean magnitude of each map. ``correlations``: float64 (maps,), NaN where a map of A or B is constant.
    """

    difference: NDArray[np.float32]
    mean: float
    largest: float
    correlation: float | None
    by_map: NDArray[np.float64]
    correlations: NDArray[np.float64]

    @property
    def order(self) -> NDArray[np.int64]:
        """The numbers of the maps, those that differ most first, and the earlier one first at a tie."""
        return np.argsort(-self.by_map, kind="stable")


def compare(a: NDArray[Any], b: NDArray[Any]) -> Comparison:
    """Compare two outputs of the same shape, maps or vectors.

    Values that are no numbers give a difference that is none either, and take no part in the figures. Raises
    ``ValueError`` if the shapes differ: ask ``why_no_difference`` first.
    """
    if a.shape != b.shape:
        raise ValueError(f"shapes {a.shape} and {b.shape} have no difference")
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.subtract(a, b, dtype=np.float32)
    size = np.abs(difference)
    whole = np.isfinite(size)
    np.copyto(size, np.float32(0), where=~whole)
    axes = tuple(range(a.ndim - 1)) if a.ndim > 1 else ()
    counted = np.maximum(np.sum(whole, axis=axes, dtype=np.int64), 1)
    together, each = _correlations(a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1]))
    return Comparison(
        difference=difference,
        mean=float(size.sum(dtype=np.float64) / max(int(whole.sum()), 1)),
        largest=float(size.max(initial=0.0)),
        correlation=together,
        by_map=np.asarray(size.sum(axis=axes, dtype=np.float64) / counted).reshape(-1),
        correlations=each,
    )


def in_deviations(difference: NDArray[np.float32], deviation: NDArray[np.float32]) -> NDArray[np.float32]:
    """A difference from a mean in units of the standard deviation around that mean.

    Where nothing varies, it is 0 if there is no difference, else infinite with the sign of the difference.
    """
    least = _NOTHING * max(float(np.max(deviation, initial=0.0)), 1e-30)
    varies = deviation > least
    beyond = np.where(np.abs(difference) > least, np.copysign(np.float32(np.inf), difference), np.float32(0.0))
    result: NDArray[np.float32] = np.where(varies, difference / np.where(varies, deviation, 1.0), beyond)
    return result.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Painted:
    """Maps as they are to be painted, and between which limits: those of every map, two arrays (maps,)."""

    values: NDArray[np.float32]
    limits: Limits


def on_one_scale(a: NDArray[Any], b: NDArray[Any], mode: ScaleMode) -> tuple[Painted, Painted]:
    """Both sides so that the same value gets the same colour on both; maps of the same count.

    Standardised maps are so around the mean of both sides together, map by map, and become these multiples of the
    common deviation themselves.
    """
    if mode == "standardized":
        return _standardized(a, b)
    (low_a, high_a), (low_b, high_b) = _limits(a), _limits(b)
    low, high = np.minimum(low_a, low_b), np.maximum(high_a, high_b)
    if mode != "map":
        low, high = np.full_like(low, low.min(initial=np.inf)), np.full_like(high, high.max(initial=-np.inf))
    return Painted(a, (low, high)), Painted(b, (low, high))


def difference_scale(a: Painted, b: Painted, comparison: Comparison, mode: ScaleMode) -> Painted:
    """The difference around 0 in the middle of its scale.

    Per map it reaches as far as the range of both sides, so that maps that are nearly the same look so; for the whole
    layer as far as the largest difference; of standardised maps, ``SPREAD`` common deviations.
    """
    if mode == "standardized":
        reach = np.full(a.values.shape[-1], SPREAD)
        with np.errstate(invalid="ignore"):
            return Painted(a.values - b.values, (-reach, reach))
    of_the_layer = np.full(a.values.shape[-1], comparison.largest)
    reach = a.limits[1] - a.limits[0] if mode == "map" else of_the_layer
    return Painted(comparison.difference, (-reach, reach))


def _limits(maps: NDArray[Any]) -> Limits:
    """Those that pictures have, found without a copy where all values are numbers."""
    plain = plain_limits(maps)
    return plain if all(np.isfinite(edge).all() for edge in plain) else map_limits(maps)


def _standardized(a: NDArray[Any], b: NDArray[Any]) -> tuple[Painted, Painted]:
    columns = a.shape[-1]
    sides = a.reshape(-1, columns), b.reshape(-1, columns)
    count, total = np.zeros(columns), np.zeros(columns)
    for block in _blocks(*sides):
        numbers = np.isfinite(block)
        count += numbers.sum(axis=0)
        total += np.sum(block, axis=0, where=numbers)
    mean, square = total / np.maximum(count, 1), np.zeros(columns)
    for block in _blocks(*sides):
        block -= mean
        square += np.sum(np.square(block), axis=0, where=np.isfinite(block))
    deviation = np.sqrt(square / np.maximum(count, 1))
    # What is constant on both sides alike leaves rounding only, which must not be blown up.
    usable = deviation > 1e-7 * np.maximum(np.abs(mean), 1e-30)
    factor = np.where(usable, 1.0 / np.where(usable, deviation, 1.0), 0.0).astype(np.float32)
    limits = np.full(columns, -SPREAD), np.full(columns, SPREAD)
    with np.errstate(invalid="ignore", over="ignore"):  # infinite ones
        first, second = ((side - mean.astype(np.float32)) * factor for side in (a, b))
    return Painted(first, limits), Painted(second, limits)


def _blocks(*sides: NDArray[Any]) -> Iterator[NDArray[np.float64]]:
    """Some rows at a time, in double precision: they stay in the processor's cache."""
    for side in sides:
        for start in range(0, len(side), _BLOCK):
            yield side[start : start + _BLOCK].astype(np.float64)


def _correlations(a: NDArray[Any], b: NDArray[Any]) -> tuple[float | None, NDArray[np.float64]]:
    """Pearson's correlation of all values of ``a`` and ``b`` (values, columns), and of each column.

    ``None``, or NaN, where one of both does not vary, or has values that are no numbers.
    """
    count, columns = a.shape
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        means = a.mean(axis=0, dtype=np.float64), b.mean(axis=0, dtype=np.float64)
        squares = np.zeros((3, columns))  # of a, of b, and their products, around the mean of each column
        for start in range(0, count, _BLOCK):  # in the processor's cache, and never all of it in double precision
            first, second = a[start : start + _BLOCK] - means[0], b[start : start + _BLOCK] - means[1]
            for total, one, other in zip(squares, (first, second, first), (first, second, second), strict=True):
                total += np.einsum("ij,ij->j", one, other)
        varies = (a.min(axis=0) != a.max(axis=0)) & (b.min(axis=0) != b.max(axis=0))
        each = np.where(varies, squares[2] / np.sqrt(squares[0] * squares[1]), np.nan)
        # Of all values: what the columns vary in themselves, and what their means vary.
        apart = means[0] - means[0].mean(), means[1] - means[1].mean()
        within = squares.sum(axis=1)
        between = count * np.array([apart[0] @ apart[0], apart[1] @ apart[1], apart[0] @ apart[1]])
        whole = within + between
        together = whole[2] / np.sqrt(whole[0] * whole[1])
    vary = bool(a.min() != a.max() and b.min() != b.max() and np.isfinite(together))
    return float(np.clip(together, -1.0, 1.0)) if vary else None, np.clip(each, -1.0, 1.0)
