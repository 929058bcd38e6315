"""The runs of the session as a table model, sorted by any column."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from cnn_explorer.ui.pages.train.queue.state import Column, QueueRow, columns_of, sorted_rows
from cnn_explorer.ui.theme import theme

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_TONES = {"running": "accent", "completed": "success", "stopped": "warning", "failed": "error", "waiting": "muted"}
_ICONS = {
    "running": "activity", "completed": "circle-check", "stopped": "square", "failed": "circle-alert",
    "waiting": "loader-circle",
}  # fmt: skip


class QueueModel(QAbstractTableModel):
    """The runs as rows, sorted by the column that someone chose."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[QueueRow, ...] = ()
        self.columns: tuple[Column, ...] = columns_of(())
        self._sorted_by, self._descending = "#", False

    def show_rows(self, rows: tuple[QueueRow, ...]) -> None:
        """Show these runs; what is selected stays so while they are the same ones."""
        columns = columns_of(row.entry for row in rows)
        rows = self._in_order(rows, columns)
        same = [row.entry.number for row in rows] == [row.entry.number for row in self.rows]
        if same and [c.title for c in columns] == [c.title for c in self.columns]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))
            return
        self.beginResetModel()
        self.rows, self.columns = rows, columns
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(self.columns):
            self._sorted_by, self._descending = self.columns[column].title, order == Qt.SortOrder.DescendingOrder
            self.layoutAboutToBeChanged.emit()
            before = self.rows
            self.rows = self._in_order(self.rows, self.columns)
            places = {row.entry.number: place for place, row in enumerate(self.rows)}
            for index in self.persistentIndexList():  # so that what is selected stays selected
                moved = self.index(places[before[index.row()].entry.number], index.column())
                self.changePersistentIndex(index, moved)
            self.layoutChanged.emit()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.DecorationRole if column.title == "Status":
                return theme().icon(_ICONS[row.entry.status], _TONES[row.entry.status])
            case Qt.ItemDataRole.ToolTipRole:
                return row.entry.message or f"{row.entry.request.folder}"
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            column = self.columns[section]
            match role:
                case Qt.ItemDataRole.DisplayRole:
                    return column.title
                case Qt.ItemDataRole.ToolTipRole:
                    return column.tooltip
                case Qt.ItemDataRole.TextAlignmentRole:
                    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
                    return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _in_order(self, rows: tuple[QueueRow, ...], columns: tuple[Column, ...]) -> tuple[QueueRow, ...]:
        column = next((column for column in columns if column.title == self._sorted_by), columns[0])
        return sorted_rows(rows, column, self._descending)
