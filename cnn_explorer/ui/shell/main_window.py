"""The window: rail, header, message bar and pages, put together. What they do is in their own modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import Ended, RunEvent
from cnn_explorer.text.runs import ending
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell import closing_question as questions
from cnn_explorer.ui.shell.header import Header
from cnn_explorer.ui.shell.menus import Menus
from cnn_explorer.ui.shell.message_bar import MessageBar
from cnn_explorer.ui.shell.message_place import MessagePlace
from cnn_explorer.ui.shell.nav_rail import NavRail
from cnn_explorer.ui.shell.page import Page
from cnn_explorer.ui.shell.page_table import PageEntry
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.pasting import local_paths
from cnn_explorer.ui.widgets.side_window import SideWindow

_USUAL = QSize(1280, 800)
_SMALLEST = QSize(1024, 680)
_REST = 2000
"""Milliseconds without a change after which the settings are kept."""
_OPENS_ARCHITECTURES, _OPENS_MODELS, _OPENS_DATASETS = "build", "inspect", "data"


class MainWindow(QMainWindow):
    """The window of one session. Pages are made when they are needed, at the latest after the first painting.

    ``keep`` gets the settings when the window closes. Closing ends the session, and with it all its threads.
    """

    painted = Signal()
    """The window can be seen for the first time."""
    ready = Signal()
    """All pages are made: from now on the session may start its slow work."""

    def __init__(
        self, session: Session, pages: Sequence[PageEntry], settings: Settings, keep: Callable[[Settings], None]
    ) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.session = session
        self._entries = {entry.key: entry for entry in pages}
        self._pages: dict[str, Page] = {}
        self._settings = settings
        self._keep = keep
        self._asks = True
        first = next((entry.key for entry in pages if entry.at_once), pages[0].key)
        self._current = settings.page if settings.page in self._entries else first

        self.rail = NavRail(pages)
        self.header = Header(session)
        self.message_bar = MessageBar()
        self._stack = QStackedWidget()
        self._blank = QWidget()
        self._blank.setObjectName("page")
        self._stack.addWidget(self._blank)
        column = QVBoxLayout()
        column.setSpacing(0)
        central = QWidget()
        for part in (self.rail, self.header):
            part.setParent(central)  # in this order, in which Tab goes through them; then the bar and the pages
        column.addWidget(self.header)
        column.addWidget(MessagePlace(self.message_bar, self._stack, central))
        column.addWidget(self._stack, 1)
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(column, 1)
        self.setCentralWidget(central)
        self.menus = Menus(self, session, pages, self.show_page)
        self.menus.recent.chosen.connect(self.open_path)
        self.setAcceptDrops(True)

        self.rail.chosen.connect(self.show_page)
        session.page_requested.connect(self.show_page)
        session.restart_requested.connect(self._restart)
        session.message.connect(self.message_bar.show_message)
        self.message_bar.focus_given_up.connect(self._focus_page)
        session.runs.told.connect(self._on_run_event)
        session.document.changed.connect(self._show_title)
        session.document.undo_stack.cleanChanged.connect(self._show_title)
        self._show_title()
        # What was typed must outlive a kill too: it is kept when the hands rest for a moment.
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(lambda: self._keep(self._settings_now()))
        for changed in (
            session.config_changed, session.document.changed, session.own_sources_changed, session.recent.changed,
        ):  # fmt: skip
            changed.connect(self._rest.start)

        self.setMinimumSize(_SMALLEST)
        if not self.restoreGeometry(QByteArray(settings.geometry)):
            self.resize(_USUAL.boundedTo(self.screen().availableSize()))
        self.rail.set_current(self._current)
        self._stack.setFocus()  # or the first entry of the rail would have it, and its frame
        if self._entries[self._current].at_once:
            self.show_page(self._current)

    @property
    def current_page(self) -> str:
        """The key of the page that is shown."""
        return self._current

    def page(self, key: str) -> Page:
        """The page of that key; made now if it is not there yet."""
        if key not in self._pages:
            page = self._entries[key].make(self.session)
            page.setAccessibleName(self._entries[key].title)
            self._pages[key] = page
            self._stack.addWidget(page)
            for splitter in _splitters(page):
                splitter.restoreState(QByteArray(self._settings.splitters.get(splitter.objectName(), b"")))
            for columns in _columns(page):
                columns.restoreState(QByteArray(self._settings.columns.get(columns.objectName(), b"")))
            for window in page.findChildren(SideWindow):
                window.restoreGeometry(QByteArray(self._settings.windows.get(window.objectName(), b"")))
            self.menus.set_file_actions(
                [self._pages[entry].file_actions() for entry in self._entries if entry in self._pages]
            )
        return self._pages[key]

    def show_page(self, key: str) -> None:
        """Bring a page to the front, and the keys to it unless someone goes along the rail with them."""
        page = self.page(key)
        last = page.focusWidget()  # before Qt chooses the first control of a page that has had no focus yet
        self._stack.setCurrentWidget(page)
        self._current = key
        self.rail.set_current(key)
        if not _has_focus(self.rail):
            _give_keys(page, last)

    def open_path(self, path: Path) -> None:
        """Open a model, run, architecture, image or data set; anything else is answered in the message bar."""
        self.open_paths([path])

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open all images among the ``paths``, or else the first of them, whatever it is."""
        # Here, since what can be opened knows the readers of all data sets, which the first painting need not wait for.
        from cnn_explorer.ui.session.file_kinds import IMAGE_SUFFIXES, openable

        if images := [path for path in paths if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()]:
            self.show_page(_OPENS_MODELS)
            self.page(_OPENS_MODELS).open_paths(images)
            return
        try:
            kind, path = openable(paths[0])
        except ExplorerError as error:
            self.session.report(error)
            return
        if kind == "model":
            self.show_page(_OPENS_MODELS)
            self.session.model_ready.emit(path)
        elif kind == "architecture":
            self.show_page(_OPENS_ARCHITECTURES)
            self.page(_OPENS_ARCHITECTURES).open_path(path)
        else:
            self._open_dataset(path.absolute())

    def _open_dataset(self, path: Path) -> None:
        if _OPENS_DATASETS in self._entries:
            self.show_page(_OPENS_DATASETS)
            self.page(_OPENS_DATASETS).open_path(path)
        else:
            self.session.load_dataset(DatasetSpec(source=str(path)))

    def close_now(self) -> None:
        """Close without questions, for someone who cannot answer any: a signal of the system."""
        self._asks = False
        self.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._pages or len(self._pages) < len(self._entries):
            self.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.windowHandle() and event.type() == QEvent.Type.Expose:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._after_first_painting)  # Qt paints while it handles this event
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._asks and not self._may_close():
            event.ignore()
            return
        self._rest.stop()
        self._keep(self._settings_now())
        self.hide()
        # The undo stack says a last word while it is destroyed, when there may be no document to ask any more.
        self.session.document.undo_stack.cleanChanged.disconnect(self._show_title)
        self.session.shut_down()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.open_paths(local_paths(event.mimeData()))

    def _focus_page(self) -> None:
        page = self._pages.get(self._current)
        if page is not None:
            _give_keys(page, page.focusWidget())

    def _after_first_painting(self) -> None:
        self.painted.emit()
        self._make_next_page()

    def _make_next_page(self) -> None:
        """Make one page in each turn of the event loop, so that the window answers in between."""
        missing = [key for key in (self._current, *self._entries) if key not in self._pages]
        if not missing:
            self.ready.emit()
            return
        if missing[0] == self._current:
            self.show_page(self._current)
        else:
            self.page(missing[0])
        QTimer.singleShot(0, self._make_next_page)

    def _on_run_event(self, event: RunEvent) -> None:
        if isinstance(event, Ended) and (said := ending(self.session.runs.state)):
            self.session.say(*said)

    def _show_title(self) -> None:
        document = self.session.document
        self.setWindowTitle(f"{document.architecture.name}[*] – CNN Explorer")
        self.setWindowModified(document.unsaved)

    def _restart(self) -> None:
        if self.close():
            self.session.services.restart()

    def _may_close(self) -> bool:
        runs = self.session.runs
        if (runs.is_running or runs.waiting) and not questions.stop_and_close(self, runs.state, len(runs.waiting)):
            return False
        return all(page.confirm_leaving() for page in self._pages.values())

    def _settings_now(self) -> Settings:
        splitters = {
            splitter.objectName(): bytes(splitter.saveState().data())
            for page in self._pages.values()
            for splitter in _splitters(page)
        }
        columns = {
            header.objectName(): bytes(header.saveState().data())
            for page in self._pages.values()
            for header in _columns(page)
        }
        windows = {
            window.objectName(): bytes(window.saveGeometry().data())
            for page in self._pages.values()
            for window in page.findChildren(SideWindow)
        }
        return Settings(
            theme=theme().mode,
            text_scale=theme().text_scale,
            page=self._current,
            geometry=bytes(self.saveGeometry().data()),
            splitters=self._settings.splitters | splitters,
            columns=self._settings.columns | columns,
            windows=self._settings.windows | windows,
            dataset=self.session.dataset.spec if self.session.dataset else self._settings.dataset,
            own_sources=self.session.own_sources,
            recent=tuple(map(str, self.session.recent.paths)),
            network=self.session.document.architecture,
            config=self.session.config,
        )


def _give_keys(page: Page, last: QWidget | None) -> None:
    """Let the page have the keys, at its control that had them ``last`` if one can still use that."""
    (last if last is not None and last.isVisible() and last.isEnabled() else page).setFocus()


def _has_focus(widget: QWidget) -> bool:
    focus = QApplication.focusWidget()
    return focus is not None and (focus is widget or widget.isAncestorOf(focus))


def _splitters(page: Page) -> list[QSplitter]:
    """The page's splitters that have a name to be remembered by."""
    return [splitter for splitter in page.findChildren(QSplitter) if splitter.objectName()]


def _columns(page: Page) -> list[QHeaderView]:
    """The headers of the page's tables that have a name to be remembered by."""
    return [header for header in page.findChildren(QHeaderView) if header.objectName()]
