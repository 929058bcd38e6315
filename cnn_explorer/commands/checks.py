"""What can be refused at once, before TensorFlow is imported: most slips of the keyboard are answered from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cnn_explorer.commands.files import network, read_config
from cnn_explorer.commands.options import config_of, option_name
from cnn_explorer.core.architecture import Architecture
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.imaging import SCALE_MODES, ScaleMode
from cnn_explorer.core.training import PreprocessingName, TrainingConfig
from cnn_explorer.data.colormaps import colormap as table_of
from cnn_explorer.data.registry import source_of
from cnn_explorer.store.atomic import refuse_existing
from cnn_explorer.store.runs import RunFolder

Settings = Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What ``train`` was given beside the settings of the training; ``None`` is what was not."""

    preset: str | None
    architecture: Path | None
    dataset: str | None
    out: Path | None
    config: Path | None
    force: bool


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """A run that can be started, as far as that can be known without the engine."""

    architecture: Architecture
    config: TrainingConfig
    dataset: str
    folder: Path
    force: bool


def new_run(options: RunOptions, settings: Settings) -> NewRun:
    """The run that the options ask for. Raises ``ExplorerError``."""
    architecture = network(options.preset, options.architecture)
    if options.dataset is None or options.out is None:
        missing = "--dataset" if options.dataset is None else "--out"
        raise ExplorerError(f"{missing} is missing.", "A new run needs a network, --dataset and --out.")
    config = config_of(settings, TrainingConfig() if options.config is None else read_config(options.config))
    source_of(options.dataset)
    refuse_existing(options.out, options.force)
    return NewRun(
        architecture=architecture, config=config, dataset=options.dataset, folder=options.out, force=options.force
    )


def epochs_to_continue(folder: Path, options: RunOptions, settings: Settings) -> int:
    """How many epochs the run in ``folder`` shall have in all.

    Raises ``ExplorerError`` if there is no run, or for an option that the run itself answers.
    """
    others = [f"--{name}" for name, value in vars(options).items() if value not in (None, False)]
    others += [option_name(name) for name, value in settings.items() if value is not None and name != "epochs"]
    if others:
        raise ExplorerError(
            f"{others[0]} has no place beside --continue.", "Everything but --epochs comes from the run."
        )
    return config_of(settings, RunFolder(folder).read().training).epochs


@dataclass(frozen=True, kw_only=True)
class ImageChoice:
    """The one image that ``activations`` is about: a file, or number ``index`` of a part of a data set."""

    dataset: str | None
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
        source = source_of(self.dataset)
        count = source.train_count if self.split == "train" else source.test_count
        if not 0 <= self.index < count:
            raise ExplorerError(
                f"--index {self.index} is out of range: {self.dataset} has {count:,} {self.split} images.",
                f"Give an index from 0 to {count - 1}.",
            )

    def _check_file(self, preprocessing: PreprocessingName | None) -> None:
        if self.dataset is not None or self.index is not None:
            raise ExplorerError("--image and --dataset with --index name two images.", "Give one of them.")
        if preprocessing == "standardize":
            raise ExplorerError(
                "--preprocessing standardize is fitted on a data set, and --image names none.",
                "Use scale or none, or an image of the data set.",
            )


@dataclass(frozen=True, kw_only=True)
class PictureOptions:
    """How ``activations`` paints a picture."""

    columns: int
    colormap: str
    scale: ScaleMode


def picture_options(columns: int, colormap: str, scale: str) -> PictureOptions:
    """The options, if there are such a colour map and such a scale; raises ``ExplorerError`` otherwise."""
    table_of(colormap)
    for mode in SCALE_MODES:
        if mode == scale:
            return PictureOptions(columns=columns, colormap=colormap, scale=mode)
    raise ExplorerError(f'There is no scale "{scale}".', f"Choose one of: {', '.join(SCALE_MODES)}.")


def check_output(path: Path, suffixes: tuple[str, ...], force: bool) -> None:
    """Raise ``ExplorerError`` if ``path`` exists (without ``force``) or has none of the ``suffixes`` (none: any)."""
    if suffixes and path.suffix not in suffixes:
        raise ExplorerError(f"{path} does not say what to write.", f"Let its name end in {' or '.join(suffixes)}.")
    refuse_existing(path, force)
