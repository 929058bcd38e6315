"""The table of runs: a row each, a chip for comparing, names that can be edited in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QTableView,
    QWidget,
)

from cnn_explorer.ui.pages.runs_cells import ASIDE_ROLE, CHIP, COLOR_ROLE, PADDING, RunDelegate
from cnn_explorer.ui.pages.runs_state import (
    COLUMNS,
    COMPARE,
    NEWEST,
    SETTING_KEYS,
    STATUSES,
    Column,
    RunRow,
    day_and_time,
)
from cnn_explorer.ui.pages.runs_words import message_of
from cnn_explorer.ui.theme import set_role, theme

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_Role = Qt.ItemDataRole

_KEYS = tuple(column.key for column in COLUMNS)
_NAME, _NOTES = _KEYS.index("name"), _KEYS.index("notes")
_NAMES_SHARE = 6
_MOST_OF_NAME = 56  # letters


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
        """Show ``rows``. Where they are the same runs in the same order nothing but their texts is replaced."""
        same = [row.path for row in rows] == [row.path for row in self.rows]
        if same:
            self.rows, self.columns = rows, columns
            self.refresh()
        else:
            self.beginResetModel()
            self.rows, self.columns = rows, columns
            self.endResetModel()

    def refresh(self) -> None:
        """Read everything that is shown anew."""
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1))
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
                look = STATUSES[row.run.status]
                return theme().icon(look.icon, look.tone)
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


class RunTable(QTableView):
    """Shows runs; keeps what is selected and where it is scrolled to when they are read anew."""

    selection_changed = Signal()
    compare_wanted = Signal(object, bool)
    """``Path`` of a run whose chip was clicked, and whether it shall be compared."""
    renamed = Signal(object, str)
    """``Path`` of a run and the name that someone gave it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = 0
        self._restoring = False
        self._fits = True
        self._given = 0
        """The width of the names' column, if it is still the one that it was given here."""
        self._waiting: tuple[tuple[RunRow, ...], tuple[Column, ...]] | None = None
        self.setObjectName("runs_table")
        self.setAccessibleName("Runs")
        self.runs = RunModel(self)
        self.runs.compare_wanted.connect(self.compare_wanted)
        self.runs.renamed.connect(self.renamed)
        self.setModel(self.runs)
        self.setItemDelegate(RunDelegate(self))
        set_role(self, "plain")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)  # renaming is an action of the page
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setObjectName("runs_columns")
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        set_role(header, "wide")
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setMinimumSectionSize(2 * CHIP)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(_KEYS.index(NEWEST), Qt.SortOrder.DescendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(_NOTES, QHeaderView.ResizeMode.Stretch)
        theme().changed.connect(self._fit_to_text)
        self._fit_to_text()
        self.show_settings(())

    @property
    def sorting(self) -> tuple[str, bool]:
        """The key of the column that the rows should be sorted by, and whether downwards."""
        header = self.horizontalHeader()
        descending = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        return _KEYS[header.sortIndicatorSection()], descending

    @property
    def selected(self) -> tuple[RunRow, ...]:
        """The selected runs, from top to bottom."""
        # selectedRows() would ask for the flags of each cell: a second for a thousand runs.
        selection = self.selectionModel().selection()
        parts = [selection.at(number) for number in range(selection.count())]
        chosen = sorted({number for part in parts for number in range(part.top(), part.bottom() + 1)})
        return tuple(self.runs.rows[number] for number in chosen)

    def show_rows(self, rows: tuple[RunRow, ...], columns: tuple[Column, ...]) -> None:
        """Show ``rows``; later, while a name is being edited."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._waiting = rows, columns
            return
        before = [row.path for row in self.selected]
        current = self.currentIndex()
        at = self.runs.rows[current.row()].path if current.isValid() else None
        places = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._restoring = True
        self.runs.set_rows(rows, columns)
        if [row.path for row in self.selected] != before:
            self._select(before, at)
            self.horizontalScrollBar().setValue(places[0])
            self.verticalScrollBar().setValue(places[1])
        self._restoring = False
        if not self._fits:
            self._fits = True
            for key in SETTING_KEYS:
                self.resizeColumnToContents(_KEYS.index(key))
        self.selection_changed.emit()

    def show_settings(self, settings: Sequence[str]) -> None:
        """Show the columns of as many settings as a sweep varies."""
        for number, key in enumerate(SETTING_KEYS):
            column = _KEYS.index(key)
            hidden = number >= len(settings)
            if not hidden and self.isColumnHidden(column):
                self._fits = False
            self.setColumnHidden(column, hidden)

    def show_colors(self, compared: Sequence[Path], colors: Mapping[Path, QColor]) -> None:
        """Tick the chips of ``compared``; give those in ``colors`` the colour of their curves."""
        self.runs.compared, self.runs.colors = frozenset(compared), colors
        self.viewport().update()

    def select(self, paths: Sequence[Path]) -> None:
        """Select these runs, and no others, and bring the first one into view."""
        self._restoring = True
        self._select(paths, paths[0] if paths else None)
        self._restoring = False
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
        self.selection_changed.emit()

    def edit_name(self) -> None:
        """Let the person type another name for the selected run."""
        index = self.runs.index(self.runs.rows.index(self.selected[0]), _NAME)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.edit(index)

    def _select(self, paths: Sequence[Path], current: Path | None) -> None:
        places = {row.path: number for number, row in enumerate(self.runs.rows)}
        chosen, last = QItemSelection(), self.runs.columnCount() - 1
        for path in paths:
            if path in places:
                chosen.select(self.runs.index(places[path], 0), self.runs.index(places[path], last))
        model = self.selectionModel()
        if current in places:
            model.setCurrentIndex(self.runs.index(places[current], _NAME), QItemSelectionModel.SelectionFlag.NoUpdate)
        model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if not self._restoring:
            self.selection_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names get a share of a wide table, until someone gives their column a width."""
        super().resizeEvent(event)
        if self.columnWidth(_NAME) == self._given:
            letter = self.fontMetrics().averageCharWidth()
            least, most = COLUMNS[_NAME].width * letter + 2 * PADDING, _MOST_OF_NAME * letter
            self._given = max(least, min(most, event.size().width() // _NAMES_SHARE))
            self.setColumnWidth(_NAME, self._given)

    def closeEditor(self, editor: QWidget, hint: QStyledItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self.setFocus()
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self.show_rows(*waiting)

    def _fit_to_text(self) -> None:
        """Rows and columns for the size of text; widths that someone has chosen grow and shrink with it."""
        font = QFont(self.font())
        font.setFeature(QFont.Tag("tnum"), 1)  # all digits equally wide, in fonts that can
        self.setFont(font)
        letters = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(letters.height() + 11)
        old, self._scale = self._scale, theme().text_scale
        if old == self._scale:
            self.viewport().update()
            return
        is_given = not old or self.columnWidth(_NAME) == self._given
        for number, column in enumerate(COLUMNS):
            if old:
                self.setColumnWidth(number, self.columnWidth(number) * self._scale // old)
            else:
                self.setColumnWidth(number, letters.averageCharWidth() * column.width + 2 * PADDING)
        self.setColumnWidth(0, CHIP + PADDING)
        if is_given:
            self._given = self.columnWidth(_NAME)
