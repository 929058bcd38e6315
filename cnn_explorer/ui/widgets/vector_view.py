"""The values of a vector: bars side by side, or a wrapped strip of colours where there are too many for bars."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from cnn_explorer.core.imaging import scale_vector
from cnn_explorer.data.colormaps import DIVERGING, colormap
from cnn_explorer.ui.readings import MOST_BARS, GridChoice, figure, finite_limits, legend, wrapped_columns
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.picture_with_bar import PictureWithBar
from cnn_explorer.ui.widgets.pixel_view import PixelView, colored

_TOP, _BOTTOM, _WIDEST_BAR = 12, 24, 56  # pixels


class VectorView(QStackedWidget):
    """A vector of any length; ``value_hovered`` tells the index under the cursor."""

    value_hovered = Signal(int)
    hover_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_vector")
        self.setAccessibleName("Values of the layer")
        self.bars = _Bars(self)
        self.strip = _Strip()
        self.strip.setAccessibleName("Values of the layer")
        self._picture = PictureWithBar(self.strip)
        self._count = 0
        self._columns = 1
        self.addWidget(self.bars)
        self.addWidget(self._picture)
        self.bars.value_hovered.connect(self.value_hovered)
        self.bars.hover_ended.connect(self.hover_ended)
        self.strip.node_hovered.connect(self._on_node_hovered)
        self.strip.hover_ended.connect(self.hover_ended)

    @property
    def shows_bars(self) -> bool:
        """Whether the vector is short enough for bars."""
        return self.currentWidget() is self.bars

    def show_vector(self, values: NDArray[Any], names: tuple[str, ...], choice: GridChoice) -> None:
        """Show ``values`` (count,). ``names`` stand under the bars if there is one for each value."""
        self._count = values.size
        if values.size <= MOST_BARS:
            self.setCurrentWidget(self.bars)
            self.bars.show_values(values, names if len(names) == values.size else ())
            return
        self.setCurrentWidget(self._picture)
        self._columns = wrapped_columns(values.size)
        scaled = np.full(-(-values.size // self._columns) * self._columns, np.nan, np.float32)
        self.strip.used = values.size
        symmetric = choice.colormap in DIVERGING
        scaled[: values.size] = scale_vector(values, choice.scale, symmetric)
        self.strip.set_image(colored(scaled.reshape(-1, self._columns), colormap(choice.colormap)))
        self._picture.show_legend(legend(values, choice.scale, symmetric, many=False), choice.colormap)

    def _on_node_hovered(self, row: int, column: int) -> None:
        index = row * self._columns + column
        if index < self._count:
            self.value_hovered.emit(index)
        else:
            self.hover_ended.emit()


class _Strip(PixelView):
    """Values row by row; the cells behind the last value are not shown."""

    used = 0

    def paint_over(self, painter: QPainter) -> None:
        if self.image is not None:
            row, column = divmod(self.used, self.image.width())
            if column:
                rest = self.screen_rectangle(row, column, row + 1, self.image.width())
                painter.fillRect(rest.adjusted(0, 0, 1, 1), theme().color("surface"))


class _Bars(QWidget):
    value_hovered = Signal(int)
    hover_ended = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._values: NDArray[Any] = np.zeros(0, np.float32)
        self._names: tuple[str, ...] = ()
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def show_values(self, values: NDArray[Any], names: tuple[str, ...]) -> None:
        self._values = values
        self._names = names
        if self._hovered is not None and self._hovered >= values.size:
            self._hovered = None
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
        low, high = self._limits()

        def y_of(value: float) -> float:
            return plot.bottom() - (value - low) / (high - low) * plot.height()

        self._paint_axis(painter, plot, y_of(0.0))
        accent = theme().color("accent")
        soft = QColor(accent)
        soft.setAlphaF(0.72)
        for index, value in enumerate(self._values.tolist()):
            area = self._area(plot, index)
            if index == self._hovered:
                painter.fillRect(area, theme().color("raised"))
            if math.isfinite(value):
                width = min(max(area.width() * 0.8, 1.0), _WIDEST_BAR)
                top, bottom = sorted((y_of(value), y_of(0.0)))
                bar = QRectF(area.center().x() - width / 2, top, width, max(bottom - top, 1.0))
                painter.fillRect(bar, accent if index == self._hovered else soft)
        self._paint_names(painter, plot)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        plot = self._plot()
        position = (event.position().x() - plot.left()) / max(plot.width(), 1.0) * self._values.size
        if 0 <= position < self._values.size:
            self._set_hovered(int(position))
            self.value_hovered.emit(int(position))
        else:
            self._set_hovered(None)
            self.hover_ended.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)
        self.hover_ended.emit()

    def _plot(self) -> QRectF:
        low, high = self._limits()
        metrics = self.fontMetrics()
        left = max(metrics.horizontalAdvance(figure(value)) for value in (low, high, 0.0)) + 12
        return QRectF(left, _TOP, max(self.width() - left - 4, 1), max(self.height() - _TOP - _BOTTOM, 1))

    def _area(self, plot: QRectF, index: int) -> QRectF:
        step = plot.width() / max(self._values.size, 1)
        return QRectF(plot.left() + index * step, plot.top(), step, plot.height())

    def _limits(self) -> tuple[float, float]:
        low, high = finite_limits(self._values)
        low, high = min(low, 0.0), max(high, 0.0)
        return (low, high) if high > low else (0.0, 1.0)

    def _paint_axis(self, painter: QPainter, plot: QRectF, zero: float) -> None:
        low, high = self._limits()
        height = self.fontMetrics().height()
        marks = [(high, plot.top()), (0.0, zero), (low, plot.bottom())]
        last: float | None = None
        for value, y in marks:
            painter.setPen(QPen(theme().color("muted" if value == 0 else "line"), 1))
            painter.drawLine(int(plot.left()), round(y), int(plot.right()), round(y))
            if last is None or abs(y - last) >= height:
                painter.setPen(theme().color("muted"))
                line = QRectF(0, y - height / 2, plot.left() - 8, height)
                painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure(value))
                last = y

    def _paint_names(self, painter: QPainter, plot: QRectF) -> None:
        """Names or indices under the bars, as many as fit side by side."""
        metrics = self.fontMetrics()
        names = self._names or tuple(str(index) for index in range(self._values.size))
        widest = max(metrics.horizontalAdvance(name) for name in names) + 8
        step = self._area(plot, 0).width()
        every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500) if n * step >= widest or n == 500)
        if self._names and every > 1:
            names = tuple(metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(int(step), 8)) for name in names)
            every, widest = 1, int(step)
        painter.setPen(theme().color("muted"))
        for index in range(0, self._values.size, every):
            middle = self._area(plot, index).center().x()
            place = QRectF(middle - widest / 2, plot.bottom() + 4, widest, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, names[index])

    def _set_hovered(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.update()
