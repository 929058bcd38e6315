"""What ``train`` is asked for, checked as far as can be without TensorFlow: most slips are answered from here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cnn_explorer.commands.arguments.dataset import Reading, check_registered, given, spec_of
from cnn_explorer.commands.arguments.text_files import network, read_config
from cnn_explorer.commands.arguments.training import Settings, config_of, idle_notes, option_name, refuse_problems
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.sweep import Axis, axis_of, sweep
from cnn_explorer.store.atomic import refuse_existing
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.store.sweeps import SweepFolder, SweepRecord, sweep_record


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What ``train`` was given beside the settings of the training; ``None`` is what was not."""

    preset: str | None
    architecture: Path | None
    dataset: str | None
    out: Path | None
    config: Path | None
    sweep: tuple[str, ...] | None
    force: bool
    reading: Reading


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """A run that can be started, as far as that can be known without the engine.

    ``notes`` are sentences on options that have no effect.
    """

    architecture: Architecture
    config: TrainingConfig
    dataset: DatasetSpec
    folder: Path
    force: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NewSweep:
    """A sweep that can be started, as far as that can be known without the engine; ``notes`` as those of a run."""

    record: SweepRecord
    folder: SweepFolder
    force: bool
    notes: tuple[str, ...] = ()


def new_run(options: RunOptions, settings: Settings) -> NewRun:
    """The run that the options ask for. Raises ``ExplorerError``."""
    run = _run(options, settings)
    refuse_problems(run.config, settings, _class_count(run.dataset))
    refuse_existing(run.folder, run.force)
    return replace(run, notes=idle_notes([run.config], _given(settings)))


def new_sweep(options: RunOptions, settings: Settings) -> NewSweep:
    """The sweep that the options ask for. Raises ``ExplorerError``, for settings of any of its runs too."""
    base = _run(options, settings)
    axes = tuple(_axis(text, settings) for text in options.sweep or ())
    runs = sweep(base.config, axes)
    for run in runs:
        refuse_problems(run.config, settings, _class_count(base.dataset))
    record = sweep_record(base.architecture, base.config, base.dataset, axes, runs)
    folder = SweepFolder(base.folder)
    folder.check_free(record, base.force)
    notes = idle_notes([run.config for run in runs], _given(settings) | {axis.field for axis in axes})
    return NewSweep(record=record, folder=folder, force=base.force, notes=notes)


def _class_count(dataset: DatasetSpec) -> int | None:
    """``None`` for the user's own images: nobody has counted yet, and the trainer asks again."""
    source = check_registered(dataset)
    return None if source is None else len(source.classes)


def _given(settings: Settings) -> set[str]:
    return {name for name, value in settings.items() if value is not None}


def _run(options: RunOptions, settings: Settings) -> NewRun:
    architecture = network(options.preset, options.architecture)
    if options.dataset is None or options.out is None:
        missing = "--dataset" if options.dataset is None else "--out"
        raise ExplorerError(f"{missing} is missing.", "A new run needs a network, --dataset and --out.")
    config = config_of(settings, TrainingConfig() if options.config is None else read_config(options.config))
    dataset = spec_of(options.dataset, options.reading)
    return NewRun(architecture=architecture, config=config, dataset=dataset, folder=options.out, force=options.force)


def _axis(text: str, settings: Settings) -> Axis:
    name, equals, values = text.partition("=")
    if not equals:
        raise ExplorerError(f'--sweep: expected SETTING=V,V,..., got "{text}".', "As in --sweep seed=0,1,2.")
    axis = axis_of(name, values)
    if settings[axis.field] is not None:
        raise ExplorerError(
            f"{option_name(axis.field)} has no place beside --sweep {axis.field}.", "Give all values in the list."
        )
    return axis


@dataclass(frozen=True, kw_only=True)
class Continuation:
    """A run or a sweep on disk that shall go on, until its runs have ``epochs`` in all (``None``: as before)."""

    folder: Path
    is_sweep: bool
    epochs: int | None


def continuation(folder: Path, options: RunOptions, settings: Settings) -> Continuation:
    """What shall go on. Raises ``ExplorerError`` if there is nothing, or for an option that the run itself answers."""
    plain = {name: value for name, value in vars(options).items() if name != "reading"}
    others = [f"--{name}" for name, value in plain.items() if value not in (None, False)]
    others += given(options.reading)
    others += [option_name(name) for name, value in settings.items() if value is not None and name != "epochs"]
    if others:
        raise ExplorerError(
            f"{others[0]} has no place beside --continue.", "Everything but --epochs comes from the run."
        )
    epochs = None if settings["epochs"] is None else config_of(settings, TrainingConfig()).epochs
    is_sweep = SweepFolder(folder).sweep_json.is_file()
    if not is_sweep:
        RunFolder(folder).read()
    elif "epochs" in SweepFolder(folder).read().axes and epochs is not None:
        raise ExplorerError(f"--epochs has no place here: {folder} varies the epochs.", "Leave it out.")
    return Continuation(folder=folder, is_sweep=is_sweep, epochs=epochs)
