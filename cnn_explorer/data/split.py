"""Which images are trained on and which are kept for the test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

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


def prepare_split(dataset: Dataset, config: TrainingConfig) -> Dataset:
    """The two parts as ``config`` wants them: split first, then limits. ``dataset`` is in its official split."""
    if config.split == "shuffled":
        dataset = shuffled(dataset, config.split_seed)
    return limited(dataset, config.train_limit, config.test_limit)
