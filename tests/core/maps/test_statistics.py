"""Figures of maps, against numpy and numbers made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cnn_explorer.core.maps.statistics import map_statistics, moments, overall_limits

finite_maps = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6), elements=st.floats(-1e6, 1e6, width=32)
)


def test_that_figures_are_those_made_by_hand() -> None:
    maps = np.array([[0.0, 1.0], [0.0, 3.0], [2.0, 1.0], [2.0, 3.0]], np.float32).reshape(2, 2, 2)
    figures = map_statistics(maps)
    assert figures.low.tolist() == [0, 1]
    assert figures.mean.tolist() == [1, 2]
    assert figures.high.tolist() == [2, 3]
    assert figures.deviation.tolist() == [1, 1]
    assert figures.zeros.tolist() == [0.5, 0]
    first = figures.of(0)
    assert (first.low, first.mean, first.high, first.deviation, first.zeros) == (0, 1, 2, 1, 0.5)


@given(finite_maps)
def test_that_figures_are_those_of_numpy(maps: np.ndarray) -> None:
    figures, exact = map_statistics(maps), maps.astype(np.float64)
    np.testing.assert_array_equal(figures.low, exact.min(axis=(0, 1)))
    np.testing.assert_array_equal(figures.high, exact.max(axis=(0, 1)))
    np.testing.assert_allclose(figures.mean, exact.mean(axis=(0, 1)), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(figures.deviation, exact.std(axis=(0, 1)), rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(figures.zeros, (exact == 0).mean(axis=(0, 1)))


def test_that_large_layers_are_counted_in_blocks_alike() -> None:
    maps = np.maximum(np.random.default_rng(0).normal(size=(90, 70, 40)), 0).astype(np.float32)
    figures = map_statistics(maps)
    np.testing.assert_allclose(figures.mean, maps.mean(axis=(0, 1), dtype=np.float64))
    np.testing.assert_allclose(figures.deviation, maps.std(axis=(0, 1), dtype=np.float64))
    np.testing.assert_allclose(figures.zeros, (maps == 0).mean(axis=(0, 1)))


def test_that_a_constant_map_does_not_deviate_however_large_it_is() -> None:
    figures = map_statistics(np.full((50, 50, 1), 0.1 * 3e38, np.float32))
    assert figures.deviation.tolist() == [0.0]
    assert figures.mean == figures.low == figures.high


def test_that_small_differences_of_large_values_are_kept() -> None:
    maps = np.array([16777216.0, 16777218.0], np.float32).reshape(1, 2, 1)
    assert moments(maps)[1].tolist() == [1.0]


def test_that_values_which_are_not_finite_take_no_part() -> None:
    maps = np.array([[1.0, np.nan, 0.0], [3.0, np.inf, np.inf], [np.nan, np.nan, 4.0]], np.float32).reshape(3, 1, 3)
    figures = map_statistics(maps)
    np.testing.assert_array_equal(figures.low, [1, np.nan, 0])
    np.testing.assert_array_equal(figures.mean, [2, np.nan, 2])
    np.testing.assert_array_equal(figures.high, [3, np.nan, 4])
    np.testing.assert_allclose(figures.deviation, [1, np.nan, 2])
    np.testing.assert_allclose(figures.zeros, [0, 0, 1 / 3])


def test_that_limits_over_layers_leave_out_vectors_and_what_is_not_finite() -> None:
    maps = np.array([-1.0, 2.0], np.float32).reshape(1, 2, 1)
    broken = np.array([np.nan, 5.0, np.inf], np.float32).reshape(1, 3, 1)
    low, high = overall_limits([maps, broken, np.array([99.0], np.float32), np.full((1, 1, 1), np.nan, np.float32)])
    assert (low.tolist(), high.tolist()) == ([-1], [5])


@pytest.mark.parametrize("layers", [[], [np.zeros(3, np.float32)], [np.zeros((0, 2, 2), np.float32)]])
def test_that_without_maps_the_limits_are_0(layers: list[np.ndarray]) -> None:
    low, high = overall_limits(layers)
    assert (low.tolist(), high.tolist()) == ([0], [0])
