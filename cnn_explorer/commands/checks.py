"""What can be refused at once, before TensorFlow is imported: most slips of the keyboard are answered from here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cnn_explorer.commands.dataset_options import Reading, check_registered, given, spec_of
from cnn_explorer.commands.files import network, read_config
from cnn_explorer.commands.options import Settings, config_of, idle_notes, option_name, refuse_problems
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.imaging import SCALE_MODES
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import FITTED_PREPROCESSING, PreprocessingName, TrainingConfig
from cnn_explorer.core.run.sweep import Axis, axis_of, sweep
from cnn_explorer.export.pictures.colormaps import colormap as table_of
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


@dataclass(frozen=True, kw_only=True)
class ImageChoice:
    """The one image that a command is about: a file, or number ``index`` of a part of a data set."""

    dataset: DatasetSpec | None
    split: str
    index: int | None
    file: Path | None

    def check(self, preprocessing: PreprocessingName | None) -> None:
        """Raise ``ExplorerError`` unless this names exactly one image that there is."""
        if self.file is not None:
            self._check_file(preprocessing)
            return
        if self.dataset is None or self.index is None:
            raise ExplorerError("Which image?", "Give --dataset and --index, or --image.")
        if (source := check_registered(self.dataset)) is not None:
            self.check_count(source.train_count if self.split == "train" else source.test_count)

    def check_count(self, count: int) -> None:
        """Raise ``ExplorerError`` if a part of ``count`` images has no such one."""
        assert self.dataset is not None
        assert self.index is not None
        if not 0 <= self.index < count:
            raise ExplorerError(
                f"--index {self.index} is out of range: {self.dataset.source} has {count:,} {self.split} images.",
                f"Give an index from 0 to {count - 1}.",
            )

    def _check_file(self, preprocessing: PreprocessingName | None) -> None:
        if self.dataset is not None or self.index is not None:
            raise ExplorerError("--image and --dataset with --index name two images.", "Give one of them.")
        if preprocessing in FITTED_PREPROCESSING:
            raise ExplorerError(
                f"--preprocessing {preprocessing} is fitted on a data set, and --image names none.",
                "Use another one, or an image of the data set.",
            )


ALL_LAYERS = "all"
"""As a scale: the limits of all layers."""
SCALES = ("map", "layer", ALL_LAYERS, "standardized")


@dataclass(frozen=True)
class PictureOptions:
    """How ``activations`` paints a picture. ``pixels``: the side of a node, ``None``: as it suits the layer."""

    maps: MapStyle
    pixels: int | None = None
    legend: bool = False
    numbers: bool = False


def picture_options(
    columns: int, colormap: str, scale: str, pixels: int | None = None, legend: bool = False, numbers: bool = False
) -> PictureOptions:
    """The options, if there are such a colour map and such a scale; raises ``ExplorerError`` otherwise."""
    table_of(colormap)
    for mode in SCALE_MODES:
        if mode == scale or (scale == ALL_LAYERS and mode == "layer"):
            maps = MapStyle(columns, colormap, mode, everywhere=scale == ALL_LAYERS)
            return PictureOptions(maps, pixels, legend, numbers)
    raise ExplorerError(f'There is no scale "{scale}".', f"Choose one of: {', '.join(SCALES)}.")


def check_output(path: Path, suffixes: tuple[str, ...], force: bool) -> None:
    """Raise ``ExplorerError`` if ``path`` exists (without ``force``) or has none of the ``suffixes`` (none: any)."""
    if suffixes and path.suffix not in suffixes:
        named = " or ".join(filter(None, (", ".join(suffixes[:-1]), suffixes[-1])))
        raise ExplorerError(f"{path} does not say what to write.", f"Let its name end in {named}.")
    refuse_existing(path, force)


def check_export(source: Path, to: str, out: Path, force: bool) -> None:
    """Raise ``ExplorerError`` for an output that may not be written, or a run that is asked for and not there."""
    if to in ("csv", "tensorboard"):
        if not source.is_dir():
            raise ExplorerError(f"{source} is not the folder of a run.", f"What {to} tells is kept in a run.")
        RunFolder(source).read()
    if to == "tensorboard" and out.exists():
        raise ExplorerError(f"{out} exists already.", "Choose a folder that does not exist yet.")
    check_output(out, (f".{to}",) if to in ("h5", "keras") else (), force)
