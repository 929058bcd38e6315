"""The film of a run: which image, which layer, which kernels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import (
    Architecture,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    MaxPooling2D,
    SeparableConv2D,
    ZeroPadding2D,
)
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.training.probes import Probe
from cnn_explorer.engine.training.trainer import train
from cnn_explorer.store.probes import read_probe

LAYERS = (
    ZeroPadding2D(name="Pad"),
    Conv2D(name="First", filters=3, kernel_size=(2, 3)),
    MaxPooling2D(name="Pool"),
    Conv2D(name="Second", filters=2, kernel_size=(3, 3)),
    Flatten(name="Flat"),
    Dense(name="Out", units=3, activation="softmax"),
)
NETWORK = Architecture(input_shape=(12, 12, 1), layers=LAYERS)


def test_that_image_and_layer_are_those_of_the_configuration(tmp_path: Path, toy: Dataset, listener) -> None:
    # The pinned image may lie beyond the limit: it is one of all test images.
    config = TrainingConfig(epochs=1, test_limit=10, probe_index=65, probe_layer="Second")
    train(NETWORK, config, toy, tmp_path / "run", listener(), RunControl())
    model = open_model(tmp_path / "run")
    forward = model.forward(toy.test_images[65])
    with np.load(tmp_path / "run" / "probes" / "epoch-00001.npz") as film:
        assert film["layer"] == "Second"
        np.testing.assert_allclose(film["activations"][0], forward.activations["Second"], rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(film["image"], forward.image)
        assert film["kernel_layer"] == "First"
        np.testing.assert_array_equal(film["kernels"], model.loaded.model.get_layer("First").get_weights()[0])
        assert film["kernels"].shape == (2, 3, 1, 3)
    with np.load(tmp_path / "run" / "probes" / "epoch-00000.npz") as start:
        assert (start["kernels"] != model.loaded.model.get_layer("First").get_weights()[0]).any()


def test_that_kernels_that_spread_are_filmed_with_their_inputs_first(tmp_path: Path) -> None:
    layers = (
        Conv2DTranspose(name="First", filters=3, kernel_size=(4, 5)),
        Conv2D(name="Second", filters=2, kernel_size=(3, 3)),
    )
    model = build(Architecture(input_shape=(6, 6, 2), layers=layers), seed=1)
    assert Probe(model, np.zeros((6, 6, 2), np.float32)).write(tmp_path / "epoch.npz", 0)
    frame = read_probe(tmp_path / "epoch.npz")
    assert frame.kernels is not None
    assert frame.kernels.shape == (4, 5, 2, 3)
    np.testing.assert_array_equal(frame.kernels[1, 2, 0, 1], model.get_layer("First").get_weights()[0][1, 2, 1, 0])


@pytest.mark.parametrize(
    ("settings", "says", "hint"),
    [
        ({"probe_index": 70}, "There is no test image 70: the data set has 70", "from 0 to 69"),
        ({"probe_layer": "Third"}, 'There is no layer "Third"', "Pad, First, Pool, Second"),
        ({"probe_layer": "Flat"}, 'The layer "Flat" has no maps', "Pad, First, Pool, Second"),
    ],
)
def test_that_a_film_of_nothing_is_refused_before_anything_is_written(
    tmp_path: Path, toy: Dataset, listener, settings: dict, says: str, hint: str
) -> None:
    said = listener()
    with pytest.raises(ExplorerError, match=says) as raised:
        train(NETWORK, TrainingConfig(**settings), toy, tmp_path / "run", said, RunControl())
    assert hint in raised.value.hint
    assert said.events == []
    assert list(tmp_path.iterdir()) == []


def test_that_a_network_without_maps_cannot_be_filmed(tmp_path: Path, toy: Dataset, listener) -> None:
    network = Architecture(input_shape=(12, 12, 1), layers=LAYERS[-2:])
    with pytest.raises(ExplorerError, match='"Out" has no maps') as raised:
        train(network, TrainingConfig(probe_layer="Out"), toy, tmp_path / "run", listener(), RunControl())
    assert raised.value.hint == "No layer of this network has maps; choose none."


def test_that_maps_without_kernels_are_filmed_alone(tmp_path: Path) -> None:
    layers = (MaxPooling2D(name="Pool"), *LAYERS[-2:])
    model = build(Architecture(input_shape=(12, 12, 1), layers=layers))
    assert Probe(model, np.zeros((12, 12, 1), np.float32)).write(tmp_path / "probes" / "epoch-00000.npz", 0)
    with np.load(tmp_path / "probes" / "epoch-00000.npz") as film:
        assert set(film.files) == {"activations", "image", "layer", "epoch"}


def test_that_the_first_kernels_of_a_separable_convolution_are_the_depthwise_ones(tmp_path: Path) -> None:
    layers = (SeparableConv2D(name="Sep", filters=4, kernel_size=(3, 3)), *LAYERS[-2:])
    model = build(Architecture(input_shape=(12, 12, 2), layers=layers))
    Probe(model, np.zeros((12, 12, 2), np.float32)).write(tmp_path / "film.npz", 0)
    with np.load(tmp_path / "film.npz") as film:
        assert film["kernels"].shape == (3, 3, 2, 1)
