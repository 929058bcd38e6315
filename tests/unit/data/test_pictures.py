"""Activations as PNG and NPZ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data import pictures
from cnn_explorer.data.colormaps import COLORMAPS, colormap
from cnn_explorer.data.pictures import grid_picture, save_activations_npz, save_grid_png


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
    own = grid_picture(maps, 1, "magma", "map")
    assert own.shape == (64 * 2 + 1, 64, 3)
    np.testing.assert_array_equal(own[:64], own[65:])
    common = grid_picture(maps, 1, "magma", "layer")
    assert common[63, 63].tolist() == colormap("magma")[128].tolist()
    assert common[-1, -1].tolist() == colormap("magma")[255].tolist()


def test_that_a_diverging_colour_map_shows_zero_in_its_middle() -> None:
    maps = np.array([-1.0, 0.0, 4.0]).reshape(1, 3, 1).repeat(64, axis=0)
    picture = grid_picture(maps, colormap_name="coolwarm")
    factor = picture.shape[1] // 3
    assert picture[0, factor].tolist() == colormap("coolwarm")[128].tolist()


def test_that_a_vector_becomes_cells_in_rows_of_64() -> None:
    picture = grid_picture(np.arange(70, dtype=np.float32), columns=8)
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
@pytest.mark.parametrize("scale", ["map", "layer", "standardized"])
def test_that_broken_numbers_make_a_picture_too(name: str, scale: str) -> None:
    maps = np.full((5, 5, 3), np.nan, np.float32)
    maps[0, 0, 1] = np.inf
    assert grid_picture(maps, 8, name, scale).dtype == np.uint8  # type: ignore[arg-type]  # a parameter of the test


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
        save_grid_png(tmp_path / "a.png", np.zeros((3, 3, 1)), colormap="hot")
    assert list(tmp_path.iterdir()) == []


def test_that_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="does not exist"):
        save_grid_png(tmp_path / "no" / "a.png", np.zeros((3, 3, 1)))
