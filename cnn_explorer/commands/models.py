"""A model as it is named on the command line, ready to be looked into, with the images that go with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cnn_explorer.commands import console
from cnn_explorer.core.training import PreprocessingName
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.registry import load_dataset
from cnn_explorer.data.split import shuffled
from cnn_explorer.engine.activations import Inspector, open_model


def opened(
    path: Path, dataset_name: str | None, preprocessing: PreprocessingName | None
) -> tuple[Inspector, Dataset | None]:
    """Open the model in ``path``, a file or a run's folder, and load the data set of that name, if any.

    The data set is split as in the model's training, so that its test images are images it has never seen.
    ``preprocessing`` replaces what the file says; ``standardize`` is fitted on the training images. If neither
    says how images are prepared, the guess is told on stderr. Raises ``ExplorerError``.
    """
    inspector = open_model(path)
    dataset = None if dataset_name is None else _split_for(inspector, load_dataset(dataset_name))
    if preprocessing is not None:
        # Only "standardize" learns from images; for the others it matters only that there are some to speak of.
        images = np.zeros((0, *inspector.info.input_shape), np.uint8) if dataset is None else dataset.train_images
        return inspector.with_preprocessing(preprocessing, images), dataset
    if inspector.info.preprocessing_is_guess:
        console.say(
            f"{path} does not say how images are prepared: guessing --preprocessing {inspector.info.preprocessing}."
        )
    return inspector, dataset


def _split_for(inspector: Inspector, dataset: Dataset) -> Dataset:
    metadata = inspector.loaded.metadata
    if metadata is None or metadata.split == "official" or metadata.fingerprint != dataset.fingerprint:
        return dataset
    console.say(f"The images are split as in the model's training: {metadata.split}, seed {metadata.split_seed}.")
    return shuffled(dataset, metadata.split_seed)
