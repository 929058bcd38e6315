"""Models of files are built without waste: each Sequential once, however many layers it has, and as Keras would."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from cnn_explorer.engine.opening.loader import load_model_file


def stack(depth: int, *, inputs: bool = True) -> keras.Sequential:
    convolutions = [keras.layers.Conv2D(2, 3, padding="same") for _ in range(depth)]
    return keras.Sequential([keras.Input((6, 6, 2), name="image"), *convolutions] if inputs else convolutions)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the Sequentials that were built while a file was opened."""
    seen = list[str]()
    build = keras.Sequential.build

    def count(model: keras.Sequential, input_shape: object = None) -> object:
        seen.append(model.name)
        return build(model, input_shape)

    monkeypatch.setattr(keras.Sequential, "build", count)
    return seen


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("nested", [False, True])
def test_that_a_sequential_of_a_file_is_built_once_and_as_in_keras(
    tmp_path: Path, builds: list[str], suffix: str, nested: bool
) -> None:
    model = stack(6)
    if nested:
        model = keras.Sequential([keras.Input((6, 6, 2)), stack(5), keras.layers.ReLU(), stack(4)])
    path = tmp_path / f"model{suffix}"
    model.save(path)
    builds.clear()
    opened = load_model_file(path).model
    assert len(builds) == len(set(builds)) == (3 if nested else 1)
    images = np.random.default_rng(0).normal(size=(2, 6, 6, 2)).astype(np.float32)
    plain = keras.models.load_model(path, compile=False)
    np.testing.assert_array_equal(opened(images), plain(images))
    assert opened.get_config() == plain.get_config()
    assert [layer.name for layer in opened.layers] == [layer.name for layer in plain.layers]
    assert opened.inputs[0].name == plain.inputs[0].name


def test_that_a_sequential_without_an_input_is_built_from_the_shape_it_remembers(
    tmp_path: Path, builds: list[str]
) -> None:
    model = stack(3, inputs=False)
    model.build((None, 6, 6, 2))
    path = tmp_path / "model.keras"
    model.save(path)
    builds.clear()
    assert load_model_file(path).model.output_shape == (None, 6, 6, 2)
    assert len(builds) == 1
