"""The rows of the table of runs for Qt. A new list is told as what differs from the last one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from cnn_explorer.ui.pages.runs.cells import ASIDE_ROLE, COLOR_ROLE
from cnn_explorer.ui.pages.runs.state import COLUMNS, COMPARE, NEWEST, STATUSES, Column, RunRow, day_and_time
from cnn_explorer.ui.pages.runs.words import message_of
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.row_changes import changes, spans

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_Role = Qt.ItemDataRole
_MOST_STEPS = 40
"""Insertions and removals that are told one by one: after sorting otherwise there are hundreds, and all is new."""


class RunModel(QAbstractTableModel):
    """Rows as ``runs_state.shown_rows`` gives them; it neither sorts nor filters itself."""

    compare_wanted = Signal(object, bool)
    renamed = Signal(object, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[RunRow, ...] = ()
        self.columns: tuple[Column, ...] = COLUMNS
        self.compared: frozenset[Path] = frozenset()
        self.colors: Mapping[Path, QColor] = {}

    def set_rows(self, rows: tuple[RunRow, ...], columns: tuple[Column, ...]) -> None:
        """Show ``rows``: the same runs keep their places in the view, a changed one is another object."""
        others = columns is not self.columns
        self.columns = columns
        removed, inserted = changes([row.path for row in self.rows], [row.path for row in rows])
        if len(removed) + len(inserted) > _MOST_STEPS:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        else:
            for first, last in removed:
                self.beginRemoveRows(_ROOT, first, last)
                self.rows = (*self.rows[:first], *self.rows[last + 1 :])
                self.endRemoveRows()
            for first, last in inserted:
                self.beginInsertRows(_ROOT, first, last)
                self.rows = (*self.rows[:first], *rows[first : last + 1], *self.rows[first:])
                self.endInsertRows()
            before, self.rows = self.rows, rows
            for first, last in spans(n for n, row in enumerate(rows) if others or row is not before[n]):
                self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))
        if others:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        match self.columns[index.column()].key:
            case "name":
                return flags | Qt.ItemFlag.ItemIsEditable
            case "compare":
                return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        row, column = self.rows[index.row()], self.columns[index.column()]
        match role:
            case _Role.DisplayRole | _Role.EditRole:
                return column.text(row)
            case _Role.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case _Role.CheckStateRole if column.key == COMPARE:
                return Qt.CheckState.Checked if row.path in self.compared else Qt.CheckState.Unchecked
            case _Role.DecorationRole if column.key == "status":
                style = STATUSES[row.run.status]
                return theme().icon(style.icon, style.tone)
            case _Role.ToolTipRole:
                return _tooltip(row, column)
            case _Role.AccessibleTextRole if column.key == COMPARE:
                return f"{row.run.title}, {'compared' if row.path in self.compared else 'not compared'}"
        if role == COLOR_ROLE:
            return self.colors.get(row.path)
        if role == ASIDE_ROLE:
            return column.aside(row)
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

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        match role:
            case _Role.DisplayRole:
                return column.title
            case _Role.ToolTipRole:
                return column.tooltip
            case _Role.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case _Role.InitialSortOrderRole:
                descending = column.is_number or column.key == NEWEST
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
