"""The table of runs: a row each, a chip for comparing, names that can be edited in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QTableView, QWidget

from cnn_explorer.ui.pages.runs.cells import RunDelegate
from cnn_explorer.ui.pages.runs.header import KEYS, NAME, RunHeader
from cnn_explorer.ui.pages.runs.model import RunModel
from cnn_explorer.ui.pages.runs.state import SETTING_KEYS, Column, RunRow
from cnn_explorer.ui.theme import set_role, theme


class _Place(NamedTuple):
    """Where a table is scrolled to: across, and the first row in view with its offset; ``down`` if that row is gone."""

    across: int
    row: Path | None = None
    offset: int = 0
    down: int = 0


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
        self.columns = RunHeader(self)
        self.setHorizontalHeader(self.columns)
        self.columns.begin()
        theme().changed.connect(self._fit_to_text)
        self._fit_to_text()
        self.show_settings(())

    @property
    def sorting(self) -> tuple[str, bool]:
        """The key of the column that the rows should be sorted by, and whether downwards."""
        return self.columns.sorting

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
        selected, place = [row.path for row in self.selected], self._place()
        current = self.currentIndex()
        at = self.runs.rows[current.row()].path if current.isValid() else None
        self._restoring = True
        self.runs.set_rows(rows, columns)
        if [row.path for row in self.selected] != selected:
            self._select(selected, at)
        self._return_to(place)
        self._restoring = False
        if not self._fits:
            self._fits = True
            for key in SETTING_KEYS:
                self.resizeColumnToContents(KEYS.index(key))
            self.columns.fit()
        self.selection_changed.emit()

    def _place(self) -> _Place:
        top = self.rowAt(0)
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        if not down or top < 0:
            return _Place(across)
        return _Place(across, self.runs.rows[top].path, self.rowViewportPosition(top), down)

    def _return_to(self, place: _Place) -> None:
        """Bring what was the first row in view to where it was; at the top of the table one stays at its top."""
        self.updateGeometries()  # the scroll bars, which would hear of the rows later only
        self.horizontalScrollBar().setValue(place.across)
        rows = {row.path: number for number, row in enumerate(self.runs.rows)} if place.row else {}
        if place.row in rows:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.rowViewportPosition(rows[place.row]) - place.offset)
        else:
            self.verticalScrollBar().setValue(place.down)

    def show_settings(self, settings: Sequence[str]) -> None:
        """Show the columns of as many settings as a sweep varies."""
        for number, key in enumerate(SETTING_KEYS):
            column = KEYS.index(key)
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
        index = self.runs.index(self.runs.rows.index(self.selected[0]), NAME)
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
            model.setCurrentIndex(self.runs.index(places[current], NAME), QItemSelectionModel.SelectionFlag.NoUpdate)
        model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if not self._restoring:
            self.selection_changed.emit()

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
        else:
            self.columns.fit_to_text(letters.averageCharWidth(), self._scale / old if old else 1.0)
