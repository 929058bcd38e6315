"""A run at work: epochs, validation, files, events. It is told everything by ``trainer`` and decides nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import keras
import msgspec
import tensorflow as tf

from cnn_explorer.core.control import RunControl
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.events import Ended, EpochEnded, Probed, RunEvent, Started, ValidationEnded
from cnn_explorer.core.history import best_epoch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.checkpoint import save_checkpoint, save_initial_weights
from cnn_explorer.engine.clock import Clock
from cnn_explorer.engine.evaluate import Evaluator
from cnn_explorer.engine.failures import failed
from cnn_explorer.engine.feed import Feed
from cnn_explorer.engine.learner import Learner
from cnn_explorer.engine.metadata import ModelMetadata
from cnn_explorer.engine.probes import Probe
from cnn_explorer.engine.runtime import device_string
from cnn_explorer.engine.saving import save_model
from cnn_explorer.store.runs import RunFolder, RunRecord


def now() -> str:
    """The time for run.json: ISO 8601 with zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


@dataclass(eq=False)
class Session:
    """Everything that a run works with.

    ``model`` is compiled; ``parts`` are the images as split and limited for this run; ``history`` holds the whole
    epochs behind it (none at the start).
    """

    folder: RunFolder
    record: RunRecord
    model: keras.Model
    parts: Dataset
    metadata: ModelMetadata
    emit: Callable[[RunEvent], None]
    control: RunControl
    history: list[EpochEnded]

    def run(self) -> None:
        """Train until the epochs of the record are done, or someone stops it, or it fails; ``Ended`` tells which."""
        error: BaseException | None = None
        message = None
        try:
            with tf.device(device_string(self.record.training.device)):
                message = self._learn()
        except Exception as caught:
            error = caught
        except BaseException as caught:
            error = caught
            raise
        finally:
            self.emit(self._close(message, error))

    def _learn(self) -> str | None:
        """Work through the epochs; if stopped, return what to say of it."""
        config, parts = self.record.training, self.parts
        prepare = self.metadata.preprocessing
        first = self._done + 1
        self.emit(
            Started(
                run=str(self.folder.path),
                epochs=config.epochs,
                first_epoch=first,
                steps_per_epoch=math.ceil(len(parts.train_labels) / config.batch_size),
                batch_size=config.batch_size,
                train_count=len(parts.train_labels),
                test_count=len(parts.test_labels),
                device=self.record.device,
            )
        )
        train_feed = Feed(parts.train_images, parts.train_labels, prepare)
        learner = Learner(self.model, train_feed, config.batch_size, config.seed)
        evaluator = Evaluator(self.model, Feed(parts.test_images, parts.test_labels, prepare))
        probe = Probe(self.model, prepare.apply(parts.test_images[0]))
        if not self.history:
            self._save_start()
        if not self.folder.probe(self._done).exists():  # that of epoch 0, or one that a kill kept from being written
            self._probe(probe, self._done)
        for epoch in range(first, config.epochs + 1):
            if self.control.stop_requested():
                return self._stopped(f"Stopped after epoch {epoch - 1}" if self.history else "Stopped at the start")
            ended = self._epoch(epoch, learner, evaluator)
            if ended is None:
                return self._stopped(f"Stopped during epoch {epoch}")
            self._keep(ended)
            self.emit(ended)
            self._probe(probe, epoch)
        return None

    def _epoch(self, epoch: int, learner: Learner, evaluator: Evaluator) -> EpochEnded | None:
        """Train one epoch and validate; ``None`` if stopped."""
        clock = Clock(self.control)
        means = learner.run(epoch, clock, self.emit)
        if means is None:
            return None
        training_seconds = clock.seconds

        def report(done: int, count: int) -> None:
            self.emit(ValidationEnded(epoch=epoch, done=done, count=count))

        scores = evaluator.run(clock.stop_requested, report)
        if scores is None:
            return None
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

    def _save_start(self) -> None:
        """What a run has before its first step; a process killed from here on leaves a run that goes on."""
        save_checkpoint(self.model, self.folder.checkpoint, self.metadata, None)
        save_initial_weights(self.folder.checkpoint, self.folder.initial_weights)
        save_model(self.model, self.folder.model, self.metadata)

    def _keep(self, ended: EpochEnded) -> None:
        """Write a whole epoch. The checkpoint comes first and holds the line of history.csv as well, so that what
        a kill in between leaves unwritten can be written when the run goes on."""
        save_checkpoint(self.model, self.folder.checkpoint, self.metadata, ended)
        save_model(self.model, self.folder.model, self.metadata)
        self.history.append(ended)  # from here on, what a failure says of the kept model is true of this epoch
        self._save_if_best()
        self.folder.append_epoch(ended)
        self.record = msgspec.structs.replace(self.record, epochs_done=ended.epoch)
        self.folder.write(self.record)

    def save_again(self) -> None:
        """Write the model of the last whole epoch when a run goes on: a kill may have come before that was done."""
        save_model(self.model, self.folder.model, self.metadata)
        self._save_if_best()

    def _save_if_best(self) -> None:
        if best_epoch(self.history) is self.history[-1]:
            save_model(self.model, self.folder.best, self.metadata)

    @property
    def _done(self) -> int:
        return self.history[-1].epoch if self.history else 0

    def _probe(self, probe: Probe, epoch: int) -> None:
        path = self.folder.probe(epoch)
        if probe.write(path, epoch):
            self.emit(Probed(epoch=epoch, path=str(path)))

    def _stopped(self, how: str) -> str:
        if self.history:
            return f"{how}; the model is that of epoch {self._done}."
        save_model(self.model, self.folder.model, self.metadata)
        return f"{how}, before any epoch was whole; the model holds the weights as they are now."

    def _close(self, stopped: str | None, error: BaseException | None) -> Ended:
        """Write how the run ended into run.json; what goes wrong with that becomes part of the ending."""
        ended = self._ending(stopped, error)
        self.record = msgspec.structs.replace(
            self.record, status=ended.status, message=ended.message, finished=now(), epochs_done=self._done
        )
        try:
            self.folder.write(self.record)
        except ExplorerError as unwritten:
            if error is None:
                return failed(unwritten, str(self.folder.model), self._kept)
        return ended

    def _ending(self, stopped: str | None, error: BaseException | None) -> Ended:
        model = str(self.folder.model)
        if error is not None:
            return failed(error, model, self._kept)
        if stopped is not None:
            return Ended(status="stopped", message=stopped, model=model)
        last, best = self.history[-1], best_epoch(self.history)
        message = f"Trained {last.epoch} epochs; test accuracy {last.val_accuracy:.4f}"
        if best is not last:
            message += f", the best was {best.val_accuracy:.4f} after epoch {best.epoch}"
        return Ended(status="completed", message=f"{message}.", model=model)

    @property
    def _kept(self) -> str:
        if self.history:
            return f"The model is that of epoch {self._done}."
        return "No epoch was whole; the model is untrained." if self.folder.model.is_file() else ""
