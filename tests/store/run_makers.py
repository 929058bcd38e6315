"""Run folders on the disk as a training leaves them, without any training: for tests of what reads runs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import BatchEnded, EpochEnded
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.store.runs import DatasetRecord, RunFolder, RunRecord, RunStatus

FINGERPRINT = "0" * 64
"""That of ``fakes.digits``."""


def epochs_of(count: int, best: float = 0.99, seed: int = 0) -> list[EpochEnded]:
    """A history that rises towards ``best``, with some noise."""
    rng = np.random.default_rng(seed)
    history = []
    for epoch in range(1, count + 1):
        accuracy = best - 0.12 * math.exp(-epoch / 3) + float(rng.normal(0, 0.002))
        loss = 4 * (1 - accuracy) + float(rng.normal(0, 0.004))
        history.append(
            EpochEnded(
                epoch=epoch, loss=loss * 0.9, accuracy=accuracy + 0.003, val_loss=loss, val_accuracy=accuracy,
                learning_rate=0.001, seconds=8.0 + float(rng.normal(0, 0.3)), images_per_second=6400.0,
            )
        )  # fmt: skip
    return history


def make_run(
    path: Path,
    *,
    epochs: list[EpochEnded] | int = 3,
    status: RunStatus = "completed",
    message: str = "",
    title: str = "",
    notes: str = "",
    architecture: Architecture | None = None,
    dataset: str = "mnist",
    fingerprint: str = FINGERPRINT,
    created: str = "2025-03-14T16:05:00+00:00",
    sweep: SweepPlace | None = None,
    batches: int = 0,
    files: bool = True,
    **settings: Any,
) -> Path:
    """Write a run into the new folder ``path``; ``settings`` are those of its training.

    ``batches`` is the number of batch calls in an epoch; ``files``: whether it has models and a checkpoint, which
    hold no more than their names.
    """
    history = epochs_of(epochs) if isinstance(epochs, int) else epochs
    architecture = architecture or preset("mnist-simple").architecture
    training = TrainingConfig(**{"epochs": max(len(history), 1), **settings})
    record = RunRecord(
        name=architecture.name, architecture=architecture, training=training,
        dataset=DatasetRecord(
            name=dataset, fingerprint=fingerprint, classes=tuple("0123456789"), image_shape=architecture.input_shape
        ),
        seed=training.seed, device="CPU (2 threads)", status=status, message=message, created=created,
        epochs_done=len(history), sweep=sweep,
    )  # fmt: skip
    run = RunFolder.create(path, record)
    for epoch in history:
        run.append_epoch(epoch)
        if batches:
            run.append_batches(_batches(epoch, batches))
    if files:
        for file in (run.model, run.checkpoint, *([run.best] if history else [])):
            file.write_bytes(file.name.encode())
    if title or notes:
        run.annotate(title, notes)
    return path


def _batches(epoch: EpochEnded, count: int) -> list[BatchEnded]:
    rng = np.random.default_rng(epoch.epoch)
    noise = rng.normal(0, 0.02, (2, count))
    return [
        BatchEnded(
            epoch=epoch.epoch, step=step, loss=abs(epoch.loss + float(noise[0, step - 1])),
            accuracy=min(1.0, epoch.accuracy - abs(float(noise[1, step - 1]))),
            learning_rate=epoch.learning_rate, seconds=epoch.seconds * step / count,
        )
        for step in range(1, count + 1)
    ]  # fmt: skip
