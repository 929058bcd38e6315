"""Some images of a source before it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.sources.samples import COUNT, array_samples, folder_samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(("dark", "bright")):
        (tmp_path / name).mkdir()
        for index in range(10):
            Image.new("RGB", (30, 20), (200 * number, 10, 10)).save(tmp_path / name / f"{index}.png")
    return tmp_path


def test_that_samples_come_from_all_over_the_folder_and_are_brought_to_size(folder: Path) -> None:
    samples = folder_samples(folder)
    assert len(samples.pictures) == COUNT
    images = samples.brought((16, 12, 3), "stretch")
    assert images.shape == (COUNT, 16, 12, 3)
    assert set(images[:, 0, 0, 0].tolist()) == {0, 200}
    assert samples.brought((16, 12, 1), "crop").shape == (COUNT, 16, 12, 1)


def test_that_an_image_that_cannot_be_read_is_passed_over(folder: Path) -> None:
    (folder / "dark" / "0.png").write_bytes(b"no image")
    assert len(folder_samples(folder).pictures) == COUNT - 1


def test_that_large_images_are_kept_small(folder: Path) -> None:
    for path in folder.glob("*/*.png"):
        Image.new("L", (3000, 1500)).save(path)
    assert {picture.size for picture in folder_samples(folder).pictures} == {(1024, 512)}


def test_that_the_first_images_of_an_array_are_shown_as_bytes(tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((20, 5, 4)).astype(np.float32)
    values[0, 0, 0], values[0, 0, 1] = 0.0, 1.0
    np.savez(tmp_path / "a.npz", pictures=values)
    images = array_samples(tmp_path / "a.npz", "pictures")
    assert images.shape == (COUNT, 5, 4, 1)
    assert images.dtype == np.uint8
    np.testing.assert_allclose(images[..., 0], values[:COUNT] * 255, atol=0.6)


def test_that_an_array_without_images_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", numbers=np.zeros((20, 5, 4, 7), np.uint8))
    with pytest.raises(ExplorerError, match="no images"):
        array_samples(tmp_path / "a.npz", "numbers")
    with pytest.raises(ExplorerError, match="no array"):
        array_samples(tmp_path / "a.npz", "x")
