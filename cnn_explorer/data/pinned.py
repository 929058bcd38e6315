"""The pinned image: the one of the test part whose maps a run keeps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import split_again


def pinned_image(dataset: Dataset, config: TrainingConfig, index: int) -> tuple[NDArray[np.uint8], int]:
    """Image ``index`` of the test part as ``config`` splits the data, and its label: what a run would pin.

    Raises ``IndexError`` if there is none, ``ExplorerError`` if the data cannot be split so.
    """
    test = split_again(dataset, config.split, config.split_seed).test
    if not 0 <= index < len(test):
        raise IndexError(f"test image {index} of {len(test)}")
    return dataset.images[test[index]], int(dataset.labels[test[index]])
