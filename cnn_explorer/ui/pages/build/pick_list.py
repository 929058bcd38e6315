"""A list whose entries do something when they are pressed: with headings, a note at the right, and drag if wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnn_explorer.ui.theme import set_role, theme

_ENTRY = Qt.ItemDataRole.UserRole
_PADDING = 8


@dataclass(frozen=True)
class Pick:
    """An entry, or a heading if ``key`` is empty. ``role`` is the palette's colour of the mark before the title."""

    title: str
    key: str = ""
    note: str = ""
    tooltip: str = ""
    role: str = ""


class PickList(QListWidget):
    """``picked`` carries the key of the entry that was clicked, or chosen with Return or Space.

    With ``mime`` entries can be dragged: the key travels as text of that type.
    """

    picked = Signal(str)

    def __init__(self, picks: Sequence[Pick], mime: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mime = mime
        for pick in picks:
            item = QListWidgetItem(pick.title)
            item.setData(_ENTRY, pick)
            item.setToolTip(pick.tooltip)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{pick.title} {pick.note}".strip())
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, pick.tooltip)
            if not pick.key:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(item)
        self.setItemDelegate(_PickDelegate(self))
        set_role(self, "plain")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setDragEnabled(bool(mime))
        if mime:
            self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.itemClicked.connect(self._on_clicked)
        theme().changed.connect(self.viewport().update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentItem():
            self._on_clicked(self.currentItem())
        else:
            super().keyPressEvent(event)

    def mimeTypes(self) -> list[str]:
        return [self._mime]

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        data.setData(self._mime, items[0].data(_ENTRY).key.encode())
        return data

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def show_whole(self) -> None:
        """Be as high as all entries together, whatever the size of text, so that nothing has to scroll."""
        self.setFixedHeight(sum(self.sizeHintForRow(row) for row in range(self.count())) + 2 * self.frameWidth())
        theme().changed.connect(self.show_whole, Qt.ConnectionType.UniqueConnection)

    def _on_clicked(self, item: QListWidgetItem) -> None:
        pick = item.data(_ENTRY)
        if pick.key:
            self.picked.emit(pick.key)


class _PickDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        room = 13 if index.data(_ENTRY).key else 12
        return QSize(120, option.fontMetrics.height() + room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        pick: Pick = index.data(_ENTRY)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if pick.key:
            self._paint_entry(painter, option, pick, box)
        else:
            painter.setPen(theme().color("muted"))
            font = QFont(option.font)
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.drawText(box.adjusted(_PADDING, 0, 0, -2), Qt.AlignmentFlag.AlignBottom, pick.title)
        painter.restore()

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, pick: Pick, box: QRectF) -> None:
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if focused or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(theme().color("accent") if focused else Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("raised"))
            painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 5, 5)
        place = box.adjusted(_PADDING, 0, -_PADDING, 0)
        if pick.role:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(pick.role))
            painter.drawRoundedRect(QRectF(place.left(), place.center().y() - 4, 8, 8), 2, 2)
            place.setLeft(place.left() + 16)
        painter.setPen(theme().color("muted"))
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, pick.note)
        metrics = option.fontMetrics
        room = int(place.width()) - (metrics.horizontalAdvance(pick.note) + _PADDING if pick.note else 0)
        title = metrics.elidedText(pick.title, Qt.TextElideMode.ElideRight, room)
        painter.setPen(theme().color("text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
