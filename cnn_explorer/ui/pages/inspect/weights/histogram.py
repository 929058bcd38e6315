"""A small histogram: bars over a line with its ends and 0; the bar under the cursor tells its share."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnn_explorer.core.model.weight_pictures import Histogram
from cnn_explorer.text.numbers import counted, figure, rough
from cnn_explorer.ui.theme import theme

_GAP = 4  # pixels between the line and its texts
_ALONE = 12  # pixels of the bar, if all values are the same


class HistogramView(QWidget):
    """Shows one histogram, or nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_histogram")
        self.setAccessibleName("Histogram of the weights")
        self.setToolTip("How often each value occurs; point at a bar for its numbers.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._shown: Histogram | None = None
        self._hovered: int | None = None
        theme().changed.connect(self.update)

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Show another histogram."""
        self._shown, self._hovered = histogram, None
        words = f"from {figure(histogram.low)} to {figure(histogram.high)}" if histogram else ""
        self.setAccessibleDescription(words)
        self.update()

    def bar_text(self, index: int) -> str:
        """From where to where a bar goes, and how many values it stands for."""
        assert self._shown is not None
        low, high = self._shown.edges(index)
        count = self._shown.counts[index]
        share = 100 * count / sum(self._shown.counts)
        return f"{rough(low)} to {rough(high)}: {counted(count, 'weight', 'weights')} ({share:.1f} %)"

    def bar_at(self, x: float) -> int | None:
        """The bar at that distance from the left; ``None`` where there is none."""
        if self._shown is None:
            return None
        index = int(x / max(self.width(), 1) * len(self._shown.counts))
        return index if 0 <= index < len(self._shown.counts) else None

    def sizeHint(self) -> QSize:
        return QSize(200, 64 + self.fontMetrics().height() + _GAP)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._shown
        if shown is None:
            return
        painter = QPainter(self)
        area = QRectF(0, 0, self.width(), self.height() - self.fontMetrics().height() - _GAP)
        most, step = max(shown.counts), area.width() / len(shown.counts)
        soft = QColor(theme().color("accent"))
        soft.setAlphaF(0.72)
        for index, count in enumerate(shown.counts):
            if count:
                height = max(area.height() * count / most, 1.0)  # a single weight is seen too
                bar = QRectF(index * step, area.bottom() - height, max(step - 1, 1.0), height)
                if len(shown.counts) == 1:
                    bar = QRectF(area.center().x() - _ALONE / 2, bar.top(), _ALONE, height)
                painter.fillRect(bar, theme().color("accent") if index == self._hovered else soft)
        painter.setPen(QPen(theme().color("line"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        self._paint_axis(painter, shown, area)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hovered(self.bar_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.bar_at(event.pos().x())
            QToolTip.showText(event.globalPos(), self.toolTip() if index is None else self.bar_text(index), self)
            return True
        return super().event(event)

    def _set_hovered(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.update()

    def _paint_axis(self, painter: QPainter, shown: Histogram, area: QRectF) -> None:
        below = QRectF(0, area.bottom() + _GAP, self.width(), self.fontMetrics().height())
        low, high = rough(shown.low), rough(shown.high)
        metrics = self.fontMetrics()
        painter.setPen(theme().color("muted"))
        if shown.low == shown.high:
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, f"all {low}")
            return
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, high)
        if shown.low < 0 < shown.high:
            x = -shown.low / (shown.high - shown.low) * area.width()
            painter.setPen(QPen(theme().color("muted"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(int(x), int(area.top()), int(x), int(area.bottom()))
            zero = metrics.horizontalAdvance("0")
            if metrics.horizontalAdvance(low) + zero < x < area.width() - metrics.horizontalAdvance(high) - zero:
                painter.setPen(theme().color("muted"))
                painter.drawText(
                    QRectF(x - zero, below.top(), 2 * zero, below.height()), Qt.AlignmentFlag.AlignHCenter, "0"
                )
