"""A disk that is full after a number of bytes, and what a run consists of."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from cnn_explorer.core.network.architecture import Architecture, Conv2D, Dense, Flatten
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.store.runs import DatasetRecord, RunRecord


@contextlib.contextmanager
def _room_for(size: int) -> Iterator[None]:
    """No file can grow beyond ``size`` bytes: the system's own refusal, without a disk to fill."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def room_for() -> Callable[[int], AbstractContextManager[None]]:
    return _room_for


def _epoch(number: int, accuracy: float = 0.1) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=1 / 3, accuracy=accuracy, val_loss=2.5e-7, val_accuracy=0.9871, learning_rate=0.001,
        seconds=12.3456, images_per_second=4567.8,
    )  # fmt: skip


@pytest.fixture
def epoch() -> Callable[..., EpochEnded]:
    """A function from an epoch's number to its line."""
    return _epoch


@pytest.fixture
def record() -> RunRecord:
    return RunRecord(
        name="tiny",
        architecture=Architecture(
            name="tiny",
            input_shape=(28, 28, 1),
            layers=(
                Conv2D(name="c", filters=4, kernel_size=(3, 3)),
                Flatten(name="f"),
                Dense(name="d", units=10, activation="softmax"),
            ),
        ),
        training=TrainingConfig(epochs=3, optimizer="adam"),
        dataset=DatasetRecord(name="mnist", fingerprint="ab" * 32, classes=("zero", "one"), image_shape=(28, 28, 1)),
        seed=7,
        versions=(("keras", "3.15.1"), ("python", "3.11.7")),
        device="CPU (2 threads)",
        created="2026-11-21T10:15:30+01:00",
    )
