"""The classes of a prediction as horizontal bars, in one column or in two where the height asks for it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.text.verdicts import Bar
from cnn_explorer.ui.theme import theme

_ROW = 18  # pixels, the least a row needs
_TALLEST_ROW = 24
_GAP = 8
_COLUMN_GAP = 32
_LONGEST_NAME = 140


class PredictionBars(QWidget):
    """One row a class: name, bar, value. The predicted class stands out, and the true one if it is another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_prediction")
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("What the network gives for each class; the predicted one stands out.")
        theme().changed.connect(self.update)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown."""
        return self._bars

    def show_bars(self, bars: tuple[Bar, ...]) -> None:
        """Show these classes, in their order."""
        self._bars = bars
        words = ", ".join(f"{bar.name}: {bar.text}" for bar in bars)
        self.setAccessibleName(f"Prediction by class: {words}" if bars else "No prediction")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 96)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 5 * _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter = QPainter(self)
        columns = 1 if self.height() >= len(self._bars) * _ROW else 2
        rows = -(-len(self._bars) // columns)
        height = min(self.height() / rows, _TALLEST_ROW)
        width = (self.width() - (columns - 1) * _COLUMN_GAP) / columns
        metrics = QFontMetricsF(self._font(marked=True))
        name_width = min(max(metrics.horizontalAdvance(bar.name) for bar in self._bars) + 2, _LONGEST_NAME)
        text_width = max(metrics.horizontalAdvance(bar.text) for bar in self._bars) + 2
        for index, bar in enumerate(self._bars):
            column, row = divmod(index, rows)
            place = QRectF(column * (width + _COLUMN_GAP), row * height, width, height)
            self._paint_row(painter, place, bar, name_width, text_width)
        painter.end()

    def _font(self, marked: bool) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if marked else QFont.Weight.Normal)
        return font

    def _paint_row(self, painter: QPainter, place: QRectF, bar: Bar, name_width: float, text_width: float) -> None:
        colors = theme()
        marked = bar.predicted or bar.true
        painter.setFont(self._font(marked))
        name_place = QRectF(place.left(), place.top(), name_width, place.height())
        text_place = QRectF(place.right() - text_width, place.top(), text_width, place.height())
        painter.setPen(colors.color("text" if marked else "muted"))
        name = painter.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, int(name_width))
        painter.drawText(name_place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        painter.drawText(text_place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, bar.text)
        track = QRectF(name_place.right() + _GAP, place.center().y() - 4, 0, 8)
        track.setRight(text_place.left() - _GAP)
        role = "muted"
        if bar.predicted:
            wrong = any(b.true for b in self._bars) and not bar.true
            role = "error" if wrong else "accent"
        elif bar.true:
            role = "success"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("raised"))
        painter.drawRoundedRect(track, 4, 4)
        filled = QRectF(track)
        filled.setWidth(track.width() * min(bar.length, 1.0))
        if filled.width() >= 1:
            painter.setBrush(colors.color(role))
            painter.drawRoundedRect(filled, min(4.0, filled.width() / 2), 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
