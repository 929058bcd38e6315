"""The Train page: settings at the left; curves, film or queue, and below them the run's state and its epochs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnn_explorer.core.network.inference import Inference, infer
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import BatchEnded, Ended, EpochEnded, Probed, RunEvent, Started
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.train.controls import RunControls
from cnn_explorer.ui.pages.train.epoch_table import EpochTable
from cnn_explorer.ui.pages.train.files import TrainFiles
from cnn_explorer.ui.pages.train.film.panel import FilmPanel
from cnn_explorer.ui.pages.train.plots import TrainPlots
from cnn_explorer.ui.pages.train.queue.panel import QueuePanel
from cnn_explorer.ui.pages.train.settings.panel import SettingsPanel
from cnn_explorer.ui.pages.train.state import Actions, actions, same_weights, status
from cnn_explorer.ui.pages.train.status import StatusCard
from cnn_explorer.ui.pages.train.views import Views
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.readiness import needs_restart, obstacle
from cnn_explorer.ui.session.runs.plan import with_fitting_schedule
from cnn_explorer.ui.session.services import ContinueRequest, RunRequest
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.page import Page

_INTERVAL = 100
"""Milliseconds between two looks at the current run."""
_WIDEST_STATUS, _HIGHEST_STATUS = 380, 280


class TrainPage(Page):
    """Starts runs and shows the current one, or the last one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._last: tuple[RunRequest, Inference] | None = None
        self._learnt_from: Dataset | None = None
        self._failure: Failure | None = None
        self._epochs: tuple[EpochEnded, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._offered: Actions | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show_run)
        self.files = TrainFiles(
            session, self, lambda: self._epochs, lambda: self.plots.picture(),
            lambda: f"{self._last[0].folder.name}_" if self._last else "",
        )  # fmt: skip
        self.settings = SettingsPanel(session, self)
        self.controls = RunControls(self)
        self.plots = TrainPlots(session, (self.files.save_table, self.files.save_plots), self)
        self.film = FilmPanel(session)
        self.queue = QueuePanel(session, self.files.save_queue)
        self.views = Views((self.plots, self.film, self.queue), self.controls, self)
        self.status = StatusCard(self)
        self.table = EpochTable(self)
        self._lay_out()
        self._connect()
        started = session.runs.state.started
        if started is not None:
            self._begin(started)
        self._show_settings()
        self._show_run()

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
        right.addWidget(self.views, 19)
        right.addLayout(bottom, 10)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.settings)
        layout.addLayout(right, 1)

    def _connect(self) -> None:
        session, runs = self.session, self.session.runs
        self.settings.form.value_changed.connect(self._on_edited)
        self.settings.start_pressed.connect(lambda: session.train())
        self.settings.restart_pressed.connect(self._start_again)
        self.settings.program_restart_pressed.connect(session.restart_requested)
        self.settings.current_options_pressed.connect(self._use_current_options)
        self.controls.pause_pressed.connect(lambda: runs.resume() if runs.is_paused else runs.pause())
        self.controls.stop_after_epoch_pressed.connect(runs.stop_after_epoch)
        self.controls.stop_pressed.connect(runs.stop)
        self.controls.continue_pressed.connect(self._continue)
        self.controls.go_on_pressed.connect(runs.go_on)
        self.status.rate.rate_set.connect(runs.set_learning_rate)
        self.status.open_failed.connect(
            lambda folder: session.say("warning", f"The folder {folder} could not be opened.", "Copy its path instead.")
        )
        runs.told.connect(self._on_event)
        runs.state_changed.connect(self._on_state)
        runs.queue_changed.connect(self._show_run)
        runs.failed.connect(self._on_failure)
        session.document.changed.connect(self._show_run)
        session.runs_changed.connect(self._show_run)  # the last run may have gone to the trash
        for signal in (session.config_changed, session.dataset_changed, session.device_changed):
            signal.connect(self._show_settings)
            signal.connect(self._show_run)

    def file_actions(self) -> tuple[QAction, ...]:
        return self.files.actions

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_settings()
        self._show_run()

    def _on_edited(self, config: TrainingConfig) -> None:
        self.session.config = with_fitting_schedule(self.session.config, config, self.session.dataset)

    def _start_again(self) -> None:
        if self._last is not None:
            self.session.train(initial_weights=RunFolder(self._last[0].folder).initial_weights)

    def _continue(self, more: int) -> None:
        if self._last is not None:
            request = self._last[0]
            done = self._epochs[-1].epoch if self._epochs else 0
            self.session.enqueue(ContinueRequest(request.architecture, request.config, request.folder, done + more))

    def _use_current_options(self) -> None:
        device = self.session.device
        if device is not None:
            options = msgspec.structs.asdict(device.options)
            self.session.config = msgspec.structs.replace(self.session.config, **options)

    def _on_event(self, event: RunEvent) -> None:
        # Up to thousands a second: only note what came.
        match event:
            case BatchEnded():
                self.plots.add(event)
            case Started():
                self._begin(event)
            case Probed():
                self.film.add_probe(event)
            case Ended():
                self._propose_epochs()

    def _begin(self, started: Started) -> None:
        runs = self.session.runs
        if runs.request is not None:
            self._last = runs.request, infer(runs.request.architecture)
            self._learnt_from = runs.dataset
            self.controls.propose_epochs(runs.request.config.epochs)
        self.plots.begin(started)
        self.film.show_run(Path(started.run), runs.is_running)

    def _propose_epochs(self) -> None:
        """Offer the epochs that a run still lacks, else as many again."""
        runs = self.session.runs
        if runs.request is not None and runs.state.started is not None:
            done = runs.state.epochs[-1].epoch if runs.state.epochs else 0
            self.controls.propose_epochs(max(runs.state.started.epochs - done, 0) or runs.request.config.epochs)

    def _on_state(self) -> None:
        if self.session.runs.state.phase == "preparing":
            self._failure = None
        if self._now() != self._seen:
            self._show_run()
        elif not self._timer.isActive():
            self._timer.start(_INTERVAL)

    def _now(self) -> tuple[object, ...]:
        """What the page shows at once when it changes; all else can wait for the timer."""
        runs = self.session.runs
        return (
            runs.state.phase, runs.state.started, runs.is_running, runs.is_paused, runs.is_stopping,
            runs.stops_after_epoch, runs.held, len(runs.waiting),
        )  # fmt: skip

    def _on_failure(self, failure: Failure) -> None:
        self._failure = failure
        self._show_run()

    def _show_settings(self) -> None:
        session = self.session
        self.settings.show_config(session.config, session.dataset, needs_restart(session.config, session.device))
        self.plots.plan(session.config.epochs)

    def _show_run(self) -> None:
        """Bring everything but the curves up to date."""
        session, runs = self.session, self.session.runs
        ended = self._seen and bool(self._seen[2]) and not runs.is_running
        self._seen = self._now()
        failure = self._failure
        moment = runs.moment
        if failure is not None:
            moment = replace(moment, reason=failure.message, hint=failure.hint)
        in_the_way = session.obstacle
        last = self._last
        fits = last is not None and same_weights(last[1], session.document.inference)
        has_weights = last is not None and last[0].folder.is_dir()
        offered = actions(moment, in_the_way, has_weights, fits, self._obstacle_to_continue())
        if offered != self._offered:
            self._offered = offered
            self.settings.show_actions(offered)
            self.controls.show_actions(offered)
        self.views.show_queue_length(len(runs.waiting))
        if runs.state.started is not None:
            # Not for a run that died before it began: the last one's curves and epochs stay.
            self._epochs = runs.state.epochs
            self.plots.set_epochs(self._epochs)
            self.plots.set_changes(runs.state.rate_changes)
            self.table.set_epochs(self._epochs, runs.state.best, runs.state.started)
            if ended:
                self.film.show_run(Path(runs.state.started.run), running=False)
        self.status.show_status(status(moment, in_the_way), self._last[0].folder if self._last else None)
        self.files.save_table.setEnabled(bool(self._epochs))
        self.files.save_plots.setEnabled(self._last is not None)

    def _obstacle_to_continue(self) -> str:
        """Why the last run cannot go on: that depends on its own settings and images, not on those in the form."""
        session, images = self.session, self._learnt_from
        if self._last is None:
            return ""
        if images is not None and session.dataset is not None and images.fingerprint != session.dataset.fingerprint:
            return f"This run learns from {images.title}: choose it on the Data page to go on."
        return obstacle(
            self._last[0].config, (), session.dataset, session.device, session.dataset_failure, session.engine_failure
        )
