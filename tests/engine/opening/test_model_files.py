from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import get_args

import h5py
import keras
import msgspec
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import PreprocessingName, SplitName
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.models.metadata import GROUP, MEMBER, ModelMetadata, read_group, to_bytes
from cnn_explorer.engine.models.saving import save_model
from cnn_explorer.engine.opening.loader import load_model_file

FORMATS = ("model.h5", "model.keras")


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def model(network: Architecture) -> keras.Sequential:
    return build(network, seed=3)


@pytest.fixture(scope="module")
def metadata(toy: Dataset) -> ModelMetadata:
    preprocessing = fit_preprocessing("standardize", toy.train_images)
    return ModelMetadata(preprocessing, ("links", "Mitte ⬤", "rechts"), toy.name, toy.fingerprint, "shuffled", 5)


@pytest.mark.parametrize("name", FORMATS)
def test_that_a_saved_model_comes_back_with_everything_that_was_known_of_it(
    tmp_path: Path, model: keras.Sequential, metadata: ModelMetadata, name: str
) -> None:
    save_model(model, tmp_path / name, metadata)
    loaded = load_model_file(tmp_path / name)
    for a, b in zip(model.get_weights(), loaded.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [layer.name for layer in loaded.model.layers] == ["Conv", "Pool", "Flat", "Out"]
    assert loaded.model.inputs[0].shape == (None, 12, 12, 1)
    told = loaded.metadata
    assert told is not None
    assert (told.classes, told.dataset, told.fingerprint) == (metadata.classes, "toy", "f" * 64)
    assert (told.split, told.split_seed) == ("shuffled", 5)
    assert told.preprocessing.name == "standardize"
    np.testing.assert_array_equal(told.preprocessing.offset, metadata.preprocessing.offset)
    np.testing.assert_array_equal(told.preprocessing.scale, metadata.preprocessing.scale)
    assert names(tmp_path) == [name]


@pytest.mark.parametrize("name", get_args(PreprocessingName))
@pytest.mark.parametrize("split", get_args(SplitName))
def test_that_every_preprocessing_and_split_comes_back(toy: Dataset, name: PreprocessingName, split: SplitName) -> None:
    fitted = fit_preprocessing(name, toy.train_images)
    content = to_bytes(ModelMetadata(fitted, toy.classes, toy.name, toy.fingerprint, split, 7))
    with h5py.File(io.BytesIO(content)) as file:
        told = read_group(file)
    assert told is not None
    assert (told.preprocessing.name, told.split, told.split_seed) == (name, split, 7)
    np.testing.assert_array_equal(told.preprocessing.apply(toy.test_images[:3]), fitted.apply(toy.test_images[:3]))


def test_that_saved_models_open_in_plain_keras_without_us(
    tmp_path: Path, model: keras.Sequential, metadata: ModelMetadata, toy: Dataset
) -> None:
    images = toy.test_images[:8].astype(np.float32)
    for name in FORMATS:
        save_model(model, tmp_path / name, metadata)
    np.save(tmp_path / "images.npy", images)
    code = (
        "import sys, keras, numpy as np\n"
        f"for name in {FORMATS!r}:\n"
        "    model = keras.models.load_model(name, compile=False)\n"
        "    np.save(name + '.npy', model(np.load('images.npy')))\n"
        "assert not [name for name in sys.modules if name.startswith('cnn_explorer')]\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    for name in FORMATS:
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), model(images), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", FORMATS)
def test_that_a_model_of_plain_keras_opens_and_says_nothing_of_its_images(
    tmp_path: Path, model: keras.Sequential, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    model.save(tmp_path / name)
    loaded = load_model_file(tmp_path / name)
    assert loaded.metadata is None
    np.testing.assert_array_equal(loaded.model.get_weights()[0], model.get_weights()[0])


def test_that_the_folder_of_a_run_means_its_model(finished) -> None:
    loaded = load_model_file(finished.folder)
    assert loaded.path == finished.folder / "model.h5"


def test_that_a_graph_with_branches_opens(tmp_path: Path) -> None:
    image = keras.Input((8, 8, 3))
    left, right = keras.layers.Conv2D(2, 3)(image), keras.layers.Conv2D(2, 3)(image)
    keras.Model(image, keras.layers.Add()([left, right])).save(tmp_path / "graph.keras")
    assert load_model_file(tmp_path / "graph.keras").model.output_shape == (None, 6, 6, 2)


def weights_only(path: Path, model: keras.Sequential) -> None:
    model.save_weights(path)


def old_weights_only(path: Path, model: keras.Sequential) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"Conv"]
        file.create_group("Conv")["kernel"] = model.get_weights()[0]


def half_of_a_model(path: Path, model: keras.Sequential) -> None:
    model.save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other_hdf5(path: Path, model: keras.Sequential) -> None:
    with h5py.File(path, "w") as file:
        file["temperatures"] = [1.0, 2.0]


def broken_architecture(path: Path, model: keras.Sequential) -> None:
    model.save(path)
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = "{'class_name': 'Sequential'"


def unknown_layer(path: Path, model: keras.Sequential) -> None:
    model.save(path)
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = file.attrs["model_config"].replace('"Conv2D"', '"Conv2DOfTomorrow"')


def lambda_layer(path: Path, model: keras.Sequential) -> None:
    keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Lambda(lambda x: x + 1)]).save(path)


