"""Two vectors as pairs of bars, and their difference below, value by value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.core.maps.imaging import finite_limits
from cnn_explorer.core.maps.style import SIGNED_COLORS
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.text.numbers import figure
from cnn_explorer.ui.pages.inspect.compare.difference import DEVIATIONS, SideBySide
from cnn_explorer.ui.theme import theme

_TOP, _BETWEEN, _WIDEST_PAIR = 12, 20, 72  # pixels
_SHARE = 0.62  # of the height that both plots have, for that of the values


class SideBySideBars(QWidget):
    """Up to 128 values of two sides; the arrow keys go from value to value."""

    value_hovered = Signal(int)
    hover_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare_bars")
        self.setAccessibleName("Values of A and B side by side, and their difference below")
        self._pair: SideBySide | None = None
        self._names: tuple[str, ...] = ()
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def show_pair(self, pair: SideBySide, names: tuple[str, ...]) -> None:
        """Show two vectors; ``names`` stand under the bars if there is one for each value."""
        self._pair = pair
        self._names = names if len(names) == pair.a.size else ()
        if self._hovered is not None and self._hovered >= pair.a.size:
            self._hovered = None
        self.update()

    def area(self, index: int) -> QRectF:
        """The full height of both plots at one value."""
        values, apart = self._plots()
        left = self._slot(values, index)
        return QRectF(left.left(), values.top(), left.width(), apart.bottom() - values.top())

    def sizeHint(self) -> QSize:
        return QSize(480, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        pair = self._pair
        if pair is None or pair.b is None or pair.comparison is None or not pair.a.size:
            return
        painter = QPainter(self)
        values, apart = self._plots()
        if self._hovered is not None:
            painter.fillRect(self.area(self._hovered), theme().color("raised"))
        self._paint_axis(painter, values, self._limits())
        self._paint_axis(painter, apart, self._reach())
        colors = theme()
        for index in range(pair.a.size):
            slot = self._slot(values, index)
            width = min(slot.width() * 0.8, _WIDEST_PAIR)
            left = slot.center().x() - width / 2
            for side, role, offset in ((pair.a, "accent", 0.0), (pair.b, "second", width / 2)):
                bar = self._bar(values, self._limits(), float(side[index]))
                if bar is not None:
                    painter.fillRect(
                        QRectF(left + offset, bar[0], max(width / 2 - 0.5, 1.0), bar[1]), colors.color(role)
                    )
            difference = float(self._difference()[index])
            bar = self._bar(apart, self._reach(), difference)
            if bar is not None:
                painter.fillRect(QRectF(left, bar[0], max(width, 1.0), bar[1]), _signed(difference))
        self._paint_names(painter, apart)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        values, _ = self._plots()
        count = self._count()
        place = (event.position().x() - values.left()) / max(values.width(), 1.0) * count
        self._point_at(int(place) if 0 <= place < count else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key not in steps or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        wanted = 0 if self._hovered is None else self._hovered + steps[key]
        if 0 <= wanted < self._count():
            self._point_at(wanted)

    def _point_at(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.update()
        if index is None:
            self.hover_ended.emit()
        else:
            self.value_hovered.emit(index)

    def _count(self) -> int:
        return self._pair.a.size if self._pair is not None else 0

    def _difference(self) -> NDArray[Any]:
        pair = self._pair
        if pair is None or pair.comparison is None:
            return np.zeros(0, np.float32)
        return pair.comparison.difference if pair.units is None else np.clip(pair.units, -DEVIATIONS, DEVIATIONS)

    def _limits(self) -> tuple[float, float]:
        pair = self._pair
        if pair is None or pair.b is None:
            return 0.0, 1.0
        low, high = finite_limits(np.concatenate((pair.a, pair.b)))
        low, high = min(low, 0.0), max(high, 0.0)
        return (low, high) if high > low else (0.0, 1.0)

    def _reach(self) -> tuple[float, float]:
        low, high = finite_limits(self._difference())
        reach = max(-low, high)
        # Beside the values the difference has their scale, unless it is counted in deviations.
        if self._pair is not None and self._pair.units is None:
            bottom, top = self._limits()
            reach = max(reach, (top - bottom) / 2)
        return (-reach, reach) if reach > 0 else (-1.0, 1.0)

    def _plots(self) -> tuple[QRectF, QRectF]:
        metrics = self.fontMetrics()
        marks = (*self._limits(), *self._reach(), 0.0)
        left = max(metrics.horizontalAdvance(figure(value)) for value in marks) + 12
        width = max(self.width() - left - 4, 1)
        room = max(self.height() - _TOP - _BETWEEN - metrics.height() - 8, 2)
        high = round(room * _SHARE)
        return QRectF(left, _TOP, width, high), QRectF(left, _TOP + high + _BETWEEN, width, room - high)

    def _slot(self, plot: QRectF, index: int) -> QRectF:
        step = plot.width() / max(self._count(), 1)
        return QRectF(plot.left() + index * step, plot.top(), step, plot.height())

    def _bar(self, plot: QRectF, limits: tuple[float, float], value: float) -> tuple[float, float] | None:
        """Top and height of a bar from 0 to ``value``; ``None`` if that is no number."""
        if not np.isfinite(value):
            return None
        low, high = limits
        ends = [plot.bottom() - (end - low) / (high - low) * plot.height() for end in (value, 0.0)]
        return min(ends), max(abs(ends[0] - ends[1]), 1.0)

    def _paint_axis(self, painter: QPainter, plot: QRectF, limits: tuple[float, float]) -> None:
        low, high = limits
        height = self.fontMetrics().height()
        last: float | None = None
        for value in (high, 0.0, low):
            y = plot.bottom() - (value - low) / (high - low) * plot.height()
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
        names = self._names or tuple(str(index) for index in range(self._count()))
        step = self._slot(plot, 0).width()
        widest = max(metrics.horizontalAdvance(name) for name in names) + 8
        every = 1 if self._names else next(n for n in (1, 2, 5, 10, 20, 50, 100, 200) if n * step >= widest or n == 200)
        painter.setPen(theme().color("muted"))
        for index in range(0, self._count(), every):
            room = max(step * every, 8.0)
            text = metrics.elidedText(names[index], Qt.TextElideMode.ElideRight, int(room))
            middle = self._slot(plot, index).center().x()
            place = QRectF(middle - room / 2, plot.bottom() + 4, room, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _signed(value: float) -> QColor:
    """The colour that the maps of a difference have for large values of this sign."""
    return QColor(*colormap(SIGNED_COLORS)[232 if value > 0 else 23].tolist())
