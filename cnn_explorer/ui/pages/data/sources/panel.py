"""The list of data sets: ready-made ones, and the user's own images from a folder or a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.sources.facts import kind_of
from cnn_explorer.data.sources.registry import SOURCES, SourceState, state_of
from cnn_explorer.ui.pages.data.opening.dialog import OpenDialog
from cnn_explorer.ui.pages.data.sources.fitting import FittingCard
from cnn_explorer.ui.pages.data.sources.source_list import SourceList
from cnn_explorer.ui.pages.data.sources.state import keeping_words, progress_words, source_rows
from cnn_explorer.ui.session.file_kinds import DATASET_FILES
from cnn_explorer.ui.session.jobs import Job
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_NARROWEST = 270
_THOUSAND = 1000


class SourcesPanel(QFrame):
    """A card that chooses the session's data set, and shows how far the next one is."""

    opened = Signal()
    """A dialogue that asks how images are to be read has been made; it may show itself."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self._states: dict[str, SourceState] = {}
        self._missing: frozenset[str] = frozenset()
        self._folder = Path.home()
        self.dialog: OpenDialog | None = None
        title = QLabel("Data sets", self)
        set_role(title, "title")
        self.list = SourceList(self)
        self.list.setMinimumWidth(_NARROWEST)  # and not the card's, which needs more where text is large
        self.fitting = FittingCard(session, self)
        self.keeping = QLabel(self)
        self.keeping.setObjectName("data_keeping")
        self.keeping.setWordWrap(True)
        set_role(self.keeping, "muted")
        self.open_folder = self._button("Open folder…", "data_open_folder", "folder-open")
        self.open_folder.setToolTip("Open a folder that has a folder of images for each class; or drop it here.")
        self.open_file = self._button("Open file…", "data_open_file", "database")
        self.open_file.setToolTip("Open a file of arrays: NPZ, IDX (gzipped too) or HDF5; or drop it here.")
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 0, 12, 0)
        buttons.setSpacing(8)
        buttons.addWidget(self.open_folder, 1)
        buttons.addWidget(self.open_file, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 0, 12, 0)
        foot.setSpacing(8)
        foot.addWidget(self._progress())
        foot.addWidget(self.keeping)
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.addWidget(title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        around = QHBoxLayout()
        around.setContentsMargins(4, 0, 4, 0)
        around.addWidget(self.list)
        layout.addLayout(around, 1)
        layout.addLayout(foot)
        layout.addLayout(buttons)
        fitting = QHBoxLayout()
        fitting.setContentsMargins(8, 0, 8, 0)
        fitting.addWidget(self.fitting)
        layout.insertLayout(2, fitting)
        self._connect()
        self._show()
        self._show_keeping()
        self._show_progress("", 0, 0)

    def _connect(self) -> None:
        session = self._session
        self.list.used.connect(self._use)
        self.list.forgotten.connect(self._forget)
        self.list.changed_asked.connect(lambda spec: self._open(spec, asks=True))
        self.open_folder.clicked.connect(self._on_open_folder)
        self.open_file.clicked.connect(self._on_open_file)
        self.cancel.clicked.connect(self._on_cancel)
        session.dataset_progress.connect(self._show_progress)
        session.dataset_changed.connect(self._on_dataset)
        session.own_sources_changed.connect(self._on_dataset)
        session.runs.queue_changed.connect(self._show_keeping)
        session.runs.state_changed.connect(self._show_keeping)

    def _button(self, text: str, name: str, icon: str) -> QPushButton:
        button = QPushButton(theme().icon(icon), text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        return button

    def _progress(self) -> QWidget:
        self._loading = QWidget(self)
        self.words = ElidedLabel(parent=self._loading)
        self.words.setObjectName("data_loading_words")
        self.far = QLabel(self._loading)
        self.far.setObjectName("data_loading_far")
        set_role(self.far, "muted")
        self.bar = QProgressBar(self._loading)
        self.bar.setObjectName("data_loading_progress")
        self.bar.setAccessibleName("Loading of the data set")
        self.bar.setTextVisible(False)
        self.cancel = QPushButton("Cancel", self._loading)
        self.cancel.setObjectName("data_loading_cancel")
        self.cancel.setAccessibleName("Cancel the loading")
        self.cancel.setToolTip("End the loading; the current data set stays.")
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(12)
        first.addWidget(self.words, 1)
        first.addWidget(self.far)
        second.addWidget(self.bar, 1)
        second.addWidget(self.cancel)
        layout = QVBoxLayout(self._loading)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(first)
        layout.addLayout(second)
        return self._loading

    def open_path(self, path: Path) -> bool:
        """Open a folder or file of images that someone dropped or named; whether it is one.

        What it is not is said in the message bar.
        """
        try:
            kind_of(path)
        except ExplorerError as error:
            self._session.report(error)
            return False
        self._open(DatasetSpec(source=str(path.absolute())), asks=False)
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_states()

    def _open(self, spec: DatasetSpec, asks: bool) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        self.dialog = OpenDialog(self._session, spec, asks, self.window())
        self.dialog.chosen.connect(self._session.load_dataset)
        self.dialog.destroyed.connect(self._on_dialog_gone)
        self.opened.emit()

    def _on_dialog_gone(self) -> None:
        self.dialog = None

    def _use(self, spec: DatasetSpec) -> None:
        self._session.load_dataset(spec)
        self._show()

    def _forget(self, spec: DatasetSpec) -> None:
        others = (other for other in self._session.own_sources if other.source != spec.source)
        self._session.set_own_sources(tuple(others))

    def _on_cancel(self) -> None:
        self._session.cancel_loading()
        self.words.setText("Cancelling…")
        self.far.clear()
        self.cancel.setEnabled(False)

    def _on_dataset(self) -> None:
        self._show()
        self._show_keeping()
        self._ask_states()

    def _ask_states(self) -> None:
        """What lies on the disk; asked there, since a home may lie on a slow network."""
        if not self.isVisible():
            return
        own = self._session.own_sources

        def work(_job: Job) -> tuple[dict[str, SourceState], frozenset[str]]:
            gone = frozenset(spec.source for spec in own if spec.path is not None and not spec.path.exists())
            return {source.name: state_of(source) for source in SOURCES}, gone

        self._session.disk.submit(work, self._show_states, channel="data set states")

    def _show_states(self, found: tuple[dict[str, SourceState], frozenset[str]]) -> None:
        self._states, self._missing = found
        self._show()

    def _show(self) -> None:
        session = self._session
        current = session.dataset.spec if session.dataset else None
        self.list.show_rows(
            source_rows(SOURCES, self._states, session.own_sources, self._missing, current, session.dataset_loading)
        )

    def _show_keeping(self) -> None:
        text = keeping_words(self._session.runs.queue, self._session.dataset)
        self.keeping.setText(text)
        self.keeping.setVisible(bool(text))

    def _show_progress(self, what: str, done: int, total: int) -> None:
        begins = bool(what) and self._loading.isHidden()
        self._loading.setVisible(bool(what))
        if begins or not what:
            self._show()
        if begins:
            self.cancel.setEnabled(True)
        if not self.cancel.isEnabled():
            return  # what is said of its end stays
        self.words.setText(what)
        self.words.setToolTip(what)
        self.far.setText(progress_words(what, done, total))
        # In thousandths: a progress bar counts in 32 bits.
        self.bar.setRange(0, _THOUSAND if total else 0)
        self.bar.setValue(min(_THOUSAND, _THOUSAND * done // total) if total else 0)

    def _on_open_folder(self) -> None:
        path = self._ask_folder()
        if path is not None:
            self._folder = path.parent
            self.open_path(path)

    def _on_open_file(self) -> None:
        path = self._ask_file()
        if path is not None:
            self._folder = path.parent
            self.open_path(path)

    def _ask_folder(self) -> Path | None:
        name = QFileDialog.getExistingDirectory(self, "Open a folder of class folders", str(self._folder))
        return Path(name) if name else None

    def _ask_file(self) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self, "Open a file of images", str(self._folder), DATASET_FILES)
        return Path(name) if name else None
