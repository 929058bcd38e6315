"""A pure reducer from a run's events to what a screen shows of it: curves, progress, ETA, status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.run.config import Monitor
from cnn_explorer.core.run.events import (
    BatchEnded,
    Ended,
    EpochEnded,
    LearningRateChanged,
    Probed,
    RunEvent,
    Started,
    ValidationEnded,
)

Phase = Literal["idle", "preparing", "training", "validating", "completed", "stopped", "failed"]


def best_epoch(epochs: Sequence[EpochEnded], monitor: Monitor = "val_accuracy") -> EpochEnded:
    """The epoch with the best ``monitor``, the other validation figure deciding a tie, then the earlier one.

    Raises ``ValueError`` if there is none.
    """
    if monitor == "val_loss":
        return max(epochs, key=lambda epoch: (-epoch.val_loss, epoch.val_accuracy))
    return max(epochs, key=lambda epoch: (epoch.val_accuracy, -epoch.val_loss))


@dataclass(frozen=True)
class RunState:
    """What is known of a run after some of its events; ``validated`` is the share of a validation, 0 to 1."""

    phase: Phase = "idle"
    started: Started | None = None
    epochs: tuple[EpochEnded, ...] = ()
    rate_changes: tuple[LearningRateChanged, ...] = ()
    batch: BatchEnded | None = None
    ended: Ended | None = None
    validated: float = 0.0
    seconds_per_epoch: float | None = None

    @property
    def is_running(self) -> bool:
        """Whether the run still goes (it may be paused)."""
        return self.phase in ("preparing", "training", "validating")

    @property
    def best(self) -> EpochEnded | None:
        """The best of the whole epochs so far; ``None`` before the first."""
        if not self.epochs:
            return None
        return best_epoch(self.epochs, self.started.monitor if self.started else "val_accuracy")

    @property
    def progress(self) -> float:
        """The share of the run that is done, 0 to 1, in epochs; validation counts as the epoch's end."""
        if self.phase == "completed":
            return 1.0
        if self.started is None:
            return 0.0
        first = self.started.first_epoch
        whole = self.epochs[-1].epoch - first + 1 if self.epochs else 0
        part = 0.0
        if self.batch is not None and self.batch.epoch == first + whole:
            part = self.batch.step / self.started.steps_per_epoch
        total = self.started.epochs - first + 1
        return min(1.0, (whole + part) / total) if total else 1.0

    @property
    def eta(self) -> float | None:
        """Seconds of training still ahead, from the pace so far; ``None`` while it is not known."""
        if self.started is None or not self.is_running:
            return None
        done = self.progress
        pace = self.seconds_per_epoch
        if pace is None:
            if self.batch is None or self.batch.step < 5:
                return None
            pace = self.batch.seconds / self.batch.step * self.started.steps_per_epoch
        return (1.0 - done) * (self.started.epochs - self.started.first_epoch + 1) * pace


def reduce(state: RunState, event: RunEvent) -> RunState:
    """The state after one more event. Events of one run come in order; ``Started`` begins a new one."""
    match event:
        case Started():
            return RunState(phase="training", started=event, epochs=event.earlier, rate_changes=event.earlier_changes)
        case BatchEnded():
            return replace(state, phase="training", batch=event)
        case LearningRateChanged():
            return replace(state, rate_changes=(*state.rate_changes, event))
        case ValidationEnded():
            return replace(state, phase="validating", validated=event.done / max(event.count, 1))
        case EpochEnded():
            return replace(
                state, phase="training", epochs=(*state.epochs, event), seconds_per_epoch=event.seconds,
                validated=0.0,
            )  # fmt: skip
        case Probed():
            return state
        case Ended():
            return replace(state, phase=event.status, ended=event)


class Curves:
    """The points behind the plots, one a batch call, appended in place: a run has 100,000s of batches.

    The arrays that it gives are views of shape (count,), right until the next ``add``.
    """

    def __init__(self) -> None:
        self._points: NDArray[np.float64] = np.empty((4, 1024))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, started: Started, event: BatchEnded) -> None:
        """Append one batch call at its position in epochs (the first epoch ends at 1)."""
        if self._count == self._points.shape[1]:
            self._points = np.concatenate((self._points, np.empty_like(self._points)), axis=1)
        position = event.epoch - 1 + event.step / started.steps_per_epoch
        self._points[:, self._count] = position, event.loss, event.accuracy, event.learning_rate
        self._count += 1

    def put_before(self, *rows: NDArray[np.float64]) -> None:
        """Put earlier batches in front: their positions, losses, accuracies and learning rates, each (count,)."""
        kept = self._points[:, : self._count]
        before = np.stack(rows)
        self._points = np.concatenate((before, kept, np.empty((4, 1024))), axis=1)
        self._count += before.shape[1]

    @property
    def position(self) -> NDArray[np.float64]:
        """Where the batches lie, in epochs."""
        return self._points[0, : self._count]

    @property
    def loss(self) -> NDArray[np.float64]:
        """The loss of each batch call."""
        return self._points[1, : self._count]

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """The accuracy of each batch call, 0 to 1."""
        return self._points[2, : self._count]

    @property
    def learning_rate(self) -> NDArray[np.float64]:
        """The learning rate of the last step of each batch call."""
        return self._points[3, : self._count]
