"""Groups of images that are the same: the image once, where it lies, and of which class it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnn_explorer.ui.maps.pixel_view import paint_photo, photo
from cnn_explorer.ui.theme import set_role, theme

_Index = QModelIndex | QPersistentModelIndex
_GROUP = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()
_PICTURE = 36  # pixels
_PADDING = 6
_GAP = 10


@dataclass(frozen=True, eq=False)
class GroupRow:
    """What a row shows; ``warns``: its second line is a warning. ``image``: rows, columns, channels, in bytes."""

    title: str
    note: str
    warns: bool
    image: NDArray[np.uint8] | None


class DuplicateList(QListView):
    """A click or Return chooses a group, whose images are then seen alone."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_duplicates")
        self.setAccessibleName("Groups of images that are the same")
        self.setToolTip("Click a group to see its images in the gallery.")
        set_role(self, "plain")
        self._rows = _Groups(self)
        self.setModel(self._rows)
        self.setItemDelegate(_GroupDelegate(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))
        theme().changed.connect(self.viewport().update)

    def row(self, number: int) -> GroupRow:
        """What a row shows."""
        return self._rows.make(number)

    def show_rows(self, count: int, make: Callable[[int], GroupRow]) -> None:
        """Show other groups; ``make`` gives a row when it comes to be seen, since there may be very many."""
        self._rows.show(count, make)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class _Groups(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.count = 0
        self.make: Callable[[int], GroupRow]

    def show(self, count: int, make: Callable[[int], GroupRow]) -> None:
        self.beginResetModel()
        self.count, self.make = count, make
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else self.count

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.make(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == _GROUP:
            return row
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{row.title}. {row.note}"
        return None


class _GroupDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, max(_PICTURE, 2 * option.fontMetrics.height()) + 2 * _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: GroupRow = index.data(_GROUP)
        box = QRectF(option.rect)
        states = QStyle.StateFlag
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & states.State_Selected)
        focused = bool(option.state & states.State_HasFocus)
        if chosen or focused or option.state & states.State_MouseOver:
            painter.setPen(theme().color("accent") if focused else Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent_soft" if chosen else "raised"))
            painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 6, 6)
        place = box.adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        if row.image is not None:
            square = QRectF(place.left(), place.center().y() - _PICTURE / 2, _PICTURE, _PICTURE)
            paint_photo(painter, photo(row.image, 0.0, 255.0), square)
        place.setLeft(place.left() + _PICTURE + _GAP)
        metrics = painter.fontMetrics()
        lines = QRectF(place.left(), place.center().y() - metrics.height(), place.width(), 2 * metrics.height())
        for edge, text, role in (
            (Qt.AlignmentFlag.AlignTop, row.title, "text"),
            (Qt.AlignmentFlag.AlignBottom, row.note, "warning" if row.warns else "muted"),
        ):
            painter.setPen(theme().color(role))
            painter.drawText(lines, edge, metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(lines.width())))
        painter.restore()
