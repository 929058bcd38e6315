"""Activations as PNG and NPZ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.imaging import SCALE_MODES, ScaleMode
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.export.pictures import grid as pictures
from cnn_explorer.export.pictures.colormaps import COLORMAPS, colormap
from cnn_explorer.export.pictures.grid import (
    PictureStyle,
    grid_picture,
    picture_size,
    save_activations_npz,
    save_grid_png,
)
from cnn_explorer.export.pictures.legend import LegendText
from cnn_explorer.text.legend import Legend


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.mode == "RGB"
        return np.asarray(image)


def test_that_maps_stand_in_rows_of_eight_enlarged_by_a_whole_factor(tmp_path: Path) -> None:
    maps = np.zeros((13, 26, 32), np.float32)
    maps[2, 3, 9] = 1.0
    save_grid_png(tmp_path / "grid.png", maps)
    picture = _pixels(tmp_path / "grid.png")
    # ceil(64 / 26) = 3 pixels a node, 4 rows and 8 columns, lines of one pixel
    assert picture.shape == (4 * 13 * 3 + 3, 8 * 26 * 3 + 7, 3)
    table = colormap("viridis")
    top, left = 1 * 40 + 2 * 3, 1 * 79 + 3 * 3
    assert (picture[top : top + 3, left : left + 3] == table[255]).all()
    bright = (picture == table[255]).all(axis=2)
    assert bright.sum() == 9
    lines = (picture == (96, 96, 96)).all(axis=2)
    assert lines.sum() == picture.shape[0] * 7 + 3 * picture.shape[1] - 3 * 7
    assert (~bright & ~lines).sum() == (picture == table[0]).all(axis=2).sum()


def test_that_large_maps_are_not_enlarged() -> None:
    assert grid_picture(np.zeros((10, 70, 1), np.float32)).shape == (10, 70, 3)


def test_that_columns_colour_map_and_scale_are_obeyed() -> None:
    maps = np.stack([np.linspace(0, 1, 64 * 64).reshape(64, 64), np.linspace(0, 2, 64 * 64).reshape(64, 64)], axis=2)
    own = grid_picture(maps, PictureStyle(MapStyle(columns=1, colormap="magma")))
    assert own.shape == (64 * 2 + 1, 64, 3)
    np.testing.assert_array_equal(own[:64], own[65:])
    common = grid_picture(maps, PictureStyle(MapStyle(columns=1, colormap="magma", scale="layer")))
    assert common[63, 63].tolist() == colormap("magma")[128].tolist()
    assert common[-1, -1].tolist() == colormap("magma")[255].tolist()


def test_that_a_diverging_colour_map_shows_zero_in_its_middle() -> None:
    maps = np.array([-1.0, 0.0, 4.0]).reshape(1, 3, 1).repeat(64, axis=0)
    picture = grid_picture(maps, PictureStyle(MapStyle(colormap="coolwarm")))
    factor = picture.shape[1] // 3
    assert picture[0, factor].tolist() == colormap("coolwarm")[128].tolist()


def test_that_a_vector_becomes_cells_in_rows_of_64() -> None:
    picture = grid_picture(np.arange(70, dtype=np.float32), PictureStyle(MapStyle(columns=8)))
    assert picture.shape == (2 * 13 - 1, 64 * 13 - 1, 3)
    assert picture[0, 0].tolist() == colormap("viridis")[0].tolist()
    assert picture[13, 5 * 13].tolist() == colormap("viridis")[255].tolist()
    assert picture[-1, -1].tolist() == [96, 96, 96]


def test_that_a_short_vector_leaves_no_empty_cells() -> None:
    assert grid_picture(np.arange(10.0)).shape == (12, 10 * 13 - 1, 3)


def test_that_a_huge_layer_is_enlarged_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 10_000)
    high, wide, _ = grid_picture(np.zeros((4, 4, 64), np.float32)).shape
    assert high * wide < 1.5 * 10_000
    assert grid_picture(np.zeros((200, 200, 1), np.float32)).shape == (200, 200, 3)


@pytest.mark.parametrize("name", COLORMAPS)
@pytest.mark.parametrize("scale", SCALE_MODES)
def test_that_broken_numbers_make_a_picture_too(name: str, scale: ScaleMode) -> None:
    maps = np.full((5, 5, 3), np.nan, np.float32)
    maps[0, 0, 1] = np.inf
    assert grid_picture(maps, PictureStyle(MapStyle(colormap=name, scale=scale))).dtype == np.uint8


def test_that_the_npz_holds_the_unscaled_numbers_in_the_layers_own_shape(tmp_path: Path) -> None:
    maps = np.random.default_rng(0).normal(0, 100, (3, 4, 5)).astype(np.float32)
    image = np.random.default_rng(1).normal(size=(28, 28, 1)).astype(np.float32)
    save_activations_npz(tmp_path / "a.npz", maps, image, "Conv2D_1")
    save_activations_npz(tmp_path / "v.npz", maps[0, 0], image, "Dense_1")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as saved:
        assert sorted(saved) == ["activations", "image", "layer"]
        assert saved["activations"].dtype == np.float32
        np.testing.assert_array_equal(saved["activations"], maps[None])
        np.testing.assert_array_equal(saved["image"], image)
        assert str(saved["layer"]) == "Conv2D_1"
    with np.load(tmp_path / "v.npz", allow_pickle=False) as saved:
        assert saved["activations"].shape == (1, 5)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.npz", "v.npz"]


def test_that_an_npz_keeps_the_name_that_was_asked_for(tmp_path: Path) -> None:
    save_activations_npz(tmp_path / "a.dat", np.zeros(3, np.float32), np.zeros((2, 2, 1), np.float32), "x")
    assert [p.name for p in tmp_path.iterdir()] == ["a.dat"]


def test_that_existing_files_are_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("mine")
    maps, image = np.zeros((3, 3, 1), np.float32), np.zeros((3, 3, 1), np.float32)
    with pytest.raises(ExplorerError, match="exists already"):
        save_grid_png(path, maps)
    with pytest.raises(ExplorerError, match="exists already"):
        save_activations_npz(path, maps, image, "x")
    assert path.read_text() == "mine"
    save_grid_png(path, maps, force=True)
    assert _pixels(path).shape == (66, 66, 3)


def test_that_an_unknown_colour_map_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="hot"):
        save_grid_png(tmp_path / "a.png", np.zeros((3, 3, 1)), PictureStyle(MapStyle(colormap="hot")))
    assert list(tmp_path.iterdir()) == []


def test_that_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="does not exist"):
        save_grid_png(tmp_path / "no" / "a.png", np.zeros((3, 3, 1)))


LINE = (96, 96, 96)
TWO_MAPS = np.array([[[0.0, 5.0], [1.0, 5.0]], [[2.0, 9.0], [4.0, 7.0]]], np.float32)
"""Two maps of 2×2: 0 1 / 2 4 and 5 5 / 9 7."""


def _by_hand(rows: list[list[int | None]], pixels: int) -> np.ndarray:
    """A picture from rows of the colour table, ``None`` for a line: that is one pixel, a node ``pixels``."""
    table = colormap("viridis")
    wide = [1 if all(row[x] is None for row in rows) else pixels for x in range(len(rows[0]))]
    high = [1 if all(cell is None for cell in row) else pixels for row in rows]
    colors = np.array([[LINE if cell is None else table[cell] for cell in row] for row in rows], np.uint8)
    return colors.repeat(high, axis=0).repeat(wide, axis=1)


@pytest.mark.parametrize("pixels", [1, 3, 32])
def test_that_two_maps_are_painted_as_by_hand(pixels: int) -> None:
    picture = grid_picture(TWO_MAPS, PictureStyle(pixels=pixels))
    # of map 0: 0, 1/4, 2/4 and 1 of 255, rounded; of map 1, from 5 to 9: 0, 0, 1 and 1/2
    expected = _by_hand([[0, 64, None, 0, 0], [128, 255, None, 255, 128]], pixels)
    np.testing.assert_array_equal(picture, expected)
    assert picture_size(TWO_MAPS.shape, PictureStyle(pixels=pixels)) == expected.shape[:2]


def test_that_the_scale_of_a_layer_that_of_all_layers_and_the_standardized_one_are_painted_as_by_hand() -> None:
    layer = grid_picture(TWO_MAPS, PictureStyle(MapStyle(scale="layer"), pixels=3))
    rows = [[0, 28, None, 142, 142], [57, 113, None, 255, 198]]  # ninths of 255
    np.testing.assert_array_equal(layer, _by_hand(rows, 3))
    limits = np.array([-10.0]), np.array([10.0])
    everywhere = grid_picture(TWO_MAPS, PictureStyle(MapStyle(scale="layer"), pixels=3, limits=limits))
    rows = [[128, 140, None, 191, 191], [153, 179, None, 242, 217]]  # (x + 10) / 20 of 255
    np.testing.assert_array_equal(everywhere, _by_hand(rows, 3))
    standardized = grid_picture(TWO_MAPS, PictureStyle(MapStyle(scale="standardized"), pixels=3))
    first = (TWO_MAPS[..., 0] - 1.75) / np.sqrt(np.mean((TWO_MAPS[..., 0] - 1.75) ** 2)) * 64 + 128
    np.testing.assert_array_equal(
        standardized[::3, :6:3], colormap("viridis")[np.floor(np.clip(first, 0, 255) + 0.5).astype(int)]
    )


def test_that_order_and_lines_are_obeyed() -> None:
    picture = grid_picture(TWO_MAPS, PictureStyle(MapStyle(lines=False), pixels=2, order=(1, 0)))
    np.testing.assert_array_equal(picture, _by_hand([[0, 0, 0, 64], [255, 128, 128, 255]], 2))
    above = grid_picture(TWO_MAPS, PictureStyle(MapStyle(columns=1), pixels=2))
    np.testing.assert_array_equal(above, _by_hand([[0, 64], [128, 255], [None, None], [0, 0], [255, 128]], 2))


def test_that_a_vector_takes_any_scale_too() -> None:
    vector = np.array([-2.0, 0.0, 2.0], np.float32)
    np.testing.assert_array_equal(
        grid_picture(vector, PictureStyle(pixels=4)), _by_hand([[0, None, 128, None, 255]], 4)
    )
    limits = np.array([-2.0]), np.array([6.0])
    wider = grid_picture(vector, PictureStyle(MapStyle(scale="layer"), pixels=4, limits=limits))
    np.testing.assert_array_equal(wider, _by_hand([[0, None, 64, None, 128]], 4))


def test_that_2048_maps_are_one_picture() -> None:
    maps = np.zeros((7, 7, 2048), np.float32)
    maps[3, 4, 2047] = 1.0
    picture = grid_picture(maps, PictureStyle(MapStyle(columns=32), pixels=2))
    assert picture.shape == (64 * 15 - 1, 32 * 15 - 1, 3)
    bright = np.argwhere((picture == colormap("viridis")[255]).all(axis=2))
    top, left = 63 * 15 + 6, 31 * 15 + 8
    assert bright.tolist() == [[top, left], [top, left + 1], [top + 1, left], [top + 1, left + 1]]


def test_that_numbers_stand_over_the_maps_and_change_none_of_their_pixels() -> None:
    plain = grid_picture(TWO_MAPS, PictureStyle(pixels=16))
    numbered = grid_picture(TWO_MAPS, PictureStyle(pixels=16, numbers=True))
    strip = numbered.shape[0] - plain.shape[0]
    assert 10 <= strip <= 24
    np.testing.assert_array_equal(numbered[strip:], plain)
    for left in (0, 33):
        letters = numbered[:strip, left : left + 32]
        assert (letters == 255).all(axis=2).any(), "there is no number"
        assert (letters == LINE).all(axis=2).mean() > 0.5
    one, other = (numbered[:strip, left : left + 32] for left in (0, 33))
    assert not np.array_equal(one, other), "both have the same number"
    swapped = grid_picture(TWO_MAPS, PictureStyle(pixels=16, numbers=True, order=(1, 0)))
    np.testing.assert_array_equal(swapped[:, :32], numbered[:, 33:])


def test_that_numbers_that_have_no_room_are_refused() -> None:
    with pytest.raises(ExplorerError, match="too small for numbers"):
        grid_picture(TWO_MAPS, PictureStyle(pixels=1, numbers=True))


def test_that_a_picture_beyond_all_bounds_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    maps = np.broadcast_to(np.zeros((), np.float32), (2000, 2000, 512))  # no memory behind it
    for style in (PictureStyle(), PictureStyle(pixels=32)):
        with pytest.raises(ExplorerError, match="too large"):
            save_grid_png(tmp_path / "a.png", maps, style)
    assert list(tmp_path.iterdir()) == []


def test_that_a_layer_without_values_is_refused() -> None:
    with pytest.raises(ExplorerError, match="nothing to paint"):
        grid_picture(np.zeros((0, 4, 3), np.float32))


@pytest.mark.parametrize("shape", [(2, 2, 2), (1, 1, 1), (40, 60, 32)])
def test_that_the_legend_lies_around_the_picture_and_changes_none_of_its_pixels(
    tmp_path: Path, shape: tuple[int, int, int]
) -> None:
    maps = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    legend = LegendText("a model · a layer", ("Image test-3",), Legend("1", "0", "−1", "scale per map"))
    style = PictureStyle(MapStyle(colormap="coolwarm"), pixels=3)
    save_grid_png(tmp_path / "a.png", maps, style, legend)
    picture, plain = _pixels(tmp_path / "a.png"), grid_picture(maps, style)
    high, wide, _ = plain.shape
    size = max(13, min(36, wide // 60))
    tops = [
        y for y in range(picture.shape[0] - high) if np.array_equal(picture[y : y + high, size : size + wide], plain)
    ]
    assert len(tops) == 1
    above, below = picture[: tops[0]], picture[tops[0] + high :]
    assert above[-1].min() == 255
    assert picture[:, : size - 1].min() == 255
    assert (above < 128).all(axis=2).any(), "there is no title"
    table = colormap("coolwarm")
    ends = [(below == table[row]).all(axis=2) for row in (0, 255)]
    assert all(end.any() for end in ends), "the colours are not all there"
    assert np.argwhere(ends[0])[:, 1].min() == size


def test_that_a_long_title_is_broken_into_lines_and_any_letters_are_written(tmp_path: Path) -> None:
    title = "µ" * 200 + " · <script> 层 " + "word " * 40
    legend = LegendText(title, ("x",), Legend("", "", "", "a note that is longer than the picture is wide " * 3))
    save_grid_png(tmp_path / "a.png", TWO_MAPS, PictureStyle(pixels=1), legend)
    high, wide, _ = _pixels(tmp_path / "a.png").shape
    assert wide == 28 * 13
    assert high > 20 * 13
