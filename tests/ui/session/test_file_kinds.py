"""What someone drops on the window or names on the command line."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.ui.session.file_kinds import OpenableFile, openable


@pytest.mark.parametrize("name", ["a.h5", "a.keras", "A.H5", "a.hdf5"])
def test_that_models_are_known_by_their_suffix(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    assert openable(path) == OpenableFile("model", path)


def test_that_a_json_file_is_an_architecture(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.touch()
    assert openable(path) == OpenableFile("architecture", path)


def test_that_a_run_folder_means_its_model(tmp_path: Path) -> None:
    (tmp_path / "run.json").touch()
    with pytest.raises(ExplorerError, match=r"no model\.h5 yet"):
        openable(tmp_path)
    (tmp_path / "model.h5").touch()
    assert openable(tmp_path) == OpenableFile("model", tmp_path / "model.h5")


@pytest.mark.parametrize("name", ["digit.png", "PHOTO.JPG", "a.tiff", "a.webp"])
def test_that_images_are_known_by_their_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert openable(tmp_path / name) == OpenableFile("image", tmp_path / name)


def test_that_a_folder_that_is_no_run_and_an_npz_are_data_sets(tmp_path: Path) -> None:
    (tmp_path / "set.npz").touch()
    assert openable(tmp_path) == OpenableFile("dataset", tmp_path)
    assert openable(tmp_path / "set.npz") == OpenableFile("dataset", tmp_path / "set.npz")


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz", "labels.idx"])
def test_that_idx_files_are_data_sets(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert openable(tmp_path / name) == OpenableFile("dataset", tmp_path / name)


def test_that_an_hdf5_file_is_a_model_if_keras_wrote_it_and_else_a_data_set(tmp_path: Path) -> None:
    model, arrays, weights = tmp_path / "model.h5", tmp_path / "arrays.h5", tmp_path / "initial.weights.h5"
    for path in (model, arrays, weights):
        with h5py.File(path, "w") as file:
            file["images"] = np.zeros((3, 4, 4), np.uint8)
    with h5py.File(model, "a") as file:
        file.attrs["keras_version"] = "3.15.1"
    assert openable(model).kind == "model"
    assert openable(weights).kind == "model"
    assert openable(arrays).kind == "dataset"


def test_that_everything_else_is_refused_with_a_way_out(tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.touch()
    for path, message in ((song, "not a file that"), (tmp_path / "x.h5", "no file")):
        with pytest.raises(ExplorerError, match=message) as caught:
            openable(path)
        assert caught.value.hint
