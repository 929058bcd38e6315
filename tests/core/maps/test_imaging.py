"""Maps to pictures, against numbers made by hand and against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cnn_explorer.core.maps.imaging import (
    SCALE_MODES,
    GridLayout,
    ScaleMode,
    as_maps,
    colorize,
    finite_limits,
    map_limits,
    scale_maps,
    standardize,
    tile,
)

any_float32 = st.floats(width=32, allow_nan=True, allow_infinity=True)
some_maps = hnp.arrays(np.float32, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6), elements=any_float32)
layouts = st.builds(
    lambda height, width, count, columns, line: GridLayout.of((height, width, count), columns, line),
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 40), st.integers(1, 12), st.integers(0, 3),
)  # fmt: skip


def test_that_standardize_is_the_formula_of_the_articles() -> None:
    # mean 2, deviation √2: (0 - 2) / √2 · 64 + 128 = 37.49…
    map_ = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 2.0]], np.float32)
    deviation = np.sqrt((4 + 1 + 0 + 1 + 4 + 0) / 6)
    expected = (map_ - 2) / deviation * 64 + 128
    np.testing.assert_allclose(standardize(map_), expected, rtol=1e-6)
    assert standardize(map_).dtype == np.float32


def test_that_standardize_clips_outliers_to_bytes() -> None:
    map_ = np.zeros((10, 10), np.float32)
    map_[0, 0], map_[0, 1] = 100.0, -100.0
    result = standardize(map_)
    assert result[0, 0] == 255
    assert result[0, 1] == 0
    assert result[5, 5] == 128


@pytest.mark.parametrize("value", [0.0, 0.1, -3e38, np.nan, np.inf])
def test_that_a_constant_map_is_grey_when_standardized(value: float) -> None:
    np.testing.assert_array_equal(standardize(np.full((7, 5), value, np.float32)), 128)


def test_that_the_scale_of_a_map_goes_from_its_own_minimum_to_its_maximum() -> None:
    maps = np.stack([[[1.0, 2.0], [3.0, 5.0]], [[-10.0, 0.0], [10.0, 30.0]]], axis=2)
    scaled = scale_maps(maps, "map")
    np.testing.assert_allclose(scaled[..., 0], [[0, 0.25], [0.5, 1]])
    np.testing.assert_allclose(scaled[..., 1], [[0, 0.25], [0.5, 1]])


def test_that_the_scale_of_a_layer_makes_its_maps_comparable() -> None:
    maps = np.stack([[[0.0, 1.0]], [[2.0, 4.0]]], axis=2)
    np.testing.assert_allclose(scale_maps(maps, "layer"), maps / 4)


def test_that_the_standardized_scale_is_standardize_of_each_map_alone() -> None:
    maps = np.random.default_rng(1).normal(3, 7, (5, 6, 4)).astype(np.float32)
    for index in range(4):
        np.testing.assert_allclose(
            scale_maps(maps, "standardized")[..., index] * 255, standardize(maps[..., index]), rtol=1e-5
        )


def test_that_a_symmetric_scale_puts_zero_in_the_middle() -> None:
    maps = np.array([-1.0, 0.0, 2.0, 4.0]).reshape(2, 2, 1)
    np.testing.assert_allclose(scale_maps(maps, "map", symmetric=True).ravel(), [0.375, 0.5, 0.75, 1.0])
    dead = np.zeros((2, 2, 1), np.float32)
    np.testing.assert_array_equal(scale_maps(dead, "layer", symmetric=True), 0.5)


def test_that_rounding_does_not_make_a_constant_map_look_alive() -> None:
    map_ = np.full((9, 11), 0.1)
    assert map_.std() > 0  # although all values are equal
    np.testing.assert_array_equal(standardize(map_), 128)


@pytest.mark.parametrize(("mode", "expected"), [("map", 0), ("layer", 0), ("standardized", 128 / 255)])
def test_that_a_dead_layer_has_a_defined_picture(mode: ScaleMode, expected: float) -> None:
    np.testing.assert_allclose(scale_maps(np.zeros((3, 4, 2), np.float32), mode), expected, rtol=1e-6)


def test_that_infinity_and_nan_do_not_spoil_the_other_values() -> None:
    maps = np.array([0.0, 1.0, 2.0, 4.0, np.inf, -np.inf, np.nan], np.float32).reshape(1, 7, 1)
    np.testing.assert_allclose(scale_maps(maps, "map").ravel(), [0, 0.25, 0.5, 1, 1, 0, 0])


@given(some_maps, st.sampled_from(SCALE_MODES), st.booleans())
def test_that_any_maps_are_scaled_into_0_to_1_without_a_warning(
    maps: np.ndarray, mode: ScaleMode, symmetric: bool
) -> None:
    before = maps.copy()
    scaled = scale_maps(maps, mode, symmetric)
    assert scaled.dtype == np.float32
    assert scaled.shape == maps.shape
    assert np.isfinite(scaled).all()
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    np.testing.assert_array_equal(maps, before)


def test_that_a_layer_without_maps_or_nodes_does_no_harm() -> None:
    for shape in ((3, 3, 0), (0, 3, 2)):
        assert scale_maps(np.zeros(shape, np.float32), "map").shape == shape


def test_that_eight_maps_stand_in_a_row_with_thin_lines_and_unused_cells_marked() -> None:
    maps = np.arange(2 * 3 * 10, dtype=np.float32).reshape(2, 3, 10)
    picture, layout = tile(maps)
    assert layout == GridLayout(rows=2, columns=8, height=2, width=3, count=10, line=1)
    assert picture.shape == layout.size == (2 + 1 + 2, 8 * 3 + 7)
    np.testing.assert_array_equal(picture[0:2, 0:3], maps[..., 0])
    np.testing.assert_array_equal(picture[0:2, 4:7], maps[..., 1])
    np.testing.assert_array_equal(picture[3:5, 4:7], maps[..., 9])
    assert np.isnan(picture[2]).all()
    assert np.isnan(picture[:, 3]).all()
    assert np.isnan(picture[3:5, 7:]).all()
    assert np.isfinite(picture).sum() == maps.size


def test_that_few_maps_leave_no_unused_columns() -> None:
    picture, layout = tile(np.ones((4, 4, 3), np.float32), columns=8)
    assert layout.columns == 3
    assert picture.shape == (4, 14)


@given(layouts)
def test_that_every_node_of_a_tiled_picture_is_found_again(layout: GridLayout) -> None:
    # Number all nodes, tile them, and ask each pixel of the picture what it shows.
    shape = (layout.height, layout.width, layout.count)
    numbers = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    picture, made = tile(numbers, layout.columns, layout.line)
    assert made == layout
    assert picture.shape == layout.size
    found = 0
    for y, x in np.ndindex(picture.shape):
        node = layout.map_at(y, x)
        assert (node is None) == bool(np.isnan(picture[y, x]))
        if node is not None:
            index, row, column = node
            assert picture[y, x] == numbers[row, column, index]
            assert layout.map_at(y + 0.99, x + 0.5) == node
            found += 1
    assert found == numbers.size


@given(layouts)
def test_that_the_rectangle_of_a_map_holds_exactly_its_nodes(layout: GridLayout) -> None:
    for index in range(layout.count):
        top, left, bottom, right = layout.rectangle(index)
        assert layout.map_at(top, left) == (index, 0, 0)
        assert layout.map_at(bottom - 1, right - 1) == (index, layout.height - 1, layout.width - 1)
        assert (bottom - top, right - left) == (layout.height, layout.width)


def test_that_outside_the_picture_is_no_map() -> None:
    layout = GridLayout.of((2, 2, 3), columns=2)
    assert layout.size == (5, 5)
    for y, x in ((-0.1, 0), (0, -0.1), (5, 0), (0, 5), (float("nan"), 0), (0, float("inf"))):
        assert layout.map_at(y, x) is None
    for index in (-1, 3):
        with pytest.raises(IndexError):
            layout.rectangle(index)
    with pytest.raises(ValueError, match="at least one column"):
        GridLayout.of((2, 2, 3), columns=0)


def test_that_each_value_gets_the_nearest_row_of_the_table_and_lines_their_colour() -> None:
    table = np.stack([np.arange(256), np.zeros(256), 255 - np.arange(256)], axis=1).astype(np.uint8)
    values = np.array([[0.0, 1.0, np.nan], [0.5, 100.4 / 255, 100.6 / 255]], np.float32)
    colored = colorize(values, table, line_color=(1, 2, 3))
    assert colored.dtype == np.uint8
    assert colored.tolist() == [
        [[0, 0, 255], [255, 0, 0], [1, 2, 3]],
        [[128, 0, 127], [100, 0, 155], [101, 0, 154]],
    ]


def test_that_given_limits_make_moments_comparable() -> None:
    early, late = np.zeros((2, 2, 2), np.float32), np.zeros((2, 2, 2), np.float32)
    early[..., 0], late[..., 0] = [[0, 1], [2, 3]], [[0, 4], [8, 12]]
    early[..., 1], late[..., 1] = [[-1, 0], [0, 1]], [[-2, 0], [0, 8]]
    lows, highs = zip(map_limits(early), map_limits(late), strict=True)
    limits = np.minimum(*lows), np.maximum(*highs)
    assert scale_maps(early, "map", limits=limits)[..., 0].ravel().tolist() == pytest.approx([0, 1 / 12, 2 / 12, 0.25])
    assert scale_maps(late, "map", limits=limits)[..., 1].ravel().tolist() == pytest.approx([0, 0.2, 0.2, 1])
    # One pair of limits for the whole layer, -2 to 12; around 0: -12 to 12.
    assert scale_maps(early, "layer", limits=limits)[0, 0].tolist() == pytest.approx([2 / 14, 1 / 14])
    assert scale_maps(late, "layer", True, limits)[0, 0].tolist() == pytest.approx([0.5, 10 / 24])


def test_that_values_beyond_given_limits_are_clipped() -> None:
    maps = np.array([-5.0, 0.0, 1.0, 9.0], np.float32).reshape(2, 2, 1)
    limits = np.array([0.0]), np.array([2.0])
    assert scale_maps(maps, "map", limits=limits).ravel().tolist() == [0.0, 0.0, 0.5, 1.0]


def test_that_a_plane_is_one_map_and_a_vector_is_none() -> None:
    plane = np.arange(12.0).reshape(3, 4)
    assert np.array_equal(as_maps(np.dstack((plane, plane))), np.dstack((plane, plane)))
    assert np.array_equal(as_maps(plane), plane.reshape(3, 4, 1))
    assert as_maps(np.zeros(7)) is None


def test_that_limits_leave_out_what_is_no_number() -> None:
    assert finite_limits(np.array([np.nan, 1.0, np.inf, -3.0])) == (-3.0, 1.0)
    assert finite_limits(np.array([np.nan])) == (0.0, 0.0)
