"""A small curve of the learning rate over a whole run, drawn before the run starts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.ui.plots.ticks import plain, round_step
from cnn_explorer.ui.theme import theme

_HEIGHT = 64
"""Pixels of the curve itself."""
_SPACING = 50.0
_GAP = 4


class ScheduleCurve(QWidget):
    """Draws rates at their places in the run, between 0 and the highest one.

    The highest rate stands at the top of its axis, the first and the last one at the ends of the curve where they
    are others, and whole epochs below.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: tuple[tuple[float, float], ...] = ()
        """Shares of the run, 0 to 1, and rates."""
        self.epochs = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)
        theme().changed.connect(self.update)

    def show_points(self, points: tuple[tuple[float, float], ...], epochs: int) -> None:
        """Show other rates: shares of the run, rising from 0 to 1, and finite rates, two or more; or nothing.

        ``epochs`` is the length of the run.
        """
        self.points, self.epochs = points, epochs
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT + 2 * round(self._metrics().height()) + 2 * _GAP)

    def hints(self) -> tuple[str, str, str]:
        """The first, the highest, and the last rate as they are written; "" for one that says nothing new."""
        if len(self.points) < 2:
            return "", "", ""
        rates = [rate for _, rate in self.points]
        first, highest, last = (f"{rate:.3g}" for rate in (rates[0], max(rates), rates[-1]))
        return ("" if first == highest else first), highest, ("" if last == highest else last)

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self.points) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        height = self._metrics().height()
        box = QRectF(self.rect()).adjusted(0, height + _GAP, 0, -height - _GAP)
        self._paint_curve(painter, box)
        self._paint_hints(painter, box)
        self._paint_epochs(painter, box)
        painter.end()

    def _paint_curve(self, painter: QPainter, box: QRectF) -> None:
        look = theme()
        line = self._line(box)
        under = QPolygonF(line)
        under.append(box.bottomRight())
        under.append(box.bottomLeft())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent_soft"))
        painter.drawPolygon(under)
        painter.setPen(QPen(look.color("line"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setPen(QPen(look.color("accent"), 2))
        painter.drawPolyline(line)

    def _line(self, box: QRectF) -> QPolygonF:
        highest = max(rate for _, rate in self.points) or 1.0
        return QPolygonF(
            [
                QPointF(box.left() + box.width() * share, box.bottom() - box.height() * rate / highest)
                for share, rate in self.points
            ]
        )

    def _paint_hints(self, painter: QPainter, box: QRectF) -> None:
        """Write the rates above their places on the curve, as far as they do not touch each other."""
        line, metrics = self._line(box), self._metrics()
        painter.setPen(theme().color("muted"))
        taken: list[QRectF] = []
        first, highest, last = self.hints()
        top = min((line.at(index) for index in range(line.count())), key=lambda point: point.y())
        for text, point in ((highest, top), (last, line.at(line.count() - 1)), (first, line.at(0))):
            width = metrics.horizontalAdvance(text)
            left = min(max(box.left(), point.x() - width / 2), box.right() - width)
            place = QRectF(left, point.y() - _GAP / 2 - metrics.height(), width, metrics.height())
            crossed = text is first and any(
                place.contains(line.at(i)) for i in range(line.count())
            )  # by a steep warm-up
            free = not any(place.adjusted(-_GAP, 0, _GAP, 0).intersects(other) for other in taken)
            if text and free and not crossed:
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
                taken.append(place)

    def _paint_epochs(self, painter: QPainter, box: QRectF) -> None:
        metrics = self._metrics()
        for tick in ticks_below(self.epochs, box.width()):
            x = box.left() + box.width() * tick / self.epochs
            painter.setPen(QPen(theme().color("muted"), 1))
            painter.drawLine(QPointF(x, box.bottom()), QPointF(x, box.bottom() + 3))
            text = "epoch 0" if tick == 0 else plain(float(tick), 1.0)
            width = metrics.horizontalAdvance(text)
            left = min(max(box.left(), x - width / 2), box.right() - width)
            place = QRectF(left, box.bottom() + _GAP, width, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        return font

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self._font())


def ticks_below(epochs: int, width: float) -> tuple[int, ...]:
    """The whole epochs that stand below a curve ``width`` pixels wide, 0 and the end among them."""
    step = max(1, round(round_step(epochs, width / _SPACING)))
    inner = (tick for tick in range(step, epochs, step) if (epochs - tick) * 2 > step)
    return (0, *inner, epochs)
