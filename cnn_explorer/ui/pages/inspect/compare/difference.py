"""Two outputs side by side with their difference: what is to be painted, in numbers and words; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.arrangement import AUTOMATIC, wrapped_columns
from cnn_explorer.core.maps.comparing import (
    SPREAD,
    Comparison,
    Painted,
    compare,
    difference_scale,
    in_deviations,
    on_one_scale,
    why_no_difference,
)
from cnn_explorer.core.maps.imaging import ScaleMode, as_maps
from cnn_explorer.core.maps.style import SIGNED_COLORS, MapStyle
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.text.legend import Legend
from cnn_explorer.text.numbers import figure
from cnn_explorer.ui.maps.ready_maps import ReadyMaps, map_by_map, ready_maps

MOST_PAIRS = 128
"""Up to so many values of two vectors stand side by side as bars; longer ones are shown as strips of colours."""

APART = "coolwarm"
"""The colour map of a difference."""

DEVIATIONS = 3.0
"""A difference in units of the class's deviation is shown from -3 to +3."""

_MOST_FITTED, _SMALLEST_MAP = 256, 22.0  # maps that are all brought into view, and how many pixels one has then
_RANKED = 8  # how many maps are named as those that differ most


@dataclass(frozen=True, eq=False)
class SideBySide:
    """One output A beside another one, B, both as the layers gave them.

    ``b`` is ``None`` while it is not there, and ``comparison`` where there is no difference; ``why`` says why then, in
    a sentence, or is "". ``painted``: A, B and the difference as maps, a vector as one map of wrapped rows.
    ``units``: the difference in standard deviations of the class, if it is painted so.
    """

    a: NDArray[Any]
    b: NDArray[Any] | None
    comparison: Comparison | None
    why: str
    painted: tuple[Painted, Painted | None, Painted | None]
    mode: ScaleMode
    units: NDArray[Any] | None = None
    _ready: dict[bool, tuple[ReadyMaps | None, ...]] = field(default_factory=dict, init=False)

    @property
    def is_vector(self) -> bool:
        """Whether A is a vector."""
        return self.a.ndim == 1

    @property
    def as_bars(self) -> bool:
        """Whether both are vectors of as many values as there is room for in bars."""
        return self.is_vector and self.comparison is not None and self.a.size <= MOST_PAIRS

    @cached_property
    def is_signed(self) -> bool:
        """Whether there are negative values on one of the sides."""
        return any(side is not None and bool((side < 0).any()) for side in (self.a, self.b))

    def is_ready(self, choice: MapStyle) -> bool:
        """Whether nothing that takes long is left to do before all sides can be painted as chosen."""
        return self._symmetric(choice) in self._ready

    def ready(self, choice: MapStyle) -> tuple[ReadyMaps | None, ...]:
        """A, B and the difference for the grids. It takes long when it is asked for the first time: any thread may."""
        symmetric = self._symmetric(choice)
        if symmetric not in self._ready:
            own = choice.with_colors(self.is_signed).colormap
            colors = own, own, SIGNED_COLORS
            self._ready[symmetric] = tuple(
                None if side is None else _ready(side, color) for side, color in zip(self.painted, colors, strict=True)
            )
        return self._ready[symmetric]

    def _symmetric(self, choice: MapStyle) -> bool:
        return choice.with_colors(self.is_signed).symmetric

    @property
    def ranking(self) -> tuple[int, ...]:
        """The maps, or values, that differ most, most first; those that do not differ are left out."""
        if self.comparison is None:
            return ()
        return tuple(int(n) for n in self.comparison.order[:_RANKED] if self.comparison.by_map[n] > 0)


