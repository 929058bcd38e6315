"""The one model behind lists and tables: frozen rows, told to the view as what differs from those before.

So what is selected, and what is in view, stays where it is. A list is a table of one column.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from cnn_explorer.ui.widgets.row_changes import changes, spans

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
"""The role under which an index gives its row itself."""
_ROOT = QModelIndex()
_MOST_STEPS = 40
"""Insertions and removals that are told one by one: after sorting otherwise there are hundreds, and all is new."""


def aligned(is_number: bool) -> Qt.AlignmentFlag:
    """Numbers stand at the right, words at the left."""
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class RowModel(QAbstractTableModel, Generic[Row]):
    """``key`` tells a row from all others, whatever else of it changes. A changed row is another object.

    What stands in a cell says ``cell``, which each kind of table has of its own, as it has ``head`` and ``width``.
    """

    def __init__(self, parent: QWidget, key: Callable[[Row], Hashable]) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self._key = key

    @property
    def width(self) -> int:
        """How many columns there are."""
        return 1

    def cell(self, row: Row, column: int, role: int) -> Any:
        """What a cell says for a role of Qt's; ``None`` for nothing."""
        return None

    def head(self, column: int, role: int) -> Any:
        """What stands above a column; ``None`` for nothing."""
        return None

    def show(self, rows: Iterable[Row], *, everything: bool = False) -> None:
        """Show other rows; ``everything``: also those that are the same objects look otherwise now."""
        rows = tuple(rows)
        removed, inserted = changes([self._key(row) for row in self.rows], [self._key(row) for row in rows])
        if len(removed) + len(inserted) > _MOST_STEPS:
            self.begin_anew(rows)
            return
        for first, last in removed:
            self.beginRemoveRows(_ROOT, first, last)
            self.rows = (*self.rows[:first], *self.rows[last + 1 :])
            self.endRemoveRows()
        for first, last in inserted:
            self.beginInsertRows(_ROOT, first, last)
            self.rows = (*self.rows[:first], *rows[first : last + 1], *self.rows[first:])
            self.endInsertRows()
        before, self.rows = self.rows, rows
        for first, last in spans(n for n, row in enumerate(rows) if everything or row is not before[n]):
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.width - 1))

    def begin_anew(self, rows: Iterable[Row]) -> None:
        """Show rows that have nothing to do with those before: nothing stays selected."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def at(self, row: int) -> QModelIndex:
        """The index of a row, in its first column."""
        return self.index(row, 0)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self.width

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        return row if role == ROW else self.cell(row, index.column(), role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.head(section, role) if orientation == Qt.Orientation.Horizontal else None
