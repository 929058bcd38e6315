"""The Train page: settings at the left, live curves, and below them the state of the run and its epochs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QStandardPaths, QTimer
from PySide6.QtGui import QAction, QImage, QImageWriter, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.events import BatchEnded, EpochEnded, RunEvent, Started
from cnn_explorer.core.inference import Inference, infer
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.store.atomic import atomic_write, refuse_existing
from cnn_explorer.store.history_csv import COLUMNS
from cnn_explorer.ui.jobs import Failure
from cnn_explorer.ui.pages.page import Page
from cnn_explorer.ui.pages.train_plots import TrainPlots
from cnn_explorer.ui.pages.train_settings import SettingsPanel
from cnn_explorer.ui.pages.train_state import Moment, actions, obstacle, same_weights, status
from cnn_explorer.ui.pages.train_status import StatusCard
from cnn_explorer.ui.services import TrainRequest
from cnn_explorer.ui.session import Session
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.epoch_table import EpochTable

_INTERVAL = 100
"""Milliseconds between two looks at a run that goes."""
_WIDEST_STATUS, _HIGHEST_STATUS = 340, 250
INITIAL_WEIGHTS = "initial.weights.h5"


class TrainPage(Page):
    """Starts runs and shows the one that goes, or the last one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._last: tuple[TrainRequest, Inference] | None = None
        self._failure: Failure | None = None
        self._epochs: tuple[EpochEnded, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show_run)
        self._save_table = self._action(
            "Table of epochs as CSV…", "train_export_csv", "file-down", self._export_table, "Save the table of epochs."
        )
        self._save_plots = self._action(
            "Plots as PNG…", "train_export_png", "image-down", self._export_plots, "Save the plots as a picture."
        )
        self.settings = SettingsPanel(self)
        self.plots = TrainPlots((self._save_table, self._save_plots), self)
        self.status = StatusCard(self)
        self.table = EpochTable(self)
        self._lay_out()
        self._connect()
        started = session.runs.state.started
        if started is not None:
            self._begin(started)
        self._show_settings()
        self._show_run()

    def _action(self, text: str, name: str, icon: str, slot: Callable[[], None], tooltip: str) -> QAction:
        action = QAction(theme().icon(icon), text, self)
        action.setObjectName(name)
        action.setToolTip(tooltip)
        action.triggered.connect(slot)
        return action

    def _lay_out(self) -> None:
        bottom = QHBoxLayout()
        bottom.setSpacing(12)
        # On a large screen the curves get the room.
        self.status.setMaximumSize(_WIDEST_STATUS, _HIGHEST_STATUS)
        self.table.setMaximumHeight(_HIGHEST_STATUS)
        bottom.addWidget(self.status, 3)
        bottom.addWidget(self.table, 7)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.plots, 19)
        right.addLayout(bottom, 10)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.settings)
        layout.addLayout(right, 1)

    def _connect(self) -> None:
        session, runs = self.session, self.session.runs
        self.settings.form.value_changed.connect(self._on_config)
        self.settings.start_pressed.connect(lambda: session.train())
        self.settings.restart_pressed.connect(self._restart)
        self.settings.pause_pressed.connect(lambda: runs.resume() if runs.is_paused else runs.pause())
        self.settings.stop_pressed.connect(runs.stop)
        self.status.open_failed.connect(
            lambda folder: session.say("warning", f"The folder {folder} could not be opened.", "Copy its path instead.")
        )
        runs.told.connect(self._on_event)
        runs.state_changed.connect(self._on_state)
        runs.failed.connect(self._on_failure)
        session.document.changed.connect(self._show_run)
        session.dataset_changed.connect(self._show_settings)
        session.dataset_changed.connect(self._show_run)
        session.device_changed.connect(self._show_run)

    def file_actions(self) -> tuple[QAction, ...]:
        return self._save_table, self._save_plots

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_settings()
        self._show_run()

    def _on_config(self, config: TrainingConfig) -> None:
        self.session.config = config
        self._show_settings()

    def _restart(self) -> None:
        if self._last is not None:
            self.session.train(initial_weights=self._last[0].folder / INITIAL_WEIGHTS)

    def _on_event(self, event: RunEvent) -> None:
        # Up to thousands a second: only note what came.
        if isinstance(event, BatchEnded):
            self.plots.add(event)
        elif isinstance(event, Started):
            self._begin(event)

    def _begin(self, started: Started) -> None:
        request = self.session.runs.request
        if request is not None:
            self._last = request, infer(request.architecture)
        self.plots.begin(started)

    def _on_state(self) -> None:
        runs = self.session.runs
        if runs.state.phase == "preparing":
            self._failure = None
        seen = (runs.state.phase, runs.state.started, runs.is_running, runs.is_paused, runs.is_stopping)
        if seen != self._seen:
            self._show_run()
        elif not self._timer.isActive():
            self._timer.start(_INTERVAL)

    def _on_failure(self, failure: Failure) -> None:
        self._failure = failure
        self._show_run()

    def _show_settings(self) -> None:
        self.settings.show_config(self.session.config, self.session.dataset)
        self.plots.plan(self.session.config.epochs)

    def _show_run(self) -> None:
        """Bring everything but the curves up to date."""
        session, runs = self.session, self.session.runs
        self._seen = (runs.state.phase, runs.state.started, runs.is_running, runs.is_paused, runs.is_stopping)
        failure = self._failure
        moment = Moment(
            runs.state, runs.is_running, runs.is_paused, runs.is_stopping,
            failure.message if failure else "", failure.hint if failure else "",
        )  # fmt: skip
        in_the_way = obstacle(
            session.problems, session.dataset, session.device is not None,
            session.dataset_failure, session.engine_failure,
        )  # fmt: skip
        fits = self._last is not None and same_weights(self._last[1], session.document.inference)
        self.settings.show_actions(actions(moment, in_the_way, self._last is not None, fits))
        if runs.state.started is not None:
            # Not for a run that died before it began: the last one's curves and epochs stay.
            self._epochs = runs.state.epochs
            self.plots.set_epochs(self._epochs)
            self.table.set_epochs(self._epochs, runs.state.best)
        self.status.show_status(status(moment, in_the_way), self._last[0].folder if self._last else None)
        self._save_table.setEnabled(bool(self._epochs))
        self._save_plots.setEnabled(self._last is not None)

    def _export_table(self) -> None:
        def write(path: Path) -> None:
            rows = (",".join(repr(getattr(epoch, name)) for name in COLUMNS) for epoch in self._epochs)
            atomic_write(path, "".join(f"{row}\n" for row in (",".join(COLUMNS), *rows)).encode())

        self._export("Save the table of epochs", "epochs.csv", "Tables (*.csv)", write)

    def _export_plots(self) -> None:
        picture = self.plots.picture()
        self._export("Save the plots", "curves.png", "Pictures (*.png)", lambda path: atomic_write(path, _png(picture)))

    def _export(self, title: str, name: str, kind: str, write: Callable[[Path], None]) -> None:
        run = f"{self._last[0].folder.name}_" if self._last else ""
        path = self._ask_path(title, run + name, kind)
        if path is None:
            return
        try:
            if not path.suffix:
                path = path.with_suffix(Path(name).suffix)
                refuse_existing(path)  # the dialogue has asked about the name without the suffix only
            write(path)
        except ExplorerError as error:
            self.session.report(error)
        else:
            self.session.say("success", f"Saved {path}.")

    def _ask_path(self, title: str, name: str, kind: str) -> Path | None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chosen, _ = QFileDialog.getSaveFileName(self, title, str(Path(folder) / name), kind)
        return Path(chosen) if chosen else None


def _png(picture: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(picture)
    return bytes(data.data())
