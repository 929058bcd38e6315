"""checkpoint.keras: everything that a run needs to go on exactly as if it had never been interrupted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import msgspec

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import EpochEnded, LearningRateChanged
from cnn_explorer.engine.models.builder import first_line
from cnn_explorer.engine.models.metadata import ModelMetadata, read_member
from cnn_explorer.engine.models.saving import WEIGHTS_MEMBER, save_model
from cnn_explorer.store.atomic import atomic_write

_MEMBER = "cnn_explorer/progress.json"


class Progress(msgspec.Struct, frozen=True):
    """How far a run is, beside weights and optimizer.

    ``last`` is the last whole epoch (``None``: before training), kept here too because a kill may come before its
    line is in history.csv. ``rate_scale`` is the factor between the schedule's learning rate and the run's, and
    ``rate_changes`` is how it came about. ``seeds`` are the states of the random generators (Dropout), in the order
    of the model's variables: Keras leaves them out of its files, ``save_checkpoint`` fills them in.
    """

    last: EpochEnded | None = None
    rate_scale: float = 1.0
    rate_changes: tuple[LearningRateChanged, ...] = ()
    seeds: tuple[tuple[int, ...], ...] = ()

    @property
    def epoch(self) -> int:
        """Whole epochs."""
        return self.last.epoch if self.last else 0


NONE = Progress()
"""Before the first step."""


def save_checkpoint(model: keras.Model, path: Path, metadata: ModelMetadata, progress: Progress) -> None:
    """Write the compiled ``model`` as it is after a whole epoch. Raises ``ExplorerError``."""
    seeds = tuple(tuple(int(number) for number in variable.numpy()) for variable in _seed_states(model))
    progress = msgspec.structs.replace(progress, seeds=seeds)
    save_model(model, path, metadata, {_MEMBER: msgspec.json.encode(progress)})


def load_checkpoint(path: Path) -> tuple[keras.Model, ModelMetadata, Progress]:
    """The compiled model with its optimizer's state, and where it stood.

    Raises ``ExplorerError`` if there is no checkpoint or it is damaged.
    """
    if not path.is_file():
        raise ExplorerError(
            f"The run has no checkpoint: {path} does not exist.",
            "It cannot go on, but its models open as they are. Begin a new run with its settings.",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            metadata = read_member(archive)
            progress = msgspec.json.decode(archive.read(_MEMBER), type=Progress)
        if metadata is None:
            raise ValueError("it does not say how images are prepared")
        model = keras.models.load_model(path)
        for variable, state in zip(_seed_states(model), progress.seeds, strict=True):
            variable.assign(state)
    except ExplorerError:
        raise
    except Exception as error:  # Keras raises nearly everything here, and all of it is about the file
        raise ExplorerError(
            f"The checkpoint {path} is damaged: {first_line(error)}",
            "The run cannot go on, but its models open as they are. Begin a new run with its settings.",
        ) from error
    return model, metadata, progress


def save_initial_weights(checkpoint: Path, path: Path) -> None:
    """Write the weights of ``checkpoint`` as a file for ``keras.Model.load_weights``. Raises ``ExplorerError``.

    They are taken out of the checkpoint because ``keras.Model.save_weights`` writes straight to the disk, and the
    HDF5 library does not survive a full one.
    """
    with zipfile.ZipFile(checkpoint) as archive:
        atomic_write(path, archive.read(WEIGHTS_MEMBER))


def load_initial_weights(model: keras.Model, path: Path) -> None:
    """Give ``model`` the weights in ``path``. Raises ``ExplorerError`` if they are not there or do not fit."""
    if not path.is_file():
        raise ExplorerError(f"There are no initial weights: {path} does not exist.", "Start from a seed instead.")
    try:
        model.load_weights(path)
    except Exception as error:  # as above
        raise ExplorerError(
            f"The initial weights in {path} do not fit this network: {first_line(error)}",
            "Start from a seed instead, or take the network that the weights belong to.",
        ) from error


def _seed_states(model: keras.Model) -> list[keras.Variable]:
    return [variable for variable in model.variables if variable.path.endswith("seed_generator_state")]
