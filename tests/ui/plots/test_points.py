"""From very many points to what can be seen of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.ui.plots.points import columns_of, seen


def test_that_few_points_are_drawn_as_they_are_with_one_beyond_each_end() -> None:
    position, values = np.arange(10.0), np.arange(10.0) ** 2
    found = seen(position, values, 2.5, 6.5, 100)
    assert found.is_whole
    assert found.position.tolist() == [2, 3, 4, 5, 6, 7]
    assert found.middle.tolist() == found.low.tolist() == found.high.tolist() == [4, 9, 16, 25, 36, 49]


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(100, 3000))
def test_that_many_points_keep_their_extremes_and_their_mean(places: int, seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    position = np.sort(rng.random(count)) * 10
    values = rng.normal(size=count)
    values[rng.random(count) < 0.1] = math.nan
    found = seen(position, values, 0.0, 10.0, places)
    rest = values[np.isfinite(values)]
    assert found.low.min() == rest.min()
    assert found.high.max() == rest.max()
    assert np.all((found.low <= found.middle + 1e-12) & (found.middle <= found.high + 1e-12))
    assert np.all(np.diff(found.position) >= 0)
    if not found.is_whole:
        assert len(found.position) <= places + 2


@pytest.mark.parametrize("values", [[], [math.nan], [math.nan] * 5000, [math.inf] * 3])
def test_that_nothing_to_see_is_nothing(values: list[float]) -> None:
    found = seen(np.arange(float(len(values))), np.array(values), 0.0, 10.0, 5)
    assert len(found.position) == len(found.low) == 0


def test_that_a_band_covers_its_pixels_and_has_no_gaps() -> None:
    position = np.linspace(0, 4, 4001)[1:] - 1e-9
    values = np.where(position < 2, 1.0, 3.0)  # jumps from the lowest quarter to the third one
    covered = columns_of(seen(position, values, 0, 4, 4), 0, 4, 0, 4, (8, 4))
    assert covered[:, 0].tolist() == [False] * 8  # a flat line is drawn by the smoothed curve
    wide = np.where(np.arange(4000) % 2, values + 0.5, values - 0.5)
    covered = columns_of(seen(position, wide, 0, 4, 4), 0, 4, 0, 4, (8, 4))
    assert covered[:, 0].tolist() == [False] * 5 + [True, True, False]
    assert covered[:, 3].tolist() == [False, True, True] + [False] * 5
    assert covered[:, 2].tolist() == [False, True, True, True, True, False, False, False]  # down to its neighbour
