"""How a run is followed on stderr: with a bar on a terminal, by a line an epoch elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from cnn_explorer.commands.output import console
from cnn_explorer.core.progress import Watch
from cnn_explorer.core.run.events import EpochEnded, LearningRateChanged, RunEvent, Started
from cnn_explorer.core.run.history import RunState, reduce
from cnn_explorer.text.durations import clock

_EVERY_SECONDS = 2.0
"""Between two lines on work that takes long; what is done sooner is done in silence."""


@contextmanager
def shown() -> Iterator[Callable[[RunEvent], None]]:
    """Yield a function that takes the events of a run and shows them on stderr until the block ends."""
    state = RunState()

    def say_line(event: RunEvent) -> None:
        nonlocal state
        state = reduce(state, event)
        if line := _line(event, state):
            console.say(line)

    if not sys.stderr.isatty():
        yield say_line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %{task.fields[left]}"))
    with Progress(*columns, console=Console(stderr=True, markup=False, highlight=False), transient=True) as bar:
        task = bar.add_task("Starting", total=1.0, left="")

        def show(event: RunEvent) -> None:
            say_line(event)  # rich puts it above the bar
            left = "" if state.eta is None else f", {clock(state.eta)} left"
            bar.update(task, completed=state.progress, description=_doing(state), left=left)

        yield show


@contextmanager
def watched(at_once: bool = False) -> Iterator[Watch]:
    """Yield a watch that shows on stderr what is done until the block ends, by a bar on a terminal.

    Elsewhere by a line every two seconds; ``at_once``: and one for all that is begun.
    """
    if sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[share]}"))
        with Progress(*columns, console=Console(stderr=True, markup=False, highlight=False), transient=True) as bar:
            task = bar.add_task("", total=None, share="")

            def show(what: str, done: int, total: int) -> None:
                share = f"{done / total:.0%}" if total else ""
                bar.update(task, description=what, completed=done, total=total or None, share=share)

            yield show
        return
    said, last = time.monotonic(), ""

    def say(what: str, done: int, total: int) -> None:
        nonlocal said, last
        is_new = at_once and what != last
        if is_new or time.monotonic() - said >= _EVERY_SECONDS:
            console.say(f"{what}: {done / total:.0%}" if total else f"{what} …")
            said, last = time.monotonic(), what

    yield say


def _line(event: RunEvent, state: RunState) -> str:
    """What is said of an event for good; empty for those that only move the bar."""
    match event:
        case Started():
            kept = "test images" if event.validation_part == "test" else "training images that are kept for it"
            return (
                f"Training on {event.train_count:,} images, validating on {event.validation_count:,} {kept}; "
                f"{event.device}."
            )
        case LearningRateChanged():
            why = "as asked" if event.reason == "asked" else "no improvement for some epochs"
            return f"Learning rate {event.learning_rate:g} from epoch {event.epoch}, batch {event.step}: {why}."
        case EpochEnded():
            last = state.started.epochs if state.started else event.epoch
            part = _part(state)
            return (
                f"Epoch {event.epoch} of {last}: loss {event.loss:.4f}, accuracy {event.accuracy:.4f}; "
                f"{part} loss {event.val_loss:.4f}, {part} accuracy {event.val_accuracy:.4f}; "
                f"{event.seconds:.1f} s, {event.images_per_second:,.0f} images/s"
            )
    return ""


def _part(state: RunState) -> str:
    """What the figures of a validation are called."""
    return state.started.validation_part if state.started else "test"


def _doing(state: RunState) -> str:
    if state.phase == "validating":
        return f"{'Testing' if _part(state) == 'test' else 'Validating'}, {state.validated:.0%}"
    if state.batch is None:
        return "Starting"
    return f"Epoch {state.batch.epoch}, loss {state.batch.loss:.4f}"
