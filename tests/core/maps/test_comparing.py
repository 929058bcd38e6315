"""One activation against another: the figures against hand-made numbers, and what holds for any two."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from cnn_explorer.core.maps.comparing import (
    SPREAD,
    compare,
    difference_scale,
    in_deviations,
    on_one_scale,
    proposed_layer,
    same_layer,
    why_no_difference,
)
from cnn_explorer.core.maps.imaging import ScaleMode
from cnn_explorer.core.model.info import LayerInfo

FLOATS = st.floats(-1e6, 1e6, width=32)
SHAPES = st.one_of(
    st.tuples(st.integers(1, 6)), st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
)  # fmt: skip


@st.composite
def two_alike(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two outputs of the same shape."""
    shape = draw(SHAPES)
    return draw(arrays.arrays(np.float32, shape, elements=FLOATS)), draw(
        arrays.arrays(np.float32, shape, elements=FLOATS)
    )


def layer(name: str, shape: tuple[int, ...], type_: str = "Conv2D") -> LayerInfo:
    return LayerInfo(name, type_, shape, 0)


def test_that_the_figures_of_two_maps_are_those_done_by_hand() -> None:
    a = np.zeros((2, 2, 2), np.float32)
    b = np.zeros((2, 2, 2), np.float32)
    a[..., 0] = [[1, 2], [3, 4]]
    b[..., 0] = [[2, 4], [6, 8]]  # twice as much: the same pattern
    a[..., 1] = [[0, 8], [0, 0]]
    b[..., 1] = [[8, 0], [8, 8]]  # the opposite
    found = compare(a, b)
    assert found.difference[..., 0].tolist() == [[-1, -2], [-3, -4]]
    assert found.by_map.tolist() == [2.5, 8.0]
    assert found.mean == 5.25
    assert found.largest == 8
    assert found.correlations == pytest.approx([1.0, -1.0])
    assert found.order.tolist() == [1, 0]


def test_that_values_of_a_vector_are_compared_one_by_one() -> None:
    found = compare(np.array([1.0, 5.0, 2.0], np.float32), np.array([1.0, 2.0, 3.0], np.float32))
    assert found.difference.tolist() == [0, 3, -1]
    assert found.by_map.tolist() == [0, 3, 1]
    assert found.order.tolist() == [1, 2, 0]
    assert found.correlation == pytest.approx(np.corrcoef([1, 5, 2], [1, 2, 3])[0, 1])
    assert np.isnan(found.correlations).all()  # single values do not vary


def test_that_maps_that_differ_alike_stay_in_their_order() -> None:
    zeros = np.zeros((2, 2, 5), np.float32)
    assert compare(zeros + 1, zeros).order.tolist() == [0, 1, 2, 3, 4]


def test_that_what_is_no_number_takes_no_part_in_the_figures() -> None:
    a = np.array([[np.nan], [np.inf], [3.0]], np.float32)[..., np.newaxis]
    found = compare(a, np.ones((3, 1, 1), np.float32))
    assert found.mean == found.largest == 2
    assert found.correlation is None
    assert np.isnan(found.difference[0, 0, 0])


def test_that_other_shapes_are_refused_with_a_sentence_ready() -> None:
    with pytest.raises(ValueError, match="no difference"):
        compare(np.zeros((2, 2, 3), np.float32), np.zeros((2, 2, 4), np.float32))
    assert why_no_difference((2, 2, 3), (2, 2, 3)) == ""
    assert why_no_difference((2, 2, 3), (2, 2, 4)) == "There is no difference to show: A is 2×2×3, B is 2×2×4."
    assert why_no_difference((2, 2, 3), (12,)) == "There is no difference to show: A has maps, B a vector."


@settings(max_examples=50, deadline=None)
@given(two_alike())
def test_that_the_difference_changes_its_sign_with_the_sides(sides: tuple[NDArray[np.float32], ...]) -> None:
    a, b = sides
    there, back = compare(a, b), compare(b, a)
    assert np.array_equal(there.difference, -back.difference)
    assert there.mean == back.mean
    assert np.array_equal(there.by_map, back.by_map)
    assert np.allclose(there.correlations, back.correlations, equal_nan=True)


@settings(max_examples=50, deadline=None)
@given(two_alike())
def test_that_nothing_differs_from_itself(sides: tuple[NDArray[np.float32], ...]) -> None:
    found = compare(sides[0], sides[0])
    assert not found.difference.any()
    assert found.mean == found.largest == 0
    assert found.correlation is None or found.correlation == pytest.approx(1.0)


@settings(max_examples=50, deadline=None)
@given(two_alike())
def test_that_no_correlation_leaves_its_range(sides: tuple[NDArray[np.float32], ...]) -> None:
    found = compare(*sides)
    known = found.correlations[np.isfinite(found.correlations)]
    assert ((known >= -1) & (known <= 1)).all()


