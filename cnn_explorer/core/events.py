"""What a run says while it goes: one closed union of frozen events.

``Started`` comes first and once. ``Ended`` always comes last, from a ``finally``, whatever happened.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Status = Literal["completed", "stopped", "failed"]


class Started(Struct, frozen=True, kw_only=True):
    """The run goes: how long it will be and on which device."""

    run: str
    epochs: int
    first_epoch: int
    steps_per_epoch: int
    batch_size: int
    train_count: int
    test_count: int
    device: str


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


RunEvent = Started | BatchEnded | ValidationEnded | EpochEnded | Probed | Ended
