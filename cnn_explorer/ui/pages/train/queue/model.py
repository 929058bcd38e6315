"""The runs of the session as a table model, sorted by any column."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cnn_explorer.ui.pages.train.queue.state import Column, QueueRow, columns_of, sorted_rows
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.row_model import RowModel, aligned

_TONES = {"running": "accent", "completed": "success", "stopped": "warning", "failed": "error", "waiting": "muted"}
_ICONS = {
    "running": "activity", "completed": "circle-check", "stopped": "square", "failed": "circle-alert",
    "waiting": "loader-circle",
}  # fmt: skip


class QueueModel(RowModel[QueueRow]):
    """The runs as rows, sorted by the column that someone chose."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda row: row.entry.number)
        self.columns: tuple[Column, ...] = columns_of(())
        self._sorted_by, self._descending = "#", False

    @property
    def width(self) -> int:
        return len(self.columns)

    def show_rows(self, rows: tuple[QueueRow, ...]) -> None:
        """Show these runs; what is selected stays so while their columns are the same ones."""
        columns = columns_of(row.entry for row in rows)
        rows = self._in_order(rows, columns)
        if [c.title for c in columns] == [c.title for c in self.columns]:
            self.show(rows, everything=True)
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

    def cell(self, row: QueueRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.columns[column].text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return aligned(self.columns[column].is_number)
            case Qt.ItemDataRole.DecorationRole if self.columns[column].title == "Status":
                return theme().icon(_ICONS[row.entry.status], _TONES[row.entry.status])
            case Qt.ItemDataRole.ToolTipRole:
                return row.entry.message or f"{row.entry.request.folder}"
        return None

    def head(self, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.columns[column].title
            case Qt.ItemDataRole.ToolTipRole:
                return self.columns[column].tooltip
            case Qt.ItemDataRole.TextAlignmentRole:
                return aligned(self.columns[column].is_number)
        return None

    def _in_order(self, rows: tuple[QueueRow, ...], columns: tuple[Column, ...]) -> tuple[QueueRow, ...]:
        column = next((column for column in columns if column.title == self._sorted_by), columns[0])
        return sorted_rows(rows, column, self._descending)
