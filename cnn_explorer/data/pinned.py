"""The pinned image: the one of the test part whose maps a run keeps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset


def pinned_image(dataset: Dataset, config: TrainingConfig, index: int) -> tuple[NDArray[np.uint8], int]:
    """Image ``index`` of the test part as ``config`` splits the data, and its label: what a run would pin.

    The same as that of ``split.shuffled`` without copying all images. Raises ``IndexError`` if there is none.
    """
    trained, tested = len(dataset.train_labels), len(dataset.test_labels)
    if not 0 <= index < tested:
        raise IndexError(f"test image {index} of {tested}")
    place = trained + index
    if config.split == "shuffled":
        place = int(np.random.default_rng(config.split_seed).permutation(trained + tested)[place])
    if place < trained:
        return dataset.train_images[place], int(dataset.train_labels[place])
    return dataset.test_images[place - trained], int(dataset.test_labels[place - trained])
