"""What the comparison of two outputs shows, in numbers and words."""

from __future__ import annotations

import numpy as np

from cnn_explorer.core.maps.arrangement import AUTOMATIC
from cnn_explorer.core.maps.rows import map_rows
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.ui.pages.inspect.compare.difference import fitting_columns, legends, node_words, side_by_side, summary
from cnn_explorer.ui.pages.inspect.compare.state import first_other, neighbour

A = np.array([[[1.0, -2.0]]], np.float32)
B = np.array([[[3.0, 4.0]]], np.float32)
LABELS = np.array([4, 9, 4, 1, 9, 4])


def test_that_a_node_is_told_on_both_sides_with_its_difference() -> None:
    pair = side_by_side(A, B, "map")
    assert node_words(pair, (0, 0, 1)) == "map 1 · row 0, column 0 · A −2.0000 · B 4.0000 · A − B −6.0000"
    assert node_words(pair, (5, 0, 1)) == "map 1 · row 5, column 0"
    assert summary(side_by_side(A, A, "map")) == "no difference"


def test_that_no_correlation_is_never_minus_zero() -> None:
    one = np.array([[[1.0], [-1.0], [1.0], [-1.0001]]], np.float32)
    other = np.array([[[1.0], [1.0], [-1.0], [-1.0]]], np.float32)
    assert summary(side_by_side(one, -other, "map")).endswith("correlation 0.00")
    assert summary(side_by_side(one, other, "map")).endswith("correlation 0.00")


def test_that_what_is_ready_are_the_maps_between_the_limits_of_both_sides() -> None:
    draw = np.random.default_rng(1)
    a, b = (draw.normal(size=(5, 4, 6)).astype(np.float32) for _ in range(2))
    pair, choice = side_by_side(a, b, "layer"), MapStyle(colormap="viridis")
    assert not pair.is_ready(choice)
    ready = pair.ready(choice)
    for side, found, symmetric in zip(pair.painted, ready, (False, False, True), strict=True):
        assert side is not None
        assert found is not None
        assert np.array_equal(found.rows, map_rows(side.values, "map", symmetric, side.limits))
    assert pair.is_ready(MapStyle(colormap="magma"))
    assert not pair.is_ready(MapStyle(colormap="coolwarm"))


def test_that_a_deviation_is_told_in_units_of_the_class() -> None:
    spread = np.array([[[0.5, 0.0]]], np.float32)
    pair = side_by_side(A, B, "map", spread)
    assert node_words(pair, (0, 0, 0)).endswith("· −4.0σ")
    assert node_words(pair, (0, 0, 1)).endswith("· never other within the class")
    assert pair.painted[2] is not None
    assert pair.painted[2].values.tolist() == [[[-3.0, -3.0]]]  # cut off where the colours end


def test_that_a_vector_is_wrapped_without_values_behind_its_end() -> None:
    long = np.arange(1009, dtype=np.float32)
    pair = side_by_side(long, 2 * long, "layer")
    assert not pair.as_bars
    flat = pair.painted[2].values.reshape(-1) if pair.painted[2] is not None else long
    assert np.array_equal(flat[:1009], -long)
    assert np.isnan(flat[1009:]).all()
    assert pair.ranking[:2] == (1008, 1007)


def test_that_the_colour_bars_say_what_both_sides_share() -> None:
    both, apart = legends(side_by_side(A, B, "layer"), symmetric=False)
    assert (both.low, both.high) == ("−2.0000", "4.0000")
    assert (apart.low, apart.high) == ("−6.0000", "+6.0000")
    assert legends(side_by_side(A, B, "layer"), symmetric=True)[0].low == "−4.0000"
    alone = legends(side_by_side(A, B, "map"), symmetric=False, alone=0)
    assert [(bar.low, bar.high) for bar in alone] == [("1.0000", "3.0000"), ("−2.0000", "+2.0000")]


def test_that_all_maps_come_into_view_as_large_as_they_can() -> None:
    assert fitting_columns((10, 10, 4), 200, 200) == 2
    assert fitting_columns((10, 10, 4), 400, 100) == 4
    assert fitting_columns((10, 10, 200), 200, 100) == AUTOMATIC  # too small to be seen: it scrolls


def test_that_stepping_stays_within_a_class_and_the_part() -> None:
    assert neighbour(LABELS, 0, 1, None) == 1
    assert neighbour(LABELS, 5, 1, None) is None
    assert (neighbour(LABELS, 0, 1, 4), neighbour(LABELS, 5, -1, 4)) == (2, 2)
    assert neighbour(LABELS, 5, 1, 4) is None
    assert (first_other(LABELS, 2, 9), first_other(LABELS, 5, 9)) == (4, 1)
