"""Frames that show on any picture, dark or light, and are found even around one pixel of many."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from cnn_explorer.ui.theme import theme

_LEAST = 8.0  # pixels of the screen for a frame


def paint_frame(painter: QPainter, rect: QRectF, role: str = "accent", width: float = 2.0) -> None:
    """A frame in two tones, so that it shows on dark and on light pictures alike."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, wide in ((theme().color("surface"), width + 2.5), (theme().color(role), width)):
        pen = QPen(color, wide)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(rect)
    painter.restore()


def enlarged(rect: QRectF, bounds: QRectF) -> QRectF:
    """The frame at least as large as can be found with the eye, and within what is shown."""
    grown = QRectF(rect)
    if rect.width() < _LEAST:
        grown.adjust((rect.width() - _LEAST) / 2, 0, (_LEAST - rect.width()) / 2, 0)
    if rect.height() < _LEAST:
        grown.adjust(0, (rect.height() - _LEAST) / 2, 0, (_LEAST - rect.height()) / 2)
    inner = bounds.adjusted(2, 2, -2, -2)
    return grown.intersected(inner)
