"""What a run says while it goes: one closed union of frozen events.

``Started`` comes first and once. ``Ended`` always comes last, from a ``finally``, whatever happened.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from cnn_explorer.core.run.config import Monitor

Status = Literal["completed", "stopped", "failed"]
ValidationPart = Literal["test", "validation"]


class Started(Struct, frozen=True, kw_only=True):
    """The run goes: how long it will be and on which device.

    ``validation_count`` images are validated on after each epoch: those of the test part, or a part of the training
    images that was kept for it. ``monitor`` decides which epoch is the best one. ``earlier`` are the whole epochs,
    and ``earlier_changes`` the changes of the learning rate, that a continued run has behind it.
    """

    run: str
    epochs: int
    first_epoch: int
    steps_per_epoch: int
    batch_size: int
    train_count: int
    validation_count: int
    validation_part: ValidationPart = "test"
    device: str
    monitor: Monitor = "val_accuracy"
    earlier: tuple[EpochEnded, ...] = ()
    earlier_changes: tuple[LearningRateChanged, ...] = ()


class BatchEnded(Struct, frozen=True, kw_only=True):
    """One call to the device ended, with the means over its batches.

    ``step`` counts batches within the epoch, from 1; ``seconds`` is training time since the epoch began.
    """

    epoch: int
    step: int
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float


class LearningRateChanged(Struct, frozen=True, kw_only=True):
    """The learning rate left its schedule, before batch ``step`` (from 1) of ``epoch``; the schedule's shape goes on
    from the new rate. ``reason``: someone asked for it, or ``reduce_on_plateau`` did it.
    """

    epoch: int
    step: int
    learning_rate: float
    reason: Literal["asked", "plateau"]


class ValidationEnded(Struct, frozen=True, kw_only=True):
    """One call of the validation after an epoch ended: ``done`` of ``count`` images."""

    epoch: int
    done: int
    count: int


class EpochEnded(Struct, frozen=True, kw_only=True):
    """A whole epoch: a line of history.csv.

    ``loss`` and ``accuracy`` are means over the epoch's batches while the weights changed, as Keras reports
    them; ``images_per_second`` counts training time only; ``learning_rate`` is the one after the last step.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    images_per_second: float


class Probed(Struct, frozen=True, kw_only=True):
    """The maps of the pinned image after ``epoch`` (0: before training) lie in ``path``."""

    epoch: int
    path: str


class Ended(Struct, frozen=True, kw_only=True):
    """The run is over. ``model`` is the path of model.h5; ``hint`` says what to do after a failure."""

    status: Status
    message: str
    model: str
    hint: str = ""
    details: str = ""


RunEvent = Started | BatchEnded | LearningRateChanged | ValidationEnded | EpochEnded | Probed | Ended
