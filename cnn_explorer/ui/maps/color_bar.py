"""A vertical bar of colours with what its ends and its middle stand for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.text.legend import Legend
from cnn_explorer.ui.maps.pixel_view import colored
from cnn_explorer.ui.theme import theme

_BAR = 12  # pixels
_GAP = 8
_BOTTOM = Qt.AlignmentFlag.AlignBottom
_RAMP = np.linspace(1.0, 0.0, 256, dtype=np.float32)[:, np.newaxis]


class ColorBar(QWidget):
    """The legend beside maps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._legend, self._name = Legend("", "", "", ""), ""
        self._picture: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def legend(self) -> Legend:
        """The texts that are shown."""
        return self._legend

    def show_legend(self, legend: Legend, name: str) -> None:
        """Show the colour map of that name with these texts."""
        if (legend, name) == (self._legend, self._name):
            return
        before = self.sizeHint()
        self._legend, self._name = legend, name
        self._picture = colored(_RAMP, colormap(name))
        words = f"Colours from {legend.low} to {legend.high}"
        self.setToolTip(f"{words}: {legend.note}." if legend.note else f"{words}.")
        self.setAccessibleName(self.toolTip())
        if self.sizeHint() != before:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        widest = max(self.fontMetrics().horizontalAdvance(text) for text in (*self._texts(), "−0.0000"))
        return QSize(_BAR + _GAP + widest + 2, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), 60)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            return
        painter = QPainter(self)
        bar = QRectF(0, 0, _BAR, self.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, self._picture)
        painter.setPen(theme().color("muted"))
        beside = QRectF(_BAR + _GAP, -2, self.width() - _BAR - _GAP, self.height() + 4)
        for text, edge in ((self._legend.high, Qt.AlignmentFlag.AlignTop), (self._legend.low, _BOTTOM)):
            painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | edge, text)
        self._paint_middle(painter, beside)
        painter.end()

    def _paint_middle(self, painter: QPainter, beside: QRectF) -> None:
        """The text of the middle where it belongs, if it would not lie upon the others."""
        high = self.fontMetrics().height()
        y = (1 - self._legend.middle_at) * self.height()
        if self._legend.middle and 1.3 * high <= y <= self.height() - 1.3 * high:
            painter.drawLine(_BAR, round(y), _BAR + 4, round(y))
            place = QRectF(beside.left(), y - high / 2, beside.width(), high)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._legend.middle)

    def _texts(self) -> tuple[str, str, str]:
        return self._legend.high, self._legend.middle, self._legend.low
