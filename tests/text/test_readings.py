"""Activations and predictions in numbers and words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.text.readings import (
    AUTOMATIC_COLORS,
    GridChoice,
    Silence,
    Verdict,
    as_maps,
    figure,
    finite_limits,
    layer_facts,
    layer_size,
    legend,
    node_text,
    origin,
    quiet_maps,
    share_text,
    value_text,
    verdict,
    wrapped_columns,
    zero_values,
)
from tests.ui.fakes import FakeModel

DIGITS = tuple("0123456789")


def said_of(values: list[float] | NDArray[np.float32], names: tuple[str, ...], true_name: str) -> Verdict:
    found = verdict(np.asarray(values, np.float32), names, true_name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"), (0.83124, "0.8312"), (-1.5, "−1.5000"), (0.0004, "4.00e-04"), (-2e-7, "−2.00e-07"),
        (1234.56, "1234.6"), (123456.0, "1.23e+05"), (float("nan"), "not a number"), (float("-inf"), "−infinite"),
    ],
)  # fmt: skip
def test_that_figures_keep_what_matters(value: float, text: str) -> None:
    assert figure(value) == text


def test_that_layers_are_described_in_words() -> None:
    assert layer_size(LayerInfo("c", "Conv2D", (26, 26, 32), 320)) == "32 maps of 26×26"
    assert layer_size(LayerInfo("c", "Conv2D", (26, 26, 1), 10)) == "1 map of 26×26"
    assert layer_size(LayerInfo("r", "Reshape", (8, 4), 0)) == "1 map of 8×4"
    assert layer_size(LayerInfo("f", "Flatten", (61_952,), 0)) == "61,952 values"
    facts = layer_facts(LayerInfo("c", "Conv2D", (11, 11, 64), 18_496, (8, 8), (2, 2)))
    assert facts == "c: Conv2D, output 11×11×64, 18,496 parameters; one node sees 8×8 pixels of the image"


def test_that_a_plane_is_one_map_and_a_vector_is_none() -> None:
    plane = np.arange(12.0).reshape(3, 4)
    assert np.array_equal(as_maps(np.dstack((plane, plane))), np.dstack((plane, plane)))
    assert np.array_equal(as_maps(plane), plane.reshape(3, 4, 1))
    assert as_maps(np.zeros(7)) is None


def test_that_a_wrong_prediction_is_marked_in_words_and_both_classes_stand_out() -> None:
    said = said_of([0, 0.05, 0, 0.75, 0, 0.2, 0, 0, 0, 0], DIGITS, "5")
    assert said.text == "Predicted 3, it is a 5"
    assert said.right is False
    assert [bar.name for bar in said.bars] == list(DIGITS)
    assert [bar.name for bar in said.bars if bar.predicted] == ["3"]
    assert [bar.name for bar in said.bars if bar.true] == ["5"]
    assert said.bars[3].text == "75.0 %"
    assert said.bars[3].length == pytest.approx(0.75)


def test_that_words_fit_numbers_and_names() -> None:
    sure = np.eye(10, dtype=np.float32)
    assert said_of(sure[1], DIGITS, "8").text == "Predicted 1, it is an 8"
    assert said_of(sure[1], DIGITS, "1").text == "Predicted 1, which is right"
    assert said_of(sure[0, :2], ("Apple", "Pear"), "Pear").text == "Predicted Apple, it is Pear"


def test_that_a_true_class_that_the_model_does_not_know_is_neither_right_nor_wrong() -> None:
    said = said_of([0.1, 0.9], ("cat", "dog"), "7")
    assert (said.text, said.right) == ("Predicted dog", None)


def test_that_of_many_classes_the_ten_largest_are_shown_in_order() -> None:
    shares = np.random.default_rng(1).dirichlet(np.ones(60)).astype(np.float32)
    said = said_of(shares, tuple(f"c{i}" for i in range(60)), "c0")
    assert [bar.name for bar in said.bars] == [f"c{i}" for i in np.argsort(-shares)[:10]]


def test_that_twelve_classes_all_get_a_bar_and_thirteen_do_not() -> None:
    for count, bars in ((12, 12), (13, 10)):
        assert len(said_of([1 / count] * count, tuple(map(str, range(count))), "0").bars) == bars


def test_that_values_which_are_no_shares_are_shown_as_they_are() -> None:
    said = said_of([-2.0, 6.0, 2.0], ("a", "b", "c"), "b")
    assert [bar.text for bar in said.bars] == ["−2.0000", "6.0000", "2.0000"]
    assert [bar.length for bar in said.bars] == pytest.approx([0.0, 1.0, 0.5])


def test_that_a_prediction_of_no_numbers_or_of_one_number_is_not_called_a_class() -> None:
    broken = said_of([np.nan, 1.0], ("a", "b"), "a")
    assert broken.text == "The answer contains values that are not numbers."
    single = said_of([0.25], ("0",), "0")
    assert (single.text, single.bars) == ("Output 0.2500", ())
    assert verdict(None, DIGITS, "1") is None
    assert verdict(np.zeros((2, 2), np.float32), DIGITS, "1") is None


def test_that_maps_without_anything_to_see_are_found_with_the_reason() -> None:
    maps = np.random.default_rng(0).random((4, 4, 5)).astype(np.float32)
    maps[..., 1] = 0
    maps[..., 3] = 0.5
    quiet = quiet_maps(maps)
    assert [quiet.reason(number) for number in range(5)] == [
        "", "zero on this image", "", "constant on this image (0.5000)", "",
    ]  # fmt: skip
    assert quiet.summary == "1 of 5 maps is zero on this image: 1 · 1 of 5 maps is constant on this image: 3"


def test_that_other_images_are_named_in_the_reason() -> None:
    maps = np.random.default_rng(0).random((4, 4, 5)).astype(np.float32)
    maps[..., (0, 1)] = 0
    maps[..., 2] = 0.5
    known = quiet_maps(maps, silence=Silence(1000, zero=(1, 3), constant=(2,)))
    assert [known.reason(number) for number in range(5)] == [
        "zero on this image, not on all 1,000 images looked at",
        "zero on this image and on all 1,000 images looked at",
        "constant on this image (0.5000) and on all 1,000 images looked at",
        "zero on all 1,000 images looked at, but not on this one",
        "",
    ]
    assert known.summary.endswith("3 of 5 show nothing on all 1,000 images looked at")


def test_that_colours_are_chosen_by_sign_and_only_where_nobody_chose() -> None:
    automatic = GridChoice(colormap=AUTOMATIC_COLORS)
    assert automatic.with_colors(signed=False).colormap == "viridis"
    assert automatic.with_colors(signed=True).colormap == "coolwarm"
    standardized = GridChoice(colormap=AUTOMATIC_COLORS, scale="standardized")
    assert standardized.with_colors(signed=True).colormap == "viridis", "its middle is the mean, not 0"
    assert GridChoice(colormap="magma").with_colors(signed=True).colormap == "magma"


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (1, "100 %"), (1e-6, "< 0.1 %"), (1 - 1e-6, "> 99.9 %"), (0.4321, "43.2 %")]
)
def test_that_a_share_is_only_called_whole_where_it_is(share: float, text: str) -> None:
    assert share_text(share) == text


def test_that_a_map_of_one_node_is_not_called_constant() -> None:
    maps = np.array([0.0, 3.0], np.float32).reshape(1, 1, 2)
    assert quiet_maps(maps).zero == (0,)
    assert quiet_maps(maps).constant == ()


def test_that_a_long_list_of_zero_maps_breaks_off() -> None:
    summary = quiet_maps(np.zeros((2, 2, 64), np.float32)).summary
    assert summary == "64 of 64 maps are zero on this image: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 …"
    assert quiet_maps(np.zeros((2, 2, 1), np.float32)).summary == "The map is zero on this image: 0"


def test_that_nodes_and_values_are_named_from_zero() -> None:
    assert node_text(12, 3, 7, 0.83124) == "map 12 · row 3, column 7 · value 0.8312"
    assert node_text(1, 0, 0, 0, "zero on this image") == "map 1 · row 0, column 0 · value 0.0000 · zero on this image"
    assert value_text(3, 0.5) == "value 3 · 0.5000"
    assert value_text(3, 0.5, "Pear") == "value 3 (Pear) · 0.5000"
    assert value_text(3, 0.5, "3") == "value 3 · 0.5000"


def test_that_zero_values_of_a_vector_are_counted() -> None:
    assert zero_values(np.array([0, 1, 0, 2])) == "2 of 4 values are zero on this image"
    assert zero_values(np.array([0, 1])) == "1 of 2 values is zero on this image"
    assert zero_values(np.array([1, 1])) == ""


def test_that_the_legend_prints_the_limits_only_where_all_maps_share_them() -> None:
    maps = np.array([-1.0, 2.0, 0.0, 4.0], np.float32).reshape(1, 2, 2)
    shared = legend(maps, "layer", symmetric=False, many=True)
    assert (shared.high, shared.middle, shared.low) == ("4.0000", "0", "−1.0000")
    assert shared.middle_at == 0.2, "0 stands where it is"
    assert legend(np.abs(maps), "layer", symmetric=False, many=True).middle == ""
    diverging = legend(maps, "layer", symmetric=True, many=True)
    assert (diverging.high, diverging.middle, diverging.low) == ("4.0000", "0", "−4.0000")
    assert diverging.note == "the same for all maps; the values go from −1.0000 to 4.0000"
    everywhere = np.array([-8.0]), np.array([2.0])
    beyond = legend(maps, "layer", symmetric=True, many=True, everywhere=everywhere)
    assert (beyond.high, beyond.low) == ("8.0000", "−8.0000")
    assert beyond.note.startswith("the same for all layers")
    own = legend(maps, "map", symmetric=False, many=True)
    assert (own.high, own.low) == ("max", "min")
    alone = legend(maps, "map", symmetric=False, many=False)
    assert (alone.high, alone.low) == ("4.0000", "−1.0000")
    assert legend(maps, "standardized", symmetric=False, many=True).middle == "mean"


def test_that_limits_leave_out_what_is_no_number() -> None:
    assert finite_limits(np.array([np.nan, 1.0, np.inf, -3.0])) == (-3.0, 1.0)
    assert finite_limits(np.array([np.nan])) == (0.0, 0.0)


@pytest.mark.parametrize(("count", "columns"), [(576, 32), (61_952, 352), (257, 23)])
def test_that_long_vectors_wrap_to_about_twice_as_wide_as_high(count: int, columns: int) -> None:
    assert wrapped_columns(count) == columns


def test_that_a_model_is_said_to_come_from_its_folder() -> None:
    info = FakeModel(Path("runs/1-mnist-simple/model.h5")).info
    assert origin(info) == "1-mnist-simple/model.h5"
    assert origin(replace(info, path=Path("model.keras"))) == "model.keras"
