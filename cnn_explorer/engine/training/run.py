"""A run at work: epochs, validation, files, events. It is told everything by ``trainer``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import keras
import msgspec
import tensorflow as tf

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import (
    BatchEnded,
    Ended,
    EpochEnded,
    LearningRateChanged,
    Probed,
    RunEvent,
    Started,
    Status,
    ValidationEnded,
)
from cnn_explorer.core.run.history import best_epoch
from cnn_explorer.core.run.patience import on_plateau, stops_early
from cnn_explorer.data.split import Parts
from cnn_explorer.engine.device.runtime import device_string
from cnn_explorer.engine.evaluating.augmentation import Augmentation
from cnn_explorer.engine.evaluating.evaluate import Evaluator
from cnn_explorer.engine.evaluating.feed import Feed, TrainingFeed
from cnn_explorer.engine.models.compiling import uses_xla
from cnn_explorer.engine.models.losses import class_weights
from cnn_explorer.engine.models.metadata import ModelMetadata
from cnn_explorer.engine.training.checkpoint import NONE, Progress
from cnn_explorer.engine.training.clock import Clock
from cnn_explorer.engine.training.end_message import ending_words, restores_best
from cnn_explorer.engine.training.failures import failed
from cnn_explorer.engine.training.learner import Learner
from cnn_explorer.engine.training.probes import Probe
from cnn_explorer.engine.training.rates import Rates
from cnn_explorer.engine.training.run_files import Keeper
from cnn_explorer.store.runs import RunFolder, RunRecord


def now() -> str:
    """The time for run.json: ISO 8601 with zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


class Outcome(NamedTuple):
    """How a run ended that did not fail, and what to say of it."""

    status: Status
    message: str


