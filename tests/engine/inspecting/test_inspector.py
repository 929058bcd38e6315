from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS, Preset, preset
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.inspecting.inspector import Inspector, activation_of, open_model
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.models.metadata import ModelMetadata
from cnn_explorer.engine.models.saving import save_model


def saved(path: Path, architecture: Architecture, precision: str = "float32") -> Path:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (20, *architecture.input_shape), dtype=np.uint8)
    metadata = ModelMetadata(fit_preprocessing("standardize", images), ("a", "b"), "some", "0")
    save_model(build(architecture, precision, seed=2), path, metadata)
    return path


@pytest.fixture(scope="module")
def mnist_simple(tmp_path_factory: pytest.TempPathFactory) -> Inspector:
    folder = tmp_path_factory.mktemp("models")
    return open_model(saved(folder / "model.h5", preset("mnist-simple").architecture))


@pytest.mark.parametrize(
    "preset",
    [
        pytest.param(preset, id=preset.name, marks=[pytest.mark.slow] if preset.name == "fruits-18" else [])
        for preset in PRESETS
    ],
)
def test_that_activations_are_those_of_plain_keras_for_every_layer(tmp_path: Path, preset: Preset) -> None:
    path = saved(tmp_path / "model.h5", preset.architecture)
    inspector = open_model(path)
    image = np.random.default_rng(5).integers(0, 256, preset.architecture.input_shape, dtype=np.uint8)
    forward = inspector.forward(image)

    plain = keras.models.load_model(path, compile=False)
    value = forward.image[np.newaxis]
    assert list(forward.activations) == [layer.name for layer in plain.layers]
    for layer in plain.layers:  # one layer after the other, with no sub-model
        value = np.asarray(layer(value))
        ours = forward.activations[layer.name]
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, value[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(forward.prediction, forward.activations[plain.layers[-1].name])
    told = [(layer.receptive_field, layer.jump) for layer in inspector.info.layers]
    assert told == [(facts.receptive_field, facts.jump) for facts in infer(preset.architecture).layers]


def test_that_the_image_is_prepared_as_the_file_says(mnist_simple: Inspector) -> None:
    image = np.full((28, 28, 1), 200, np.uint8)
    preparing = mnist_simple.preprocessing
    np.testing.assert_allclose(mnist_simple.forward(image).image, (200 - preparing.offset) / preparing.scale, rtol=1e-6)
    assert mnist_simple.info.preprocessing == "standardize"
    assert not mnist_simple.info.preprocessing_is_guess
    assert mnist_simple.info.classes == ("a", "b")


def test_that_looking_again_after_other_images_gives_the_same_to_the_last_bit(mnist_simple: Inspector) -> None:
    images = np.random.default_rng(0).integers(0, 256, (12, 28, 28, 1), dtype=np.uint8)
    first = [mnist_simple.forward(image) for image in images]
    for index in reversed(range(len(images))):
        again = mnist_simple.forward(images[index])
        for name, values in again.activations.items():
            np.testing.assert_array_equal(values, first[index].activations[name])


def test_that_layers_are_told_with_shapes_parameters_and_receptive_fields(mnist_simple: Inspector) -> None:
    layers = mnist_simple.info.layers
    assert [(layer.type, layer.output_shape, layer.params) for layer in layers] == [
        ("Conv2D", (26, 26, 32), 320),
        ("MaxPooling2D", (13, 13, 32), 0),
        ("Conv2D", (11, 11, 64), 18_496),
        ("MaxPooling2D", (5, 5, 64), 0),
        ("Conv2D", (3, 3, 64), 36_928),
        ("Flatten", (576,), 0),
        ("Dense", (70,), 40_390),
        ("Dense", (10,), 710),
    ]
    assert mnist_simple.info.total_params == 96_844
    fields = [(layer.receptive_field, layer.jump) for layer in layers[:5]]
    assert [(field[0], jump[0]) for field, jump in fields] == [(3, 1), (4, 2), (8, 2), (10, 4), (18, 4)]
    assert {layer.receptive_field for layer in layers[5:]} == {None}


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 3), (27, 28, 1), (1, 28, 28, 1)])
def test_that_an_image_of_another_shape_is_refused_with_both_shapes(
    mnist_simple: Inspector, shape: tuple[int, ...]
) -> None:
    words = "×".join(map(str, shape))
    with pytest.raises(ExplorerError, match=rf"28×28×1 .*this one is {words}"):
        mnist_simple.forward(np.zeros(shape, np.uint8))


def test_that_an_unknown_layer_is_refused_with_the_names_there_are(mnist_simple: Inspector) -> None:
    names = ", ".join(layer.name for layer in mnist_simple.info.layers)
    with pytest.raises(ExplorerError, match=rf'no layer "Conv".*{names}'):
        activation_of(mnist_simple, "Conv", np.zeros((28, 28, 1), np.uint8))


def test_that_a_foreign_model_gets_a_guess_that_can_be_replaced(tmp_path: Path, network: Architecture, toy: Dataset):
    build(network, seed=1).save(tmp_path / "foreign.keras")
    guessed = open_model(tmp_path / "foreign.keras")
    assert (guessed.info.preprocessing, guessed.info.preprocessing_is_guess) == ("scale", True)
    image = toy.test_images[0]
    np.testing.assert_allclose(guessed.forward(image).image, image / 255, rtol=1e-6)

    known = guessed.with_preprocessing("standardize", toy.train_images)
    assert (known.info.preprocessing, known.info.preprocessing_is_guess) == ("standardize", False)
    mean = toy.train_images.mean(axis=0)
    deviation = toy.train_images.std(axis=0)
    np.testing.assert_allclose(known.forward(image).image, (image - mean) / deviation, rtol=1e-4, atol=1e-4)
    raw = guessed.with_preprocessing("none", guessed.no_images())
    np.testing.assert_array_equal(raw.forward(image).image, image)
    channel = guessed.with_preprocessing("standardize_channel", toy.train_images).forward(image).image
    mean, deviation = toy.train_images.mean(), toy.train_images.std()
    np.testing.assert_allclose(channel, (image - mean) / deviation, rtol=1e-4, atol=1e-4)
    alone = guessed.with_preprocessing("standardize_image", guessed.no_images()).forward(image).image
    np.testing.assert_allclose(alone, (image - image.mean()) / image.std(), rtol=1e-4, atol=1e-4)
    signed = guessed.with_preprocessing("scale_signed", guessed.no_images()).forward(image).image
    np.testing.assert_allclose(signed, image / 127.5 - 1, rtol=1e-6, atol=1e-6)
    with pytest.raises(ExplorerError, match="12×12×1, the data set has 5×5×1"):
        guessed.with_preprocessing("standardize", np.zeros((3, 5, 5, 1), np.uint8))


def test_that_a_foreign_model_which_scales_its_images_itself_gets_them_as_they_are(tmp_path: Path) -> None:
    layers = [keras.Input((4, 4, 1)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten()]
    keras.Sequential(layers).save(tmp_path / "own.keras")
    assert open_model(tmp_path / "own.keras").info.preprocessing == "none"


def test_that_a_model_in_half_precision_shows_float32(tmp_path: Path, network: Architecture) -> None:
    forward = open_model(saved(tmp_path / "half.h5", network, "mixed_bfloat16")).forward(np.ones((12, 12, 1), np.uint8))
    assert {values.dtype for values in forward.activations.values()} == {np.dtype(np.float32)}
