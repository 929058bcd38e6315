"""What a file may ask for, and what changes for those who trust it: more of everything, but never code."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.file_limits import LIMITS, FileLimits, raised_limits
from cnn_explorer.core.model.info import LimitError, NotBuiltError, WeightsOnlyError
from cnn_explorer.core.network.architecture import Architecture, Dense, Flatten
from cnn_explorer.engine.inspecting import inspector as activations
from cnn_explorer.engine.inspecting.inspector import open_model, open_with_weights
from cnn_explorer.engine.models.builder import build
from tests.engine.opening.hostile_files import FILES, small_model


@pytest.mark.parametrize("limits", [FileLimits(activations=10), FileLimits(calls=2)], ids=["numbers", "calls"])
@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_that_a_limit_of_the_network_is_told_with_its_structure_and_lifted_by_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: FileLimits, suffix: str
) -> None:
    path = tmp_path / f"small{suffix}"
    small_model().save(path)
    monkeypatch.setattr(activations, "LIMITS", limits)
    with pytest.raises(LimitError, match="If you trust the file, open it without this limit") as raised:
        open_model(path)
    assert isinstance(raised.value, NotBuiltError)
    assert raised.value.structure.total_params == small_model().count_params()
    assert open_model(path, trusted=True).info.total_params == small_model().count_params()


@pytest.mark.parametrize(
    "limits",
    [
        FileLimits(weight_bytes=100),
        FileLimits(objects=2),
        FileLimits(depth=0),
        FileLimits(config_bytes=100),
        FileLimits(config_depth=2),
    ],
    ids=["bytes", "objects", "depth", "config", "config depth"],
)
@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_that_a_limit_of_the_file_can_be_told_from_other_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: FileLimits, suffix: str
) -> None:
    path = tmp_path / f"small{suffix}"
    small_model().save(path)
    monkeypatch.setattr(activations, "LIMITS", limits)
    with pytest.raises(LimitError):
        open_model(path)
    assert open_model(path, trusted=True).info.layers


def test_that_the_numbers_of_a_long_stack_are_those_of_its_layers_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stack.h5"
    layers = [keras.layers.Conv2D(2, 1) for _ in range(12)]
    keras.Sequential([keras.Input((4, 4, 1)), *layers]).save(path)
    monkeypatch.setattr(activations, "LIMITS", FileLimits(activations=4 * 4 + 12 * 4 * 4 * 2))
    assert len(open_model(path).info.layers) == 12
    monkeypatch.setattr(activations, "LIMITS", FileLimits(activations=4 * 4 + 12 * 4 * 4 * 2 - 1))
    with pytest.raises(LimitError, match=r"One image becomes 400 numbers in the network in .*; the limit is 399"):
        open_model(path)


def test_that_trust_raises_every_limit_and_lowers_none_where_memory_is_short() -> None:
    raised, short = raised_limits(64 << 30), raised_limits(1 << 20)
    for field in dataclasses.fields(FileLimits):
        assert getattr(raised, field.name) > getattr(LIMITS, field.name), field.name
        assert getattr(short, field.name) >= getattr(LIMITS, field.name), field.name


@pytest.mark.parametrize("name", ["lambda", "external link", "soft link"])
def test_that_trust_runs_no_code_and_follows_no_link(tmp_path: Path, name: str) -> None:
    hostile = FILES[name]
    path = tmp_path / "inner" / "folder" / f"hostile{hostile.suffix}"
    path.parent.mkdir(parents=True)
    hostile.make(path)
    with pytest.raises(ExplorerError) as raised:
        open_model(path, trusted=True)
    assert not isinstance(raised.value, LimitError)
    assert hostile.says in str(raised.value)


def test_that_what_cannot_be_computed_is_refused_with_its_structure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_model().save(tmp_path / "small.h5")

    def failing(*_: object) -> None:
        raise ValueError("No such kernel.")

    monkeypatch.setattr(activations, "AllOutputs", failing)
    with pytest.raises(NotBuiltError, match=r"small.h5 cannot be computed: No such kernel\.") as raised:
        open_model(tmp_path / "small.h5")
    assert raised.value.structure.layers


NETWORK = Architecture(
    name="two", input_shape=(4, 4, 1), layers=(Flatten(name="Flat"), Dense(name="Out", units=2, activation="softmax"))
)


def test_that_a_file_of_weights_is_told_from_others_and_attached_to_a_network(tmp_path: Path) -> None:
    path = tmp_path / "trained.weights.h5"
    model = build(NETWORK, seed=3)
    model.save_weights(path)
    with pytest.raises(WeightsOnlyError, match="holds weights only"):
        open_model(path)
    inspector = open_with_weights(NETWORK, path)
    image = np.random.default_rng(0).integers(0, 256, (4, 4, 1), dtype=np.uint8)
    expected = np.asarray(model(image[np.newaxis] / np.float32(255)))[0]
    np.testing.assert_allclose(inspector.forward(image).prediction, expected, rtol=1e-5)
    assert inspector.info.preprocessing_is_guess
    assert (inspector.info.name, inspector.info.path) == ("two", path)
    other = Architecture(name="other", input_shape=(5, 4, 1), layers=NETWORK.layers)
    with pytest.raises(ExplorerError, match="do not fit"):
        open_with_weights(other, path)


def test_that_preprocessing_of_the_file_goes_to_each_input_that_it_fits(tmp_path: Path) -> None:
    left, right = keras.Input((4, 4, 1), name="left"), keras.Input((5, 5, 3), name="right")
    flat = [keras.layers.Flatten(name="flat_left")(left), keras.layers.Flatten(name="flat_right")(right)]
    keras.Model([left, right], keras.layers.Concatenate()(flat)).save(tmp_path / "two.keras")
    inspector = open_model(tmp_path / "two.keras")
    images = np.random.default_rng(1).integers(0, 256, (9, 4, 4, 1), dtype=np.uint8)
    fitted = inspector.with_preprocessing("standardize", images)
    other = np.full((5, 5, 3), 51, np.uint8)
    forward = fitted.forward_all({0: images[0], 1: other})
    np.testing.assert_allclose(forward.inputs[0], fitted.preprocessing.apply(images[0]), rtol=1e-6)
    np.testing.assert_allclose(forward.inputs[1], 0.2, rtol=1e-6)
    np.testing.assert_array_equal(forward.activations["flat_right"], forward.inputs[1].ravel())
