"""Maps to rows of a colour table: the same picture as the slow way makes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cnn_explorer.core.maps.imaging import SCALE_MODES, ScaleMode, plain_limits, scale_maps, tile
from cnn_explorer.core.maps.rows import map_rows, tile_rows

any_maps = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6),
    elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
)  # fmt: skip
usual_maps = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6), elements=st.floats(-50, 50, width=32)
)


def slowly(
    maps: np.ndarray, mode: ScaleMode, symmetric: bool, limits: tuple[np.ndarray, np.ndarray] | None = None
) -> np.ndarray:
    """The rows by way of 0…1 in double precision."""
    return scale_maps(maps.astype(np.float64), mode, symmetric, limits).astype(np.float64) * 255


@given(st.one_of(usual_maps, any_maps), st.sampled_from(SCALE_MODES), st.booleans())
def test_that_rows_are_those_of_the_scaled_values(maps: np.ndarray, mode: ScaleMode, symmetric: bool) -> None:
    before = maps.copy()
    rows = map_rows(maps, mode, symmetric)
    assert rows.dtype == np.uint8
    assert np.abs(rows - slowly(maps, mode, symmetric)).max() <= 0.501, "each gets the nearest row"
    np.testing.assert_array_equal(maps, before)


@given(usual_maps, st.sampled_from(SCALE_MODES), st.booleans(), st.floats(-60, 20), st.floats(0, 60))
def test_that_given_limits_are_those_of_the_rows(
    maps: np.ndarray, mode: ScaleMode, symmetric: bool, low: float, span: float
) -> None:
    limits = (
        np.full(maps.shape[2], np.float32(low), np.float64),
        np.full(maps.shape[2], np.float32(low + span), np.float64),
    )
    rows = map_rows(maps, mode, symmetric, limits)
    wanted = slowly(maps, mode, symmetric, limits)
    if 0 < float((limits[1] - limits[0]).min()) < 1e-3:
        return  # a scale of next to no length: a rounding decides on which side of it a value lies
    assert np.abs(rows - wanted).max() <= 0.51


@pytest.mark.parametrize("mode", SCALE_MODES)
@pytest.mark.parametrize("value", [0.0, -3.5, 3e38, np.nan, np.inf])
def test_that_a_constant_layer_has_the_row_of_the_slow_way(mode: ScaleMode, value: float) -> None:
    maps = np.full((3, 4, 2), value, np.float32)
    for symmetric in (False, True):
        np.testing.assert_allclose(map_rows(maps, mode, symmetric), slowly(maps, mode, symmetric), atol=0.501)


def test_that_a_large_layer_is_the_same_in_blocks() -> None:
    maps = np.random.default_rng(0).normal(size=(90, 70, 40)).astype(np.float32)  # four blocks
    for mode in SCALE_MODES:
        assert np.abs(map_rows(maps, mode) - slowly(maps, mode, False)).max() <= 0.501


def test_that_limits_which_are_known_need_not_be_found_again() -> None:
    maps = np.random.default_rng(0).normal(size=(5, 5, 3)).astype(np.float32)
    np.testing.assert_array_equal(map_rows(maps, "map", own=plain_limits(maps)), map_rows(maps, "map"))


def test_that_plain_limits_tell_of_what_is_not_finite() -> None:
    maps = np.zeros((2, 2, 3), np.float32)
    maps[0, 0] = [np.nan, np.inf, 4]
    low, high = plain_limits(maps)
    assert np.isnan(low[0])
    assert high[1] == np.inf
    assert (low[2], high[2]) == (0, 4)
    assert plain_limits(np.zeros((0, 3, 2), np.float32))[0].tolist() == [0, 0]


def test_that_a_layer_without_maps_or_nodes_does_no_harm() -> None:
    for shape in ((3, 3, 0), (0, 3, 2)):
        assert map_rows(np.zeros(shape, np.float32), "map").shape == shape


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 30), st.integers(1, 9))
def test_that_tiles_are_those_of_the_slow_way_in_any_order(height: int, width: int, count: int, columns: int) -> None:
    maps = (np.arange(height * width * count).reshape(height, width, count) % 251).astype(np.uint8)
    order = np.random.default_rng(count).permutation(count)
    for used, shown in ((None, maps), (order, maps[..., order])):
        picture, layout = tile_rows(maps, columns, used)
        wanted, same = tile(shown.astype(np.float32), columns, line=0)
        assert layout == same
        np.testing.assert_array_equal(picture, np.nan_to_num(wanted, nan=0).astype(np.uint8))
        assert picture.flags.c_contiguous
