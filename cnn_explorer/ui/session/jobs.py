"""The one way in which the window does slow work: a thread with a queue of jobs.

Results, progress and errors come back as calls in the window's thread. A job on a *channel* replaces the
older ones of that channel: waiting ones never start, and a late reply is dropped, so that scrubbing through
100 images shows the last one and not all of them.
"""

from __future__ import annotations

import queue
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.ui.session.garbage import garbage


@dataclass(frozen=True)
class Failure:
    """An error on its way to the message bar: what happened, what to do, and the traceback behind Details.

    ``error`` is what was raised if a user caused it, for those who know a way out of some of them.
    """

    message: str
    hint: str
    details: str
    error: ExplorerError | None = field(default=None, compare=False)

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Describe any exception; those that a user did not cause are called what they are."""
        details = "".join(traceback.format_exception(error))
        if isinstance(error, ExplorerError):
            # Its traceback, and what it came from, hold all that the work had in memory; their text is in the details.
            error.__traceback__ = error.__cause__ = error.__context__ = None
            return cls(error.message, error.hint, details, error)
        return cls(
            f"Something went wrong inside the program: {type(error).__name__}: {error}",
            "Your work is kept. The details help to report it.",
            details,
        )


@dataclass(eq=False)
class Job:
    """One piece of work. The working function gets it, to report progress and to be stopped."""

    work: Callable[[Job], Any]
    done: Callable[[Any], None]
    failed: Callable[[Failure], None]
    progress: Callable[[Any], None]
    channel: str
    generation: int
    runner: JobRunner
    control: RunControl = field(default_factory=RunControl)

    def emit(self, event: Any) -> None:
        """Send ``event`` to the job's ``progress`` in the window's thread; any thread may call it."""
        self.runner.reported.emit(self, event)


class JobRunner(QObject):
    """A thread that works through jobs one after another."""

    failed = Signal(object)
    """``Failure`` of a job that had no handler of its own."""
    busy_changed = Signal(bool)

    reported = Signal(object, object)
    _returned = Signal(object, object)
    _raised = Signal(object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._generations: dict[str, int] = {}
        self._open: set[Job] = set()
        self._thread = _Worker(self._queue, self._returned, self._raised, self._is_stale)
        self._thread.setObjectName(name)
        # The receiver lives in the window's thread, so that these calls are queued into its event loop.
        for signal, slot in (
            (self._returned, self._on_returned),
            (self._raised, self._on_raised),
            (self.reported, self._on_reported),
        ):
            signal.connect(slot, Qt.ConnectionType.QueuedConnection)
        garbage.worker_begins(self)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        return bool(self._open)

    def submit(
        self,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        *,
        failed: Callable[[Failure], None] | None = None,
        progress: Callable[[Any], None] | None = None,
        channel: str = "",
    ) -> Job:
        """Queue ``work``; ``done`` gets its result. Without ``failed``, errors go to the ``failed`` signal."""
        generation = self._generations.get(channel, 0) + 1
        self._generations[channel] = generation
        job = Job(work, done, failed or self.failed.emit, progress or _ignore, channel, generation, self)
        was_busy = self.busy
        self._open.add(job)
        self._queue.put(job)
        if not was_busy:
            self.busy_changed.emit(True)
        return job

    def shut_down(self) -> None:
        """Stop what runs, forget what waits, and wait for the thread. Call it before the window goes."""
        for job in self._open:
            job.control.stop()
        self._open.clear()
        self._queue.put(None)
        self._thread.wait()
        garbage.worker_has_ended(self)

    def _is_stale(self, job: Job) -> bool:
        return job not in self._open or (bool(job.channel) and self._generations[job.channel] != job.generation)

    def _finish(self, job: Job) -> bool:
        """Take the job off the list; false if its reply comes too late to be wanted."""
        wanted = not self._is_stale(job)
        self._open.discard(job)
        if not self._open:
            self.busy_changed.emit(False)
        return wanted

    @Slot(object, object)
    def _on_returned(self, job: Job, result: Any) -> None:
        if self._finish(job):
            job.done(result)

    @Slot(object, object)
    def _on_raised(self, job: Job, failure: Failure) -> None:
        if self._finish(job):
            job.failed(failure)

    @Slot(object, object)
    def _on_reported(self, job: Job, event: Any) -> None:
        if not self._is_stale(job):
            job.progress(event)


class _Worker(QThread):
    def __init__(
        self, jobs: queue.SimpleQueue[Job | None], returned: Any, raised: Any, is_stale: Callable[[Job], bool]
    ) -> None:
        super().__init__()
        self._jobs, self._returned, self._raised, self._is_stale = jobs, returned, raised, is_stale

    def run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._is_stale(job):
                self._returned.emit(job, None)
                continue
            try:
                result = job.work(job)
            except BaseException as error:  # the thread must live on, and the user must hear of it
                self._raised.emit(job, Failure.of(error))
            else:
                self._returned.emit(job, result)


def _ignore(_event: Any) -> None:
    """For jobs whose progress nobody follows."""
