"""The pinned image is the one that a run would get."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import digits

from cnn_explorer.core.training import SplitName, TrainingConfig
from cnn_explorer.data.pinned import pinned_image
from cnn_explorer.data.split import split_again


def test_that_it_is_the_test_image_of_that_number() -> None:
    dataset = digits()
    image, label = pinned_image(dataset, TrainingConfig(), 7)
    assert np.array_equal(image, dataset.test_images[7])
    assert label == dataset.test_labels[7]


@pytest.mark.parametrize("split", ["shuffled", "stratified"])
def test_that_it_follows_the_split(split: SplitName) -> None:
    dataset = digits()
    drawn = split_again(dataset, split, 5)
    for index in range(20):
        image, label = pinned_image(dataset, TrainingConfig(split=split, split_seed=5), index)
        assert np.array_equal(image, drawn.test_images[index])
        assert label == drawn.test_labels[index]


@pytest.mark.parametrize("index", [-1, 20])
def test_that_there_is_no_image_beyond_the_part(index: int) -> None:
    with pytest.raises(IndexError):
        pinned_image(digits(), TrainingConfig(), index)
