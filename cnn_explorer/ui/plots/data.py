"""What live plots show, without Qt: quantities, the points of runs, and the range of values that one wants to see."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.text.numbers import percent
from cnn_explorer.ui.plots.ticks import round_step
from cnn_explorer.ui.session.runs.colors import CurveStyle

Floats = NDArray[np.float64]
Bounds = tuple[float, float]

_OUTLIERS = 0.02
"""The share of the batches that may lie above or below the view: the first steps would flatten all others."""
_BEGINNING = 0.1
"""The same for smoothed lines in a comparison, which stay longer where a run began, on that side."""
_SAMPLE = 5000
_LEAST_SPAN = 1e-3


@dataclass(frozen=True)
class Quantity:
    """What a plot shows: shares in percent, other values as they are. ``least`` and ``most`` bound the axis.

    ``is_given`` is for values that are set and not measured: every one of them is inside the view, which begins
    at 0, and there is nothing to smooth.
    """

    key: str
    title: str
    axis: str
    empty: str
    is_share: bool = False
    rises: bool = False
    is_given: bool = False
    can_be_log: bool = False
    least: float = 0.0
    most: float = math.inf

    @property
    def factor(self) -> float:
        """From stored to shown values."""
        return 100.0 if self.is_share else 1.0

    def text(self, value: float) -> str:
        """A stored value as people read it: ``0.0312``, ``99.12 %``, ``5.2e-05``."""
        if not math.isfinite(value):
            return "not a number"
        if self.is_share:
            return percent(value)
        if self.is_given:
            return f"{value:.3g}"
        return f"{value:.4f}" if abs(value) < 10 else f"{value:.4g}"


LOSS = Quantity(
    "loss", "Loss", "Loss (cross-entropy)", "How wrong the network is.\nThis curve should fall.", can_be_log=True,
)  # fmt: skip
ACCURACY = Quantity(
    "accuracy", "Accuracy", "Accuracy (%)", "The share of images that it gets right.\nThis curve should rise.",
    is_share=True, rises=True, most=100.0,
)  # fmt: skip
LEARNING_RATE = Quantity(
    "learning_rate", "Learning rate", "", "How far one step goes.", is_given=True, can_be_log=True,
)  # fmt: skip
QUANTITIES = (LOSS, ACCURACY, LEARNING_RATE)


@dataclass(frozen=True)
class PointNear:
    """A point of ``curve`` (batch, smoothed or validation): its position in epochs and its stored value."""

    curve: str
    position: float
    value: float


@dataclass(frozen=True, eq=False)
class CurveData:
    """The points of one run in one plot, all in stored values; positions are in epochs and increase.

    ``raw`` and ``smooth`` belong to ``position``, shape (batches,); ``validation`` to ``epoch``, (epochs,).
    The run goes from ``first`` to ``planned``, in epochs.
    """

    position: Floats
    raw: Floats
    smooth: Floats
    epoch: Floats
    validation: Floats
    first: int = 0
    planned: int = 1

    @classmethod
    def empty(cls, planned: int = 1) -> CurveData:
        """No points, and room for ``planned`` epochs."""
        nothing = np.empty(0)
        return cls(nothing, nothing, nothing, nothing, nothing, planned=planned)

    @property
    def is_empty(self) -> bool:
        """Whether there is no point at all."""
        return not len(self.position) and not len(self.epoch)

    @property
    def right(self) -> int:
        """The epoch up to which a plot should reach: the current one, or all planned ones while it is empty."""
        if self.is_empty:
            return max(self.planned, self.first + 1)
        last = max(float(axis[-1]) for axis in (self.position, self.epoch) if len(axis))
        return max(math.ceil(last - 1e-9), self.first + 1)

    def near(self, position: float) -> tuple[PointNear, ...]:
        """The point of each curve that lies next to ``position``; curves without points are left out."""
        found = []
        for curve, axis, values in (
            ("batch", self.position, self.raw),
            ("smoothed", self.position, self.smooth),
            ("validation", self.epoch, self.validation),
        ):
            if len(axis):
                index = int(np.searchsorted(axis, position))
                if index == len(axis) or (index and position - axis[index - 1] < axis[index] - position):
                    index -= 1
                found.append(PointNear(curve, float(axis[index]), float(values[index])))
        return tuple(found)

    def bounds(self, quantity: Quantity, seen: Bounds, *, log: bool, with_raw: bool) -> Bounds | None:
        """The stored values between which the curves lie well from ``seen[0]`` to ``seen[1]``, in epochs.

        Outliers among the batches may lie outside, but on a logarithmic axis everything above 0 is inside.
        ``None`` if nothing is there that the axis could show.
        """
        first, last = np.searchsorted(self.position, seen[0]), np.searchsorted(self.position, seen[1], "right")
        batches = slice(int(first), int(last))
        raw = (self.raw if with_raw else self.smooth)[batches]
        raw = raw[np.isfinite(raw)]
        validation = self.validation[(self.epoch >= seen[0]) & (self.epoch <= seen[1])]
        rest = np.concatenate((self.smooth[batches][-1:], validation))
        rest = rest[np.isfinite(rest)]
        if log:
            raw, rest = raw[raw > 0], rest[rest > 0]
        if len(raw):
            if log or quantity.is_given:
                ends = np.array([raw.min(), raw.max()])
            else:
                begin = _OUTLIERS if with_raw else _BEGINNING
                shares = (begin, 1 - _OUTLIERS) if quantity.rises else (_OUTLIERS, 1 - begin)
                ends = np.quantile(raw[:: max(1, len(raw) // _SAMPLE)], shares)
            rest = np.concatenate((rest, ends))
        return (float(rest.min()), float(rest.max())) if len(rest) else None


@dataclass(frozen=True, eq=False)
class Series:
    """A run in a plot. ``key`` is its folder; ``look`` is ``None`` if it is alone and needs no colour of its own.

    ``marks`` are the positions, in epochs, where the learning rate was changed during the run, with what to say.
    """

    key: str
    name: str
    data: CurveData
    style: CurveStyle | None = None
    marks: tuple[tuple[float, str], ...] = ()
    grows: bool = False

    @property
    def has_items(self) -> bool:
        """Whether it is drawn for itself: it grows, or it is alone. The others are one picture."""
        return self.grows or self.style is None

    def notes_at(self, position: float, reach: float) -> tuple[str, ...]:
        """What the marks at most ``reach`` epochs away say."""
        return tuple(text for place, text in self.marks if abs(place - position) <= reach)


def span_of(data: Iterable[CurveData], planned: int) -> Bounds:
    """The epochs from and to which plots of all these runs reach; ``planned`` epochs if there is none."""
    runs = [one for one in data if not one.is_empty] or list(data)
    if not runs:
        return 0.0, float(max(planned, 1))
    return float(min(one.first for one in runs)), float(max(one.right for one in runs))


def axis_heights(values: Floats, quantity: Quantity, *, log: bool) -> Floats:
    """Where stored values lie on the axis, the same shape; NaN for those that have no place there."""
    shown = np.where(np.isfinite(values), values * quantity.factor, np.nan)
    if log:
        heights = np.full_like(shown, np.nan)
        np.log10(shown, out=heights, where=shown > 0)
        return heights
    return shown


def round_range(bounds: Iterable[Bounds | None], quantity: Quantity, *, log: bool) -> Bounds:
    """The shown values from and to which an axis reaches that shows all ``bounds`` (stored values).

    Ends on round numbers, so that it changes seldom while the curves grow.
    """
    known = [pair for pair in bounds if pair is not None]
    if not known:
        return (0.01, 1.0) if log else (0.0, 1.0 * quantity.factor)
    low = min(pair[0] for pair in known) * quantity.factor
    high = max(pair[1] for pair in known) * quantity.factor
    if log:
        # Tenths of a decade are round enough here.
        return 10 ** (math.floor(math.log10(low) * 10 - 0.3) / 10), 10 ** (math.ceil(math.log10(high) * 10 + 0.3) / 10)
    least = 1e-9 if quantity.is_given else _LEAST_SPAN * quantity.factor
    low = min(low, 0.0) if quantity.is_given else low
    step = round_step(max(high - low, least, 1e-6 * abs(high)), 8)
    margin = 0.1 * step
    low = max(quantity.least, math.floor((low - margin) / step) * step)
    high = min(quantity.most, math.ceil((high + margin) / step) * step)
    return low, max(high, low + step)
