"""The words on images that activate maps."""

from __future__ import annotations

import numpy as np
import pytest

from cnn_explorer.core.maps.top_images import BEST, TopImages
from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.ui.pages.inspect.top_images.state import (
    count_choices,
    first_choice,
    maps_of,
    seen,
    tile_sentence,
    unit,
    words,
)

MAPS = LayerInfo("conv", "Conv2D", (4, 4, 3), 10)
VECTOR = LayerInfo("dense", "Dense", (3,), 10)


def found(done: int = 1000, wanted: int = 1000, high: tuple[float, ...] = (0.0, 0.5, 2.0)) -> TopImages:
    """Map 0 is dead, map 1 constant."""
    values = np.full((BEST, 3), -np.inf, np.float32)
    values[0] = high
    return TopImages(
        "conv", "test", (4, 4, 3), done, wanted,
        indices=np.where(np.isfinite(values), 7, -1),
        values=values,
        places=np.zeros((BEST, 3), np.int64),
        low=np.array([0, 0.5, 0], np.float32),
        high=np.array(high, np.float32),
        means=np.array([0, 0.5, 0.1]),
        silent=np.array([done, 0, done * 3 // 4]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("total", "texts", "proposed"),
    [
        (1, ["The one image"], 1),
        (70, ["All 70 images"], 70),
        (100, ["All 100 images"], 100),
        (1000, ["100 images", "All 1,000 images"], 1000),
        (60_000, ["100 images", "1,000 images", "All 60,000 images"], 1000),
    ],
)
def test_that_counts_are_offered_up_to_all(total: int, texts: list[str], proposed: int) -> None:
    assert [text for text, _ in count_choices(total)] == texts
    assert first_choice(total) == proposed


def test_that_values_of_vectors_are_called_so() -> None:
    assert (unit(MAPS), maps_of(MAPS)) == ("map", 3)
    assert (unit(VECTOR), maps_of(VECTOR)) == ("value", 3)
    assert (unit(LayerInfo("x", "Reshape", (4, 6), 0)), maps_of(LayerInfo("x", "Reshape", (4, 6), 0))) == ("map", 1)
    assert words(VECTOR, None, 0).text == "Find the images of the data set that activate each value of dense most."


def test_that_the_line_below_tells_range_mean_and_silence() -> None:
    said = words(MAPS, found(), 2)
    assert said.kind == "images"
    assert said.facts == (
        "map 2: 0.0000 … 2.0000, mean 0.1000, zero on 75 % of the images; one image activates it"
        " · 1 of 3 maps zero on all images: 0 · 1 of 3 maps constant on all images: 1"
    )


def test_that_dead_and_constant_maps_have_no_images_but_a_reason() -> None:
    dead, constant = words(MAPS, found(), 0), words(MAPS, found(), 1)
    assert (dead.kind, dead.text) == ("nothing", "Map 0 is zero on all 1,000 images: nothing activates it.")
    assert (constant.kind, constant.text) == (
        "nothing",
        "Map 1 is 0.5000 everywhere on all 1,000 images: it does not depend on them.",
    )


def test_that_partial_results_say_so() -> None:
    assert seen(None) == ""
    assert seen(found(done=0)) == ""
    assert seen(found(done=300)) == "300 of 1,000 images"
    assert seen(found()) == "after 1,000 images"


def test_that_a_tile_is_told_with_its_node() -> None:
    assert tile_sentence("train", 4321, "cat", 5.25, (3, 12, 7)) == (
        "Image 4,321 of the training part, class cat: 5.2500 at row 3, column 12"
    )
    assert tile_sentence("test", 5, "7", 0.5, (2,)) == "Image 5 of the test part, class 7: 0.5000"
