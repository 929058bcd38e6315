"""The smoothed curve, against the recursion written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from cnn_explorer.ui.plots.smoothing import Smoother, smoothed


def by_hand(position: NDArray[np.float64], values: NDArray[np.float64], window: float) -> list[float]:
    """One value after the other, in plain Python."""
    mean = weight = 0.0
    before = 2 * position[0] - position[1]
    means = []
    for place, value in zip(position, values, strict=True):
        keep = math.exp(-(place - before) / window)
        mean, weight = mean * keep, weight * keep
        if math.isfinite(value):
            mean, weight = mean + (1 - keep) * value, weight + 1 - keep
        means.append(mean / weight if weight else math.nan)
        before = place
    return means


@pytest.mark.parametrize("window", [0.01, 1.0, 50.0, 1e6])
def test_that_it_is_the_recursion_at_uneven_steps_too(window: float) -> None:
    rng = np.random.default_rng(1)
    position = np.cumsum(rng.integers(1, 12, 3000)).astype(np.float64)
    values = rng.normal(3, 1, 3000)
    values[[0, 700]] = math.nan
    np.testing.assert_allclose(smoothed(position, values, window), by_hand(position, values, window), rtol=1e-9)


def test_that_a_constant_stays_constant_from_the_first_value_on() -> None:
    np.testing.assert_allclose(smoothed(np.arange(1.0, 50.0), np.full(49, 2.3), 20.0), 2.3)


def test_that_a_value_for_ten_batches_counts_as_much_as_ten_values() -> None:
    every = smoothed(np.arange(1.0, 41.0), np.repeat([1.0, 5.0, 2.0, 4.0], 10), 15.0)
    tenth = smoothed(np.arange(10.0, 41.0, 10.0), np.array([1.0, 5.0, 2.0, 4.0]), 15.0)
    np.testing.assert_allclose(every[9::10], tenth)


def test_that_a_loss_that_is_no_number_is_passed_over() -> None:
    result = smoothed(np.arange(1.0, 5.0), np.array([1.0, math.nan, math.inf, 1.0]), 2.0)
    np.testing.assert_allclose(result, 1.0)


def test_that_no_window_changes_nothing_and_gives_a_copy() -> None:
    values = np.array([3.0, 1.0])
    result = smoothed(np.array([1.0, 2.0]), values, 0.0)
    result[0] = 9.0
    assert values[0] == 3.0
    assert smoothed(np.empty(0), np.empty(0), 5.0).shape == (0,)


def test_that_a_growing_curve_is_smoothed_as_the_whole_one() -> None:
    rng = np.random.default_rng(3)
    position = np.cumsum(rng.integers(1, 12, 4000)).astype(np.float64)
    values = rng.normal(3, 1, 4000)
    values[[0, 1, 900]] = math.nan
    grows = Smoother(7.0)
    for count in (0, 1, 2, 3, 3, 700, 701, 2500, 4000):
        np.testing.assert_allclose(
            grows(position[:count], values[:count]), smoothed(position[:count], values[:count], 7.0), rtol=1e-9
        )
