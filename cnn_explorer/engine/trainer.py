"""Training runs: a new one, or one that goes on. No Qt in here: window, command line and tests call the same.

What is wrong before the start is raised as ``ExplorerError``, and nothing has been written then. From ``Started``
on everything is told by events, and the last one is ``Ended``, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import tensorflow as tf

from cnn_explorer.core.architecture import Architecture
from cnn_explorer.core.control import RunControl
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.events import EpochEnded, RunEvent
from cnn_explorer.core.inference import training_problems
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.data.split import prepare_split
from cnn_explorer.engine import runtime
from cnn_explorer.engine.builder import build
from cnn_explorer.engine.checkpoint import Progress, load_checkpoint, load_initial_weights
from cnn_explorer.engine.metadata import ModelMetadata
from cnn_explorer.engine.optimization import optimizer_of
from cnn_explorer.engine.session import Session, now
from cnn_explorer.store.atomic import refuse_existing
from cnn_explorer.store.runs import DatasetRecord, RunFolder, RunRecord

Emit = Callable[[RunEvent], None]


def train(
    architecture: Architecture,
    config: TrainingConfig,
    dataset: Dataset,
    folder: Path,
    emit: Emit,
    control: RunControl,
    initial_weights: Path | None = None,
    force: bool = False,
) -> None:
    """Train a network from the start in a new run folder; returns when the run has ended.

    ``dataset`` is in its official split. ``initial_weights``: begin with the weights in this file (another run's
    ``initial.weights.h5``) and not with those of the seed. ``force``: an existing run in ``folder`` is replaced.
    """
    refuse_existing(folder, force)
    network = config.regularized(architecture)
    problems = training_problems(network, dataset.image_shape, len(dataset.classes))
    if problems:
        more = len(problems) - 1
        others = f"There {'is 1 more problem' if more == 1 else f'are {more} more problems'}." if more else ""
        raise ExplorerError(f"The network cannot be trained. {problems[0].message}", others)
    device = runtime.find_device(config.device)
    parts = prepare_split(dataset, config)
    with tf.device(runtime.device_string(config.device)):
        model = build(network, config.precision, config.seed)
        if initial_weights is not None:
            load_initial_weights(model, initial_weights)
        model.compile(optimizer_of(config), "sparse_categorical_crossentropy", metrics=["accuracy"])
    metadata = ModelMetadata(
        preprocessing=fit_preprocessing(config.preprocessing, parts.train_images),
        classes=dataset.classes,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        split=config.split,
        split_seed=config.split_seed,
    )
    record = RunRecord(
        name=architecture.name,
        architecture=architecture,
        training=config,
        dataset=DatasetRecord(
            name=dataset.name,
            fingerprint=dataset.fingerprint,
            classes=dataset.classes,
            image_shape=dataset.image_shape,
        ),
        seed=config.seed,
        versions=runtime.start().versions,
        device=device.description,
        created=now(),
    )
    run_folder = RunFolder.create(folder, record, force)
    Session(run_folder, record, model, parts, metadata, emit, control, []).run()


def resume(folder: Path, dataset: Dataset, emit: Emit, control: RunControl, epochs: int | None = None) -> None:
    """Go on with a run exactly from its last whole epoch, until it has ``epochs`` in all (as before if ``None``).

    ``dataset`` is the one of the run, in its official split. Two and two epochs give the weights of four, to the
    last bit on a processor; GPUs add up in no fixed order. A run that was killed, or failed, while its last epoch
    was being saved is brought to its end.
    """
    run_folder = RunFolder(folder)
    record = run_folder.read()
    if dataset.fingerprint != record.dataset.fingerprint:
        raise ExplorerError(
            f"The run was trained on {record.dataset.name} with other images than these of {dataset.name}.",
            "Continue it with the data set that it began with.",
        )
    if epochs is not None:
        record = msgspec.structs.replace(record, training=msgspec.structs.replace(record.training, epochs=epochs))
    config = record.training
    device = runtime.find_device(config.device)
    with tf.device(runtime.device_string(config.device)):
        model, metadata, progress = load_checkpoint(run_folder.checkpoint)
    # After the checkpoint come the other files: whoever was killed between them has epochs enough, and is not done.
    half_saved = record.status in ("running", "failed") and progress.epoch == config.epochs
    if progress.epoch >= config.epochs and not half_saved:
        raise ExplorerError(
            f"The run has {progress.epoch} epochs already, and {config.epochs} in all were asked for.",
            "Ask for more with --epochs.",
        )
    history = _repaired_history(run_folder, progress)
    record = msgspec.structs.replace(
        record,
        status="running",
        message="",
        finished=None,
        epochs_done=progress.epoch,
        device=device.description,
        versions=runtime.start().versions,
    )
    session = Session(run_folder, record, model, prepare_split(dataset, config), metadata, emit, control, history)
    run_folder.remove_leftovers()
    run_folder.write(record)
    if history:
        session.save_again()
    session.run()


def _repaired_history(folder: RunFolder, progress: Progress) -> list[EpochEnded]:
    """history.csv brought in line with the checkpoint: a kill may have come before or after its last line."""
    folder.truncate_history(progress.epoch)
    history = list(folder.history())
    if progress.last is not None and (not history or history[-1].epoch < progress.epoch):
        folder.append_epoch(progress.last)
        history.append(progress.last)
    return history
