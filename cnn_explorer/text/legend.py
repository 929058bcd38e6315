"""What the ends and the middle of the colours mean, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import Limits, ScaleMode, finite_limits
from cnn_explorer.text.numbers import figure


@dataclass(frozen=True)
class Legend:
    """What the ends and the middle of the colour bar stand for; ``middle_at``: its place from 0, low, to 1, high."""

    high: str
    middle: str
    low: str
    note: str
    middle_at: float = 0.5


def legend(
    values: NDArray[Any], scale: ScaleMode, symmetric: bool, many: bool, everywhere: Limits | None = None
) -> Legend:
    """The colour bar's texts for ``values``; ``many``: there are several maps, each with a scale of its own if asked.

    ``symmetric``: the colour map diverges, its middle is 0. ``everywhere``: the limits of all layers, if these are
    those of the scale.
    """
    if scale == "standardized":
        return Legend("+2σ", "mean", "−2σ", "around each map's mean" if many else "around the mean")
    if scale == "map" and many:
        if symmetric:
            return Legend("+max", "0", "−max", "each map by its largest magnitude")
        return Legend("max", "", "min", "each map from its own min to max")
    if everywhere is not None:
        low, high = float(everywhere[0].min()), float(everywhere[1].max())
        note = "the same for all layers"
    else:
        low, high = finite_limits(values)
        note = "the same for all maps" if many else ""
    if symmetric:
        reach = max(abs(low), abs(high))
        if -reach < low or high < reach:
            found = f"the values go from {figure(low)} to {figure(high)}"
            note = f"{note}; {found}" if note else found
        return Legend(figure(reach), "0", figure(-reach), note)
    if low < 0 < high:
        return Legend(figure(high), "0", figure(low), note, -low / (high - low))
    return Legend(figure(high), "", figure(low), note)
