"""What live plots show, without Qt: quantities, points, and the range of values that one wants to see."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.ui.widgets.ticks import round_step

Floats = NDArray[np.float64]

_OUTLIERS = 0.02
"""The share of the batches that may lie above or below the view: the first steps would flatten all others."""
_LEAST_SPAN = 1e-3


def percent(share: float) -> str:
    """A share as people read it: ``99.12 %``."""
    return f"{100 * share:.2f} %"


@dataclass(frozen=True)
class Quantity:
    """What a plot shows: shares in percent, other values as they are. ``least`` and ``most`` bound the axis."""

    key: str
    title: str
    axis: str
    empty: str
    is_share: bool = False
    least: float = 0.0
    most: float = math.inf

    @property
    def factor(self) -> float:
        """From stored to shown values."""
        return 100.0 if self.is_share else 1.0

    def text(self, value: float) -> str:
        """A stored value as people read it: ``0.0312``, ``99.12 %``."""
        if not math.isfinite(value):
            return "not a number"
        if self.is_share:
            return percent(value)
        return f"{value:.4f}" if abs(value) < 10 else f"{value:.4g}"


LOSS = Quantity(
    "loss", "Loss", "Loss (cross-entropy)", "How wrong the network is.\nThis curve should fall.",
)  # fmt: skip
ACCURACY = Quantity(
    "accuracy", "Accuracy", "Accuracy (%)", "The share of images that it gets right.\nThis curve should rise.",
    is_share=True, most=100.0,
)  # fmt: skip


@dataclass(frozen=True)
class PointNear:
    """A point of ``curve`` (batch, smoothed or validation): its position in epochs and its stored value."""

    curve: str
    position: float
    value: float


@dataclass(frozen=True)
class CurveData:
    """The points of one plot, all in stored values; positions are in epochs and increase.

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
        """The epoch up to which a plot should reach: the one that goes, or all planned ones while it is empty."""
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


def axis_heights(values: Floats, quantity: Quantity, *, log: bool) -> Floats:
    """Where stored values lie on the axis, the same shape; NaN for those that have no place there."""
    shown = np.where(np.isfinite(values), values * quantity.factor, np.nan)
    if log:
        heights = np.full_like(shown, np.nan)
        np.log10(shown, out=heights, where=shown > 0)
        return heights
    return shown


def calm_range(data: CurveData, quantity: Quantity, *, log: bool) -> tuple[float, float]:
    """The shown values between which the curves lie well, apart from the outliers among the batches.

    Ends on round numbers, so that it changes seldom while the curves grow. On a logarithmic axis everything
    above 0 is inside.
    """
    raw = data.raw[np.isfinite(data.raw)]
    rest = np.concatenate((data.smooth[-1:], data.validation))
    rest = rest[np.isfinite(rest)]
    if log:
        values = np.concatenate((raw, rest)) * quantity.factor
        values = values[values > 0]
        if not len(values):
            return 0.01, 1.0
        # Tenths of a decade are round enough here.
        low, high = math.log10(values.min()), math.log10(values.max())
        return 10 ** (math.floor(low * 10 - 0.3) / 10), 10 ** (math.ceil(high * 10 + 0.3) / 10)
    if len(raw):
        sample = raw[:: max(1, len(raw) // 5000)]
        rest = np.concatenate((rest, np.quantile(sample, (_OUTLIERS, 1 - _OUTLIERS))))
    if not len(rest):
        return 0.0, 1.0 * quantity.factor
    low, high = float(rest.min()) * quantity.factor, float(rest.max()) * quantity.factor
    step = round_step(max(high - low, _LEAST_SPAN * quantity.factor, 1e-6 * abs(high)), 8)
    margin = 0.1 * step
    low = max(quantity.least, math.floor((low - margin) / step) * step)
    high = min(quantity.most, math.ceil((high + margin) / step) * step)
    return low, max(high, low + step)
