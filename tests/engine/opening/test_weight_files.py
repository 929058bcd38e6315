from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.opening.weight_files import attach_weights, weights_layout


def network(units: int = 3, seed: int = 1) -> keras.Sequential:
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5), keras.layers.Flatten(), keras.layers.Dense(units),
        ]
    )  # fmt: skip


def of_keras_3(path: Path, model: keras.Model) -> Path:
    path = path / "net.weights.h5"
    model.save_weights(path)
    return path


def of_keras_2(path: Path, model: keras.Model) -> Path:
    """As ``save_weights`` of tf.keras wrote them: the group of a whole model's weights is a file of its own."""
    model.save(path / "whole.h5")
    with h5py.File(path / "whole.h5") as whole, h5py.File(path / "net.weights.h5", "w") as file:
        group = whole["model_weights"]
        for name, value in group.attrs.items():
            file.attrs[name] = value
        for name in group:
            group.copy(name, file)
    return path / "net.weights.h5"


def of_a_whole_model(path: Path, model: keras.Model) -> Path:
    model.compile("adam", "mse")
    model.save(path / "whole.h5")
    return path / "whole.h5"


LAYOUTS = {"keras3": of_keras_3, "keras2": of_keras_2, "whole": of_a_whole_model}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_that_weights_of_each_layout_are_attached(tmp_path: Path, layout: str) -> None:
    source, target = network(seed=1), network(seed=2)
    path = LAYOUTS[layout](tmp_path, source)
    assert weights_layout(path) == ("keras3" if layout == "keras3" else "keras2")
    attach_weights(target, path)
    for ours, theirs in zip(target.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_that_weights_of_a_trained_model_are_attached(tmp_path: Path) -> None:
    source = network(seed=1)
    source.compile("adam", "mse", metrics=["mae"])
    source.fit(np.ones((4, 8, 8, 1)), np.ones((4, 3)), verbose=0)
    source.save_weights(tmp_path / "trained.weights.h5")
    target = network(seed=2)
    attach_weights(target, tmp_path / "trained.weights.h5")
    np.testing.assert_array_equal(target.get_weights()[0], source.get_weights()[0])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_that_a_network_keeps_its_weights_if_others_do_not_fit(tmp_path: Path, layout: str) -> None:
    path = LAYOUTS[layout](tmp_path, network(units=4))
    target = network(units=3)
    before = target.get_weights()
    with pytest.raises(ExplorerError, match=r"do not fit the network .* it holds 320 numbers, the network takes 247"):
        attach_weights(target, path)
    for ours, old in zip(target.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, old)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_that_as_many_numbers_in_other_shapes_do_not_fit(tmp_path: Path, layout: str) -> None:
    def turned(first: int, second: int) -> keras.Sequential:
        parts = [keras.layers.Dense(first, use_bias=False), keras.layers.Dense(second, use_bias=False)]
        return keras.Sequential([keras.Input((6,)), *parts])

    path = LAYOUTS[layout](tmp_path, turned(2, 6))  # 6 × 2 and 2 × 6
    target = turned(3, 2)  # 6 × 3 and 3 × 2
    target.layers[0].set_weights([np.ones((6, 3))])
    with pytest.raises(ExplorerError, match="the file no array of that shape"):
        attach_weights(target, path)
    np.testing.assert_array_equal(target.layers[0].get_weights()[0], np.ones((6, 3)))


def no_hdf5(path: Path) -> Path:
    path.write_text("weights")
    return path


def of_something(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["temperatures"] = [1.0]
    return path


def truncated(path: Path) -> Path:
    network().save_weights(path)
    path.write_bytes(path.read_bytes()[:5000])
    return path


def linked(path: Path) -> Path:
    network().save_weights(path)
    with h5py.File(path, "a") as file:
        file["layers/more"] = h5py.ExternalLink("other.h5", "/x")
    return path


def badly_called(path: Path) -> Path:
    network().save_weights(path)
    return path.rename(path.with_name("net.h5"))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (no_hdf5, "not an HDF5 file"),
        (of_something, "holds no weights of a Keras model"),
        (truncated, "is damaged"),
        (linked, "is a link to another file"),
        (badly_called, r"does not end in \.weights\.h5"),
        (lambda path: path, "There is no file"),
    ],
)
def test_that_other_files_are_refused_in_a_sentence(tmp_path: Path, make: Callable[[Path], Path], says: str) -> None:
    path = make(tmp_path / "net.weights.h5")
    with pytest.raises(ExplorerError, match=says) as raised:
        attach_weights(network(), path)
    assert raised.value.hint
    assert str(path) in raised.value.message


def test_that_a_whole_model_opens_whatever_its_name_says(tmp_path: Path) -> None:
    model = network()
    model.save(tmp_path / "whole.h5")
    path = (tmp_path / "whole.h5").rename(tmp_path / "whole.weights.h5")
    loaded = load_model_file(path)
    np.testing.assert_array_equal(loaded.model.get_weights()[0], model.get_weights()[0])
