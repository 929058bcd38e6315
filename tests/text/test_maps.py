"""Maps, nodes and values in words."""

from __future__ import annotations

import numpy as np

from cnn_explorer.core.maps.dead_maps import DeadMaps, quiet_maps
from cnn_explorer.core.maps.statistics import MapFigures
from cnn_explorer.text.maps import figures_text, node_text, quiet_reason, quiet_summary, value_text, zero_values


def test_that_maps_without_anything_to_see_are_found_with_the_reason() -> None:
    maps = np.random.default_rng(0).random((4, 4, 5)).astype(np.float32)
    maps[..., 1] = 0
    maps[..., 3] = 0.5
    quiet = quiet_maps(maps)
    assert [quiet_reason(quiet, number) for number in range(5)] == [
        "", "zero on this image", "", "constant on this image (0.5000)", "",
    ]  # fmt: skip
    assert quiet_summary(quiet) == "1 of 5 maps is zero on this image: 1 · 1 of 5 maps is constant on this image: 3"


def test_that_other_images_are_named_in_the_reason() -> None:
    maps = np.random.default_rng(0).random((4, 4, 5)).astype(np.float32)
    maps[..., (0, 1)] = 0
    maps[..., 2] = 0.5
    known = quiet_maps(maps, dead_maps=DeadMaps(1000, zero=(1, 3), constant=(2,)))
    assert [quiet_reason(known, number) for number in range(5)] == [
        "zero on this image, not on all 1,000 images looked at",
        "zero on this image and on all 1,000 images looked at",
        "constant on this image (0.5000) and on all 1,000 images looked at",
        "zero on all 1,000 images looked at, but not on this one",
        "",
    ]
    assert quiet_summary(known).endswith("3 of 5 show nothing on all 1,000 images looked at")


def test_that_a_long_list_of_zero_maps_breaks_off() -> None:
    summary = quiet_summary(quiet_maps(np.zeros((2, 2, 64), np.float32)))
    assert summary == "64 of 64 maps are zero on this image: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 …"
    assert quiet_summary(quiet_maps(np.zeros((2, 2, 1), np.float32))) == "The map is zero on this image: 0"


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


def test_that_the_figures_of_a_map_stand_in_one_line() -> None:
    told = figures_text(MapFigures(low=-1.5, mean=0.25, high=2.0, deviation=0.5, zeros=0.125))
    assert told == "min −1.5 · mean 0.25 · max 2 · deviation 0.5 · 12.5 % zeros"
