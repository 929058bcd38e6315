"""A run of the training, told on stdout and stderr while it is done."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator

import msgspec

from cnn_explorer.commands.output import console, progress
from cnn_explorer.commands.output.exit_codes import DONE, INTERRUPTED, REFUSED
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import Ended, EpochEnded, LearningRateChanged, RunEvent, Started

_EXIT_CODES = {"completed": DONE, "stopped": INTERRUPTED, "failed": REFUSED}
Emit = Callable[[RunEvent], None]
Run = Callable[[Emit, RunControl], None]


def follow(run: Run, as_json: bool) -> int:
    """Do a run, tell how it ended, and return the exit code; see ``followed``."""
    ended = followed(run, as_json)
    if ended.status == "failed":
        say_failure(f"{ended.message} {ended.hint}", ended.details)
    elif not as_json:
        console.result(f"{ended.message}\n{ended.model}")
    return _EXIT_CODES[ended.status]


def followed(run: Run, as_json: bool) -> Ended:
    """Do a run while stdout and stderr tell of it; Ctrl+C ends it after the current batch call."""
    control = RunControl()
    ended: Ended | None = None
    reader_gone = False
    with progress.shown() as show, _stopped_by_ctrl_c(control):

        def emit(event: RunEvent) -> None:
            nonlocal ended, reader_gone
            if isinstance(event, Started):
                console.say_remarks()
            if isinstance(event, Ended):
                ended = event
            show(event)
            try:
                if as_json and not reader_gone:
                    print_event(event)
            except console.ReaderGone:  # the run is not to be lost, but nobody wants more of it
                reader_gone = True
                control.stop()

        run(emit, control)
    assert ended is not None  # the trainer's promise
    if reader_gone:
        raise console.ReaderGone
    return ended


def say_failure(sentence: str, details: str) -> None:
    """One line on stderr, and the traceback for those who asked for it."""
    console.say_error(sentence)
    if console.debugging():
        console.say(details)


def print_event(event: RunEvent) -> None:
    """Write the JSON line of an event to stdout; batches and the like have none. Raises like ``console.result``."""
    match event:
        case Started():
            words = msgspec.structs.asdict(event)
            del words["earlier"], words["earlier_changes"]  # told when they happened, and kept in the run
            if event.validation_part == "test":
                words["test_count"] = event.validation_count
            console.result_json({"event": "started", **words})
        case EpochEnded():
            console.result_json({"event": "epoch", **msgspec.structs.asdict(event)})
        case LearningRateChanged():
            console.result_json({"event": "learning_rate", **msgspec.structs.asdict(event)})
        case Ended():
            words = {"status": event.status, "message": event.message, "model": event.model}
            console.result_json({"event": "ended", **words})


@contextlib.contextmanager
def _stopped_by_ctrl_c(control: RunControl) -> Iterator[None]:
    """Ctrl+C asks ``control`` for the end; a second one interrupts at once."""

    def handle(*_arguments: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        control.stop()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
