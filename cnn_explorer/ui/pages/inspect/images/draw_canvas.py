"""A black square to draw on with mouse, pen or finger: smooth bright strokes, an eraser, undo and redo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.ui.theme import theme

SIDE = 280
"""Pixels of the ink's side, however large the canvas is on the screen."""
WIDTHS = (8, 48)
"""The thinnest and the thickest pen, in pixels of the ink."""

_MOST_STEPS = 100  # of undo; each keeps an image of 78 kB
_RUBBER = 1.5  # times the pen's width: one as wide as the pen would leave the soft edges of the stroke
_LIGHTEST = 0.35  # of the pen's width, where a tablet reports hardly any pressure
_HINT = "Draw here"


class DrawCanvas(QWidget):
    """Ink on a square of ``SIDE`` × ``SIDE`` bytes, bright on black; ``changed`` follows every stroke as it goes."""

    changed = Signal()
    steps_changed = Signal()
    """There is now something, or nothing, to undo or redo."""
    eraser_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pen_width = 24
        self._erases = False
        self._preferred = SIDE
        self._ink = _blank()
        self._undo: list[QImage] = []
        self._redo: list[QImage] = []
        self._stroke: list[QPointF] = []
        self._drawing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        theme().changed.connect(self.update)

    @property
    def ink(self) -> NDArray[np.uint8]:
        """What is drawn: a copy, bytes (rows, columns), 0 where nothing is."""
        view = np.frombuffer(self._ink.constBits(), np.uint8).reshape(SIDE, self._ink.bytesPerLine())
        return view[:, :SIDE].copy()

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink."""
        return not self.ink.any()

    @property
    def can_undo(self) -> bool:
        """Whether there is a stroke to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is a stroke to draw again."""
        return bool(self._redo)

    @property
    def erases(self) -> bool:
        """Whether strokes take ink away."""
        return self._erases

    def set_erases(self, erases: bool) -> None:
        """Draw, or rub out."""
        if erases != self._erases:
            self._erases = erases
            self.eraser_changed.emit(erases)

    def undo(self) -> None:
        """Take back the last stroke, or the last clearing."""
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        """Draw again what was taken back last."""
        self._step(self._redo, self._undo)

    def set_ink(self, ink: NDArray[np.uint8]) -> None:
        """Draw what was drawn once (rows, columns), which can be undone."""
        if not np.array_equal(ink, self.ink):
            self._remember()
            self._ink = QImage(ink.tobytes(), SIDE, SIDE, SIDE, QImage.Format.Format_Grayscale8).copy()
            self._say_changed()

    def clear(self) -> None:
        """Wipe everything away, which can be undone, and take the pen again: there is nothing to rub out."""
        if not self.is_empty:
            self._remember()
            self._ink = _blank()
            self.set_erases(False)
            self._say_changed()

    def area(self) -> QRectF:
        """The square of the widget that takes the ink."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def steps_on(self, event: QKeyEvent) -> bool:
        """Undo or redo if the key asks for that; whether it does. Of a shortcut on offer it only takes possession."""
        for keys, act in ((QKeySequence.StandardKey.Undo, self.undo), (QKeySequence.StandardKey.Redo, self.redo)):
            if event.matches(keys):
                if event.type() == QEvent.Type.KeyPress:
                    act()
                event.accept()
                return True
        return False

    def prefer(self, side: int) -> None:
        """Be a square of ``side`` pixels on the screen where there is room, and never a larger one."""
        self._preferred = side
        self.setMaximumSize(side, side)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self._preferred, self._preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 160)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = self.area()
        painter.drawImage(area, self._ink)
        if self.is_empty and not self._drawing:
            painter.setPen(QColor(Qt.GlobalColor.gray))  # on the ink's black, whatever the theme
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, _HINT)
        painter.setPen(QPen(theme().color("accent" if self.hasFocus() else "line"), 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position(), 1.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_on(event.position(), 1.0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._end(event.position(), 1.0)

    def tabletEvent(self, event: QTabletEvent) -> None:
        rubber = event.pointerType() == QPointingDevice.PointerType.Eraser
        match event.type():
            case QEvent.Type.TabletPress:
                self._begin(event.position(), event.pressure(), rubber)
            case QEvent.Type.TabletMove:
                self._go_on(event.position(), event.pressure(), rubber)
            case QEvent.Type.TabletRelease:
                self._end(event.position(), event.pressure(), rubber)
        event.accept()  # or Qt would make a mouse of the pen, and draw everything twice

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.steps_on(event):
            return
        if event.matches(QKeySequence.StandardKey.Delete):
            self.clear()
        elif event.key() == Qt.Key.Key_E and not event.modifiers():
            self.set_erases(not self._erases)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Undo and redo are the canvas' own while it has the keys, not those of the network being built."""
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and self.steps_on(event):
            return True
        return super().event(event)

    def _begin(self, place: QPointF, pressure: float, rubber: bool = False) -> None:
        point = self._to_ink(place)
        self._drawing = True
        self._remember()
        self._stroke = [point]
        path = QPainterPath(point)
        path.lineTo(point + QPointF(0.01, 0.0))  # a dot; without any length Qt would drop it
        self._paint(path, pressure, rubber)

    def _go_on(self, place: QPointF, pressure: float, rubber: bool = False) -> None:
        """A curve through the middles between the points that the mouse reports, with those as its handles."""
        point = self._to_ink(place)
        if not self._drawing or point == self._stroke[-1]:
            return
        self._stroke = [*self._stroke[-2:], point]
        *before, last = self._stroke
        if len(before) == 2:
            path = QPainterPath((before[0] + before[1]) / 2)
            path.quadTo(before[1], (before[1] + last) / 2)
        else:
            path = QPainterPath(before[0])
            path.lineTo((before[0] + last) / 2)
        self._paint(path, pressure, rubber)

    def _end(self, place: QPointF, pressure: float, rubber: bool = False) -> None:
        """The second half of the last piece, which waited for a point behind it."""
        if not self._drawing:
            return
        self._go_on(place, pressure, rubber)
        self._drawing = False
        if len(self._stroke) > 1:
            path = QPainterPath((self._stroke[-2] + self._stroke[-1]) / 2)
            path.lineTo(self._stroke[-1])
            self._paint(path, pressure, rubber)

    def _paint(self, path: QPainterPath, pressure: float, rubber: bool) -> None:
        painter = QPainter(self._ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.pen_width * (_LIGHTEST + (1 - _LIGHTEST) * min(max(pressure, 0.0), 1.0))
        erases = self._erases or rubber
        color = QColor(Qt.GlobalColor.black if erases else Qt.GlobalColor.white)
        width *= _RUBBER if erases else 1.0
        pen = QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
        painter.end()
        self._say_changed()

    def _to_ink(self, place: QPointF) -> QPointF:
        area = self.area()
        return (place - area.topLeft()) * (SIDE / max(area.width(), 1.0))

    def _remember(self) -> None:
        self._undo = [*self._undo[1 - _MOST_STEPS :], self._ink.copy()]
        self._redo.clear()
        self.steps_changed.emit()

    def _step(self, back: list[QImage], forth: list[QImage]) -> None:
        if back and not self._drawing:
            forth.append(self._ink)
            self._ink = back.pop()
            self.steps_changed.emit()
            self._say_changed()

    def _say_changed(self) -> None:
        self.update()
        self.changed.emit()


def _blank() -> QImage:
    image = QImage(SIDE, SIDE, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.black)
    return image
