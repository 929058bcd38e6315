"""The Runs page: every run on disk in a table, curves and settings of some of them below, one of them at the right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import EpochEnded, RunEvent
from cnn_explorer.ui.pages.runs.commands import RunCommands, annotate, is_run
from cnn_explorer.ui.pages.runs.layout import RunsLayout
from cnn_explorer.ui.pages.runs.offers import OFFERS, Moment
from cnn_explorer.ui.pages.runs.reading import RunReader
from cnn_explorer.ui.pages.runs.saving import RunSaving
from cnn_explorer.ui.pages.runs.state import (
    Listing,
    RunRow,
    SweepKey,
    columns_for,
    plotted,
    set_against,
    shown_rows,
    sweeps,
    varied,
    with_row,
    without,
)
from cnn_explorer.ui.pages.runs.words import count_words, damage_words
from cnn_explorer.ui.plots.stored_curves import CurveLoader
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.page import Page
from cnn_explorer.ui.theme import theme

_EVERYTHING, _CURRENT = "runs", "current run"
"""Channels: a newer reading replaces an older one."""
_ENGAGED = ("waiting", "running")
_PAUSE = 80
"""Milliseconds before curves are read, and before they are drawn: along the rows only the last one's are wanted."""


class RunsPage(Page):
    """Lists what lies in the folder of runs; other folders can be added for the session by opening or dropping them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._reader = RunReader()
        self._listing: Listing | None = None
        self._rows: tuple[RunRow, ...] = ()
        self._others: tuple[Path, ...] = ()
        self._sweep: SweepKey | None = None
        self._settings: tuple[str, ...] = ()
        self._wanted: tuple[Path, ...] = ()
        """Runs to select as soon as they are listed."""
        self._looked_at: tuple[Path, ...] = ()
        """Runs in the plots that are selected but not ticked."""
        self._curves = CurveLoader(session, self)
        self._reading, self._drawing = _timer(self, self._want_curves), _timer(self, self._show_curves)
        self.commands = RunCommands(session, self, lambda: self.parts.card.epochs.value())
        self.parts = RunsLayout(self.commands.actions, session.colors, self)
        self.table, self.card, self.plots = self.parts.table, self.parts.card, self.parts.plots
        self.saving = RunSaving(
            session, self, self.commands.actions, lambda: self.table.selected, lambda: (self._rows, self._settings),
            self.plots.picture,
        )  # fmt: skip
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self.parts)
        self.setFocusProxy(self.table)
        self.setAcceptDrops(True)
        self._connect()
        self._show_selection()

    def _connect(self) -> None:
        session, parts, table = self.session, self.parts, self.table
        session.runs_changed.connect(self._on_runs_changed)
        session.compared_changed.connect(self._show_selection)
        session.runs.told.connect(self._on_run_event)
        session.runs.queue_changed.connect(self._show_offers)
        session.dataset_changed.connect(self._show_offers)
        session.device_changed.connect(self._show_offers)
        theme().changed.connect(self._show_selection)
        parts.search.textChanged.connect(self._show_rows)
        parts.sweeps.activated.connect(self._choose_sweep)
        parts.damage.clicked.connect(self._explain_damage)
        parts.to_train.clicked.connect(lambda: session.page_requested.emit("train"))
        table.horizontalHeader().sortIndicatorChanged.connect(self._on_sorting)
        table.selection_changed.connect(self._show_selection)
        table.compare_wanted.connect(self.commands.compare)
        table.renamed.connect(lambda path, title: self._annotate(path, title=title))
        table.customContextMenuRequested.connect(self._show_menu)
        table.doubleClicked.connect(self._on_double_click)
        self._curves.changed.connect(self._draw_soon)
        self.plots.removed.connect(lambda path: self.commands.compare(path, False))
        self.card.notes_written.connect(lambda path, notes: self._annotate(path, notes=notes))
        self.card.epochs.valueChanged.connect(self._show_offers)
        self.commands.rename_wanted.connect(table.edit_name)
        self.commands.folder_opened.connect(self.add_folder)
        self.commands.deleted.connect(self._on_deleted)

    def file_actions(self) -> tuple[QAction, ...]:
        return self.commands.actions["open"], self.parts.exports.menuAction()

    def confirm_leaving(self) -> bool:
        self._keep_notes_now()
        return True

    def open_path(self, path: Path) -> bool:
        if not is_run(path):
            return False
        self.add_folder(path)
        return True

    def add_folder(self, path: Path) -> None:
        """List a run, or a folder of runs, that lies somewhere else, until the window closes; and select it."""
        if not is_run(path):
            hint = "Choose the folder of a run (it has a run.json), or a folder of such folders."
            self.session.say("error", f"There is no run in {path}.", hint)
            return
        path = path.resolve()
        if path not in self._others:
            self._others = (*self._others, path)
        self._wanted = (path,)
        if not self.isVisible():  # someone took it from the File menu
            self.session.page_requested.emit("runs")
        self.parts.search.clear()
        self._sweep = None
        self.refresh()

    def _on_runs_changed(self) -> None:
        if self.isVisible():  # what nobody sees is read when it comes into view
            self.refresh()

    def refresh(self) -> None:
        """See what is new on the disk, in the background."""
        read, folder, others = self._reader.read, self.session.services.runs_folder, self._others
        self.session.disk.submit(lambda _job: read(folder(), others), self._show_listing, channel=_EVERYTHING)

    def _on_run_event(self, event: RunEvent) -> None:
        row, path = self._reader.row, self.session.runs.last_folder
        if isinstance(event, EpochEnded) and path is not None and self.isVisible():
            self.session.disk.submit(lambda _job: row(path), self._show_row, channel=_CURRENT)

    def _show_row(self, row: RunRow | None) -> None:
        if row is not None and self._listing is not None:
            self._show_listing(with_row(self._listing, row))

    def _show_listing(self, listing: Listing) -> None:
        before, self._listing = self._listing, listing
        if before is None or not listing.is_same_as(before):
            known = sweeps(listing.rows)
            if self._sweep not in known:
                self._sweep = None
            self.parts.show_sweeps(known, self._sweep)
            self.parts.damage.setText(damage_words(listing.damaged))
            self.parts.damage.setVisible(bool(listing.damaged))
            self.parts.show_empty(not listing.rows)
            self._show_rows()
        wanted = tuple(row.path for row in self._rows if self._is_wanted(row)) if self._wanted else ()
        if wanted:
            self._wanted = ()
            self.table.select(wanted)
        elif before is None and self._rows:
            self.table.select((self._rows[0].path,))

    def _is_wanted(self, row: RunRow) -> bool:
        return any(path in (row.path, *row.path.parents) for path in self._wanted)

    def _show_rows(self) -> None:
        """Bring the table up to date with what was read, searched for, and how it is sorted."""
        listing = self._listing or Listing()
        self._settings = varied(listing.rows, self._sweep)
        columns = columns_for(self._settings)
        key, descending = self.table.sorting
        column = next(column for column in columns if column.key == key)
        self._rows = shown_rows(listing.rows, self.parts.search.text(), self._sweep, column, descending)
        self.table.show_settings(self._settings)
        self.table.show_rows(self._rows, columns)
        self.parts.count.setText(count_words(len(self._rows), listing) if self._listing else "")
        self.parts.show_no_match(bool(listing.rows) and not self._rows)

    def _on_sorting(self) -> None:
        self.table.show_settings(self._settings)  # a layout that was remembered may have hidden others
        self._show_rows()

    def _on_double_click(self, index: QModelIndex) -> None:
        if index.column():  # the first one is for ticking
            self.commands.actions["inspect"].trigger()

    def _show_selection(self) -> None:
        """Bring everything up to date that shows the selected and the compared runs."""
        rows = self._listing.rows if self._listing else ()
        selected, compared = self.table.selected, self.session.compared
        drawn = plotted(rows, compared, selected)
        self._forget_colors(tuple(row.path for row in drawn if row.path not in compared))
        colors = {row.path: self._color(row, alone=len(drawn) == 1) for row in drawn}
        self.table.show_colors(compared, colors)
        self.card.show_rows(selected)
        self.parts.differences.show_rows(set_against(rows, compared, selected), colors)
        self._reading.start()
        self._show_offers()

    def _forget_colors(self, looked_at: tuple[Path, ...]) -> None:
        """Give back the colours of runs that were only passed by, the last one first."""
        kept = {*looked_at, *self.session.compared, self.session.runs.last_folder}
        for path in reversed(self._looked_at):
            if path not in kept:
                self.session.colors.give_back(path)
        self._looked_at = looked_at

    def _color(self, row: RunRow, *, alone: bool) -> QColor:
        """The colour of the run's curves: a run alone has that of training."""
        if alone:
            return theme().color("accent")
        return QColor(theme().palette.series[self.session.colors.style(row.path).color])

    def _want_curves(self) -> None:
        rows = self._listing.rows if self._listing else ()
        drawn = plotted(rows, self.session.compared, self.table.selected)
        self._curves.set_folders(tuple(row.path for row in drawn))
        self._show_curves()

    def _draw_soon(self) -> None:
        """Draw what has been read, several runs at once where many come one after another."""
        if not self._drawing.isActive():
            self._drawing.start()

    def _show_curves(self) -> None:
        self.plots.set_runs(self._curves.runs, fixed=self._looked_at)

    def _show_offers(self) -> None:
        session = self.session
        engaged = frozenset(entry.request.folder for entry in session.runs.queue if entry.status in _ENGAGED)
        selected = self.table.selected
        rows = self._listing.rows if self._listing else ()
        curves = any(row.run.epochs for row in plotted(rows, session.compared, selected))
        self.commands.show(Moment(selected, len(self._rows), curves, engaged, session.dataset, session.device))

    def _choose_sweep(self, index: int) -> None:
        self._sweep = (None, *sweeps(self._listing.rows if self._listing else ()))[index]
        self._show_rows()

    def _show_menu(self, place: QPoint) -> None:
        self._menu().popup(self.table.viewport().mapToGlobal(place))

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("runs_menu")
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        last = ""
        for offer in OFFERS:
            if offer.place == "open":
                continue
            if last and (offer.place == "export") != (last == "export"):
                menu.addSeparator()
            menu.addAction(self.commands.actions[offer.key])
            last = offer.place
        return menu

    def _explain_damage(self) -> None:
        damaged = self._listing.damaged if self._listing else ()
        details = "\n".join(f"{path}: {problem}" for path, problem in damaged)
        self.session.say(
            "warning", f"{damage_words(damaged)}.", "Nothing was changed there; the details say why.", details
        )

    def _on_deleted(self, gone: tuple[Path, ...]) -> None:
        """Select the run below those that are gone, or the last one; nobody shall look for their curves any more."""
        places = [number for number, row in enumerate(self._rows) if row.path in gone]
        below = [row.path for row in self._rows[min(places, default=0) :] if row.path not in gone]
        others = [row.path for row in self._rows if row.path not in gone]
        self._wanted = tuple((below or others[-1:])[:1])
        self._others = tuple(path for path in self._others if path not in gone)
        if self._listing is not None:
            self._show_listing(without(self._listing, gone))
        self._want_curves()

    def _annotate(self, path: Path, title: str | None = None, notes: str | None = None) -> None:
        self.session.disk.submit(
            lambda _job: annotate(path, title, notes), lambda _none: self.session.runs_changed.emit()
        )

    def _keep_notes_now(self) -> None:
        """Save notes at once: the window may be closing, and no job would come to it."""
        found = self.card.unsaved_notes()
        if found is not None:
            try:
                annotate(found[0], notes=found[1])
            except ExplorerError as error:
                self.session.report(error)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._keep_notes_now()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders of runs; everything else is the window's."""
        event.setAccepted(bool(_dropped_runs(event)))

    def dropEvent(self, event: QDropEvent) -> None:
        for path in _dropped_runs(event):
            self.add_folder(path)
        event.acceptProposedAction()


def _timer(page: RunsPage, do: Callable[[], None]) -> QTimer:
    timer = QTimer(page)
    timer.setSingleShot(True)
    timer.setInterval(_PAUSE)
    timer.timeout.connect(do)
    return timer


def _dropped_runs(event: QDropEvent) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if is_run(path)]
