"""The axes of plots: round steps, plain numbers on logarithmic axes too, whole epochs."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QRectF

from cnn_explorer.ui.plots.ticks import log_ticks, plain, round_step

_LEAST_SPACING = {"left": 40.0, "bottom": 56.0}
"""Pixels between two labels."""
_OVERHANG = 15


class PlotAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """An axis at the left or at the bottom. ``whole`` numbers only, unless one zooms far in."""

    def __init__(self, orientation: str, *, whole: bool = False) -> None:
        super().__init__(orientation, maxTickLength=0)
        self._whole = whole

    def boundingRect(self) -> QRectF:
        """pyqtgraph's own, and room for half a label beyond both ends."""
        rect: QRectF = super().boundingRect()
        across, along = (0, _OVERHANG) if self.orientation == "left" else (_OVERHANG, 0)
        return rect.adjusted(-across, -along, across, along)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """pyqtgraph's question for the ticks: one level of them, as (spacing, values); ``size`` is in pixels."""
        if not high > low:
            return []
        most = size / _LEAST_SPACING[self.orientation]
        if self.logMode:
            return [(1.0, [math.log10(tick) for tick in log_ticks(10.0**low, 10.0**high, most)])]
        step = round_step(high - low, most)
        if self._whole and high - low >= 2:
            step = max(1.0, step)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [(step, [index * step for index in range(first, last + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """pyqtgraph's question for the labels of the ticks."""
        if not self.logMode:
            return [plain(value, spacing) for value in values]
        numbers = [10.0**value for value in values]
        return [f"{number:.3g}" for number in numbers]
