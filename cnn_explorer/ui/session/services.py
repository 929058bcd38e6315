"""What the pages need from below, as one frozen dataclass of callables.

``app.py`` fills it with the real engine, tests with a fake one. Every callable may be slow and may raise
``ExplorerError``: pages call them through ``jobs.JobRunner`` only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.model.info import DeviceReport, ForwardPass, LayerWeight, ModelInfo, Predictions
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.progress import Watch
from cnn_explorer.core.run.config import PreprocessingName, RuntimeOptions, TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import RunEvent
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.data.dataset import Dataset

if TYPE_CHECKING:  # only named here, and the window is painted before anyone looks into a model
    from cnn_explorer.core.maps.top_images import ClassAverage, TopImages
    from cnn_explorer.core.nodes.boxes import Rectangle
    from cnn_explorer.core.nodes.steps import Node, Step


class ReceptiveFields(Protocol):
    """What every node of a model can see of one of its images; found once, then asked without delay."""

    def rectangle(self, layer: str, node: Node) -> Rectangle | None:
        """(top, left, bottom, right) in pixels, bottom and right excluded; ``None`` if it sees nothing."""
        ...


class OpenModel(Protocol):
    """A model that is loaded once and looked into often. All but ``info`` may be slow; see ``Services``."""

    @property
    def info(self) -> ModelInfo:
        """What the file says of the model."""
        ...

    def forward(self, image: NDArray[np.uint8] | NDArray[np.float32]) -> ForwardPass:
        """Send one raw image (rows, columns, channels; bytes or 0…255) through all layers.

        It goes to the first input that takes images; other inputs get zeros.
        """
        ...

    def forward_all(self, images: Mapping[int, NDArray[np.uint8] | NDArray[np.float32]]) -> ForwardPass:
        """``forward`` with a raw image for each of these inputs (by number); the others get zeros."""
        ...

    def step(self, forward: ForwardPass, layer: str, node: Node) -> Step:
        """One node of a layer, computed by hand for what ``forward`` looked at."""
        ...

    def receptive_fields(self, number: int) -> ReceptiveFields:
        """What the nodes of all layers see of input ``number``, which takes images."""
        ...

    def weights(self, layer: str) -> tuple[LayerWeight, ...]:
        """All weights of a layer, as they are now."""
        ...

    def with_preprocessing(self, name: PreprocessingName, images: ImageArray) -> OpenModel:
        """The same model with other preprocessing, fitted on ``images`` if it learns from any."""
        ...


class ModelOpener(Protocol):
    """Opens the model in a file, or in a run's folder."""

    def __call__(self, path: Path, trusted: bool = False) -> OpenModel:
        """``trusted`` raises the limits of what a file may ask for; code in a file never runs.

        Raises ``LimitError`` where trust would help, ``NotBuiltError`` with the structure that can be shown (both may
        be one), ``WeightsOnlyError`` for a file that can be attached to a network (``open_with_weights``).
        """
        ...


class TopImagesPass(Protocol):
    """Images on their way through a model, for what they make of one layer."""

    @property
    def top_images(self) -> TopImages:
        """What is known by now; all of it from the start if it was found once and kept."""
        ...

    def advance(self, seconds: float) -> TopImages:
        """Send more images through, for about so long, and say what is known then. This is slow."""
        ...


@dataclass(frozen=True)
class TrainRequest:
    """A new run that someone asked for. ``initial_weights``: start from this run's file instead of the seed."""

    architecture: Architecture
    config: TrainingConfig
    folder: Path
    initial_weights: Path | None = None
    sweep: SweepPlace | None = None


@dataclass(frozen=True)
class ContinueRequest:
    """A run on disk that shall go on until it has ``epochs`` in all. ``architecture`` and ``config`` are its own."""

    architecture: Architecture
    config: TrainingConfig
    folder: Path
    epochs: int


RunRequest = TrainRequest | ContinueRequest


@dataclass(frozen=True)
class Services:
    """The floor below the window.

    ``start_engine`` imports TensorFlow (seconds) and reports the devices; no other engine call precedes it. ``train``
    begins or continues a run and returns when it has ended; it tells everything through ``emit`` and obeys
    ``control``. ``augmented`` gives training images (count, rows, columns, channels; bytes) as the configuration's
    augmentation changes them, other ones for each ``draw``. ``open_with_weights`` builds a network and gives it the
    weights of a file that holds nothing else; how images are prepared is a guess then. ``predicted`` says what an open
    model makes of each image of one part, ``train`` or ``test``, of a data set as it is split. ``find_top_images``
    begins to look for the images of a part that activate a layer's maps most, among so many; ``class_average`` is
    what a model makes of so many images of one class (by number) in a part, on average. ``export_tensorboard`` writes
    the log of a run into a folder that does not exist yet. ``give_memory_back``, called after a run, leaves to the
    system what is free. ``new_run_folder`` gives a path that does not exist yet, for a network of that name;
    ``runs_folder`` is where those lie. ``restart`` starts the program anew; the window must be closing then.
    """

    load_dataset: Callable[[DatasetSpec, Watch], Dataset]
    start_engine: Callable[[RuntimeOptions], DeviceReport]
    train: Callable[[RunRequest, Dataset, Callable[[RunEvent], None], RunControl], None]
    open_model: ModelOpener
    open_with_weights: Callable[[Architecture, Path], OpenModel]
    augmented: Callable[[TrainingConfig, NDArray[np.uint8], int], NDArray[np.uint8]]
    predicted: Callable[[OpenModel, Dataset, str, Watch], Predictions]
    find_top_images: Callable[[OpenModel, Dataset, str, str, int], TopImagesPass]
    class_average: Callable[[OpenModel, Dataset, str, int, int, Watch], ClassAverage]
    export_tensorboard: Callable[[Path, Path], None]
    give_memory_back: Callable[[], None]
    new_run_folder: Callable[[str], Path]
    runs_folder: Callable[[], Path]
    restart: Callable[[], None]
