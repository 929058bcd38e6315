"""A model as it is named on the command line, ready to be looked into, with the images that go with it."""

from __future__ import annotations

from pathlib import Path

from cnn_explorer.commands.arguments.loading import loaded
from cnn_explorer.commands.output import console
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import split_again
from cnn_explorer.engine.inspecting.inspector import Inspector, open_model


def opened(
    path: Path, spec: DatasetSpec | None, preprocessing: PreprocessingName | None, trusted: bool = False
) -> tuple[Inspector, Dataset | None]:
    """Open the model in ``path``, a file or a run's folder, and load the data set that ``spec`` means, if any.

    The data set is split as in the model's training, so that its test images are images it has never seen.
    ``preprocessing`` replaces what the file says, fitted on the training images if it learns from any. If neither
    says how images are prepared, the guess is told on stderr, as is what had to be changed to open the model.
    ``trusted`` raises the limits of what it may ask for. Raises ``ExplorerError``.
    """
    inspector = open_model(path, trusted=trusted)
    console.remark(*inspector.info.notes)
    dataset = None if spec is None else _split_for(inspector, loaded(spec))
    if preprocessing is not None:
        # Without a data set it is one that learns from no images.
        images = inspector.no_images() if dataset is None else dataset.train_images
        return inspector.with_preprocessing(preprocessing, images), dataset
    if inspector.info.preprocessing_is_guess:
        console.remark(
            f"{path} does not say how images are prepared: guessing --preprocessing {inspector.info.preprocessing}."
        )
    return inspector, dataset


def _split_for(inspector: Inspector, dataset: Dataset) -> Dataset:
    metadata = inspector.loaded.metadata
    if metadata is None or metadata.split == "official" or metadata.fingerprint != dataset.fingerprint:
        return dataset
    console.remark(f"The images are split as in the model's training: {metadata.split}, seed {metadata.split_seed}.")
    return split_again(dataset, metadata.split, metadata.split_seed)
