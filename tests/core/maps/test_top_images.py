"""What top images say of a layer, and which images are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from cnn_explorer.core.maps.top_images import BEST, TopImages, drawn


def found(shape: tuple[int, ...], values: list[float], low: float = 0.0, places: int = 0) -> TopImages:
    """One map, whose images 0, 1, … have these largest values."""
    filled = np.full((BEST, 1), -np.inf, np.float32)
    filled[: len(values), 0] = values
    return TopImages(
        "layer", "test", shape, max(len(values), 1), 20,
        indices=np.where(np.isfinite(filled), np.arange(BEST)[:, np.newaxis], -1),
        values=filled,
        places=np.full((BEST, 1), places),
        low=np.array([low], np.float32),
        high=filled[0],
        means=np.zeros(1),
        silent=np.zeros(1, np.int64),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "place", "node"),
    [((4, 5, 1), 7, (1, 2, 0)), ((4, 5), 7, (1, 2)), ((1,), 0, (0,)), ((2, 3, 4, 5), 0, (0,))],
)
def test_that_a_place_is_a_node_of_the_layer(shape: tuple[int, ...], place: int, node: tuple[int, ...]) -> None:
    assert found(shape, [3.0], places=place).best(0)[0].node == node


def test_that_images_on_which_a_map_says_nothing_are_left_out() -> None:
    assert [each.index for each in found((4, 5, 1), [3.0, 1.0, 0.0, 0.0]).best(0)] == [0, 1]


def test_that_a_map_that_is_negative_elsewhere_says_something_with_its_largest_value_0() -> None:
    assert [each.index for each in found((4, 5, 1), [0.0, -1.0], low=-2.0).best(0)] == [0, 1]


def test_that_it_is_complete_once_all_images_that_were_wanted_have_passed() -> None:
    assert not found((1,), [1.0]).complete
    assert found((1,), [1.0] * 9).maps == 1


def test_that_a_draw_is_in_order_without_repetition_and_always_the_same() -> None:
    first = np.asarray(drawn(1000, 100))
    assert len(np.unique(first)) == 100
    assert (np.diff(first) > 0).all()
    assert (first[0], first[-1]) != (0, 99)
    np.testing.assert_array_equal(first, drawn(1000, 100))
    assert drawn(70, 100) == drawn(70, 70) == range(70)
