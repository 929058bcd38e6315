"""A tiny data set, tiny networks, and a disk that refuses large files."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

import cnn_explorer
from cnn_explorer.core.network.architecture import (
    L1L2,
    Architecture,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import Ended, EpochEnded, RunEvent
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.training.trainer import train


@pytest.fixture(scope="session")
def toy() -> Dataset:
    """Three classes of 12×12 images: a bright bar at the left, in the middle or at the right, in noise."""
    rng = np.random.default_rng(7)

    def part(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.integers(0, 3, count)
        images = rng.integers(0, 120, (count, 12, 12, 1), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[2:10, 1 + 4 * label : 4 + 4 * label] += 110
        return images, labels

    # 90 and 70 images, so that the last batch (of 32 in training, of 64 in validation) is never a full one.
    return Dataset.of_parts("toy", "Toy", ("left", "middle", "right"), "f" * 64, *part(90), *part(70))


@pytest.fixture(scope="session")
def network() -> Architecture:
    """A small stack with a penalty on weights."""
    return Architecture(
        name="small",
        input_shape=(12, 12, 1),
        layers=(
            Conv2D(name="Conv", filters=4, kernel_size=(3, 3), activation="relu"),
            MaxPooling2D(name="Pool"),
            Flatten(name="Flat"),
            Dense(name="Out", units=3, activation="softmax", kernel_regularizer=L1L2(l2=0.01)),
        ),
    )


@pytest.fixture(scope="session")
def noisy_network() -> Architecture:
    """A small stack with everything that has a state of its own beside weights."""
    return Architecture(
        name="noisy",
        input_shape=(12, 12, 1),
        layers=(
            Conv2D(name="Conv", filters=4, kernel_size=(3, 3), activation="relu"),
            BatchNormalization(name="Norm"),
            MaxPooling2D(name="Pool"),
            Flatten(name="Flat"),
            Dropout(name="Drop", rate=0.4),
            Dense(name="Out", units=3, activation="softmax"),
        ),
    )


@dataclass
class Listener:
    """Keeps what a run says; ``on_event`` may act on it, in the thread of the run."""

    on_event: Callable[[RunEvent], None] | None = None
    events: list[RunEvent] = field(default_factory=list)

    def __call__(self, event: RunEvent) -> None:
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)

    @property
    def ended(self) -> Ended:
        """The last event, which must be the end."""
        last = self.events[-1]
        assert isinstance(last, Ended)
        return last

    @property
    def epochs(self) -> list[EpochEnded]:
        """The whole epochs."""
        return [event for event in self.events if isinstance(event, EpochEnded)]


@dataclass(frozen=True)
class Run:
    """A run that has ended: its folder and what it said."""

    folder: Path
    said: Listener


@pytest.fixture(scope="session")
def listener() -> type[Listener]:
    """The class of listeners."""
    return Listener


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, toy: Dataset, network: Architecture) -> Run:
    """Three epochs, completed."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    said = Listener()
    train(network, TrainingConfig(epochs=3, batch_size=32), toy, folder, said, RunControl())
    return Run(folder, said)


@pytest.fixture
def small_disk() -> Callable[[int], contextlib.AbstractContextManager[None]]:
    """A function whose block cannot write files of more than so many bytes: the system refuses, as a full disk does."""

    @contextlib.contextmanager
    def limited(most: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


@pytest.fixture(scope="session")
def run_python() -> Callable[[str, Path], subprocess.CompletedProcess[str]]:
    """A function that runs code in a process of its own, in a folder, with this package and no settings of ours."""

    def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
        environment["PYTHONPATH"] = str(Path(cnn_explorer.__file__).parents[1])
        return subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    return run
