"""The runs of the window: one at a time in its own thread, the others in a queue; events are folded into a state."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from cnn_explorer.core.run.events import RunEvent, Started
from cnn_explorer.core.run.history import RunState, reduce
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.session.jobs import Failure, Job, JobRunner
from cnn_explorer.ui.session.runs.actions import RunMoment
from cnn_explorer.ui.session.runs.queue import QueueEntry, free_folder
from cnn_explorer.ui.session.services import RunRequest, Services

_REST = 300
"""Milliseconds after a run before its garbage is cleared away."""


class RunManager(QObject):
    """Works through runs. ``told`` carries every event of the current one, ``state_changed`` follows each of them.

    Runs that are asked for while one goes wait in ``queue``; the next one begins when one has ended, a failed one
    too. A run that a person stops holds the queue, until someone says ``go_on``.
    """

    told = Signal(object)
    state_changed = Signal()
    queue_changed = Signal()
    disk_changed = Signal()
    """A run has its folder now, or has ended."""
    failed = Signal(object)
    """``Failure`` of a run that could not start, or that died without a word."""
    model_written = Signal(object)
    """``Path`` of the model file after a run has ended with one."""

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._runner = JobRunner("training", self)
        # Pages show the end first: one wait of 20 ms more would be seen.
        self._rest = QTimer(self, interval=_REST, singleShot=True)
        self._rest.timeout.connect(self._clear_away)
        self._job: Job | None = None
        self._current = 0
        self._numbers = 0
        self.state = RunState()
        self.request: RunRequest | None = None
        self.dataset: Dataset | None = None
        """What the current or the last run learns from."""
        self.queue: tuple[QueueEntry, ...] = ()
        """Every run of this session that was not taken off: ended, going, and waiting, as they were asked for."""
        self.held = False

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
        """Whether the run was asked to end at once and has not ended yet."""
        return self._job is not None and self._job.control.stopped

    @property
    def stops_after_epoch(self) -> bool:
        """Whether the run was asked to end after its epoch and has not ended yet."""
        return self._job is not None and self._job.control.stops_after_epoch

    @property
    def waiting(self) -> tuple[QueueEntry, ...]:
        """The runs that have not begun."""
        return tuple(entry for entry in self.queue if entry.status == "waiting")

    @property
    def last_folder(self) -> Path | None:
        """The folder of the current or the last run of this session."""
        return self.request.folder if self.request else None

    @property
    def moment(self) -> RunMoment:
        """How the runs stand just now."""
        return RunMoment(
            self.state, self.is_running, self.is_paused, self.is_stopping, self.stops_after_epoch, len(self.waiting),
            self.held,
        )  # fmt: skip

    def new_folder(self, name: str) -> Path:
        """A folder for a run, or a sweep, of that name: neither on the disk nor promised to a run that waits."""
        return free_folder(self._services.new_run_folder(name), self.queue)

    def start(self, request: RunRequest, dataset: Dataset) -> bool:
        """Begin a run, or let it wait until the current one has ended; whether it has begun."""
        return self.add((request,), dataset) == 0

    def add(self, requests: Sequence[RunRequest], dataset: Dataset) -> int:
        """Begin the first of these runs if none goes, and let the others wait; how many wait."""
        first = self._numbers + 1
        entries = tuple(QueueEntry(number, request, dataset) for number, request in enumerate(requests, first))
        self._numbers += len(entries)
        self.queue = (*self.queue, *entries)
        if entries and self._job is None:
            self._begin(entries[0])
            return len(entries) - 1
        self.queue_changed.emit()
        return len(entries)

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
        """End after the current batch call; the last whole epoch is kept. The queue waits then."""
        if self._job is not None:
            self._job.control.stop()
            self.state_changed.emit()

    def stop_after_epoch(self) -> None:
        """End after the current epoch and its validation. The queue waits then."""
        if self._job is not None:
            self._job.control.stop_after_epoch()
            self.state_changed.emit()

    def set_learning_rate(self, rate: float) -> None:
        """Go on with another learning rate from the next batch call on; the schedule's shape goes on from there."""
        if self._job is not None:
            self._job.control.set_learning_rate(rate)

    def go_on(self) -> None:
        """Go on with a queue that is held."""
        self.held = False
        if not self._begin_next():
            self.queue_changed.emit()

    def remove(self, numbers: set[int]) -> None:
        """Take runs off the queue: those that wait will not begin. What others left on the disk stays."""
        kept = tuple(entry for entry in self.queue if entry.number not in numbers or entry.status == "running")
        if kept != self.queue:
            self.queue = kept
            self.held = self.held and bool(self.waiting)
            self.queue_changed.emit()

    def clear(self) -> None:
        """Take all runs that wait off the queue."""
        self.remove({entry.number for entry in self.waiting})

    def shut_down(self) -> None:
        """Stop the run and wait until its thread has ended; nothing else begins."""
        self._rest.stop()
        self._runner.shut_down()
        self._job = None

    def _begin_next(self) -> bool:
        waiting = self.waiting
        if self._job is not None or self.held or not waiting:
            return False
        self._begin(waiting[0])
        return True

    def _begin(self, entry: QueueEntry) -> None:
        request, dataset = entry.request, entry.dataset
        self.request, self.dataset, self._current = request, dataset, entry.number
        self.state = RunState(phase="preparing")
        self._replace(replace(entry, status="running"))
        self._job = self._runner.submit(
            lambda job: self._services.train(request, dataset, job.emit, job.control),
            self._returned,
            failed=self._failed,
            progress=self._on_event,
        )
        self.state_changed.emit()
        self.queue_changed.emit()

    def _on_event(self, event: RunEvent) -> None:
        self.state = reduce(self.state, event)
        self.told.emit(event)
        self.state_changed.emit()
        if isinstance(event, Started):
            self.disk_changed.emit()

    def _returned(self, result: object) -> None:
        self._end()
        ended = self.state.ended
        if ended is not None:
            if ended.status == "failed":
                self.failed.emit(Failure(ended.message, ended.hint, ended.details))
            if ended.model:
                self.model_written.emit(Path(ended.model))
        self._begin_next()

    def _failed(self, failure: Failure) -> None:
        self._end(failure)
        self.failed.emit(failure)
        self._begin_next()

    def _end(self, failure: Failure | None = None) -> None:
        """The run is over; whoever hears of it finds everything up to date."""
        assert self._job is not None
        by_hand = self._job.control.stopped or self._job.control.stops_after_epoch
        self._job = None
        entry = next(entry for entry in self.queue if entry.number == self._current)
        self._replace(entry.ended(self.state, failure.message if failure else ""))
        if failure is not None:
            self.state = RunState()
        self.held = bool(self.waiting) and (self.held or by_hand)
        self.state_changed.emit()
        self.queue_changed.emit()
        self.disk_changed.emit()
        self._rest.start()

    def _clear_away(self) -> None:
        """Free what the run has left; its models and graphs refer to each other in circles."""
        gc.collect()  # here, since this is the window's thread (``garbage``)
        self._runner.submit(lambda _job: self._services.give_memory_back(), lambda _none: None)

    def _replace(self, changed: QueueEntry) -> None:
        self.queue = tuple(changed if entry.number == changed.number else entry for entry in self.queue)