@settings(max_examples=50, deadline=None)
@given(two_alike(), st.sampled_from(("map", "layer", "standardized")))
def test_that_equal_values_get_equal_colours_on_both_sides(
    sides: tuple[NDArray[np.float32], ...], mode: ScaleMode
) -> None:
    a, b = (side if side.ndim == 3 else side.reshape(1, -1, 1) for side in sides)
    first, second = on_one_scale(a, b, mode)
    assert all(np.array_equal(one, other) for one, other in zip(first.limits, second.limits, strict=True))
    where = a == b
    assert np.array_equal(first.values[where], second.values[where])
    if mode != "standardized":
        assert (first.values >= first.limits[0]).all()
        assert (second.values <= second.limits[1]).all()


def test_that_the_limits_of_both_sides_span_both() -> None:
    a = np.array([[[0.0, 5.0]]], np.float32)
    b = np.array([[[2.0, -1.0]]], np.float32)
    first, _second = on_one_scale(a, b, "map")
    assert [side.tolist() for side in first.limits] == [[0, -1], [2, 5]]
    first, _second = on_one_scale(a, b, "layer")
    assert [side.tolist() for side in first.limits] == [[-1, -1], [5, 5]]


def test_that_standardised_sides_share_mean_and_deviation() -> None:
    a, b = np.zeros((1, 2, 1), np.float32), np.full((1, 2, 1), 4.0, np.float32)
    first, second = on_one_scale(a, b, "standardized")
    assert first.values.ravel().tolist() == [-1, -1]  # mean 2, deviation 2
    assert second.values.ravel().tolist() == [1, 1]
    assert first.limits[1].tolist() == [SPREAD]


def test_that_constant_maps_that_are_alike_are_nothing_when_standardised() -> None:
    a = np.full((2, 2, 1), 0.1, np.float32)
    first, second = on_one_scale(a, a, "standardized")
    assert not first.values.any()
    assert not second.values.any()


def test_how_far_the_scale_of_the_difference_reaches() -> None:
    a = np.array([[[0.0, 10.0], [4.0, 10.0]]], np.float32)
    b = np.array([[[1.0, 10.0], [4.0, 13.0]]], np.float32)
    found = compare(a, b)
    reach = {}
    for mode in ("map", "layer", "standardized"):
        reach[mode] = difference_scale(*on_one_scale(a, b, mode), found, mode).limits[1].tolist()
    assert reach == {"map": [4, 3], "layer": [3, 3], "standardized": [2, 2]}


@settings(max_examples=50, deadline=None)
@given(two_alike())
def test_that_the_scale_of_the_difference_has_zero_in_its_middle(sides: tuple[NDArray[np.float32], ...]) -> None:
    a, b = (side if side.ndim == 3 else side.reshape(1, -1, 1) for side in sides)
    found = compare(a, b)
    painted = difference_scale(*on_one_scale(a, b, "map"), found, "map")
    low, high = painted.limits
    assert np.array_equal(low, -high)
    assert (np.abs(painted.values) <= high * (1 + 1e-6) + 1e-30).all()


def test_that_a_deviation_counts_in_units_of_what_is_usual() -> None:
    difference = np.array([2.0, -3.0, 0.0, 1.0, -1.0], np.float32)
    deviation = np.array([1.0, 2.0, 0.0, 0.0, 0.0], np.float32)
    assert in_deviations(difference, deviation).tolist() == [2.0, -1.5, 0.0, np.inf, -np.inf]


def test_that_rounding_is_no_variation() -> None:
    found = in_deviations(np.array([3e-8, 1.0], np.float32), np.array([1e-9, 0.5], np.float32))
    assert found.tolist() == [0.0, 2.0]


def test_that_layers_belong_together_by_name_if_their_shapes_agree() -> None:
    mine = layer("conv", (4, 4, 8))
    theirs = layer("conv", (4, 4, 8), "SeparableConv2D")
    assert same_layer(mine, [layer("other", (4, 4, 8)), theirs]) is theirs
    assert same_layer(mine, [layer("conv", (4, 4, 9)), layer("other", (4, 4, 8))]) is None


@pytest.mark.parametrize(
    ("others", "wanted"),
    [
        ([layer("a", (4, 4, 8)), layer("conv", (4, 4, 8))], "conv"),
        ([layer("a", (4, 4, 8), "MaxPooling2D"), layer("b", (4, 4, 8))], "b"),
        ([layer("a", (4, 4, 8), "MaxPooling2D"), layer("b", (2, 2, 8))], "a"),
        ([layer("b", (2, 2, 8)), layer("conv", (9, 9, 8))], "conv"),
        ([layer("in", (9, 9, 1), "InputLayer"), layer("b", (2, 2, 8)), layer("d", (5,), "Dense")], "b"),
        ([layer("d", (5,), "Dense"), layer("e", (3,), "Dense")], "e"),
    ],
)
def test_which_layer_of_another_model_is_proposed(others: list[LayerInfo], wanted: str) -> None:
    found = proposed_layer(layer("conv", (4, 4, 8)), others)
    assert found is not None
    assert found.name == wanted


def test_that_a_model_without_layers_has_none_to_propose() -> None:
    assert proposed_layer(layer("conv", (4, 4, 8)), []) is None
