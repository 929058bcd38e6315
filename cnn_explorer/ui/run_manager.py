"""The one run of the window: starts it in its own thread, pauses, stops, and folds its events into a state."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.architecture import Architecture
from cnn_explorer.core.events import RunEvent
from cnn_explorer.core.history import RunState, reduce
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.jobs import Failure, Job, JobRunner
from cnn_explorer.ui.services import Services, TrainRequest


class RunManager(QObject):
    """Runs one training at a time. ``told`` carries every event, ``state_changed`` follows each of them."""

    told = Signal(object)
    state_changed = Signal()
    failed = Signal(object)
    """``Failure`` of a run that could not start, or that died without a word."""
    model_written = Signal(object)
    """``Path`` of the model file after a run has ended with one."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._runner = JobRunner("training", self)
        self._job: Job | None = None
        self.state = RunState()
        self.request: TrainRequest | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run goes, is being prepared, or is paused."""
        return self._job is not None

    @property
    def is_paused(self) -> bool:
        """Whether the run was asked to wait."""
        return self._job is not None and self._job.control.paused

    @property
    def is_stopping(self) -> bool:
        """Whether the run was asked to end and has not ended yet."""
        return self._job is not None and self._job.control.stopped

    @property
    def last_folder(self) -> Path | None:
        """The folder of the current or the last run of this session."""
        return self.request.folder if self.request else None

    def start(
        self,
        architecture: Architecture,
        config: TrainingConfig,
        dataset: Dataset,
        initial_weights: Path | None = None,
    ) -> None:
        """Begin a run; does nothing while another one goes."""
        if self._job is not None:
            return
        folder = self._services.new_run_folder(architecture.name)
        request = TrainRequest(architecture, config, folder, initial_weights)
        self.request = request
        self.state = RunState(phase="preparing")
        self._job = self._runner.submit(
            lambda job: self._services.train(request, dataset, job.emit, job.control),
            self._returned,
            failed=self._failed,
            progress=self._on_event,
        )
        self.state_changed.emit()

    def pause(self) -> None:
        """Wait after the current batch call."""
        if self._job is not None:
            self._job.control.pause()
            self.state_changed.emit()

    def resume(self) -> None:
        """Go on after a pause."""
        if self._job is not None:
            self._job.control.resume()
            self.state_changed.emit()

    def stop(self) -> None:
        """End after the current batch call; the last whole epoch is kept."""
        if self._job is not None:
            self._job.control.stop()
            self.state_changed.emit()

    def shut_down(self) -> None:
        """Stop the run and wait until its thread has ended."""
        self._runner.shut_down()
        self._job = None

    def _on_event(self, event: RunEvent) -> None:
        self.state = reduce(self.state, event)
        self.told.emit(event)
        self.state_changed.emit()

    def _returned(self, result: object) -> None:
        self._job = None
        self.state_changed.emit()
        ended = self.state.ended
        if ended is None:
            return
        if ended.status == "failed":
            self.failed.emit(Failure(ended.message, ended.hint, ended.details))
        if ended.model:
            self.model_written.emit(Path(ended.model))

    def _failed(self, failure: Failure) -> None:
        self._job = None
        self.state = RunState()
        self.state_changed.emit()
        self.failed.emit(failure)
