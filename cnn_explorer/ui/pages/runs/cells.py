"""How the cells of the table of runs are painted: boxes in the colours of the curves, texts with a quieter one."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cnn_explorer.ui.pages.runs.state import COLUMNS, COMPARE
from cnn_explorer.ui.theme import theme

Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
COLOR_ROLE = _Role.UserRole + 1
"""The colour of the run's curves, a ``QColor``, or ``None`` if none are drawn."""
ASIDE_ROLE = _Role.UserRole + 2
"""The quieter text of the cell, "" for none."""
CHIP, PADDING = 14, 8
"""Side of the boxes, and room at both sides of texts, in pixels."""


class RunDelegate(QStyledItemDelegate):
    """Paints boxes and second texts itself, everything else as the style does."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        aside = index.data(ASIDE_ROLE)
        if COLUMNS[index.column()].key != COMPARE and not aside:
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        painter.save()
        if aside:
            _paint_with_aside(painter, option, aside, COLUMNS[index.column()].is_number)
        else:
            _paint_chip(painter, QRectF(option.rect), index)
        painter.restore()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """A click anywhere in its cell ticks a chip."""
        if COLUMNS[index.column()].key != COMPARE or not isinstance(event, QMouseEvent):
            return super().editorEvent(event, model, option, index)
        if event.type() == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
            checked = Qt.CheckState(index.data(_Role.CheckStateRole)) == Qt.CheckState.Checked
            new = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
            return model.setData(model.index(index.row(), index.column()), new, _Role.CheckStateRole)
        return True  # nor does it select the row


def _paint_with_aside(painter: QPainter, option: QStyleOptionViewItem, aside: str, is_number: bool) -> None:
    """A text with a quieter one behind it; numbers keep their right edges below one another."""
    metrics, room = option.fontMetrics, option.rect.adjusted(PADDING, 0, -PADDING, 0)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.setFont(option.font)
    painter.setPen(theme().color("text"))
    if is_number:
        behind = metrics.horizontalAdvance(" at 000")
        place = room.adjusted(0, 0, -behind, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, option.text)
        start = place.right() + metrics.horizontalAdvance(" ")
    else:
        painter.drawText(room, left, metrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room.width()))
        start = room.left() + metrics.horizontalAdvance(f"{option.text}  ")
    room.setLeft(start)
    painter.setPen(theme().color("muted"))
    painter.drawText(room, left, metrics.elidedText(aside, Qt.TextElideMode.ElideRight, max(0, room.width())))


def _paint_chip(painter: QPainter, cell: QRectF, index: Index) -> None:
    """A box, filled with the colour of the curves when it is ticked; a dot of that colour when they are only shown."""
    color = index.data(COLOR_ROLE)
    ticked = Qt.CheckState(index.data(_Role.CheckStateRole)) == Qt.CheckState.Checked
    box = QRectF(0, 0, CHIP, CHIP)
    box.moveCenter(cell.center())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if ticked and color is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, 4, 4)
        theme().icon("check", "surface").paint(painter, box.toRect().adjusted(1, 1, -1, -1))
        return
    painter.setPen(theme().color("muted"))
    painter.setBrush(theme().color("surface"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    if color is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(box.center(), 3, 3)
