"""The classes of a data set in a list: mean image, name, and how many images each has in both parts, as bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnn_explorer.ui.maps.pixel_view import paint_photo, photo
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.row_model import ROW, RowModel

_Index = QModelIndex | QPersistentModelIndex
_PICTURE = 30  # pixels
_PADDING = 3
_GAP = 8
_BAR = 7
_LONGEST_NAME = 84


@dataclass(frozen=True)
class ClassRow:
    """A class with the numbers of its training and test images."""

    name: str
    training: int
    test: int


class ClassList(QListView):
    """The arrows go from class to class; a click or Return chooses the one that is to be seen alone."""

    looked_at = Signal(int)
    """The class that the keys or the mouse have come to."""
    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_classes")
        self.setAccessibleName("Classes and their numbers of images")
        self.setToolTip("Click a class to see only its images; click it again to see all.")
        set_role(self, "plain")
        self._rows = _Classes(self)
        self.marked = -1
        self.setModel(self._rows)
        self.setItemDelegate(_ClassDelegate(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))
        self.selectionModel().currentChanged.connect(self._on_current)
        theme().changed.connect(self.viewport().update)

    @property
    def rows(self) -> tuple[ClassRow, ...]:
        """What is shown."""
        return self._rows.rows

    def picture(self, row: int) -> QImage | None:
        """The mean image of a class; ``None`` while there is none."""
        return self._rows.picture(row)

    def show_rows(self, rows: tuple[ClassRow, ...]) -> None:
        """Show other classes, or other numbers; the place in the list stays if the classes do."""
        if rows != self._rows.rows:
            self._rows.show(rows)

    def show_pictures(self, images: NDArray[np.float32] | None) -> None:
        """The mean image of each class (classes, rows, columns, channels) in 0…255, NaN where there is none."""
        self._rows.images = images
        self._rows.pictures = {}
        self.viewport().update()

    def mark(self, row: int) -> None:
        """Show that only this class is seen now; -1: all are."""
        self.marked = row
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.looked_at.emit(index.row())


class _Classes(RowModel[ClassRow]):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda row: row.name)
        self.images: NDArray[np.float32] | None = None
        self.pictures: dict[int, QImage | None] = {}

    def show(self, rows: Iterable[ClassRow], *, everything: bool = False) -> None:
        """Images belong to the classes: those of other ones are forgotten."""
        rows = tuple(rows)
        if [row.name for row in rows] != [row.name for row in self.rows]:
            self.images, self.pictures = None, {}
            everything = True
        super().show(rows, everything=everything)

    def picture(self, row: int) -> QImage | None:
        """Made when it is first seen: there may be a thousand classes."""
        if self.images is None or row >= len(self.images):
            return None
        if row not in self.pictures:
            image = self.images[row]
            self.pictures[row] = None if np.isnan(image).all() else photo(image, 0.0, 255.0)
        return self.pictures[row]

    def cell(self, row: ClassRow, column: int, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{row.name}: {row.training:,} training and {row.test:,} test images"
        return None


class _ClassDelegate(QStyledItemDelegate):
    def __init__(self, view: ClassList) -> None:
        super().__init__(view)
        self._view = view
        self._measured: tuple[tuple[ClassRow, ...], QFont | None, int] = ((), None, 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, max(_PICTURE, 2 * option.fontMetrics.height()) + 2 * _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rows = self._view.rows
        row: ClassRow = index.data(ROW)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, index, box)
        place = box.adjusted(_PADDING + 2, _PADDING, -_PADDING, -_PADDING)
        self._paint_picture(painter, self._view.picture(index.row()), place)
        place.setLeft(place.left() + _PICTURE + _GAP)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        metrics = painter.fontMetrics()
        name_width = self._name_width(rows, bold)
        painter.setPen(theme().color("text"))
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, name_width)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        place.setLeft(place.left() + name_width + _GAP)
        painter.setFont(option.font)
        self._paint_bars(painter, place, row, rows)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, box: QRectF) -> None:
        is_marked = index.row() == self._view.marked
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus) and self._view.hasFocus()
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        current = index.row() == self._view.currentIndex().row()
        if is_marked or has_focus or over or current:
            painter.setPen(theme().color("accent") if has_focus else Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent_soft" if is_marked else "raised"))
            painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 6, 6)
        if is_marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent"))
            painter.drawRoundedRect(QRectF(box.left(), box.top() + 8, 3, box.height() - 16), 1.5, 1.5)

    def _name_width(self, rows: tuple[ClassRow, ...], font: QFont) -> int:
        if self._measured[:2] != (rows, font):
            metrics = QFontMetrics(font)
            width = min(_LONGEST_NAME, max(metrics.horizontalAdvance(row.name) for row in rows))
            self._measured = rows, font, width
        return self._measured[2]

    @staticmethod
    def _paint_picture(painter: QPainter, picture: QImage | None, place: QRectF) -> None:
        square = QRectF(place.left(), place.center().y() - _PICTURE / 2, _PICTURE, _PICTURE)
        if picture is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("line"))
            painter.drawRoundedRect(square, 3, 3)
            return
        paint_photo(painter, picture, square)

    @staticmethod
    def _paint_bars(painter: QPainter, place: QRectF, row: ClassRow, rows: tuple[ClassRow, ...]) -> None:
        most = max(1, *(max(other.training, other.test) for other in rows))
        metrics = painter.fontMetrics()
        text_width = metrics.horizontalAdvance(f"{most:,}") + 2
        line = metrics.height()
        top = place.center().y() - line
        for number, (count, role) in enumerate(((row.training, "accent"), (row.test, "second"))):
            strip = QRectF(place.left(), top + number * line, place.width(), line)
            painter.setPen(theme().color("muted"))
            painter.drawText(strip, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{count:,}")
            width = max(0.0, strip.width() - text_width - _GAP) * count / most
            if count:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme().color(role))
                painter.drawRoundedRect(
                    QRectF(strip.left(), strip.center().y() - _BAR / 2, max(2.0, width), _BAR), 2, 2
                )
