"""What a run that failed says: a sentence, a way out, and the traceback for who wants to know."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import Ended
from cnn_explorer.engine.models.builder import first_line

_NO_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what a machine that is too small says in the block into an ``ExplorerError``."""
    try:
        yield
    except _NO_MEMORY as error:
        raise _explained(error) from error


def failed(error: BaseException, model: str, kept: str) -> Ended:
    """The last event of a run that ``error`` ended. ``kept`` says what lies in ``model`` now."""
    details = "".join(traceback.format_exception(error))
    explained = _explained(error)
    hint = " ".join(part for part in (explained.hint, kept) if part)
    return Ended(status="failed", message=explained.message, model=model, hint=hint, details=details)


def _explained(error: BaseException) -> ExplorerError:
    match error:
        case ExplorerError():
            return error
        case _ if isinstance(error, _NO_MEMORY):
            return ExplorerError(
                "The memory is not enough for this training.",
                "Use a smaller batch size, fewer filters or units, or another device.",
            )
        case OSError():
            reason = error.strerror or first_line(error)
            where = f" ({error.filename})" if error.filename else ""
            return ExplorerError(f"The system refused a file: {reason}{where}.", "Check the disk of the run's folder.")
        case KeyboardInterrupt():
            return ExplorerError("The run was interrupted.", "Continue it when you like.")
        case _:
            return ExplorerError(
                f"Something went wrong inside the program: {type(error).__name__}: {first_line(error)}",
                "The details help to report it.",
            )
