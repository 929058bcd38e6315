"""Which images are trained on, which are kept for validation, and which for the test."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.events import ValidationPart
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset


def shuffled(dataset: Dataset, seed: int) -> Dataset:
    """Draw both parts anew from all images, in the same sizes.

    The draw depends on ``seed`` and the data set alone; no image gets lost or doubled.
    """
    images = np.concatenate((dataset.train_images, dataset.test_images))
    labels = np.concatenate((dataset.train_labels, dataset.test_labels))
    order = np.random.default_rng(seed).permutation(len(labels))
    train, test = np.split(order, [len(dataset.train_labels)])
    return replace(
        dataset,
        train_images=images[train],
        train_labels=labels[train],
        test_images=images[test],
        test_labels=labels[test],
    )


def limited(dataset: Dataset, train_limit: int | None, test_limit: int | None) -> Dataset:
    """Keep the first images of each part only; ``None``, or more than there are, keeps all. Nothing is copied."""
    return replace(
        dataset,
        train_images=dataset.train_images[:train_limit],
        train_labels=dataset.train_labels[:train_limit],
        test_images=dataset.test_images[:test_limit],
        test_labels=dataset.test_labels[:test_limit],
    )


@dataclass(frozen=True)
class Parts:
    """The images of a run: those that it learns from and those that it is validated on after each epoch.

    ``test_images`` is the whole test part, without its limit: the pinned image is one of them.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    validation_images: NDArray[np.uint8]
    validation_labels: NDArray[np.int64]
    validation_part: ValidationPart
    test_images: NDArray[np.uint8]


def prepare_split(dataset: Dataset, config: TrainingConfig) -> Parts:
    """The parts as ``config`` wants them: split first, then limits, then the draw for validation.

    ``dataset`` is in its official split. With ``validation_split`` that share of the training images, drawn with
    the split seed, is kept for validation, and they are not trained on; else validation is on the test part.
    Raises ``ExplorerError`` if nothing would be left to train or to validate on.
    """
    if config.split == "shuffled":
        dataset = shuffled(dataset, config.split_seed)
    test_images = dataset.test_images
    dataset = limited(dataset, config.train_limit, config.test_limit)
    images, labels = dataset.train_images, dataset.train_labels
    if not config.validation_split:
        return Parts(images, labels, dataset.test_images, dataset.test_labels, "test", test_images)
    count = round(len(labels) * config.validation_split)
    if not 0 < count < len(labels):
        raise ExplorerError(
            f"validation_split: {config.validation_split:g} of {len(labels)} training images is {count} images.",
            "Choose a share that leaves at least one image for validation and one for training.",
        )
    order = np.random.default_rng(config.split_seed).permutation(len(labels))
    # In their old order again: it is the draw that counts, and the network gets its images in an order of its own.
    kept, learnt = np.sort(order[:count]), np.sort(order[count:])
    return Parts(images[learnt], labels[learnt], images[kept], labels[kept], "validation", test_images)
