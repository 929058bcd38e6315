"""The queue of the Train page: every run of the session in one table, and the sweep panel that adds many."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer
from PySide6.QtGui import QAction, QFont, QGuiApplication, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.store.runs import RunFolder
from cnn_explorer.store.sweeps import SweepFolder
from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.pages.train.queue.model import QueueModel
from cnn_explorer.ui.pages.train.queue.state import rows_of, table_text
from cnn_explorer.ui.pages.train.sweep.panel import SweepPanel
from cnn_explorer.ui.session.runs.queue import QueueEntry
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.empty_state import EmptyState
from cnn_explorer.ui.widgets.tool_button import tool_button

_INTERVAL = 250
"""Milliseconds between two looks at the current run."""
_LEAST_WIDTH = 44
_AROUND = 26  # beside a text in a cell
_ICON = 22
_MEASURED = 50  # rows: a sweep may have 1,000
_EMPTY = "Every run of this session is listed here. Start one, or plan a sweep: one run for each value of a setting."


class QueuePanel(QWidget):
    """Follows the session's runs; adds sweeps, removes runs that wait, opens those that are done."""

    def __init__(self, session: Session, export: Callable[[bytes], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._export = session, export
        self.model = QueueModel(self)
        self.sweep = SweepPanel(session, self)
        self.sweep.hide()
        self.sweep.closed.connect(lambda: self.plan.setChecked(False))
        self.view = self._table()
        self._empty = EmptyState("layers", _EMPTY)
        self._card = QFrame(self)
        self._card.setObjectName("card")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(4, 4, 4, 4)  # room for the card's round corners
        self._stack = QStackedWidget(self._card)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        inside.addWidget(self._stack)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._tools())
        layout.addWidget(self.sweep)
        layout.addWidget(self._card, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.show_queue)
        session.runs.queue_changed.connect(self.show_queue)
        session.runs.state_changed.connect(self._later)
        theme().changed.connect(self.view.viewport().update)
        self.show_queue()

    def _tools(self) -> QHBoxLayout:
        self.plan = tool_button("plus", "queue_sweep", "Plan one run for each value of a setting.", "Sweep…")
        self.plan.setCheckable(True)
        self.plan.toggled.connect(self._on_plan)
        self.inspect = tool_button("scan-eye", "queue_inspect", "Look into the model of the selected run.", "Inspect")
        self.remove = tool_button(
            "trash-2", "queue_remove", "Take the selected runs off the table; what is on the disk stays.", "Remove"
        )
        self.clear = tool_button("x", "queue_clear", "Take all runs that wait off the queue.", "Clear waiting")
        self.copy = tool_button("copy", "queue_copy", "Copy the table, for a spreadsheet.")
        self.save = tool_button("file-down", "queue_export", "Save the table as CSV.")
        self.inspect.clicked.connect(lambda: self._open(self._selected()[0]))
        self.remove.clicked.connect(lambda: self._remove(self._selected()))
        self.clear.clicked.connect(lambda: self._remove(self._session.runs.waiting))
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(lambda: self._export(table_text(self.model.rows).encode()))
        self._count = QLabel(self)
        self._count.setObjectName("queue_count")
        set_role(self._count, "muted")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.plan)
        row.addWidget(self._count)
        row.addStretch(1)
        for button in (self.inspect, self.remove, self.clear, self.copy, self.save):
            row.addWidget(button)
        return row

    def _table(self) -> QTableView:
        view = QTableView(self)
        view.setObjectName("queue_table")
        view.setAccessibleName("Runs of this session")
        view.setModel(self.model)
        set_role(view, "plain")
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setTabKeyNavigation(False)
        digits = view.font()
        digits.setFeature(QFont.Tag("tnum"), 1)
        view.setFont(digits)
        rows = view.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(view.fontMetrics().height() + 9)
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setMinimumSectionSize(_LEAST_WIDTH)
        view.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        view.setSortingEnabled(True)
        view.doubleClicked.connect(lambda index: self._open(self.model.rows[index.row()].entry))
        view.selectionModel().selectionChanged.connect(self._show_tools)
        copy = QAction("Copy", view, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        delete = QAction("Remove", view, shortcut=QKeySequence(QKeySequence.StandardKey.Delete))
        for action, slot in ((copy, self._copy), (delete, lambda: self._remove(self._selected()))):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False, slot=slot: slot())
            view.addAction(action)
        return view

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_queue()

    def open_sweep(self) -> None:
        """Show the sweep panel."""
        self.plan.setChecked(True)

    def show_queue(self) -> None:
        """Bring the table up to date."""
        runs = self._session.runs
        chosen = {entry.number for entry in self._selected()}
        titles = [column.title for column in self.model.columns]
        numbers = [row.entry.number for row in self.model.rows]
        self.model.show_rows(rows_of(runs.queue, runs.state))
        if [row.entry.number for row in self.model.rows] != numbers:
            self._select(chosen)
        self._share_width(anew=titles != [column.title for column in self.model.columns] or not numbers)
        self._stack.setCurrentWidget(self.view if runs.queue else self._empty)
        waiting, done = len(runs.waiting), sum(e.status not in ("waiting", "running") for e in runs.queue)
        words = f"{counted(waiting, 'run waits', 'runs wait')}{', held' if runs.held else ''} · {done:,} done"
        self._count.setText(words if runs.queue else "")
        self._show_tools()

    def _later(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start(_INTERVAL)

    def _share_width(self, anew: bool) -> None:
        """Columns as wide as what stands in them; they never become narrower while a run goes."""
        header, metrics = self.view.horizontalHeader(), self.view.fontMetrics()
        for number, column in enumerate(self.model.columns):
            is_name = column.title == "Run"
            mode = QHeaderView.ResizeMode.Stretch if is_name else QHeaderView.ResizeMode.Fixed
            if anew:
                header.setSectionResizeMode(number, mode)
            if not is_name:
                texts = (column.title, *(column.text(row) for row in self.model.rows[:_MEASURED]))
                width = max(metrics.horizontalAdvance(text) for text in texts) + _AROUND
                if column.title == "Status":
                    width += _ICON
                if anew or width > header.sectionSize(number):
                    self.view.setColumnWidth(number, width)

    def _show_tools(self) -> None:
        chosen = self._selected()
        self.inspect.setEnabled(len(chosen) == 1 and bool(chosen[0].epochs))
        self.remove.setEnabled(any(entry.status != "running" for entry in chosen))
        self.clear.setEnabled(bool(self._session.runs.waiting))
        for button in (self.copy, self.save):
            button.setEnabled(bool(self.model.rows))

    def _selected(self) -> tuple[QueueEntry, ...]:
        return tuple(self.model.rows[index.row()].entry for index in self.view.selectionModel().selectedRows())

    def _select(self, numbers: set[int]) -> None:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row, shown in enumerate(self.model.rows):
            if shown.entry.number in numbers:
                self.view.selectionModel().select(self.model.index(row, 0), flags)

    def _on_plan(self, shown: bool) -> None:
        self.sweep.setVisible(shown)
        if shown:
            self.sweep.lines[0][1].setFocus()

    def _remove(self, entries: tuple[QueueEntry, ...]) -> None:
        runs = self._session.runs
        runs.remove({entry.number for entry in entries})
        needed = {entry.request.folder.parent for entry in runs.queue}
        for folder in {entry.request.folder.parent for entry in entries if entry.settings} - needed:
            SweepFolder(folder).remove_empty()  # of a sweep whose runs were all taken off before they began

    def _open(self, entry: QueueEntry) -> None:
        model = RunFolder(entry.request.folder).model
        if not model.is_file():
            self._session.say("info", "This run has no model yet.", "Let it finish one epoch.")
            return
        self._session.page_requested.emit("inspect")
        self._session.model_ready.emit(model)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(table_text(self.model.rows, "\t"))
        self._session.say("success", f"{counted(len(self.model.rows), 'run is', 'runs are')} on the clipboard.")