@dataclass(eq=False)
class TrainingRun:
    """Everything that a run works with.

    ``model`` is compiled; ``parts`` are the images as split and limited for this run; ``history`` holds the whole
    epochs behind it (none at the start), ``progress`` is the checkpoint's. ``goes_on``: the run had come to its end,
    and someone wants more of it, even if it had stopped early.
    """

    folder: RunFolder
    record: RunRecord
    model: keras.Model
    parts: Parts
    metadata: ModelMetadata
    emit: Callable[[RunEvent], None]
    control: RunControl
    history: list[EpochEnded]
    progress: Progress = NONE
    goes_on: bool = False
    _changes: list[LearningRateChanged] = field(init=False)
    _batches: list[BatchEnded] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._config = self.record.training
        self._changes = list(self.progress.rate_changes)
        self._rates = Rates(self._config, self.progress.rate_scale)
        self._keeper = Keeper(self.folder, self.model, self.metadata, self._config.monitor)

    def run(self) -> None:
        """Train until the epochs of the record are done, or someone stops it, or it fails; ``Ended`` tells which."""
        error: BaseException | None = None
        outcome = None
        try:
            with tf.device(device_string(self._config.device)):
                outcome = self._learn()
        except Exception as caught:
            error = caught
        except BaseException as caught:
            error = caught
            raise
        finally:
            self.emit(self._close(outcome, error))

    def save_again(self) -> None:
        """Write the model of the last whole epoch when a run goes on: a kill may have come before that was done, or
        a stop may have left the weights of a part of an epoch."""
        self._keeper.save_model()
        self._keeper.save_if_best(self.history)

    def _learn(self) -> Outcome:
        """Work through the epochs."""
        config, first = self._config, self._done + 1
        self.emit(self._started(first))
        feed = self._training_feed()
        learner, evaluator = self._learner(feed), self._evaluator(feed.resident_bytes)
        image = self.metadata.preprocessing.apply(self.parts.test_images[config.probe_index])
        probe = Probe(self.model, image, config.probe_layer)
        if not self.folder.probe(self._done).exists():  # that of epoch 0, or one that a kill kept from being written
            self._probe(probe, self._done)
        for epoch in range(first, config.epochs + 1):
            if stops_early(config, self.history) and not (self.goes_on and epoch == first):
                return self._completed(early=True)
            if self.control.stop_requested():
                return self._stopped(f"Stopped after epoch {epoch - 1}" if self.history else "Stopped at the start")
            ended = self._epoch(epoch, learner, evaluator)
            if ended is None:
                return self._stopped(f"Stopped during epoch {epoch}")
            self._keep(ended)
            self.emit(ended)
            self._probe(probe, epoch)
            if self.control.stops_after_epoch and epoch < config.epochs and not stops_early(config, self.history):
                return self._stopped(f"Stopped after epoch {epoch}")
        return self._completed(early=False)

    def _started(self, first: int) -> Started:
        config, parts = self._config, self.parts
        return Started(
            run=str(self.folder.path),
            epochs=config.epochs,
            first_epoch=first,
            steps_per_epoch=math.ceil(len(parts.train_labels) / config.batch_size),
            batch_size=config.batch_size,
            train_count=len(parts.train_labels),
            validation_count=len(parts.validation_labels),
            validation_part=parts.validation_part,
            device=self.record.device,
            monitor=config.monitor,
            earlier=tuple(self.history),
            earlier_changes=tuple(self._changes),
        )

    def _training_feed(self) -> TrainingFeed:
        config, parts, about = self._config, self.parts, self.metadata
        classes = len(about.classes)
        return TrainingFeed(
            parts.train_images, parts.train_labels, about.preprocessing, about.loss, classes,
            augmentation=Augmentation(config) if config.augments else None,
            weights=class_weights(config, parts.train_labels, classes),
        )  # fmt: skip

    def _learner(self, feed: TrainingFeed) -> Learner:
        config = self._config
        xla = uses_xla(self.model, config, device_string(config.device))
        say_placement = self.folder.say if config.log_device_placement else None
        return Learner(self.model, feed, self._rates, self.control, config.batch_size, config.seed, xla, say_placement)

    def _evaluator(self, beside: int) -> Evaluator:
        """``beside``: see ``Feed``."""
        parts, about = self.parts, self.metadata
        images, labels = parts.validation_images, parts.validation_labels
        feed = Feed(images, labels, about.preprocessing, about.loss, len(about.classes), beside)
        return Evaluator(self.model, feed)

    def _epoch(self, epoch: int, learner: Learner, evaluator: Evaluator) -> EpochEnded | None:
        """Train one epoch and validate; ``None`` if stopped."""
        clock = Clock(self.control)
        self._batches = []
        if on_plateau(self._config, self.history):
            self._lower_rate(epoch, (epoch - 1) * learner.steps_per_epoch)
        means = learner.run(epoch, clock, self._hear)
        if means is None:
            return None
        training_seconds = clock.seconds

        def report(done: int, count: int) -> None:
            self.emit(ValidationEnded(epoch=epoch, done=done, count=count))

        scores = evaluator.run(clock.stop_requested, report)
        if scores is None:
            return None
        if not math.isfinite(scores.loss):
            raise ExplorerError(
                f"The loss of the validation after epoch {epoch} is not a number.",
                "Use a lower learning rate, or another preprocessing.",
            )
        return EpochEnded(
            epoch=epoch,
            loss=means.loss,
            accuracy=means.accuracy,
            val_loss=scores.loss,
            val_accuracy=scores.accuracy,
            learning_rate=means.learning_rate,
            seconds=clock.seconds,
            images_per_second=len(self.parts.train_labels) / training_seconds,
        )

    def _lower_rate(self, epoch: int, step: int) -> None:
        rate = self._rates.lower(step)
        if rate is not None:
            self._hear(LearningRateChanged(epoch=epoch, step=1, learning_rate=rate, reason="plateau"))

    def _hear(self, event: BatchEnded | LearningRateChanged) -> None:
        """Keep for the files what an epoch says, and pass it on."""
        if isinstance(event, BatchEnded):
            self._batches.append(event)
        else:
            self._changes.append(event)
        self.emit(event)

    def _keep(self, ended: EpochEnded) -> None:
        """Write a whole epoch."""
        changes = tuple(self._changes)
        self._keeper.save_epoch(Progress(ended, self._rates.scale, changes), self._batches)
        self.history.append(ended)  # from here on, what a failure says of the kept model is true of this epoch
        self._keeper.save_if_best(self.history)
        self.folder.append_epoch(ended)
        self.record = msgspec.structs.replace(self.record, epochs_done=ended.epoch, rate_changes=changes)
        self.folder.write(self.record)

    @property
    def _done(self) -> int:
        return self.history[-1].epoch if self.history else 0

    def _probe(self, probe: Probe, epoch: int) -> None:
        path = self.folder.probe(epoch)
        if probe.write(path, epoch):
            self.emit(Probed(epoch=epoch, path=str(path)))

    def _stopped(self, how: str) -> Outcome:
        if self.history:
            return Outcome("stopped", f"{how}; the model is that of epoch {self._done}.")
        self._keeper.save_model()
        message = f"{how}, before any epoch was whole; the model holds the weights as they are now."
        return Outcome("stopped", message)

    def _completed(self, early: bool) -> Outcome:
        """The end that was to be, with the best model in its place if that is wanted."""
        config, last, best = self._config, self.history[-1], best_epoch(self.history, self._config.monitor)
        if restores_best(config) and best is not last:
            self._keeper.restore_best()
        return Outcome("completed", ending_words(config, self.parts.validation_part, last, best, early))

    def _close(self, outcome: Outcome | None, error: BaseException | None) -> Ended:
        """Write how the run ended into run.json; what goes wrong with that becomes part of the ending."""
        model = str(self.folder.model)
        if outcome is None:
            assert error is not None
            ended = failed(error, model, self._kept)
        else:
            ended = Ended(status=outcome.status, message=outcome.message, model=model)
        self.record = msgspec.structs.replace(
            self.record, status=ended.status, message=ended.message, finished=now(), epochs_done=self._done
        )
        try:
            self.folder.write(self.record)
        except ExplorerError as unwritten:
            if error is None:
                return failed(unwritten, model, self._kept)
        return ended

    @property
    def _kept(self) -> str:
        if self.history:
            return f"The model is that of epoch {self._done}."
        return "No epoch was whole; the model is untrained." if self.folder.model.is_file() else ""
