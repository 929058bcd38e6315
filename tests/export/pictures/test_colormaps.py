"""The colour tables against published values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.style import DIVERGING
from cnn_explorer.export.pictures.colormaps import COLORMAPS, colormap


@pytest.mark.parametrize("name", COLORMAPS)
def test_that_every_table_has_256_different_colours(name: str) -> None:
    table = colormap(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert len(np.unique(table, axis=0)) > 230
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 0


@pytest.mark.parametrize(
    ("name", "row", "color"),
    [
        # matplotlib 3.9: round(255 · cm.<name>(row))
        ("viridis", 0, (68, 1, 84)), ("viridis", 128, (33, 145, 140)), ("viridis", 255, (253, 231, 37)),
        ("inferno", 0, (0, 0, 4)), ("inferno", 255, (252, 255, 164)),
        ("magma", 0, (0, 0, 4)), ("magma", 255, (252, 253, 191)),
        ("jet", 0, (0, 0, 128)), ("jet", 255, (128, 0, 0)), ("jet", 127, (124, 255, 121)),
        ("gray", 0, (0, 0, 0)), ("gray", 100, (100, 100, 100)), ("gray", 255, (255, 255, 255)),
        # the table at the end of Moreland's article: every 1/32
        ("coolwarm", 0, (59, 76, 192)), ("coolwarm", 8, (68, 90, 204)), ("coolwarm", 16, (77, 104, 215)),
        ("coolwarm", 32, (98, 130, 234)), ("coolwarm", 255, (180, 4, 38)),
    ],
)  # fmt: skip
def test_that_known_colours_are_met(name: str, row: int, color: tuple[int, int, int]) -> None:
    tolerance = 6 if name == "jet" and row == 127 else 1
    np.testing.assert_allclose(colormap(name)[row].astype(int), color, atol=tolerance)


def test_that_the_middle_of_a_diverging_map_is_a_neutral_grey() -> None:
    for name in DIVERGING:
        middle = colormap(name)[127:129].astype(int)
        assert np.ptp(middle, axis=1).max() <= 2
        assert middle.min() > 215


def test_that_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ExplorerError) as caught:
        colormap("rainbow")
    assert "rainbow" in caught.value.message
    assert "viridis, inferno, magma, jet, gray, coolwarm" in caught.value.hint


def test_that_the_script_makes_the_tables_that_are_shipped(
    load_script: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    load_script("colormaps/build_colormaps.py").main(tmp_path / "made.npz")
    with np.load(tmp_path / "made.npz") as made:
        assert tuple(made) == COLORMAPS
        for name in COLORMAPS:
            np.testing.assert_array_equal(made[name], colormap(name))
