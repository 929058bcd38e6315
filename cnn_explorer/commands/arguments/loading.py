"""Loading the images of a command: with what it does shown on stderr, and what it changed said."""

from __future__ import annotations

from pathlib import Path

from cnn_explorer.commands.output import progress
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.loading import load_dataset

_MOST_LISTED = 10


def loaded(spec: DatasetSpec) -> Dataset:
    """The data set of ``spec``; what takes long is shown. Raises ``ExplorerError``."""
    with progress.watched() as watch:
        return load_dataset(spec, watch)


def loaded_again(spec: DatasetSpec, run: Path) -> Dataset:
    """The data set that the run, or sweep, in the folder ``run`` learns from. Raises ``ExplorerError``."""
    path = spec.path
    if path is not None and not path.exists():
        raise ExplorerError(
            f"{run} learns from the images in {path}, which is not there any more.",
            "Put them back there, then it goes on from where it is; nothing of it is lost.",
        )
    return loaded(spec)


def notes_on(dataset: Dataset) -> tuple[str, ...]:
    """What was changed in reading the user's own images, and which of them were left out and why."""
    if dataset.spec.path is None:  # what is published is always read in the same way
        return ()
    listed = tuple(f"Left out: {place}: {reason}" for place, reason in dataset.skipped[:_MOST_LISTED])
    more = len(dataset.skipped) - len(listed)
    return (*dataset.remarks, *listed, *([f"Left out: {more:,} more."] if more else []))
