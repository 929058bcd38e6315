"""How the images are divided: one bar in parts, and under it a line for each of them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.text.numbers import percent
from cnn_explorer.ui.theme import theme

_BAR = 12  # pixels
_GAP = 8
_MARK = 8
_LEAST = 3.0


@dataclass(frozen=True)
class Part:
    """A part with its name, its size, and the palette's role of its colour."""

    title: str
    count: int
    role: str


class PartsBar(QWidget):
    """Shows parts in proportion; those without images have a line but no bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.parts: tuple[Part, ...] = ()
        theme().changed.connect(self.update)

    def show_parts(self, parts: tuple[Part, ...]) -> None:
        """Show these parts, in their order."""
        if parts != self.parts:
            self.parts = parts
            self.setAccessibleName(", ".join(f"{part.title}: {part.count:,} images" for part in parts))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, round(_BAR + len(self.parts) * self._line() + _GAP / 2))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bar(painter)
        total = max(1, sum(part.count for part in self.parts))
        strong = QFont(self.font())
        strong.setWeight(QFont.Weight.DemiBold)
        share_width = painter.fontMetrics().horizontalAdvance("100.0 %") + _GAP
        for number, part in enumerate(self.parts):
            place = QRectF(0, _BAR + _GAP / 2 + number * self._line(), self.width(), self._line())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(part.role if part.count else "line"))
            painter.drawRoundedRect(QRectF(0, place.center().y() - _MARK / 2, _MARK, _MARK), 2, 2)
            middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
            painter.setFont(self.font())
            painter.setPen(theme().color("text" if part.count else "muted"))
            painter.drawText(place.adjusted(_MARK + _GAP, 0, 0, 0), middle, part.title)
            painter.setPen(theme().color("muted"))
            painter.drawText(place, middle | right, percent(part.count / total, 1) if part.count else "")
            painter.setFont(strong if part.count else self.font())
            painter.setPen(theme().color("text" if part.count else "muted"))
            painter.drawText(place.adjusted(0, 0, -share_width, 0), middle | right, f"{part.count:,}")
        painter.end()

    def _paint_bar(self, painter: QPainter) -> None:
        box = QRectF(0, 0, self.width(), _BAR)
        frame = QPainterPath()
        frame.addRoundedRect(box, 4, 4)
        painter.setClipPath(frame)
        painter.fillRect(box, theme().color("raised"))
        shown = [part for part in self.parts if part.count]
        total = sum(part.count for part in shown)
        left = 0.0
        for part in shown:
            width = max(_LEAST, self.width() * part.count / total)
            if part is shown[-1]:
                width = self.width() - left
            painter.fillRect(QRectF(left, 0, width, _BAR), theme().color(part.role))
            left += width
            painter.fillRect(QRectF(left - 1, 0, 1, _BAR), theme().color("surface"))
        painter.setClipping(False)

    def _line(self) -> int:
        return self.fontMetrics().height() + 4