def side_by_side(
    a: NDArray[Any], b: NDArray[Any] | None, mode: ScaleMode, deviation: NDArray[Any] | None = None
) -> SideBySide:  # fmt: skip
    """Set ``b`` beside ``a``. With a ``deviation`` of their shape, the difference is painted in its units."""
    maps_a = _maps(a)
    if b is None:
        return SideBySide(a, None, None, "", (on_one_scale(maps_a, maps_a, mode)[0], None, None), mode)
    maps_b, why = _maps(b), why_no_difference(a.shape, b.shape)
    if why:
        alone = on_one_scale(maps_a, maps_a, mode)[0], on_one_scale(maps_b, maps_b, mode)[0], None
        return SideBySide(a, b, None, why, alone, mode)
    found = compare(a, b)
    one, other = on_one_scale(maps_a, maps_b, mode)
    if deviation is None:
        # The figures are those of the outputs; what is painted are the same numbers, wrapped if they are a vector.
        wrapped = Comparison(_maps(found.difference), found.mean, found.largest, None, found.by_map, found.correlations)
        return SideBySide(a, b, found, "", (one, other, difference_scale(one, other, wrapped, mode)), mode)
    units = in_deviations(found.difference, deviation)
    # The infinite ones, where the class never varies, get the colour of the ends.
    values = np.clip(_maps(units), -DEVIATIONS, DEVIATIONS)
    reach = np.full(values.shape[-1], DEVIATIONS)
    return SideBySide(a, b, found, "", (one, other, Painted(values, (-reach, reach))), mode, units)


def legends(pair: SideBySide, symmetric: bool, alone: int | None = None) -> tuple[Legend, Legend]:
    """What the colour bars of both sides, and of the difference, stand for; ``symmetric``: 0 is in their middle.

    ``alone``: the map that is seen alone; the limits are its own then.
    """
    sides, difference = pair.painted[0], pair.painted[2]
    low, high = (float(side[alone or 0]) if side.size else 0.0 for side in sides.limits)
    many = sides.values.shape[-1] > 1 and alone is None
    own = pair.b is None or bool(pair.why)
    whose = "of its own side" if own else "of both sides"
    if symmetric:
        high = max(abs(low), abs(high))
        low = -high
    middle = "0" if symmetric else ""
    if pair.mode == "standardized":
        both = Legend("+2σ", "mean", "−2σ", f"around each map's mean {whose}")
    elif pair.mode == "map" and many:
        ends = ("+max", "−max") if symmetric else ("max", "min")
        both = Legend(ends[0], middle, ends[1], f"each map by the values {whose}")
    else:
        both = Legend(figure(high), middle, figure(low), f"by the values {whose}")
    return both, _difference_legend(pair, difference, alone)


def _difference_legend(pair: SideBySide, difference: Painted | None, alone: int | None) -> Legend:
    if difference is None:
        return Legend("", "", "", "")
    if pair.units is not None:
        return Legend(f"+{DEVIATIONS:.0f}σ", "0", f"−{DEVIATIONS:.0f}σ", "in standard deviations within the class")
    if pair.mode == "standardized":
        return Legend(f"+{SPREAD:.0f}σ", "0", f"−{SPREAD:.0f}σ", "in deviations of both sides together")
    many = difference.values.shape[-1] > 1 and alone is None
    if pair.mode == "map" and many:
        return Legend("+full", "0", "−full", "each map by the full range of both sides")
    reach = float(difference.limits[1][alone or 0]) if difference.limits[1].size else 0.0
    return Legend(f"+{figure(reach)}", "0", figure(-reach), "the same for all maps" if many else "")


def summary(pair: SideBySide) -> str:
    """The figures of the difference, in short; "" if there is none."""
    found = pair.comparison
    if found is None:
        return ""
    if not found.largest:
        return "no difference"
    text = f"mean {figure(found.mean)}"
    return text if found.correlation is None else f"{text} · correlation {_hundredths(found.correlation)}"


def spoken_summary(pair: SideBySide) -> str:
    """The same in a sentence, for a tooltip."""
    found = pair.comparison
    if found is None:
        return pair.why
    text = f"The mean magnitude of A − B is {figure(found.mean)}, the largest {figure(found.largest)}."
    if found.correlation is None:
        return text
    return f"{text} Pearson's correlation of all values of A with those of B is {figure(found.correlation)}."


