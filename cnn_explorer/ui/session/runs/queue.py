"""The runs of one window as a list: those that have ended, the current one, those that wait. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Literal

from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.core.run.history import RunState
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.text.runs import trained_seconds
from cnn_explorer.ui.session.services import ContinueRequest, RunRequest, TrainRequest

EntryStatus = Literal["waiting", "running", "completed", "stopped", "failed"]


@dataclass(frozen=True)
class QueueEntry:
    """One run that was asked for; ``number`` counts from 1 and is never given twice.

    ``epochs``, ``best``, ``seconds`` (of training and validation) and ``message`` are those of the run's end.
    """

    number: int
    request: RunRequest
    dataset: Dataset
    status: EntryStatus = "waiting"
    epochs: tuple[EpochEnded, ...] = ()
    best: EpochEnded | None = None
    seconds: float = 0.0
    message: str = ""

    @property
    def planned(self) -> int:
        """How many epochs the run is to have in all."""
        request = self.request
        return request.epochs if isinstance(request, ContinueRequest) else request.config.epochs

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that its sweep varies, with this run's values; none outside of a sweep."""
        request = self.request
        return request.sweep.settings if isinstance(request, TrainRequest) and request.sweep else {}

    def shown(self, state: RunState) -> QueueEntry:
        """The entry with what is known of its run by now; ``state`` is that of the current run."""
        if self.status != "running":
            return self
        return replace(self, epochs=state.epochs, best=state.best, seconds=trained_seconds(state))

    def ended(self, state: RunState, failure: str = "") -> QueueEntry:
        """The entry after its run; ``failure`` says why there is no ``Ended`` in ``state``."""
        ended = state.ended
        return replace(
            self.shown(state),
            status="failed" if ended is None else ended.status,
            message=failure if ended is None else f"{ended.message} {ended.hint}".strip(),
        )


def free_folder(wanted: Path, queue: tuple[QueueEntry, ...]) -> Path:
    """``wanted``, or with "-2", "-3" … after it: neither on the disk nor promised to a run of the queue."""
    promised = {entry.request.folder for entry in queue}
    candidates = (wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}") for number in count(1))
    return next(path for path in candidates if path not in promised and not path.exists())