def vector_model(path: Path, model: keras.Sequential) -> None:
    keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)]).save(path)


def zip_of_something(path: Path, model: keras.Sequential) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Dear Keras")


def without_weights(path: Path, model: keras.Sequential) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")


def damaged_weights(path: Path, model: keras.Sequential) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n and no more")


def text(path: Path, model: keras.Sequential) -> None:
    path.write_text("This is not a model.")


def nothing(path: Path, model: keras.Sequential) -> None:
    path.touch()


def missing(path: Path, model: keras.Sequential) -> None:
    pass


def folder(path: Path, model: keras.Sequential) -> None:
    path.mkdir()


def disguised(path: Path, model: keras.Sequential) -> None:
    model.save(path.with_suffix(".keras"))
    path.with_suffix(".keras").rename(path)


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (weights_only, "a.weights.h5", "holds weights only, no architecture"),
        (old_weights_only, "a.h5", "holds weights only, no architecture"),
        (half_of_a_model, "a.h5", "is damaged: it ends too early"),
        (half_of_a_model, "a.keras", "is damaged: it ends too early"),
        (other_hdf5, "a.h5", "is an HDF5 file, but not a Keras model"),
        (broken_architecture, "a.h5", "its architecture is not JSON"),
        (unknown_layer, "a.h5", "cannot open .*Conv2DOfTomorrow"),
        (lambda_layer, "a.h5", "holds a Lambda layer"),
        (lambda_layer, "a.keras", "holds a Lambda layer"),
        (vector_model, "a.keras", r"takes \(None, 5\), and no images"),
        (zip_of_something, "a.keras", "not a Keras model: it has no config.json"),
        (without_weights, "a.keras", "an architecture without weights"),
        (damaged_weights, "a.keras", "is damaged"),
        (text, "a.h5", "is not a model file"),
        (text, "a.keras", "is not a model file"),
        (nothing, "a.h5", "is empty"),
        (missing, "a.h5", "There is no file"),
        (folder, "a.h5", "is a folder without a model.h5"),
        (disguised, "a.h5", "does not end in .keras"),
    ],
)
def test_that_a_file_which_is_no_model_is_refused_in_one_sentence(
    tmp_path: Path, model: keras.Sequential, make, name: str, says: str
) -> None:
    path = tmp_path / name
    make(path, model)
    with pytest.raises(ExplorerError, match=says) as raised:
        load_model_file(path)
    assert "\n" not in str(raised.value)
    assert str(path) in raised.value.message
    assert raised.value.hint


def damage(path: Path, change) -> None:
    with h5py.File(path, "a") as file:
        change(file[GROUP])


def other_text(**changes: object):
    def change(group: h5py.Group) -> None:
        words = json.loads(bytes(group["description"][()])) | changes
        del group["description"]
        group["description"] = np.bytes_(msgspec.json.encode(words))

    return change


def without(name: str):
    def change(group: h5py.Group) -> None:
        del group[name]

    return change


def zero_scale(group: h5py.Group) -> None:
    group["preprocessing_scale"][0, 0, 0] = 0.0


def other_shape(group: h5py.Group) -> None:
    del group["preprocessing_offset"]
    group["preprocessing_offset"] = np.zeros((5, 5, 1), np.float32)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (without("description"), "damaged"),
        (without("preprocessing_scale"), "damaged"),
        (zero_scale, "damaged"),
        (other_shape, "images of another shape"),
        (other_text(classes=7), "damaged"),
        (other_text(preprocessing="whitening"), "damaged"),
        (other_text(format=99), "newer version"),
    ],
    ids=["words", "array", "zero", "shape", "type", "name", "format"],
)
def test_that_damaged_metadata_are_told_and_not_guessed_over(
    tmp_path: Path, model: keras.Sequential, metadata: ModelMetadata, change, says: str
) -> None:
    path = tmp_path / "model.h5"
    save_model(model, path, metadata)
    damage(path, change)
    with pytest.raises(ExplorerError, match=says):
        load_model_file(path)


def test_that_a_damaged_member_of_an_archive_is_told(tmp_path: Path, model: keras.Sequential) -> None:
    path = tmp_path / "model.keras"
    model.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MEMBER, b"no HDF5")
    with pytest.raises(ExplorerError, match="damaged"):
        load_model_file(path)


@pytest.mark.parametrize("name", FORMATS)
def test_that_a_save_which_the_disk_refuses_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, model: keras.Sequential, metadata: ModelMetadata, small_disk, name: str
) -> None:
    (tmp_path / name).write_bytes(b"old")
    with small_disk(10_000), pytest.raises(ExplorerError, match="could not be written"):
        save_model(model, tmp_path / name, metadata)
    assert (tmp_path / name).read_bytes() == b"old"
    assert names(tmp_path) == [name]


@pytest.mark.parametrize("name", FORMATS)
def test_that_a_full_disk_is_called_full(
    tmp_path: Path, model: keras.Sequential, metadata: ModelMetadata, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExplorerError, match="the disk is full"):
        save_model(model, tmp_path / name, metadata)
    assert names(tmp_path) == []


def test_that_a_name_without_a_format_is_refused(tmp_path: Path, model: keras.Sequential) -> None:
    with pytest.raises(ExplorerError, match="no name for a model file"):
        save_model(model, tmp_path / "model.onnx", None)
    assert names(tmp_path) == []