def node_words(pair: SideBySide, node: Node, name: str = "") -> str:
    """The status line for a node of both sides: where it is, A, B and the difference.

    ``name``: that of the class, for a value of the last layer. A side that has no such node is left out.
    """
    where = f"map {node[2]} · row {node[0]}, column {node[1]}" if len(node) == 3 else f"value {node[0]}"
    if name and len(node) == 1 and name != str(node[0]):
        where += f" ({name})"
    parts = [where]
    for letter, side in (("A", pair.a), ("B", pair.b)):
        value = _value(side, node)
        if value is not None:
            parts.append(f"{letter} {figure(value)}")
    if pair.comparison is not None:
        apart = _value(pair.comparison.difference, node)
        if apart is not None:
            parts.append(f"A − B {figure(apart)}")
        apart_in_units = _value(pair.units, node)
        if apart_in_units is not None:
            parts.append(_in_deviations(apart_in_units))
    return " · ".join(parts)


def map_words(pair: SideBySide, number: int) -> str:
    """The status line for a map as a whole."""
    if pair.comparison is None or number >= pair.comparison.by_map.size:
        return f"map {number}"
    if pair.is_vector:
        return node_words(pair, (number,))
    text = f"map {number} · mean |A − B| {figure(float(pair.comparison.by_map[number]))}"
    alike = float(pair.comparison.correlations[number])
    return text if np.isnan(alike) else f"{text} · correlation {_hundredths(alike)}"


def fitting_columns(shape: tuple[int, ...], width: float, height: float) -> int:
    """How many maps (rows, columns, maps) side by side are largest in ``width`` × ``height`` pixels, all in view.

    ``AUTOMATIC`` where they would be too small to be seen.
    """
    rows, columns, count = (max(side, 1) for side in shape)

    def node(across: int) -> float:
        return min(width / (across * columns), height / (-(-count // across) * rows))

    if count > _MOST_FITTED:
        return AUTOMATIC
    # Of equally good ones the fewest: no cell stays empty for nothing.
    best = max(range(1, count + 1), key=lambda across: (round(node(across), 6), -across))
    return best if node(best) * max(rows, columns) >= _SMALLEST_MAP else AUTOMATIC


def most_words(pair: SideBySide) -> str:
    """Which maps, or values, differ most, in one line; "" if none does."""
    what = "values" if pair.is_vector else "maps"
    return f"These {what} differ most: {', '.join(map(str, pair.ranking))}" if len(pair.ranking) > 1 else ""


def _hundredths(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")  # + 0: never -0.00


def _in_deviations(value: float) -> str:
    return "never other within the class" if np.isinf(value) else f"{value:+.1f}σ".replace("-", "−")


def _value(side: NDArray[Any] | None, node: Node) -> float | None:
    """The value of a node; ``None`` if there is none. A plane (rows, columns) is one map."""
    if side is None:
        return None
    whole = side[..., np.newaxis] if side.ndim == 2 else side
    if len(node) != whole.ndim or any(place >= length for place, length in zip(node, whole.shape, strict=True)):
        return None
    return float(whole[node])


def _ready(side: Painted, color: str) -> ReadyMaps:
    found = ready_maps(side.values, MapStyle(colormap=color), side.limits)
    return replace(found, rows=map_by_map(found.rows))


def _maps(values: NDArray[Any]) -> NDArray[Any]:
    """Maps as they are; a vector as one map, wrapped into rows, with NaN behind its end."""
    maps = as_maps(values)
    if maps is not None:
        return maps
    flat = values.reshape(-1)
    columns = max(wrapped_columns(flat.size), 1)
    rows = np.full(-(-flat.size // columns) * columns, np.nan, np.float32)
    rows[: flat.size] = flat
    return rows.reshape(-1, columns, 1)
