"""Which maps show nothing, told from their values."""

from __future__ import annotations

import numpy as np

from cnn_explorer.core.maps.dead_maps import dead_maps, quiet_maps
from cnn_explorer.core.maps.imaging import plain_limits
from cnn_explorer.core.maps.top_images import BEST, TopImages


def test_that_zero_and_constant_maps_are_told_apart_with_the_values_of_the_latter() -> None:
    maps = np.random.default_rng(0).random((4, 4, 6)).astype(np.float32)
    maps[..., (1, 5)] = 0
    maps[..., 3] = -0.5
    found = quiet_maps(maps)
    assert (found.zero, found.constant, found.count, found.values) == ((1, 5), (3,), 6, (-0.5,))
    assert quiet_maps(maps, plain_limits(maps)) == found


def test_that_a_map_with_a_value_that_is_no_number_is_not_quiet() -> None:
    maps = np.zeros((2, 2, 2), np.float32)
    maps[0, 0, 1] = np.nan
    assert quiet_maps(maps).zero == (0,)
    assert quiet_maps(maps).constant == ()


def test_that_a_map_of_one_node_is_not_called_constant() -> None:
    maps = np.array([0.0, 3.0], np.float32).reshape(1, 1, 2)
    assert quiet_maps(maps).zero == (0,)
    assert quiet_maps(maps).constant == ()


def test_that_what_is_known_of_many_images_are_the_dead_and_the_constant_maps() -> None:
    values = np.full((BEST, 3), -np.inf, np.float32)
    values[0] = high = (0.0, 0.5, 2.0)
    found = TopImages(
        "conv", "test", (4, 4, 3), 1000, 1000,
        indices=np.where(np.isfinite(values), 7, -1),
        values=values,
        places=np.zeros((BEST, 3), np.int64),
        low=np.array([0, 0.5, 0], np.float32),
        high=np.array(high, np.float32),
        means=np.array([0, 0.5, 0.1]),
        silent=np.array([1000, 0, 750]),
    )  # fmt: skip
    told = dead_maps(found)
    assert (told.count, told.zero, told.constant) == (1000, (0,), (1,))
