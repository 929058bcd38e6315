"""Configurations side by side: of several runs what differs, of one run everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QStackedLayout, QTableView, QWidget

from cnn_explorer.text.numbers import counted
from cnn_explorer.text.run_differences import Difference, comparison, differences
from cnn_explorer.ui.pages.runs.state import RunRow, setup_of
from cnn_explorer.ui.plots.stored_curves import short_name
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.row_model import Index, RowModel, aligned

_FIXED = ("", "Setting")
_CHIP = 12
_LEAST_LETTERS = 22


class _Model(RowModel[Difference]):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda row: (row.group, row.name))
        self.heads: tuple[tuple[str, QColor | None], ...] = ()

    @property
    def width(self) -> int:
        return len(_FIXED) + len(self.heads)

    def show_all(self, found: tuple[Difference, ...], heads: tuple[tuple[str, QColor | None], ...]) -> None:
        """Other runs have other columns."""
        self.beginResetModel()
        self.rows, self.heads = found, heads
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.column() == 0 and role == Qt.ItemDataRole.DisplayRole:  # a group is named once
            group, before = self.rows[index.row()].group, index.row() - 1
            return group if before < 0 or self.rows[before].group != group else ""
        return super().data(index, role)

    def cell(self, row: Difference, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole if column == 1:
                return row.name
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole if column > 1:
                return row.values[column - len(_FIXED)]
            case Qt.ItemDataRole.ForegroundRole if column < len(_FIXED):
                return theme().color("muted")
            case Qt.ItemDataRole.FontRole if column == 0:
                font = QFont()
                font.setWeight(QFont.Weight.DemiBold)
                return font
        return None

    def head(self, column: int, role: int) -> Any:
        title, color = (_FIXED[column], None) if column < len(_FIXED) else self.heads[column - len(_FIXED)]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return title
            case Qt.ItemDataRole.TextAlignmentRole:
                return aligned(False)
            case Qt.ItemDataRole.DecorationRole if color is not None:
                return _chip(color)
        return None


class Differences(QWidget):
    """A table of settings: a row each, a column for each run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[RunRow, ...] = ()
        self._shown: tuple[object, ...] | None = None
        self.model = _Model(self)
        self.view = QTableView()
        self.view.setObjectName("runs_differences")
        self.view.setAccessibleName("Settings of the runs side by side")
        self.view.setModel(self.model)
        set_role(self.view, "plain")
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setTabKeyNavigation(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.view.horizontalHeader().setHighlightSections(False)
        self.view.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        set_role(self.view.horizontalHeader(), "wide")
        self.view.horizontalHeader().setSectionsClickable(False)
        self.words = QLabel()
        self.words.setObjectName("runs_differences_words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        set_role(self.words, "muted")
        # It shows its first widget at once: without a parent that would be a window of its own for a moment.
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.words)
        theme().changed.connect(self._fit)
        self.view.viewport().installEventFilter(self)

    def show_rows(self, rows: tuple[RunRow, ...], colors: Mapping[Path, QColor]) -> None:
        """Compare ``rows``; ``colors`` are those of their curves, by folder."""
        heads = tuple((short_name(row.run.record, row.run.annotation), colors.get(row.path)) for row in rows)
        setups = tuple(setup_of(row) for row in rows)
        if (shown := (setups, heads)) == self._shown:
            return
        self._shown = shown
        found = differences(setups) if len(rows) > 1 else comparison(setups) if rows else ()
        self.model.show_all(found, heads)
        self.words.setText(_words(rows, found))
        self._stack.setCurrentWidget(self.view if found else self.words)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Share the width among the runs; many of them scroll."""
        letters, view = self.view.fontMetrics(), self.view
        view.verticalHeader().setDefaultSectionSize(letters.height() + 9)
        for column in range(min(len(_FIXED), self.model.columnCount())):
            view.resizeColumnToContents(column)
        rest = view.viewport().width() - sum(view.columnWidth(column) for column in range(len(_FIXED)))
        width = max(letters.averageCharWidth() * _LEAST_LETTERS, rest // max(1, len(self.model.heads)))
        for column in range(len(_FIXED), self.model.columnCount()):
            view.setColumnWidth(column, width)


def _words(rows: Sequence[RunRow], found: tuple[Difference, ...]) -> str:
    if not rows:
        return "Select a run to see its settings, or several to see what differs."
    return "" if found else f"Network, settings and data set of these {counted(len(rows), 'run', 'runs')} are the same."


def _chip(color: QColor) -> QIcon:
    picture = QPixmap(_CHIP, _CHIP)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(0, 0, _CHIP, _CHIP, 3, 3)
    painter.end()
    return QIcon(picture)
