"""A small curve of the learning rate over a whole run, drawn before the run starts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.ui.theme import theme


class ScheduleCurve(QWidget):
    """Draws rates, given at equal distances over the run, between 0 and the highest one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rates: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def set_rates(self, rates: tuple[float, ...]) -> None:
        """Show other rates: finite numbers, two or more."""
        self.rates = rates
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 64)

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self.rates) < 2:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0, 3, 0, -1)
        highest = max(self.rates) or 1.0
        count = len(self.rates) - 1
        line = QPolygonF(
            [
                QPointF(box.left() + box.width() * index / count, box.bottom() - box.height() * rate / highest)
                for index, rate in enumerate(self.rates)
            ]
        )
        below = QPolygonF(line)
        below.append(box.bottomRight())
        below.append(box.bottomLeft())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent_soft"))
        painter.drawPolygon(below)
        painter.setPen(QPen(look.color("line"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setPen(QPen(look.color("accent"), 2))
        painter.drawPolyline(line)
        painter.end()
