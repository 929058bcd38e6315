"""The order of maps, against numbers made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cnn_explorer.core.maps.order import MAP_ORDERS, MapOrder, correlations, map_order

any_maps = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=3, max_dims=3, max_side=5),
    elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
)  # fmt: skip


def maps_of(*rows: list[float]) -> np.ndarray:
    """One map of one row from each list."""
    return np.array(rows, np.float32).T[np.newaxis]


MAPS = maps_of([0, 0, 3], [1, 1, 1.5], [0, 2, 0], [5, -5, -5], [0, 0, 0])


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ("number", [0, 1, 2, 3, 4]),
        ("mean", [1, 0, 2, 4, 3]),  # 7/6, 1, 2/3, 0, -5/3
        ("maximum", [3, 0, 2, 1, 4]),
        ("sparsity", [4, 0, 2, 1, 3]),  # 1, 2/3, 2/3 (by number), 0, 0
    ],
)
def test_that_the_largest_stands_first_and_equals_by_number(by: MapOrder, wanted: list[int]) -> None:
    assert map_order(MAPS, by).tolist() == wanted


def test_that_the_most_similar_stand_first_and_constant_maps_last() -> None:
    maps = maps_of([3, 2, 1], [7, 7, 7], [1, 2, 4], [1, 2, 3], [0, 5, 0], [10, 20, 30])
    # Correlation with map 3: -1, none, 0.98, 1, 0, 1.
    assert map_order(maps, "similarity", 3).tolist() == [3, 5, 2, 4, 0, 1]
    assert map_order(maps, "similarity", 0).tolist() == [0, 4, 2, 3, 5, 1]


def test_that_nothing_is_like_a_constant_map() -> None:
    maps = maps_of([1, 2], [0, 0], [4, 4], [2, 1])
    assert map_order(maps, "similarity", 2).tolist() == [2, 0, 3, 1]


def test_that_correlations_are_those_of_numpy() -> None:
    maps = np.random.default_rng(0).normal(size=(90, 70, 40)).astype(np.float32) + 1000
    wanted = np.corrcoef(maps.reshape(-1, 40).T.astype(np.float64))[7]
    np.testing.assert_allclose(correlations(maps, 7), wanted, atol=1e-9)


def test_that_a_map_which_is_not_there_cannot_be_the_first() -> None:
    with pytest.raises(IndexError, match="map 9 of 5"):
        map_order(MAPS, "similarity", 9)


@given(any_maps, st.sampled_from(MAP_ORDERS), st.data())
def test_that_every_map_stands_somewhere_once(maps: np.ndarray, by: MapOrder, data: st.DataObject) -> None:
    count = maps.shape[2]
    reference = data.draw(st.integers(0, count - 1))
    order = map_order(maps, by, reference)
    assert sorted(order.tolist()) == list(range(count))
    if by == "similarity":
        assert order[0] == reference


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.sampled_from(["mean", "maximum", "sparsity"]))
def test_that_maps_which_are_equal_keep_their_order(values: list[int], by: MapOrder) -> None:
    maps = np.array(values, np.float32).reshape(1, 1, -1)
    order = map_order(maps, by).tolist()
    keys = [values[n] if by != "sparsity" else float(values[n] == 0) for n in range(len(values))]
    assert order == sorted(range(len(values)), key=lambda n: -keys[n])
