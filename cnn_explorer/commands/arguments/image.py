"""The one image that a command is about: its options, and what can be refused before it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cnn_explorer.commands.arguments.dataset import Reading, check_registered, given, spec_of
from cnn_explorer.commands.arguments.options import path_option
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import FITTED_PREPROCESSING, PreprocessingName

ImageSet = Annotated[
    str | None, typer.Option("--dataset", metavar="NAME|PATH", help="Where the image is from: a name, or your own.")
]
ImageIndex = Annotated[int | None, typer.Option("--index", metavar="N", help="Which image, from 0.")]
ImageFile = Annotated[Path | None, path_option("--image", "FILE", "An image file instead.")]
Invert = Annotated[bool, typer.Option("--invert", help="Make dark ink on bright paper bright on dark, in --image.")]


@dataclass(frozen=True, kw_only=True)
class ImageChoice:
    """A file, or number ``index`` of a part of a data set. ``invert``: dark ink of the file becomes bright."""

    dataset: DatasetSpec | None
    split: str
    index: int | None
    file: Path | None
    invert: bool = False

    def check_count(self, count: int) -> None:
        """Raise ``ExplorerError`` if a part of ``count`` images has no such one."""
        assert self.dataset is not None
        assert self.index is not None
        if not 0 <= self.index < count:
            raise ExplorerError(
                f"--index {self.index} is out of range: {self.dataset.source} has {count:,} {self.split} images.",
                f"Give an index from 0 to {count - 1}.",
            )


def image_choice(
    dataset: str | None, split: str, index: int | None, image: Path | None, invert: bool,
    preprocessing: PreprocessingName | None, reading: Reading,
) -> ImageChoice:  # fmt: skip
    """The image that the options name; raises ``ExplorerError`` unless it is exactly one that there is."""
    if dataset is None and given(reading):
        raise ExplorerError(f"{given(reading)[0]} has no place without --dataset.", "Leave it out.")
    spec = None if dataset is None else spec_of(dataset, reading)
    choice = ImageChoice(dataset=spec, split=split, index=index, file=image, invert=invert)
    if image is None:
        _check_place(choice)
    else:
        _check_file(choice, preprocessing)
    if invert and image is None:
        raise ExplorerError("--invert has no place without --image.", "Leave it out.")
    return choice


def _check_place(choice: ImageChoice) -> None:
    if choice.dataset is None or choice.index is None:
        raise ExplorerError("Which image?", "Give --dataset and --index, or --image.")
    if (source := check_registered(choice.dataset)) is not None:
        choice.check_count(source.train_count if choice.split == "train" else source.test_count)


def _check_file(choice: ImageChoice, preprocessing: PreprocessingName | None) -> None:
    if choice.dataset is not None or choice.index is not None:
        raise ExplorerError("--image and --dataset with --index name two images.", "Give one of them.")
    if preprocessing in FITTED_PREPROCESSING:
        raise ExplorerError(
            f"--preprocessing {preprocessing} is fitted on a data set, and --image names none.",
            "Use another one, or an image of the data set.",
        )
