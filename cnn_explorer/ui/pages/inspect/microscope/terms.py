"""The list of what is added up: one painted line a term, however many there are, each with its bar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy, QWidget

from cnn_explorer.text.nodes import number
from cnn_explorer.ui.pages.inspect.microscope.paint import picture, signed_table
from cnn_explorer.ui.pages.inspect.microscope.scene import Order, Terms
from cnn_explorer.ui.theme import theme

_WIDE = 460  # pixels from which the details find room
_GAP = 12
_SAMPLED = 24  # names that are measured


class TermList(QAbstractScrollArea):
    """Shows the terms of a sum; ``chosen`` is the one that is looked at."""

    term_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_microscope_terms")
        self.setAccessibleName("What is added up")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys move over nodes; Ctrl and arrows over these lines
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setMouseTracking(True)
        self._terms: Terms | None = None
        self._order: NDArray[np.intp] = np.zeros(0, np.intp)
        self._scale = 1.0
        self._hovered = -1
        self.by: Order = "size"
        self.chosen = 0
        theme().changed.connect(self._resize)

    @property
    def row_height(self) -> int:
        """Pixels of one line."""
        return self.fontMetrics().height() + 12

    def show_terms(self, terms: Terms, chosen: int) -> None:
        """Show other terms, in the order that is in force."""
        self._terms, self.chosen = terms, chosen
        largest = float(np.abs(terms.values).max()) if terms.values.size else 0.0
        self._scale = largest if largest > 0 and np.isfinite(largest) else 1.0
        self.sort(self.by)

    def sort(self, by: Order) -> None:
        """Put the terms into another order; the chosen one stays in sight."""
        self.by = by
        if self._terms is not None:
            self._order = self._terms.order(by)
        self._resize()
        self._show_chosen()

    def choose(self, term: int) -> None:
        """Look at another term."""
        self.chosen = term
        self._show_chosen()

    def step(self, by: int) -> int:
        """The term so many lines further, not past the ends."""
        if not self._order.size:
            return self.chosen
        line = int(np.flatnonzero(self._order == self.chosen)[0])
        return int(self._order[min(max(line + by, 0), self._order.size - 1)])

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 3 * self.row_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._resize()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if self._terms is None:
            return
        high, top = self.row_height, self.verticalScrollBar().value()
        first, last = top // high, min((top + self.viewport().height()) // high + 1, self._order.size)
        shown = [int(term) for term in self._order[first:last]]
        measured = (self._terms.name(term) for term in self._measured())
        names = max((self.fontMetrics().horizontalAdvance(name) for name in measured), default=0)
        for line, term in enumerate(shown, start=first):
            self._paint_line(painter, QRect(0, line * high - top, self.viewport().width(), high), term, names, line)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._line_at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        line = self._line_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and line >= 0:
            self.term_clicked.emit(int(self._order[line]))

    def line_rectangle(self, term: int) -> QRect:
        """Where the line of a term lies in the viewport."""
        line = int(np.flatnonzero(self._order == term)[0])
        top = line * self.row_height - self.verticalScrollBar().value()
        return QRect(0, top, self.viewport().width(), self.row_height)

    def _measured(self) -> list[int]:
        """Some of the terms, the longest names among them: the last ones have the largest numbers."""
        count = self._order.size
        few = range(count) if count <= _SAMPLED else (*range(8), *range(count - _SAMPLED + 8, count))
        return list(few)

    def _line_at(self, y: float) -> int:
        line = int(y + self.verticalScrollBar().value()) // self.row_height
        return line if 0 <= line < self._order.size else -1

    def _hover(self, line: int) -> None:
        if line != self._hovered:
            self._hovered = line
            goes = line >= 0
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if goes else Qt.CursorShape.ArrowCursor)
            self.viewport().update()

    def _resize(self) -> None:
        bar, page = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._order.size * self.row_height - page))
        bar.setPageStep(page)
        bar.setSingleStep(self.row_height)
        self.viewport().update()

    def _show_chosen(self) -> None:
        if self._order.size and self.chosen < self._order.size:
            rect, bar = self.line_rectangle(self.chosen), self.verticalScrollBar()
            if rect.top() < 0:
                bar.setValue(bar.value() + rect.top())
            elif rect.bottom() > self.viewport().height():
                bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + 1)
        self.viewport().update()

    def _paint_line(self, painter: QPainter, rect: QRect, term: int, names: int, line: int) -> None:
        terms = self._terms
        assert terms is not None
        colors, metrics = theme(), self.fontMetrics()
        if term == self.chosen or line == self._hovered:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent_soft" if term == self.chosen else "raised"))
            painter.drawRoundedRect(rect.adjusted(0, 1, -1, -1), 4, 4)
        value = float(terms.values[term])
        middle, at_right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        left, right = rect.left() + 8, rect.right() - 8
        painter.setPen(colors.color("text"))
        painter.drawText(QRect(left, rect.top(), names + 4, rect.height()), middle, terms.name(term))
        left += names + _GAP
        figures = metrics.horizontalAdvance("−00.0000")
        painter.drawText(QRect(right - figures, rect.top(), figures, rect.height()), middle | at_right, number(value))
        right -= figures + _GAP
        if terms.mini is not None:
            left = self._paint_mini(painter, rect, left, terms.mini(term), terms.limit)
        if rect.width() >= _WIDE and terms.detail(term):
            wide = max(metrics.horizontalAdvance("−00.0000 × −00.0000"), metrics.horizontalAdvance(terms.detail(term)))
            painter.setPen(colors.color("muted"))
            painter.drawText(QRect(left, rect.top(), wide, rect.height()), middle | at_right, terms.detail(term))
            left += wide + _GAP
        self._paint_bar(painter, QRectF(left, rect.top() + 6, right - left, rect.height() - 12), value)

    def _paint_mini(self, painter: QPainter, rect: QRect, left: int, values: NDArray[np.float64], limit: float) -> int:
        side = rect.height() - 6
        place = QRectF(left, rect.top() + 3, side * values.shape[1] / max(values.shape), side)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(place, picture(values, -limit, limit, signed_table()))
        painter.setPen(theme().color("line"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)
        return left + side + _GAP

    def _paint_bar(self, painter: QPainter, room: QRectF, value: float) -> None:
        """To the right of the middle above 0, to the left below; the longest bar fills its half."""
        if room.width() < 16:
            return
        centre = room.center().x()
        painter.setPen(theme().color("line"))
        painter.drawLine(int(centre), int(room.top() - 4), int(centre), int(room.bottom() + 4))
        length = min(abs(value) / self._scale, 1.0) * room.width() / 2 if np.isfinite(value) else 0.0
        start = centre if value >= 0 else centre - length
        bar = QRectF(start, room.top() + 2, length, room.height() - 4)
        painter.fillRect(bar, theme().color("accent" if value >= 0 else "second"))
