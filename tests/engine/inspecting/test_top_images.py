"""Which images activate which map: held against plain Keras and numpy over all images at once."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.top_images import BEST, TopImages
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.inspecting import batches as image_batches
from cnn_explorer.engine.inspecting import top_images
from cnn_explorer.engine.inspecting.inspector import Inspector, open_model
from cnn_explorer.engine.inspecting.top_images import TopImagesSearch, find_top_images

COUNT = 70
"""Images of the test part of ``toy``: not a power of two."""


def network() -> keras.Model:
    """Map 0 is dead, map 1 constant, map 2 mostly silent, map 3 answers to bright places."""
    keras.utils.set_random_seed(3)
    image = keras.Input((12, 12, 1), name="image")
    maps = keras.layers.Conv2D(4, 3, activation="relu", name="conv")(image)
    signed = keras.layers.Conv2D(3, 3, name="signed")(maps)
    plane = keras.layers.Reshape((10, 40), name="plane")(maps)
    other = keras.layers.Dense(5, name="unused")(keras.layers.Flatten(name="flat")(plane))
    out = keras.layers.Dense(3, activation="softmax", name="out")(keras.layers.Flatten(name="signed_flat")(signed))
    model = keras.Model(image, [out, other])
    kernel = np.random.default_rng(0).normal(size=(3, 3, 1, 4)).astype(np.float32) * 0.2
    kernel[..., :2], kernel[..., 2] = 0, 0.1
    kernel[..., 3] = np.abs(kernel[..., 3])
    model.get_layer("conv").set_weights([kernel, np.array([0, 0.5, -0.66, 0], np.float32)])
    return model


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> Inspector:
    path = tmp_path_factory.mktemp("models") / "model.keras"
    network().save(path)
    return open_model(path)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(tmp_path))


@cache
def part(layer: str) -> keras.Model:
    """The same network up to a layer."""
    made = network()
    return keras.Model(made.inputs, made.get_layer(layer).output)


def outputs(layer: str, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(images, nodes, maps), by plain Keras."""
    found = np.asarray(part(layer)([images.astype(np.float32) / 255]))
    shape = found.shape[1:]
    if len(shape) == 2:
        return found.reshape(len(images), -1, 1)
    return found.reshape(len(images), -1, shape[-1]) if len(shape) == 3 else found.reshape(len(images), 1, -1)


def whole(made: TopImagesSearch) -> TopImages:
    while not made.top_images.complete:
        made.advance(0)
    return made.top_images


