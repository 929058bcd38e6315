"""The sum in a line, or in a few: numbers in boxes with signs between them, and a drawing of the activation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.core.nodes.activation_functions import named
from cnn_explorer.core.nodes.steps import Activated
from cnn_explorer.ui.pages.inspect.microscope.paint import bold
from cnn_explorer.ui.pages.inspect.microscope.scene import Figure, SumPart
from cnn_explorer.ui.theme import theme

_GAP = 10
_PAD = 12
_CURVE = 190  # pixels of the width of a drawing
_CURVE_HIGH = (96, 190)
_POINTS = 161
_LARGE = 1.35  # of the numbers against text
_BETWEEN = 14  # lines
_EDGE = 4  # pixels of the width for the frames of the outermost boxes
_LARGEST, _SMALLEST = 1.5, 0.7  # of the whole against its natural size


class SumView(QWidget):
    """Shows the lines of a sum as large as they fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_microscope_sum")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._rows: tuple[tuple[SumPart, ...], ...] = ()
        theme().changed.connect(self._fit)

    def show_rows(self, rows: tuple[tuple[SumPart, ...], ...], words: Sequence[str]) -> None:
        """Show other lines; ``words`` are the same as text."""
        self._rows = rows
        self.setAccessibleName("The sum: " + "; ".join(words))
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(640, self.minimumSizeHint().height() + 32)

    def minimumSizeHint(self) -> QSize:
        high = sum(self._least_height(row) for row in self._rows) + _BETWEEN * max(0, len(self._rows) - 1)
        return QSize(320, int(high) + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        least = [self._least_height(row) for row in self._rows]
        between = _BETWEEN * (len(least) - 1)
        widest = max(sum(self._width(part) for part in row) for row in self._rows)
        scale = min(
            _LARGEST, (self.width() - _EDGE) / max(widest, 1.0), max(self.height() / (sum(least) + between), _SMALLEST)
        )
        wide, high = self.width() / scale, self.height() / scale
        drawn = [any(isinstance(part, Activated) for part in row) for row in self._rows]
        # Only a drawing gains from more height; the lines stand in the middle.
        spare = max(0.0, high - sum(least) - between)
        growth = min(spare, _CURVE_HIGH[1] - _CURVE_HIGH[0]) if any(drawn) else 0.0
        painter.scale(scale, scale)
        top = (spare - growth) / 2
        for row, room, has_curve in zip(self._rows, least, drawn, strict=True):
            tall = room + (growth if has_curve else 0.0)
            self._paint_row(painter, row, QRectF(0, top, wide, tall))
            top += tall + _BETWEEN
        painter.end()

    def _fit(self) -> None:
        """No higher than the lines can grow, so that what is said of them stays near."""
        curves = sum(any(isinstance(part, Activated) for part in row) for row in self._rows)
        natural = self.minimumSizeHint().height() + curves * (_CURVE_HIGH[1] - _CURVE_HIGH[0])
        self.setMaximumHeight(round(_LARGEST * natural))
        self.updateGeometry()
        self.update()

    def _box_height(self) -> float:
        return QFontMetricsF(self.font()).height() + QFontMetricsF(bold(self.font(), _LARGE)).height() + 14

    def _least_height(self, row: tuple[SumPart, ...]) -> float:
        curve = any(isinstance(part, Activated) for part in row)
        return max(self._box_height(), _CURVE_HIGH[0] if curve else 0.0)

    def _width(self, part: SumPart) -> float:
        if isinstance(part, Activated):
            return _CURVE + self._sign_width("→")
        text = QFontMetricsF(bold(self.font(), _LARGE)).horizontalAdvance(part.text)
        label = self.fontMetrics().horizontalAdvance(part.label)
        return max(text, label) + 2 * _PAD + self._sign_width(part.sign) + self._sign_width(part.closing)

    def _sign_width(self, sign: str) -> float:
        return QFontMetricsF(bold(self.font(), _LARGE)).horizontalAdvance(sign) + 2 * _GAP if sign else 0.0

    def _paint_row(self, painter: QPainter, row: tuple[SumPart, ...], room: QRectF) -> None:
        needed = sum(self._width(part) for part in row)
        painter.save()
        painter.translate(room.left() + (room.width() - needed) / 2, room.center().y())
        left, after_curve = 0.0, False
        for part in row:
            if isinstance(part, Activated):
                sign = self._sign_width("→")
                self._paint_sign(painter, "→", QRectF(left, -20, sign, 40))
                drawing = QRectF(left + sign, -room.height() / 2, _CURVE, room.height())
                self._paint_function(painter, part, drawing)
                left += sign + _CURVE
                after_curve = True
            else:
                sign_text = "→" if after_curve and part.sign == "=" else part.sign
                left = self._paint_figure(painter, part, sign_text, left)
                after_curve = False
        painter.restore()

    def _paint_sign(self, painter: QPainter, sign: str, rect: QRectF) -> None:
        painter.setFont(bold(self.font(), _LARGE))
        painter.setPen(theme().color("muted"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, sign)

    def _paint_figure(self, painter: QPainter, part: Figure, sign: str, left: float) -> float:
        before, behind, high = self._sign_width(sign), self._sign_width(part.closing), self._box_height()
        if sign:
            self._paint_sign(painter, sign, QRectF(left, -high / 2, before, high))
        wide = self._width(part) - self._sign_width(part.sign) - behind
        box = QRectF(left + before, -high / 2, wide, high)
        painter.setPen(QPen(theme().color("accent" if part.strong else "line"), 1.5 if part.strong else 1))
        painter.setBrush(theme().color("accent_soft" if part.strong else "raised"))
        painter.drawRoundedRect(box, 8, 8)
        painter.setFont(self.font())
        painter.setPen(theme().color("muted"))
        label = QRectF(box.left(), box.top() + 5, wide, QFontMetricsF(self.font()).height())
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, part.label)
        painter.setFont(bold(self.font(), _LARGE))
        painter.setPen(theme().color("text"))
        painter.drawText(QRectF(box.left(), label.bottom(), wide, box.bottom() - label.bottom() - 4),
                         Qt.AlignmentFlag.AlignCenter, part.text)  # fmt: skip
        if part.closing:
            self._paint_sign(painter, part.closing, QRectF(box.right(), -high / 2, behind, high))
        return left + before + wide + behind

    def _paint_function(self, painter: QPainter, part: Activated, room: QRectF) -> None:
        painter.setFont(self.font())
        line = QFontMetricsF(self.font()).height()
        painter.setPen(theme().color("muted"))
        title = QRectF(room.left(), room.top(), room.width(), line)
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, part.function)
        plot = room.adjusted(0, line + 3, 0, -1)
        painter.setPen(QPen(theme().color("line"), 1))
        painter.setBrush(theme().color("background"))
        painter.drawRoundedRect(plot, 8, 8)
        inner = plot.adjusted(8, 8, -8, -8)
        if part.together is not None:
            self._paint_shares(painter, part, inner)
        elif part.curve is not None and np.isfinite(part.before) and np.isfinite(part.after):
            self._paint_curve(painter, part, inner)

    def _paint_curve(self, painter: QPainter, part: Activated, plot: QRectF) -> None:
        assert part.curve is not None
        reach = max(3.0, 1.3 * abs(part.before))
        x = np.linspace(-reach, reach, _POINTS)
        with np.errstate(over="ignore"):
            y = np.asarray(part.curve(x), float)
        known = y[np.isfinite(y)]
        low, high = min(0.0, float(known.min(initial=0.0))), max(1e-6, float(known.max(initial=0.0)))
        if part.function == "exponential":
            high = max(2.0, 1.3 * part.after)  # else the rest of the curve would be flat
        low -= 0.08 * (high - low)
        high += 0.08 * (high - low)

        def place(at: float, value: float) -> QPointF:
            across = plot.left() + (at + reach) / (2 * reach) * plot.width()
            return QPointF(across, plot.bottom() - (min(value, high) - low) / (high - low) * plot.height())

        painter.setPen(QPen(theme().color("line"), 1))
        painter.drawLine(place(-reach, 0), place(reach, 0))
        painter.drawLine(place(0, low), place(0, high))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().color("muted"), 2))
        points = [place(float(at), float(v)) for at, v in zip(x, y, strict=True) if np.isfinite(v)]
        painter.drawPolyline(QPolygonF(points))
        point = place(part.before, part.after)
        painter.setPen(QPen(theme().color("accent"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(place(part.before, 0), point)
        painter.drawLine(place(0, part.after), point)
        painter.setPen(QPen(theme().color("surface"), 2))
        painter.setBrush(theme().color("accent"))
        painter.drawEllipse(point, 6, 6)

    def _paint_shares(self, painter: QPainter, part: Activated, plot: QRectF) -> None:
        """All outputs that share the 1, as bars; the one in question is in colour."""
        function = named(part.function)
        if function is None or part.together is None:
            return
        shares = np.asarray(function.value(part.together), float)
        wide = plot.width() / max(shares.size, 1)
        largest = float(np.nanmax(shares)) or 1.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for index in (*range(shares.size), part.place):  # this one last, so that it is seen among a thousand
            high = max(float(shares[index]) / largest * plot.height(), 1.0)
            thick = max(wide - (2 if wide > 5 else 0), 2.0 if index == part.place else 1.0)
            painter.setBrush(theme().color("accent" if index == part.place else "muted"))
            painter.drawRect(QRectF(plot.left() + index * wide, plot.bottom() - high, thick, high))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
