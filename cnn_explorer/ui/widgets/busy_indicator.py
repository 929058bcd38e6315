"""A small turning ring: something is being loaded."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.ui.theme import theme

_SIDE = 14  # pixels
_STEP = 30  # degrees
_EVERY = 80  # milliseconds


class BusyIndicator(QWidget):
    """Turns while it can be seen; costs nothing while it cannot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._angle = 0
        self._icon = theme().icon("loader-circle", "accent")
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._turn)

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def showEvent(self, event: QShowEvent) -> None:
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(self.width() / 2, self.height() / 2)
        painter.rotate(self._angle)
        painter.translate(-_SIDE / 2, -_SIDE / 2)
        self._icon.paint(painter, 0, 0, _SIDE, _SIDE)
        painter.end()

    def _turn(self) -> None:
        self._angle = (self._angle + _STEP) % 360
        self.update()