@pytest.mark.parametrize("layer", ["conv", "signed", "plane", "out"])
def test_that_the_best_images_are_those_of_brute_force(inspector: Inspector, toy: Dataset, layer: str) -> None:
    found = whole(find_top_images(inspector, toy, "test", layer, 10_000))
    truth = outputs(layer, np.asarray(toy.test_images))
    largest = truth.max(axis=1)
    order = np.argsort(-largest, axis=0, kind="stable")[:BEST]
    assert (found.done, found.wanted, found.split, found.layer) == (COUNT, COUNT, "test", layer)
    np.testing.assert_allclose(found.values, np.take_along_axis(largest, order, axis=0), rtol=1e-5, atol=1e-6)
    for number in range(found.maps):
        distinct = len(np.unique(largest[:, number])) == COUNT
        if distinct:  # equal values are told apart by another test
            np.testing.assert_array_equal(found.indices[:, number], order[:, number])
            nodes = truth[order[:, number], :, number].argmax(axis=1)
            np.testing.assert_array_equal(found.places[:, number], nodes)
    np.testing.assert_allclose(found.low, truth.min(axis=(0, 1)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.high, truth.max(axis=(0, 1)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.means, truth.mean(axis=(0, 1)), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(found.silent, (truth == 0).all(axis=1).sum(axis=0))


def test_that_dead_constant_and_seldom_maps_are_told_apart(inspector: Inspector, toy: Dataset) -> None:
    found = whole(find_top_images(inspector, toy, "test", "conv", COUNT))
    assert found.dead.tolist() == [True, False, False, False]
    assert found.constant.tolist() == [False, True, False, False]
    assert found.best(0) == ()
    assert 0 < found.zero_share(2) < 1
    assert found.zero_share(3) == 0
    row, column, number = found.best(3)[0].node
    image = np.asarray(toy.test_images)[found.best(3)[0].index]
    assert outputs("conv", image[np.newaxis])[0, row * 10 + column, 3] == pytest.approx(found.best(3)[0].value)
    assert number == 3


def test_that_of_equal_images_the_first_ones_win_and_of_equal_nodes_the_first_one(
    inspector: Inspector, toy: Dataset
) -> None:
    images = np.full_like(toy.images, 30)
    images[[100, 120, 159], 5, 5] = 255
    equal = dataclasses.replace(toy, images=images)
    found = whole(find_top_images(inspector, equal, "test", "conv", COUNT))
    best = found.best(3)
    assert [each.index for each in best] == [10, 30, 69, 0, 1, 2, 3, 4, 5]
    assert best[0].node == best[1].node == best[2].node
    assert {each.node for each in best[3:]} == {(0, 0, 3)}


def test_that_a_part_of_the_images_is_drawn_once_and_for_all(inspector: Inspector, toy: Dataset) -> None:
    found = whole(find_top_images(inspector, toy, "train", "signed", 20))
    places = np.sort(np.random.default_rng(0).choice(90, 20, replace=False))
    largest = outputs("signed", np.asarray(toy.train_images)[places]).max(axis=1)
    assert found.done == 20
    np.testing.assert_array_equal(found.indices, places[np.argsort(-largest, axis=0, kind="stable")[:BEST]])


def test_that_results_come_bit_by_bit(inspector: Inspector, toy: Dataset) -> None:
    made = find_top_images(inspector, toy, "test", "signed", COUNT)
    assert (made.top_images.done, made.top_images.best(0)) == (0, ())
    first = made.advance(0)
    assert first.done == 1
    assert [each.index for each in first.best(0)] == [0]
    assert first.low[0] <= first.means[0] <= first.high[0]
    second = made.advance(0)
    assert second.done > first.done
    assert not second.complete


def test_that_a_second_time_no_image_is_looked_at(
    inspector: Inspector, toy: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = whole(find_top_images(inspector, toy, "test", "conv", 30))
    with monkeypatch.context() as patch:
        patch.setattr(image_batches.ImageBatches, "next", None)
        again = find_top_images(inspector, toy, "test", "conv", 30).top_images
    assert again.complete
    for field in dataclasses.fields(TopImages):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(first, field.name))
    others = [
        find_top_images(inspector, toy, "train", "conv", 30),
        find_top_images(inspector, toy, "test", "signed", 30),
        find_top_images(inspector, toy, "test", "conv", 31),
        find_top_images(inspector.with_preprocessing("none", toy.train_images), toy, "test", "conv", 30),
        find_top_images(inspector, dataclasses.replace(toy, test=range(60, 160)), "test", "conv", 30),
        find_top_images(inspector, dataclasses.replace(toy, fingerprint="other"), "test", "conv", 30),
    ]
    assert [made.top_images.done for made in others] == [0] * len(others)


def test_that_other_weights_are_another_model_though_the_file_is_the_same(inspector: Inspector, toy: Dataset) -> None:
    whole(find_top_images(inspector, toy, "test", "conv", 30))
    kernel = inspector.loaded.model.get_layer("conv").kernel
    kept = kernel.numpy()
    try:
        kernel.assign(kept * 2)
        assert find_top_images(inspector, toy, "test", "conv", 30).top_images.done == 0
    finally:
        kernel.assign(kept)


def test_that_a_file_of_the_cache_that_was_damaged_counts_for_nothing(
    inspector: Inspector, toy: Dataset, tmp_path: Path
) -> None:
    whole(find_top_images(inspector, toy, "test", "conv", 30))
    (file,) = (tmp_path / "cache" / "excitement").glob("*.npz")
    file.write_bytes(file.read_bytes()[:-100])
    assert find_top_images(inspector, toy, "test", "conv", 30).top_images.done == 0


def test_that_a_cache_that_cannot_be_written_spoils_nothing(inspector: Inspector, toy: Dataset, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    assert whole(find_top_images(inspector, toy, "test", "conv", 30)).complete


def test_that_nan_activates_nothing(tmp_path: Path, toy: Dataset) -> None:
    model = network()
    kernel, bias = model.get_layer("conv").get_weights()
    kernel[..., 3] = np.nan
    model.get_layer("conv").set_weights([kernel, bias])
    model.save(tmp_path / "model.keras")
    found = whole(find_top_images(open_model(tmp_path / "model.keras"), toy, "test", "conv", COUNT))
    assert found.best(3) == ()
    assert found.dead.tolist() == [True, False, False, False]
    truth = outputs("conv", np.asarray(toy.test_images)).max(axis=1)[:, 2]
    assert [each.index for each in found.best(2)] == np.argsort(-truth, kind="stable")[:BEST].tolist()


def test_that_what_cannot_be_done_is_said(inspector: Inspector, toy: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    larger = dataclasses.replace(toy, images=np.zeros((160, 14, 12, 1), np.uint8))
    with pytest.raises(ExplorerError, match="takes images of 12×12×1, the data set has 14×12×1"):
        find_top_images(inspector, larger, "test", "conv", 10)
    with pytest.raises(ExplorerError, match='no layer "none"'):
        find_top_images(inspector, toy, "test", "none", 10)
    with pytest.raises(ExplorerError, match="no images"):
        find_top_images(inspector, dataclasses.replace(toy, train=range(0)), "train", "conv", 10)
    monkeypatch.setattr(top_images, "MOST_MAPS", 191)
    with pytest.raises(ExplorerError, match="192 values"):
        find_top_images(inspector, toy, "test", "signed_flat", 10)


def test_that_only_the_layers_that_are_needed_are_computed(inspector: Inspector) -> None:
    made = image_batches.ImageBatches(inspector, ("plane",), lambda _images, outputs, _real: outputs)
    assert list(made.calls) == ["conv", "plane"]


def test_that_memory_limits_the_images_of_a_call(
    inspector: Inspector, toy: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_batches, "_MEMORY", 10 * 10 * 4 * 4 * 5)  # five images of the largest layer
    made = image_batches.ImageBatches(inspector, ("conv",), lambda _images, outputs, _real: outputs)
    taken = [made.next(toy.test_images, range(COUNT))[0] for _ in range(12)]
    assert max(taken) == 4


def test_that_channels_first_and_a_second_input_are_no_obstacle(tmp_path: Path, toy: Dataset) -> None:
    number = keras.Input((2,), name="number")
    image = keras.Input((1, 12, 12), name="image")
    maps = keras.layers.Conv2D(4, 3, data_format="channels_first", name="conv")(image)
    scale = keras.layers.Dense(432, name="dense", bias_initializer="ones")(number)
    grown = keras.layers.Reshape((4, 10, 10), name="grown")(keras.layers.Dense(400, name="more")(scale))
    keras.Model([number, image], keras.layers.Add(name="sum")([maps, grown])).save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    few = dataclasses.replace(toy, test=range(90, 102))  # each size of a call is compiled anew
    found = whole(find_top_images(open_model(tmp_path / "model.keras"), few, "test", "conv", COUNT))
    kernel, bias = model.get_layer("conv").get_weights()
    plain = keras.Sequential([keras.Input((12, 12, 1)), keras.layers.Conv2D(4, 3)])
    plain.set_weights([kernel, bias])
    truth = np.asarray(plain(np.asarray(few.test_images, np.float32) / 255))
    assert found.shape == (10, 10, 4)
    np.testing.assert_allclose(found.values[0], truth.max(axis=(0, 1, 2)), rtol=1e-4, atol=1e-5)
    flat = truth.reshape(12, 100, 4)
    best = flat.max(axis=1).argmax(axis=0)
    np.testing.assert_array_equal(found.indices[0], best)
    np.testing.assert_array_equal(
        found.places[0], [flat[image, :, number].argmax() for number, image in enumerate(best)]
    )


def test_that_images_may_lie_anywhere_in_any_order(inspector: Inspector, toy: Dataset) -> None:
    mixed = dataclasses.replace(toy, test=np.random.default_rng(2).permutation(np.arange(90, 160)))
    found = whole(find_top_images(inspector, mixed, "test", "signed", COUNT))
    largest = outputs("signed", toy.images[mixed.test]).max(axis=1)
    np.testing.assert_array_equal(found.indices, np.argsort(-largest, axis=0, kind="stable")[:BEST])
