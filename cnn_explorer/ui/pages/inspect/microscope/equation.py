"""One term of the sum at large: the patch of an input map, times its kernel, equals the products, cell by cell."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.text.numbers import rough
from cnn_explorer.ui.maps.frames import paint_frame
from cnn_explorer.ui.pages.inspect.microscope.paint import (
    ValueColors,
    bold,
    cell_of,
    number_size,
    paint_plate,
    paint_scale,
    picture,
)
from cnn_explorer.ui.pages.inspect.microscope.scene import Equation, Plate
from cnn_explorer.ui.theme import theme

_LARGEST_CELL = 120.0
_SIGN = 36  # pixels of the width for × and =
_SLOT = 150  # that a caption needs
_BAR = 8
_GAP = 6
_FOOT = 1.25  # lines, since what comes of the plates is larger than other text
_EXPLAINED = {"values": "", "weights": "weights of the layer", "products": "value × weight"}


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A plate with its picture and the ends of its scale."""

    plate: Plate
    image: QImage
    colors: ValueColors


class EquationView(QWidget):
    """Plates side by side. One cell is looked at, by the cursor or the keys; a click on it goes to its node."""

    cell_opened = Signal(object)
    """The ``Source`` of a cell that someone wants to go to."""
    cell_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_microscope_equation")
        self.setAccessibleName("The values under the window and their weights")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._equation: Equation | None = None
        self._colors = ValueColors("gray", 0.0, 1.0)
        self._drawn: list[_Drawn] = []
        self.cell: tuple[int, int] | None = None
        theme().changed.connect(self._draw)

    @property
    def equation(self) -> Equation | None:
        """What is shown."""
        return self._equation

    def show_equation(self, equation: Equation, colors: ValueColors) -> None:
        """Show a term; ``colors`` are those of the values of maps."""
        if self._equation is not None and self._equation.shape != equation.shape:
            self.cell = None
        self._equation, self._colors = equation, colors
        self._draw()

    @property
    def words(self) -> str:
        """The arithmetic of the cell that is looked at; else what the window covers."""
        if self._equation is None:
            return ""
        if self.cell is not None:
            return self._equation.cell_words(*self.cell)
        if not self._equation.has_padding:
            return ""
        return f"hatched: padding, {'counts as 0' if self._equation.padding_counts else 'takes no part'}"

    def move_cell(self, down: int, across: int) -> None:
        """Look at a neighbouring cell, within the plate; the first time at the one in the middle."""
        if self._equation is None:
            return
        rows, columns = self._equation.shape
        if self.cell is None:
            self._show_cell((rows // 2, columns // 2))
        else:
            row, column = self.cell
            self._show_cell((min(max(row + down, 0), rows - 1), min(max(column + across, 0), columns - 1)))

    def open_cell(self) -> bool:
        """Go to the node under the cell that is looked at; whether there is one."""
        source = self._equation.source(*self.cell) if self._equation and self.cell else None
        if source is not None:
            self.cell_opened.emit(source)
        return source is not None

    def rectangles(self) -> list[QRectF]:
        """Where the plates lie."""
        if self._equation is None:
            return []
        rows, columns = self._equation.shape
        count = len(self._equation.plates)
        line = self.fontMetrics().height()
        head, foot = 2 * line + _GAP, _BAR + line + _FOOT * line + 4 * _GAP
        free = self.width() - 2 - _SIGN * (count - 1)  # edges need a pixel
        side = min(free / (count * columns), (self.height() - head - foot) / rows, _LARGEST_CELL)
        side = max(side, 2.0)
        wide, high = side * columns, side * rows
        slot = max(wide, min(_SLOT, free / count))
        left = (self.width() - count * slot - _SIGN * (count - 1)) / 2
        top = head + max(0.0, (self.height() - head - foot - high) / 2)
        return [QRectF(left + number * (slot + _SIGN) + (slot - wide) / 2, top, wide, high) for number in range(count)]

    def sizeHint(self) -> QSize:
        return QSize(560, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 180)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._equation is None:
            return
        painter = QPainter(self)
        rects, (rows, columns) = self.rectangles(), self._equation.shape
        plates = [plate.values for plate in self._equation.plates]
        size = number_size(self.font(), plates, rects[0].width() / columns, rects[0].height() / rows)
        for number, (drawn, rect) in enumerate(zip(self._drawn, rects, strict=True)):
            real = self._equation.window.real if drawn.plate.kind != "weights" else None
            padding = "0" if self._equation.padding_counts else ""
            paint_plate(painter, rect, drawn.plate.values, drawn.image, real, size, padding)
            self._paint_scale(painter, drawn, rect)
            if number:
                painter.setFont(bold(self.font(), 1.6))
                painter.setPen(theme().color("muted"))
                between = rects[number - 1].right()
                sign = QRectF(between, rect.top(), rect.left() - between, rect.height())
                painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, self._equation.signs[number - 1])
                painter.setFont(self.font())
            if self._equation.best is not None:
                paint_frame(painter, cell_of(rect, self._equation.shape, *self._equation.best), "text", 4)
            if self.cell is not None:
                paint_frame(painter, cell_of(rect, self._equation.shape, *self.cell), "text")
        self._paint_captions(painter, rects)
        self._paint_foot(painter, rects)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._show_cell(self._cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._show_cell(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._show_cell(self._cell_at(event.position()))
        if event.button() == Qt.MouseButton.LeftButton:
            self.open_cell()

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        if self._equation is None:
            return None
        rows, columns = self._equation.shape
        for rect in self.rectangles():
            if rect.contains(point):
                row = int((point.y() - rect.top()) / rect.height() * rows)
                column = int((point.x() - rect.left()) / rect.width() * columns)
                return min(row, rows - 1), min(column, columns - 1)
        return None

    def _show_cell(self, cell: tuple[int, int] | None) -> None:
        if cell == self.cell:
            return
        self.cell = cell
        goes = cell is not None and self._equation is not None and self._equation.source(*cell) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if goes else Qt.CursorShape.ArrowCursor)
        self.setToolTip("Click to go to this node of the layer before." if goes else "")
        self.cell_changed.emit()
        self.update()

    def _draw(self) -> None:
        self._drawn = []
        for plate in self._equation.plates if self._equation else ():
            limit = plate.limit or 1.0  # all 0: the middle of any scale
            colors = self._colors if plate.kind == "values" else ValueColors("", -limit, limit)
            image = picture(plate.values, colors.low, colors.high, colors.table)
            self._drawn.append(_Drawn(plate, image, colors))
        self.update()

    def _paint_captions(self, painter: QPainter, rects: list[QRectF]) -> None:
        """Two lines above each plate. The first plate has the longest: where they need room they go to the right."""
        assert self._equation is not None
        plates, metrics = self._equation.plates, self.fontMetrics()
        line = metrics.height()
        under = [self._equation.where if plate.kind == "values" else _EXPLAINED[plate.kind] for plate in plates]
        for texts, role, top in (
            ([plate.caption for plate in plates], "text", 2 * line + _GAP), (under, "muted", line + _GAP)
        ):  # fmt: skip
            painter.setPen(theme().color(role))
            end = float(self.width())
            for text, rect in reversed(list(zip(texts, rects, strict=True))):
                needed = metrics.horizontalAdvance(text) + 2.0
                left = max(rect.center().x() - needed / 2, 0.0)
                left = max(min(left, end - needed), 0.0)
                place = QRectF(left, rect.top() - top, min(needed, end - left), line)
                shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, math.ceil(place.width()))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
                end = left - _GAP

    def _paint_scale(self, painter: QPainter, drawn: _Drawn, rect: QRectF) -> None:
        wide = min(max(rect.width(), 96.0), 2 * min(rect.center().x(), self.width() - rect.center().x()) - 2)
        bar = QRectF(rect.center().x() - wide / 2, rect.bottom() + 2 * _GAP, wide, _BAR)
        colors = drawn.colors
        middle = "" if colors.name else "0"
        paint_scale(painter, bar, colors.table, (rough(colors.low), middle, rough(colors.high)))

    def _paint_foot(self, painter: QPainter, rects: list[QRectF]) -> None:
        """What comes of the plates, below the last of them; the arithmetic of one cell, below the first."""
        assert self._equation is not None
        line, last = self.fontMetrics().height(), rects[-1]
        left = max(min(rects[0].left(), rects[0].center().x() - _SLOT / 2), 0.0)
        foot = QRectF(left, last.bottom() + _BAR + line + 4 * _GAP, self.width() - left, _FOOT * line)
        painter.setPen(theme().color("muted"))
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.words)
        font = bold(self.font(), 1.1)
        wide = QFontMetricsF(font).horizontalAdvance(self._equation.tail) + 4
        start = min(max(last.center().x() - wide / 2, 0.0), self.width() - wide)
        painter.setPen(theme().color("text"))
        painter.setFont(font)
        below = QRectF(start, foot.top(), wide, foot.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._equation.tail)
