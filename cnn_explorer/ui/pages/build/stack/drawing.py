"""The data on its way through the network, drawn: a box for each layer's maps, a bar for each vector."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget

from cnn_explorer.ui.pages.build.stack.rows import StackRow
from cnn_explorer.ui.theme import theme

_TALLEST = 58.0  # pixels for the side of the network's largest map
_SLANT = (0.75, 0.4)  # where the depth of a box goes: right and up
_PADDING = 10
_GAP = 12


@dataclass(frozen=True)
class Volume:
    """A box in pixels: its front is ``width`` × ``height``, ``depth`` goes to the right and up. 0 deep: a vector."""

    width: float
    height: float
    depth: float

    @property
    def span(self) -> float:
        """The whole width with the depth."""
        return self.width + _SLANT[0] * self.depth

    @property
    def rise(self) -> float:
        """The whole height with the depth."""
        return self.height + _SLANT[1] * self.depth


def volume(shape: tuple[int, ...] | None, largest: int) -> Volume:
    """The box for an output of ``shape``: sides go with the root, depth and vectors with the logarithm.

    So a map of 3×3 can still be seen next to one of 224×224. ``largest`` is the longest side of any map in the
    network. An unknown shape gets a small square.
    """
    if shape is None:
        return Volume(22, 22, 0)
    if len(shape) == 3:
        rows, columns, maps = shape
        side = _TALLEST / math.sqrt(largest)
        return Volume(max(4.0, side * math.sqrt(columns)), max(4.0, side * math.sqrt(rows)), 3 + 4.5 * math.log2(maps))
    return Volume(6, min(_TALLEST + 14, 10 + 6 * math.log2(math.prod(shape))), 0)


class VolumeDrawing(QScrollArea):
    """A strip of all volumes that scrolls when the network is long. A click on a volume chooses its row."""

    chosen = Signal(int)
    """The row that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("build_volumes")
        self.setAccessibleName("Drawing of the data's shape after each layer")
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the stack below is the same for the keyboard
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._canvas = _Canvas()
        self._canvas.clicked.connect(self.chosen)
        self.setWidget(self._canvas)

    def sizeHint(self) -> QSize:
        return QSize(320, self._canvas.minimumHeight() + self.horizontalScrollBar().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def show_rows(self, rows: tuple[StackRow, ...], chosen: int) -> None:
        """Draw other rows, with one of them marked and in sight."""
        self._canvas.show_rows(rows, chosen)
        if 0 <= chosen < len(rows):
            place = self._canvas.place(chosen)
            self.ensureVisible(int(place.center().x()), 0, int(place.width()), 0)


class _Canvas(QWidget):
    clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[StackRow, ...] = ()
        self._volumes: list[Volume] = []
        self._widths: list[float] = []
        self._chosen = -1
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self._measure)
        self._measure()

    def show_rows(self, rows: tuple[StackRow, ...], chosen: int) -> None:
        largest = max((max(row.shape[:2]) for row in rows if row.shape and len(row.shape) == 3), default=1)
        self._rows, self._chosen = rows, chosen
        self._volumes = [volume(row.shape, largest) for row in rows]
        self._measure()

    def place(self, row: int) -> QRectF:
        """Where the row is drawn, with its label."""
        widths = self._widths
        gap = (self.width() - sum(widths)) / max(len(widths), 1)
        gap = max(_GAP, min(gap, 4 * _GAP))
        start = max(0.0, (self.width() - sum(widths) - gap * len(widths)) / 2)
        left = start + sum(widths[:row]) + gap * row
        return QRectF(left, 2, widths[row] + gap, self.height() - 4)

    def _measure(self) -> None:
        metrics = self.fontMetrics()
        self._widths = [
            max(shown.span, metrics.horizontalAdvance(row.shape_text))
            for shown, row in zip(self._volumes, self._rows, strict=True)
        ]
        self.setMinimumHeight(int(_TALLEST + 26) + 2 * _PADDING + metrics.height())
        self.setMinimumWidth(int(sum(self._widths) + _GAP * len(self._rows)))
        self.update()

    def _row_at(self, position: QPointF) -> int:
        return next((row for row in range(len(self._rows)) if self.place(row).contains(position)), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(row)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self._row_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._rows[row].sentence if row >= 0 else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        label = self.fontMetrics().height()
        floor = self.height() - _PADDING - label - 4
        for index, (row, shown) in enumerate(zip(self._rows, self._volumes, strict=True)):
            place = self.place(index)
            if not place.intersects(QRectF(event.rect())):
                continue
            if index == self._chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme().color("accent_soft"))
                painter.drawRoundedRect(place.adjusted(1, 0, -1, 0), 6, 6)
            # All stand around one line, as in the drawings of the textbooks.
            middle = (_PADDING + floor) / 2
            origin = QPointF(place.center().x() - shown.span / 2, middle + shown.rise / 2)
            _draw(painter, origin, shown, row)
            painter.setPen(theme().color("text" if index == self._chosen else "muted"))
            text = QRectF(place.left(), floor + 2, place.width(), label + 4)
            painter.drawText(text, Qt.AlignmentFlag.AlignCenter, row.shape_text)
        painter.end()


def _draw(painter: QPainter, origin: QPointF, shown: Volume, row: StackRow) -> None:
    """A box with its front's lower left corner at ``origin``."""
    quiet = row.shape is None or row.role == "text"
    color = theme().color("error" if row.problem else "muted" if quiet else row.role)
    painter.setPen(QPen(color, 1.2, Qt.PenStyle.DashLine if row.shape is None else Qt.PenStyle.SolidLine))
    front = QRectF(origin.x(), origin.y() - shown.height, shown.width, shown.height)
    slant = QPointF(_SLANT[0] * shown.depth, -_SLANT[1] * shown.depth)
    if shown.depth:
        top = QPolygonF([front.topLeft(), front.topLeft() + slant, front.topRight() + slant, front.topRight()])
        side = QPolygonF([front.topRight(), front.topRight() + slant, front.bottomRight() + slant, front.bottomRight()])
        for face, strength in ((top, 36), (side, 64)):
            painter.setBrush(_faded(color, strength))
            painter.drawPolygon(face)
    painter.setBrush(Qt.BrushStyle.NoBrush if row.shape is None else _faded(color, 96))
    painter.drawRect(front)


def _faded(color: QColor, alpha: int) -> QColor:
    faded = QColor(color)
    faded.setAlpha(alpha)
    return faded
