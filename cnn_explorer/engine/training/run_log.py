"""What log.txt of a run tells people: what it began with, each epoch, changes of its course, and how it ended."""

from __future__ import annotations

from collections.abc import Callable

from cnn_explorer.core.run.events import Ended, EpochEnded, LearningRateChanged, RunEvent, Started
from cnn_explorer.store.runs import RunFolder, RunRecord

_WHY = {"asked": "by hand", "plateau": "on a plateau"}


def logged(folder: RunFolder, record: RunRecord, emit: Callable[[RunEvent], None]) -> Callable[[RunEvent], None]:
    """``emit``, but what it hears is written to the log of the run first."""

    def hear(event: RunEvent) -> None:
        if text := _words(event, record):
            folder.say(text)
        emit(event)

    return hear


def _words(event: RunEvent, record: RunRecord) -> str:
    match event:
        case Started():
            versions = ", ".join(f"{program} {version}" for program, version in record.versions)
            begins = f"goes on with epoch {event.first_epoch}" if event.first_epoch > 1 else "begins"
            lines = (
                f"{record.name or 'The network'} {begins}, {event.epochs} epochs in all",
                f"{event.train_count:,} images of {record.dataset.name}, validation on {event.validation_count:,}",
                f"{event.steps_per_epoch:,} batches of {event.batch_size} an epoch, seed {record.seed}",
                f"{event.device}, {record.training.precision}; {versions}",
            )
            return "\n".join(lines)
        case EpochEnded():
            return (
                f"Epoch {event.epoch}: loss {event.loss:.6g}, accuracy {event.accuracy:.4f}, "
                f"validation loss {event.val_loss:.6g}, validation accuracy {event.val_accuracy:.4f}, "
                f"learning rate {event.learning_rate:.6g}, "
                f"{event.seconds:.1f} s, {event.images_per_second:,.0f} images/s"
            )
        case LearningRateChanged():
            why = _WHY[event.reason]
            return f"Learning rate {event.learning_rate:.6g} from epoch {event.epoch}, batch {event.step} on, {why}"
        case Ended():
            return "\n".join(part for part in (f"{event.status}: {event.message}", event.hint, event.details) if part)
    return ""
