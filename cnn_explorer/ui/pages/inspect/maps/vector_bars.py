"""Values of a short vector as bars side by side, from 0 upwards and downwards."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.core.maps.imaging import finite_limits
from cnn_explorer.text.numbers import figure
from cnn_explorer.ui.theme import theme

_TOP, _BOTTOM, _WIDEST_BAR = 12, 24, 56  # pixels
_EVERY = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class VectorBars(QWidget):
    """Tells the bar under the cursor; one can be marked, and one be chosen by keys."""

    value_hovered = Signal(int)
    value_opened = Signal(int)
    """By double click."""
    hover_ended = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._values: NDArray[Any] = np.zeros(0, np.float32)
        self._limits = 0.0, 1.0
        self._names: tuple[str, ...] = ()
        self._widest = self._left = 0
        self._hovered: int | None = None
        self._cursor: int | None = None
        self._marked: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Values of the layer")
        theme().changed.connect(self._measure)

    def show_values(self, values: NDArray[Any], names: tuple[str, ...]) -> None:
        """Show values (count,); ``names`` stand below, or their numbers if there are none."""
        same = values.size == self._values.size and names == self._names
        self._values = values
        if not same:
            self._names = names
            count = values.size
            self._hovered, self._cursor, self._marked = (
                index if index is not None and index < count else None
                for index in (self._hovered, self._cursor, self._marked)
            )
        low, high = finite_limits(values)
        limits = min(low, 0.0), max(high, 0.0)
        limits = limits if limits[1] > limits[0] else (0.0, 1.0)
        if limits != self._limits or not same or not self._left:
            self._limits = limits
            self._measure()
        self.update()

    def show_marks(self, cursor: int | None, marked: int | None) -> None:
        """The bar that the keys have chosen, and one with a frame."""
        self._cursor, self._marked = cursor, marked
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 240)

    def bar_area(self, index: int) -> QRectF:
        """The full height above the name of bar ``index``."""
        return self._area(self._plot(), index)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._values.size:
            return
        painter = QPainter(self)
        plot = self._plot()
        low, high = self._limits
        scale = plot.height() / (high - low)
        zero = plot.bottom() + low * scale
        self._paint_axis(painter, plot, zero)
        step = plot.width() / self._values.size
        width = min(max(step * 0.8, 1.0), _WIDEST_BAR)
        for index in {self._hovered, self._cursor} - {None}:
            assert index is not None
            painter.fillRect(self._area(plot, index), theme().color("raised"))
        lefts = plot.left() + step * (np.arange(self._values.size) + 0.5) - width / 2
        lengths = self._values.astype(np.float64) * scale
        soft = _mixed(theme().color("accent"), theme().color("surface"), 0.72)  # opaque: that is painted faster
        for left, length in zip(lefts.tolist(), lengths.tolist(), strict=True):
            if math.isfinite(length):
                painter.fillRect(QRectF(left, zero - max(length, 0.0), width, max(abs(length), 1.0)), soft)
        for index in {self._hovered, self._cursor} - {None}:
            assert index is not None
            length = float(lengths[index])
            if math.isfinite(length):
                bar = QRectF(float(lefts[index]), zero - max(length, 0.0), width, max(abs(length), 1.0))
                painter.fillRect(bar, theme().color("accent"))
        self._paint_names(painter, plot, step)
        if self._marked is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("error"), 2.0))
            painter.drawRect(self._area(plot, self._marked).adjusted(1, 1, -1, -1))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position().x())
        self._set_hovered(index)
        if index is None:
            self.hover_ended.emit()
        else:
            self.value_hovered.emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position().x())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.value_opened.emit(index)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)
        self.hover_ended.emit()

    def _index_at(self, x: float) -> int | None:
        plot = self._plot()
        position = (x - plot.left()) / max(plot.width(), 1.0) * self._values.size
        return int(position) if 0 <= position < self._values.size else None

    def _measure(self) -> None:
        """How much room the texts need: asked once for all paintings."""
        metrics = self.fontMetrics()
        self._left = max(metrics.horizontalAdvance(figure(value)) for value in (*self._limits, 0.0)) + 12
        names = self._names or (str(max(self._values.size - 1, 0)),)
        self._widest = max(metrics.horizontalAdvance(name) for name in names) + 8
        self.update()

    def _plot(self) -> QRectF:
        width = max(self.width() - self._left - 4, 1)
        return QRectF(self._left, _TOP, width, max(self.height() - _TOP - _BOTTOM, 1))

    def _area(self, plot: QRectF, index: int) -> QRectF:
        step = plot.width() / max(self._values.size, 1)
        return QRectF(plot.left() + index * step, plot.top(), step, plot.height())

    def _paint_axis(self, painter: QPainter, plot: QRectF, zero: float) -> None:
        low, high = self._limits
        height = self.fontMetrics().height()
        last: float | None = None
        for value, y in ((high, plot.top()), (0.0, zero), (low, plot.bottom())):
            painter.setPen(QPen(theme().color("muted" if value == 0 else "line"), 1))
            painter.drawLine(QLineF(plot.left(), round(y), plot.right(), round(y)))
            if last is None or abs(y - last) >= height:
                painter.setPen(theme().color("muted"))
                line = QRectF(0, y - height / 2, plot.left() - 8, height)
                painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure(value))
                last = y

    def _paint_names(self, painter: QPainter, plot: QRectF, step: float) -> None:
        """Names or numbers under the bars, as many as fit side by side."""
        every = next(n for n in _EVERY if n * step >= self._widest or n == _EVERY[-1])
        widest = float(self._widest)
        cut = bool(self._names) and every > 1
        if cut:
            every, widest = 1, step
        metrics = self.fontMetrics()
        painter.setPen(theme().color("muted"))
        for index in range(0, self._values.size, every):
            name = self._names[index] if self._names else str(index)
            if cut:
                name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(int(step), 8))
            middle = plot.left() + (index + 0.5) * step
            place = QRectF(middle - widest / 2, plot.bottom() + 4, widest, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)

    def _set_hovered(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.update()


def _mixed(color: QColor, other: QColor, share: float) -> QColor:
    """``share`` of a colour, and the rest of another."""
    first = (color.redF(), color.greenF(), color.blueF())
    second = (other.redF(), other.greenF(), other.blueF())
    red, green, blue = (share * one + (1 - share) * two for one, two in zip(first, second, strict=True))
    return QColor.fromRgbF(red, green, blue)
