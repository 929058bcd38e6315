"""What the pages need from below, as one frozen dataclass of callables.

``app.py`` fills it with the real engine, tests with a fake one. Every callable may be slow and may raise
``ExplorerError``: pages call them through ``jobs.JobRunner`` only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.architecture import Architecture
from cnn_explorer.core.control import RunControl
from cnn_explorer.core.events import RunEvent
from cnn_explorer.core.model_info import DeviceReport, Look, ModelInfo
from cnn_explorer.core.training import PreprocessingName, TrainingConfig
from cnn_explorer.data.dataset import Dataset


class OpenModel(Protocol):
    """A model that is loaded once and looked into often."""

    @property
    def info(self) -> ModelInfo:
        """What the file says of the model."""
        ...

    def look(self, image: NDArray[np.uint8] | NDArray[np.float32]) -> Look:
        """Send one raw image (rows, columns, channels; bytes or 0…255) through all layers."""
        ...

    def with_preprocessing(self, name: PreprocessingName, images: NDArray[np.uint8]) -> OpenModel:
        """The same model with other preprocessing; ``standardize`` is fitted on ``images``."""
        ...


@dataclass(frozen=True)
class TrainRequest:
    """A run that someone asked for. ``initial_weights``: start from this run's file instead of the seed."""

    architecture: Architecture
    config: TrainingConfig
    folder: Path
    initial_weights: Path | None = None


@dataclass(frozen=True)
class Services:
    """The floor below the window.

    ``start_engine`` imports TensorFlow (seconds) and reports the devices; no other engine call precedes it.
    ``train`` returns when the run has ended; it tells everything through ``emit`` and obeys ``control``.
    ``new_run_folder`` gives a path that does not exist yet, for a network of that name.
    """

    load_dataset: Callable[[str], Dataset]
    start_engine: Callable[[], DeviceReport]
    train: Callable[[TrainRequest, Dataset, Callable[[RunEvent], None], RunControl], None]
    open_model: Callable[[Path], OpenModel]
    new_run_folder: Callable[[str], Path]
