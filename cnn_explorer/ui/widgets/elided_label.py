"""A label that is cut with … where the room is short, instead of pushing its neighbours away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

_SHORTEST = 8  # characters that always find room
_END = 4  # characters of the end of a name that stay


def elided_name(name: str, metrics: QFontMetrics, room: int) -> str:
    """A layer's name in ``room`` pixels. Layers of one block differ in their ends: block_1_expand, block_1_expand_BN.

    The beginning has the number of the block, so most of it stays: block_1_e…d_BN.
    """
    if metrics.horizontalAdvance(name) <= room:
        return name
    end = name[-_END:]
    begin = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room - metrics.horizontalAdvance(end))
    return begin + end


class ElidedLabel(QLabel):
    """One line of plain text. ``text()`` is always the whole of it; ``cut`` says where it gives way."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text, parent)
        self._cut = cut
        self.setTextFormat(Qt.TextFormat.PlainText)

    def minimumSizeHint(self) -> QSize:
        whole = super().minimumSizeHint()
        return QSize(min(whole.width(), self.fontMetrics().averageCharWidth() * _SHORTEST), whole.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._cut, rect.width())
        self.style().drawItemText(
            painter, rect, self.alignment(), self.palette(), self.isEnabled(), shown, self.foregroundRole()
        )
        painter.end()
