"""The token through which someone stops, pauses or steers work that runs in another thread."""

from __future__ import annotations

import threading


class RunControl:
    """Stop and pause, asked for from any thread, obeyed by the working one at its next check.

    The worker calls ``stop_requested()`` after every batch call, in validation too; while paused the call
    waits, without using the processor, until someone continues or stops.
    """

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self._stop = threading.Event()
        self._stop_after_epoch = threading.Event()
        self._lock = threading.Lock()
        self._learning_rate: float | None = None

    def stop(self) -> None:
        """Ask for the end after the current batch call; also wakes a paused worker."""
        self._stop.set()
        self._go.set()

    def stop_after_epoch(self) -> None:
        """Ask for the end after the current epoch, validation included; also wakes a paused worker."""
        self._stop_after_epoch.set()
        self._go.set()

    def pause(self) -> None:
        """Ask to wait after the current batch call."""
        self._go.clear()
        if self._stop.is_set():  # asked after clearing: a stop from another thread meanwhile must not be lost
            self._go.set()

    def resume(self) -> None:
        """Continue after a pause."""
        self._go.set()

    def set_learning_rate(self, rate: float) -> None:
        """Ask for another learning rate from the next batch call on; a later wish replaces an earlier one."""
        with self._lock:
            self._learning_rate = rate

    def take_learning_rate(self) -> float | None:
        """For the worker: the learning rate that was asked for since the last call, if any."""
        with self._lock:
            rate, self._learning_rate = self._learning_rate, None
        return rate

    @property
    def paused(self) -> bool:
        """Whether a pause was asked for and not taken back."""
        return not self._go.is_set()

    @property
    def stopped(self) -> bool:
        """Whether the end was asked for; never waits."""
        return self._stop.is_set()

    @property
    def stops_after_epoch(self) -> bool:
        """Whether the end after the current epoch was asked for; never waits."""
        return self._stop_after_epoch.is_set()

    def stop_requested(self) -> bool:
        """For the worker: wait while paused, then say whether to stop."""
        self._go.wait()
        return self._stop.is_set()
