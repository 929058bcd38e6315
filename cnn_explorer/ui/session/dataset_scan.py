"""A slow look at all images of a data set: with progress, an end by hand, and results that are kept for a while."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.progress import CancelledError, Watch
from cnn_explorer.ui.session.jobs import Failure, Job, JobRunner

_KEPT = 6


class DatasetScan(QObject):
    """What was asked for last is what counts: its result, how far it is, or why there is none.

    ``result`` is ``None`` until it is there; meanwhile ``running`` is true, or ``cancelled``, or ``failure`` says why.
    """

    changed = Signal()
    progressed = Signal(int, int)
    """How many images were looked at, and of how many."""

    def __init__(self, runner: JobRunner, channel: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner, self._channel = runner, channel
        self._key: Hashable | None = None
        self._job: Job | None = None
        self._kept: dict[Hashable, Any] = {}
        self._work: Callable[[Watch], Any] | None = None
        self.result: Any = None
        self.cancelled = False
        self.failure = ""

    @property
    def running(self) -> bool:
        """Whether someone works on it, or will."""
        return self._job is not None

    def want(self, key: Hashable, work: Callable[[Watch], Any]) -> None:
        """Let there be the result of ``work``; ``key`` changes whenever the result would.

        Asked for what is there, is on its way, or was ended or failed, nothing happens.
        """
        if key == self._key:
            return
        self._stop()
        self._key, self._work = key, work
        self.result, self.cancelled, self.failure = self._kept.get(key), False, ""
        if self.result is None:
            self._begin()
        self.changed.emit()

    def forget(self) -> None:
        """Show nothing."""
        self._stop()
        self._key = self._work = self.result = None
        self.cancelled, self.failure = False, ""
        self.changed.emit()

    def cancel(self) -> None:
        """End what runs, by hand."""
        if self._job is not None:
            self._stop()
            self.cancelled = True
            self.changed.emit()

    def again(self) -> None:
        """Begin anew after ``cancel`` or a failure."""
        if self._job is None and self.result is None and self._work is not None:
            self.cancelled, self.failure = False, ""
            self._begin()
            self.changed.emit()

    def _begin(self) -> None:
        key, work = self._key, self._work
        assert work is not None

        def run(job: Job) -> Any:
            def watch(what: str, done: int, total: int) -> None:
                if job.control.stopped:
                    raise CancelledError(f"{what} was cancelled.")
                job.emit((done, total))

            watch("", 0, 0)  # it may have been given up while it waited
            return work(watch)

        def done(result: Any) -> None:
            if self._job is not job:
                return
            self._job, self.result = None, result
            self._kept.pop(key, None)
            self._kept[key] = result
            if len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
            self.changed.emit()

        def failed(failure: Failure) -> None:
            if self._job is job:
                self._job, self.failure = None, failure.message
                self.changed.emit()

        def progress(told: tuple[int, int]) -> None:
            if self._job is job:
                self.progressed.emit(*told)

        job = self._job = self._runner.submit(run, done, failed=failed, progress=progress, channel=self._channel)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.control.stop()
            self._job = None
