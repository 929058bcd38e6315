"""The rows of the table of runs for Qt. A new list is told as what differs from the last one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from cnn_explorer.ui.pages.runs.cells import ASIDE_ROLE, COLOR_ROLE
from cnn_explorer.ui.pages.runs.state import COLUMNS, COMPARE, NEWEST, STATUSES, Column, RunRow, day_and_time
from cnn_explorer.ui.pages.runs.words import message_of
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.row_model import Index, RowModel, aligned

_Role = Qt.ItemDataRole


class RunModel(RowModel[RunRow]):
    """Rows as ``runs_state.shown_rows`` gives them; it neither sorts nor filters itself."""

    compare_wanted = Signal(object, bool)
    renamed = Signal(object, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda row: row.path)
        self.columns: tuple[Column, ...] = COLUMNS
        self.compared: frozenset[Path] = frozenset()
        self.colors: Mapping[Path, QColor] = {}

    @property
    def width(self) -> int:
        return len(COLUMNS)

    def set_rows(self, rows: tuple[RunRow, ...], columns: tuple[Column, ...]) -> None:
        """Show ``rows``: the same runs keep their places in the view, a changed one is another object."""
        others = columns is not self.columns
        self.columns = columns
        self.show(rows, everything=others)
        if others:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        match self.columns[index.column()].key:
            case "name":
                return flags | Qt.ItemFlag.ItemIsEditable
            case "compare":
                return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def cell(self, row: RunRow, column: int, role: int) -> Any:
        what = self.columns[column]
        match role:
            case _Role.DisplayRole | _Role.EditRole:
                return what.text(row)
            case _Role.TextAlignmentRole:
                return aligned(what.is_number)
            case _Role.CheckStateRole if what.key == COMPARE:
                return Qt.CheckState.Checked if row.path in self.compared else Qt.CheckState.Unchecked
            case _Role.DecorationRole if what.key == "status":
                style = STATUSES[row.run.status]
                return theme().icon(style.icon, style.tone)
            case _Role.ToolTipRole:
                return _tooltip(row, what)
            case _Role.AccessibleTextRole if what.key == COMPARE:
                return f"{row.run.title}, {'compared' if row.path in self.compared else 'not compared'}"
        if role == COLOR_ROLE:
            return self.colors.get(row.path)
        if role == ASIDE_ROLE:
            return what.aside(row)
        return None

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        row = self.rows[index.row()]
        if role == _Role.CheckStateRole:
            self.compare_wanted.emit(row.path, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == _Role.EditRole and value.strip() != row.run.title:
            self.renamed.emit(row.path, value.strip())
            return True
        return False

    def head(self, column: int, role: int) -> Any:
        what = self.columns[column]
        match role:
            case _Role.DisplayRole:
                return what.title
            case _Role.ToolTipRole:
                return what.tooltip
            case _Role.TextAlignmentRole:
                return aligned(what.is_number)
            case _Role.InitialSortOrderRole:
                descending = what.is_number or what.key == NEWEST
                return Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        return None


def _tooltip(row: RunRow, column: Column) -> str:
    match column.key:
        case "compare":
            return column.tooltip
        case "name":
            return f"{row.run.title}\n{row.path}"
        case "status":
            return message_of(row) or STATUSES[row.run.status].tooltip
        case "notes":
            return row.run.notes
        case "started":
            return day_and_time(row.started)
    return ""
