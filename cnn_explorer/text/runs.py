"""What the window says of a run, in words: progress, ending, and the question before closing. No Qt."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cnn_explorer.core.run.history import RunState
from cnn_explorer.text.durations import clock
from cnn_explorer.text.numbers import counted, percent


class Said(NamedTuple):
    """A message for the message bar."""

    level: Literal["info", "success"]
    text: str
    hint: str


def epoch_of(state: RunState) -> int:
    """The epoch that is being worked on; 0 before the first batch."""
    if state.batch is not None:
        return state.batch.epoch
    return state.started.first_epoch if state.started else 0


def trained_seconds(state: RunState) -> float:
    """Training and validation time of the whole epochs, and what the current epoch, or broke off, took until now."""
    whole = sum(epoch.seconds for epoch in state.epochs)
    begun = state.batch is not None and (not state.epochs or state.batch.epoch > state.epochs[-1].epoch)
    return whole + (state.batch.seconds if state.batch is not None and begun else 0.0)


def progress_words(
    state: RunState, *, paused: bool = False, stopping: bool = False, after_epoch: bool = False, waiting: int = 0
) -> str:
    """How far the run is: ``Epoch 2/5 · 63 % · 0:42 left``; empty when none goes. ``waiting`` runs come after it."""
    if not state.is_running:
        return ""
    if stopping:
        return "Stopping…"
    if state.started is None:
        parts = ["Preparing…"]
    else:
        parts = [f"Epoch {epoch_of(state)}/{state.started.epochs}", percent(state.progress, 0)]
        if paused:
            parts.append("paused")
        elif after_epoch:
            parts.append("its last")
        elif state.phase == "validating":
            parts.append("validating")
        elif state.eta is not None:
            parts.append(f"{clock(state.eta)} left")
    if waiting:
        parts.append(f"+{waiting:,}")
    return " · ".join(parts)


def ending(state: RunState) -> Said | None:
    """What to say at a run's end; ``None`` for a failed one, which the run manager reports itself."""
    ended = state.ended
    if ended is None or ended.status == "failed":
        return None
    if ended.status == "stopped":
        return Said("info", ended.message, ended.hint)
    count = len(state.epochs)
    text = f"Trained {count} epoch{'' if count == 1 else 's'}"
    if state.epochs:
        part = state.started.validation_part if state.started else "test"
        text += f": {percent(state.epochs[-1].val_accuracy, 1)} of the {part} images right"
    return Said("success", f"{text}.", "Look inside: Inspect shows the maps of every layer.")


def closing_question(state: RunState, waiting: int = 0) -> tuple[str, str]:
    """Question and consequence for someone who closes the window while a run goes, or ``waiting`` ones are held."""
    lost = f"{counted(waiting, 'run waits and is', 'runs wait and are')} forgotten." if waiting else ""
    if not state.is_running:
        return "The queue is not done. Close and forget it?", lost
    if state.started is None:
        return "The training is being prepared. Stop and close?", f"Nothing of it is kept yet. {lost}".strip()
    place = f"Training is in epoch {epoch_of(state)} of {state.started.epochs}. Stop and close?"
    kept = "The last whole epoch is kept." if state.epochs else "No epoch is finished yet, so none is kept."
    return place, f"{kept} {lost}".strip()
