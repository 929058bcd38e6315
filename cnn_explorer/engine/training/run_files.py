"""What a run writes of its models, and in which order: a kill between any two files leaves a run that continues."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from cnn_explorer.core.run.config import Monitor
from cnn_explorer.core.run.events import BatchEnded, EpochEnded
from cnn_explorer.core.run.history import best_epoch
from cnn_explorer.engine.models.metadata import ModelMetadata
from cnn_explorer.engine.models.saving import hdf5_content
from cnn_explorer.engine.training.checkpoint import NONE, Progress, save_checkpoint, save_initial_weights
from cnn_explorer.store.atomic import atomic_write
from cnn_explorer.store.runs import RunFolder


def save_start(folder: RunFolder, model: keras.Model, metadata: ModelMetadata) -> None:
    """What a run has before its first step. ``model`` is compiled. Raises ``ExplorerError``."""
    save_checkpoint(model, folder.checkpoint, metadata, NONE)
    save_initial_weights(folder.checkpoint, folder.initial_weights)
    atomic_write(folder.model, hdf5_content(model, metadata))


class Keeper:
    """The models of one run. All methods raise ``ExplorerError`` if the disk refuses a file."""

    def __init__(self, folder: RunFolder, model: keras.Model, metadata: ModelMetadata, monitor: Monitor) -> None:
        self._folder, self._model, self._metadata, self._monitor = folder, model, metadata, monitor
        self._content = b""
        """What was just written as model.h5, until it is known whether it is the best model, too."""

    def save_epoch(self, progress: Progress, batches: Sequence[BatchEnded]) -> None:
        """Write the state after a whole epoch, but for the line of history.csv that makes it official.

        The checkpoint holds that line as well, so that what a kill in between leaves unwritten can be written when the
        run goes on. The batches come before it: they are cut off again if the checkpoint is not written any more.
        """
        self._folder.append_batches(batches)
        save_checkpoint(self._model, self._folder.checkpoint, self._metadata, progress)
        self.save_model()

    def save_model(self) -> None:
        """Write model.h5 as the model is now."""
        self._content = hdf5_content(self._model, self._metadata)
        atomic_write(self._folder.model, self._content)

    def save_if_best(self, history: Sequence[EpochEnded]) -> None:
        """Write what ``save_model`` wrote as best.h5, too, if the last epoch, whose model that was, is the best one."""
        content, self._content = self._content, b""
        if history and best_epoch(history, self._monitor) is history[-1]:
            atomic_write(self._folder.best, content)

    def restore_best(self) -> None:
        """Let model.h5 be the model of the best epoch."""
        atomic_write(self._folder.model, self._folder.best.read_bytes())
