"""The average of a class, held against plain Keras and numpy over all its images at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.inspecting.class_average import class_average
from cnn_explorer.engine.inspecting.inspector import Inspector, open_model
from cnn_explorer.engine.models.builder import build


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory, network: Architecture) -> Inspector:
    path = tmp_path_factory.mktemp("models") / "model.keras"
    build(network, seed=4).save(path)
    return open_model(path)


def test_that_means_and_deviations_are_those_of_numpy_at_every_layer(inspector: Inspector, toy: Dataset) -> None:
    told: list[tuple[str, int, int]] = []
    found = class_average(inspector, toy, "train", 1, 10_000, lambda *words: told.append(words))
    images = np.asarray(toy.train_images)[toy.train_labels == 1].astype(np.float32) / 255
    assert (found.count, found.class_index, found.class_name, found.split) == (len(images), 1, "middle", "train")
    assert [layer.name for layer in inspector.info.layers] == list(found.forward.activations) == list(found.deviations)
    model = inspector.loaded.model
    np.testing.assert_allclose(found.forward.image, images.mean(axis=0), rtol=1e-5, atol=1e-6)
    for layer in model.layers:
        truth = np.asarray(keras.Model(model.inputs, layer.output)([images]))
        np.testing.assert_allclose(found.forward.activations[layer.name], truth.mean(axis=0), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found.deviations[layer.name], truth.std(axis=0), rtol=1e-4, atol=1e-6)
    assert found.forward.prediction is found.forward.activations["Out"]
    assert told[0] == (f"Averaging {len(images)} images of “middle”", 0, len(images))
    assert told[-1][1:] == (len(images), len(images))


def test_that_one_image_is_its_own_average(inspector: Inspector, toy: Dataset) -> None:
    found = class_average(inspector, toy, "test", 2, 1)
    index = int(np.random.default_rng(0).choice(np.flatnonzero(toy.test_labels == 2)))
    forward = inspector.forward(np.asarray(toy.test_images)[index])
    assert found.count == 1
    for name, values in forward.activations.items():
        np.testing.assert_allclose(found.forward.activations[name], values, rtol=1e-5, atol=1e-6)
        assert not found.deviations[name].any()


def test_that_it_can_be_ended(inspector: Inspector, toy: Dataset) -> None:
    def watch(what: str, done: int, total: int) -> None:
        if done:
            raise CancelledError(f"{what} was cancelled after {done} of {total}.")

    with pytest.raises(CancelledError, match="after 1 of"):
        class_average(inspector, toy, "test", 0, 1000, watch)


def test_that_what_cannot_be_averaged_is_said(inspector: Inspector, toy: Dataset) -> None:
    labels = np.zeros_like(toy.labels)
    with pytest.raises(ExplorerError, match="The test part has no image of “right”"):
        class_average(inspector, dataclasses.replace(toy, labels=labels), "test", 2, 10)
    larger = dataclasses.replace(toy, images=np.zeros((160, 14, 12, 1), np.uint8))
    with pytest.raises(ExplorerError, match="the data set has 14×12×1"):
        class_average(inspector, larger, "test", 2, 10)


def test_that_several_outputs_and_numbers_are_averaged_too(tmp_path: Path, toy: Dataset) -> None:
    image = keras.Input((12, 12, 1), name="image")
    maps = keras.layers.Conv2D(2, 3, name="conv")(image)
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(maps)
    keras.Model(image, [mean, maps]).save(tmp_path / "model.keras")
    found = class_average(open_model(tmp_path / "model.keras"), toy, "test", 0, 20)
    assert found.forward.prediction is not None
    np.testing.assert_allclose(
        found.forward.prediction, found.forward.activations["conv"].mean(axis=(0, 1)), rtol=1e-4, atol=1e-6
    )
