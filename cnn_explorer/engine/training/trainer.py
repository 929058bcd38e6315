"""Training runs: a new one, or one that continues. No Qt in here: window, command line and tests call the same.

What is wrong before the start is raised as ``ExplorerError``, and nothing has been written then. From ``Started``
on everything is told by events, and the last one is ``Ended``, whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import msgspec
import tensorflow as tf

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import training_problems
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import EpochEnded, RunEvent
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.data.sources.registry import title_of
from cnn_explorer.data.split import Parts, prepare_split
from cnn_explorer.engine.device import runtime
from cnn_explorer.engine.device.determinism import deterministic
from cnn_explorer.engine.device.memory import check_memory
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.models.compiling import compile_model
from cnn_explorer.engine.models.losses import LossSpec
from cnn_explorer.engine.models.metadata import ModelMetadata
from cnn_explorer.engine.training.checkpoint import Progress, load_checkpoint, load_initial_weights
from cnn_explorer.engine.training.cleanup import cleaned_up
from cnn_explorer.engine.training.failures import explained
from cnn_explorer.engine.training.probes import check_probe
from cnn_explorer.engine.training.run import TrainingRun, now
from cnn_explorer.engine.training.run_files import save_start
from cnn_explorer.engine.training.run_log import logged
from cnn_explorer.store.atomic import refuse_existing
from cnn_explorer.store.runs import DatasetRecord, RunFolder, RunRecord

Emit = Callable[[RunEvent], None]


@cleaned_up()
def train(
    architecture: Architecture,
    config: TrainingConfig,
    dataset: Dataset,
    folder: Path,
    emit: Emit,
    control: RunControl,
    initial_weights: Path | None = None,
    force: bool = False,
    sweep: SweepPlace | None = None,
) -> None:
    """Train a network from the start in a new run folder; returns when the run has ended.

    ``dataset`` is in its official split. ``initial_weights``: begin with the weights in this file (another run's
    ``initial.weights.h5``) and not with those of the seed. ``force``: an existing run in ``folder`` is replaced.
    ``sweep`` goes into run.json. The folder appears when the run could start at once; killed at any moment, the
    process leaves no folder, or one that continues.
    """
    refuse_existing(folder, force)
    config.check(len(dataset.classes))
    report = runtime.require(config.runtime)
    device = runtime.find_device(config.device)
    network = config.regularized(architecture)
    _check_network(network, dataset)
    parts = prepare_split(dataset, config)
    _check_memory(network, config, parts)
    metadata = _metadata(config, dataset, parts, control)
    record = RunRecord(
        name=architecture.name,
        architecture=architecture,
        training=config,
        dataset=DatasetRecord(
            name=dataset.name,
            fingerprint=dataset.fingerprint,
            classes=dataset.classes,
            image_shape=dataset.image_shape,
            spec=dataset.spec,
        ),
        seed=config.seed,
        versions=report.versions,
        device=device.description,
        created=now(),
        initial_weights=None if initial_weights is None else str(initial_weights),
        sweep=sweep,
    )
    with deterministic(config.deterministic):
        with explained():
            model = _model(network, config, initial_weights)
            check_probe(model, config.probe_layer, config.probe_index, len(parts.test_images))
            run_folder = RunFolder.create(folder, record, force, lambda new: save_start(new, model, metadata))
        with run_folder.working():
            log = logged(run_folder, record, emit)
            TrainingRun(run_folder, record, model, parts, metadata, log, control, []).run()


@cleaned_up()
def resume(folder: Path, dataset: Dataset, emit: Emit, control: RunControl, epochs: int | None = None) -> None:
    """Go on with a run exactly from its last whole epoch, until it has ``epochs`` in all (as before if ``None``).

    ``dataset`` is the one of the run, in its official split. Two and two epochs give the weights of four, to the
    last bit on a processor, and in deterministic mode on a GPU. A run that was killed, or failed, while its last
    epoch was being saved is brought to its end.
    """
    run_folder = RunFolder(folder)
    run_folder.read()  # before the lock, so that a folder that is no run gets no file
    with run_folder.working():
        record = run_folder.read()
        if epochs is not None:
            record = msgspec.structs.replace(record, training=msgspec.structs.replace(record.training, epochs=epochs))
        _check_dataset(record, dataset)
        config = record.training
        report = runtime.require(config.runtime)
        device = runtime.find_device(config.device)
        with deterministic(config.deterministic):
            with explained(), tf.device(runtime.device_string(config.device)):
                model, metadata, progress = load_checkpoint(run_folder.checkpoint)
            _check_epochs(record, progress)
            parts = prepare_split(dataset, config)
            _check_memory(record.architecture, config, parts)
            history = _repaired_history(run_folder, progress)
            goes_on = record.status in ("completed", "stopped")
            record = msgspec.structs.replace(
                record,
                status="running",
                message="",
                finished=None,
                epochs_done=progress.epoch,
                rate_changes=progress.rate_changes,
                device=device.description,
                versions=report.versions,
            )
            run_folder.remove_leftovers()
            run_folder.write(record)
            log = logged(run_folder, record, emit)
            session = TrainingRun(
                run_folder, record, model, parts, metadata, log, control, history, progress, goes_on=goes_on
            )
            session.save_again()
            session.run()


def _check_network(network: Architecture, dataset: Dataset) -> None:
    problems = training_problems(network, dataset.image_shape, len(dataset.classes))
    if problems:
        more = len(problems) - 1
        others = f"There {'is 1 more problem' if more == 1 else f'are {more} more problems'}." if more else ""
        raise ExplorerError(f"The network cannot be trained. {problems[0].message}", others)


def _check_memory(network: Architecture, config: TrainingConfig, parts: Parts) -> None:
    if runtime.device_string(config.device) == runtime.CPU_STRING:
        check_memory(network, min(config.batch_size, len(parts.train_labels)), config.precision)


def _check_dataset(record: RunRecord, dataset: Dataset) -> None:
    if dataset.fingerprint == record.dataset.fingerprint:
        return
    began = title_of(record.dataset.name, record.dataset.spec)
    if dataset.name == record.dataset.name:
        raise ExplorerError(
            f"The run was trained on {began} with other images than it has now.",
            "Bring the images back as they were, or start a new run.",
        )
    raise ExplorerError(
        f"The run was trained on {began}, not on {dataset.title}.",
        f"Choose {began} as the data set first; then it can go on.",
    )


def _check_epochs(record: RunRecord, progress: Progress) -> None:
    """Raise ``ExplorerError`` if there is nothing to be done."""
    epochs = record.training.epochs
    # After the checkpoint come the other files: whoever was killed between them has epochs enough, and is not done.
    half_saved = record.status in ("running", "failed") and progress.epoch == epochs
    if progress.epoch >= epochs and not half_saved:
        raise ExplorerError(
            f"The run has {progress.epoch} epochs already, and {epochs} in all were asked for.",
            "Ask for more with --epochs.",
        )


def _metadata(config: TrainingConfig, dataset: Dataset, parts: Parts, control: RunControl) -> ModelMetadata:
    """What the model's file will say. Raises ``CancelledError`` if the run is stopped while images are still read."""

    def watch(what: str, done: int, total: int) -> None:
        if control.stopped:
            raise CancelledError(f"{what} was stopped after {done:,} of {total:,} images.", "The run has not begun.")

    return ModelMetadata(
        preprocessing=fit_preprocessing(config.preprocessing, parts.train_images, watch),
        classes=dataset.classes,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        split=config.split,
        split_seed=config.split_seed,
        loss=LossSpec.of(config),
    )


def _model(network: Architecture, config: TrainingConfig, initial_weights: Path | None) -> keras.Model:
    """The compiled model before its first step, with all variables of its optimizer."""
    with tf.device(runtime.device_string(config.device)):
        model = build(network, config.precision, config.seed)
        if initial_weights is not None:
            load_initial_weights(model, initial_weights)
        compile_model(model, config)
        model.optimizer.build(model.trainable_variables)
    return model


def _repaired_history(folder: RunFolder, progress: Progress) -> list[EpochEnded]:
    """history.csv brought in line with the checkpoint: a kill may have come before or after its last line."""
    folder.truncate_history(progress.epoch)
    history = list(folder.history())
    if progress.last is not None and (not history or history[-1].epoch < progress.epoch):
        folder.append_epoch(progress.last)
        history.append(progress.last)
    return history
