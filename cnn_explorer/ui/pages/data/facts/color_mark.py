"""An entry of a legend: a small square in a colour of the palette, and what it stands for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.ui.theme import theme

_MARK = 8  # pixels
_GAP = 6


class ColorMark(QWidget):
    """``role`` is the palette's colour."""

    def __init__(self, role: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role, self._text = role, text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(_MARK + _GAP + self.fontMetrics().horizontalAdvance(self._text) + 1, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(self._role))
        painter.drawRoundedRect(QRectF(0, (self.height() - _MARK) / 2, _MARK, _MARK), 2, 2)
        painter.setPen(theme().color("muted"))
        painter.drawText(QRectF(self.rect()).adjusted(_MARK + _GAP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text)
        painter.end()
