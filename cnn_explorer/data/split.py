"""Which images are trained on, which are kept for validation, and which for the test. No image is copied."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.run.config import SplitName, TrainingConfig
from cnn_explorer.core.run.events import ValidationPart
from cnn_explorer.data.dataset import Dataset, Indices, picked


def split_again(dataset: Dataset, split: SplitName, seed: int) -> Dataset:
    """Draw both parts anew from all images, in the same sizes; ``official`` leaves them as they are.

    ``shuffled`` draws at random, ``stratified`` in such a way that each class has the same share in both parts
    (scikit-learn's ``train_test_split``). ``dataset`` is in its official split. The draw depends on ``seed`` and the
    data set alone; no image gets lost or doubled. Raises ``ExplorerError`` if a class is too small for its shares.
    """
    match split:
        case "official":
            return dataset
        case "shuffled":
            order = np.random.default_rng(seed).permutation(len(dataset.labels))
            train, test = np.split(order, [len(dataset.train)])
        case "stratified":
            train, test = _stratified(np.arange(len(dataset.labels)), dataset.labels, len(dataset.test), seed)
    return replace(dataset, train=train, test=test)


def validation_count(config: TrainingConfig, train_count: int) -> int:
    """How many of ``train_count`` images, already limited, are kept for validation."""
    return round(train_count * config.validation_split)


@dataclass(frozen=True, eq=False)
class Parts:
    """The images of a run: those that it learns from and those that it is validated on after each epoch.

    ``test_images`` is the whole test part, without its limit: the pinned image is one of them.
    """

    train_images: ImageArray
    train_labels: NDArray[np.int64]
    validation_images: ImageArray
    validation_labels: NDArray[np.int64]
    validation_part: ValidationPart
    test_images: ImageArray


def prepare_split(dataset: Dataset, config: TrainingConfig) -> Parts:
    """The parts as ``config`` wants them: split first, then limits, then the draw for validation.

    ``dataset`` is in its official split. With ``validation_split`` that share of the training images, drawn with
    the split seed (and by class if the split is ``stratified``), is kept for validation, and they are not trained on;
    else validation is on the test part.
    Raises ``ExplorerError`` if nothing would be left to train or to validate on.
    """
    dataset = split_again(dataset, config.split, config.split_seed)
    train: Indices = dataset.train[: config.train_limit]
    validated: Indices = dataset.test[: config.test_limit]
    part: ValidationPart = "test"
    if config.validation_split:
        train, validated = _drawn(dataset, train, config)
        part = "validation"
    return Parts(
        train_images=picked(dataset.images, train),
        train_labels=dataset.labels[train],
        validation_images=picked(dataset.images, validated),
        validation_labels=dataset.labels[validated],
        validation_part=part,
        test_images=dataset.test_images,
    )


def _drawn(dataset: Dataset, train: Indices, config: TrainingConfig) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the images to learn from, and of those to validate on."""
    places = np.asarray(train, np.int64)
    count = validation_count(config, len(places))
    if not 0 < count < len(places):
        raise ExplorerError(
            f"validation_split: {config.validation_split:g} of {len(places)} training images is {count} images.",
            "Choose a share that leaves at least one image for validation and one for training.",
        )
    if config.split == "stratified":
        learnt, kept = _stratified(np.arange(len(places)), dataset.labels[places], count, config.split_seed)
    else:
        kept, learnt = np.split(np.random.default_rng(config.split_seed).permutation(len(places)), [count])
    # In their old order again: it is the draw that counts, and the network gets its images in an order of its own.
    return places[np.sort(learnt)], places[np.sort(kept)]


def _stratified(
    places: NDArray[np.int64], labels: NDArray[np.int64], count: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``places`` without ``count`` of them, and these, drawn by class."""
    # Here, since it takes most of a second, and the window needs the other splits before it is there.
    from sklearn.model_selection import train_test_split

    try:
        rest, drawn = train_test_split(places, test_size=count, random_state=seed, stratify=labels)
    except ValueError as error:
        raise ExplorerError(
            f"split: {len(np.unique(labels))} classes cannot be drawn evenly for {count} of {len(places)} images.",
            "Choose the split shuffled, or larger parts.",
        ) from error
    return rest, drawn
