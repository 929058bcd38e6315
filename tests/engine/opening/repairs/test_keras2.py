from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from cnn_explorer.core.model.info import NotBuiltError
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.opening.repairs.keras2 import repair

layers = keras.layers
Change = Callable[[dict[str, Any]], None]


def rewritten(path: Path, model: keras.Model, change: Change) -> Path:
    """A file of ``model`` whose architecture says the same in older words: ``change`` gets the whole of it."""
    model.save(path)
    with h5py.File(path, "a") as file:
        config = json.loads(file.attrs["model_config"])
        change(config)
        file.attrs["model_config"] = json.dumps(config)
    return path


def each(kind: str, change: Change) -> Change:
    """Apply ``change`` to each object of a class, wherever it is."""

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("class_name") == kind:
                change(part)
            for value in list(part.values()):
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    return walk


def settings(kind: str, **values: Any) -> Change:
    """Each layer of a class gets these settings."""
    return each(kind, lambda layer: layer["config"].update(values))


def stack(*parts: keras.Layer, shape: tuple[int, ...] = (8, 8, 3)) -> keras.Sequential:
    keras.utils.set_random_seed(5)
    return keras.Sequential([keras.Input(shape), *parts])


def policies(config: dict[str, Any]) -> None:
    each("DTypePolicy", lambda part: part.update(class_name="Policy", module=None, config={"name": "float32"}))(config)


def without_input(config: dict[str, Any]) -> None:
    inner = config["config"]
    shape = inner["layers"].pop(0)["config"]["batch_shape"]
    inner["layers"][0]["config"]["batch_input_shape"] = shape
    inner.pop("build_input_shape", None)


def as_list(config: dict[str, Any]) -> None:
    without_input(config)
    config["config"] = config["config"]["layers"]


def renamed(kind: str, name: str, **keys: str) -> Change:
    def change(layer: dict[str, Any]) -> None:
        layer["class_name"] = name
        for new, old in keys.items():
            layer["config"][old] = layer["config"].pop(new)

    return each(kind, change)


def keras1(config: dict[str, Any]) -> None:
    """As Keras 1.2 would have written a stack of Conv2D, MaxPooling2D, Flatten, Dropout and Dense."""
    as_list(config)
    for layer in config["config"]:
        inner, kind = layer["config"], layer["class_name"]
        new = {"name": inner["name"], "trainable": True}
        if "batch_input_shape" in inner:
            new |= {"batch_input_shape": inner["batch_input_shape"], "input_dtype": "float32"}
        if kind == "Conv2D":
            layer["class_name"] = "Convolution2D"
            rows, columns = inner["kernel_size"]
            new |= {"nb_filter": inner["filters"], "nb_row": rows, "nb_col": columns, "subsample": inner["strides"]}
            new |= {"border_mode": inner["padding"], "dim_ordering": "tf", "bias": True, "init": "glorot_uniform"}
            new |= {
                "activation": inner["activation"],
                "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.1},
            }
            new |= {"b_regularizer": None, "activity_regularizer": None, "W_constraint": None, "b_constraint": None}
        elif kind == "MaxPooling2D":
            new |= {"pool_size": inner["pool_size"], "strides": inner["strides"], "border_mode": "valid"}
            new |= {"dim_ordering": "tf"}
        elif kind == "Dense":
            new |= {"output_dim": inner["units"], "init": "uniform", "activation": inner["activation"], "bias": True}
            new |= {"input_dim": None, "W_regularizer": None, "b_regularizer": None, "activity_regularizer": None}
            new |= {"W_constraint": None, "b_constraint": None}
        elif kind == "Dropout":
            new |= {"p": inner["rate"]}
        layer["config"] = new


def digits() -> keras.Sequential:
    return stack(
        layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(), layers.Dropout(0.25), layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    )  # fmt: skip


def normalized() -> keras.Sequential:
    return stack(layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization(), layers.ReLU(max_value=6.0))


def nested() -> keras.Model:
    inner = keras.Sequential([keras.Input((8, 8, 3)), layers.DepthwiseConv2D(3), layers.Conv2D(2, 1)], name="inner")
    return stack(inner, layers.Flatten(), layers.Dense(2))


CASES: dict[str, tuple[Callable[[], keras.Model], Change, str, bool]] = {
    "depthwise": (lambda: stack(layers.DepthwiseConv2D(3)), settings("DepthwiseConv2D", groups=1), "groups=1", True),
    "transpose": (
        lambda: stack(layers.Conv2DTranspose(2, 3)), settings("Conv2DTranspose", groups=1), "groups=1", True,
    ),
    "separable": (
        lambda: stack(layers.SeparableConv2D(4, 3)),
        settings("SeparableConv2D", groups=1, kernel_initializer=None, kernel_regularizer=None, kernel_constraint=None),
        "kernel_initializer, kernel_regularizer, kernel_constraint",
        True,
    ),
    "nested": (nested, settings("DepthwiseConv2D", groups=1), "groups=1", True),
    "no input layer": (digits, without_input, "begins with an input of 8×8×3", True),
    "list": (digits, as_list, "list of layers", True),
    "initializers": (digits, settings("GlorotUniform", dtype="float32"), "number type in initial values", True),
    "policies": (digits, policies, 'number types "float32"', True),
    "time_major": (
        lambda: stack(layers.Reshape((8, 24)), layers.LSTM(4)), settings("LSTM", time_major=False), "time_major", True,
    ),
    "axis": (normalized, settings("BatchNormalization", axis=[3]), "out of a list", False),
    "fused": (normalized, settings("BatchNormalization", fused=None), "fused", True),
    "v1": (normalized, renamed("BatchNormalization", "BatchNormalizationV1"), "is BatchNormalization now", True),
    "ndarray": (normalized, settings("ReLU", max_value={"type": "ndarray", "value": 6.0}), "read as a number", True),
    "alpha": (
        lambda: stack(layers.LeakyReLU(negative_slope=0.2)), renamed("LeakyReLU", "LeakyReLU", negative_slope="alpha"),
        "called negative_slope", False,
    ),
    "keras 1": (digits, keras1, "settings of Keras 1", True),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore:.*alpha")
def test_that_a_repaired_model_computes_what_it_computed(tmp_path: Path, case: str) -> None:
    make, change, says, refused = CASES[case]
    model = make()
    path = rewritten(tmp_path / "old.h5", model, change)
    if refused:
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever Keras 3 raises: this is why there is a repair
            keras.models.load_model(path, compile=False)
    before = path.read_bytes()
    loaded = load_model_file(path)
    images = np.random.default_rng(1).random((2, *model.input_shape[1:]), np.float32)
    np.testing.assert_allclose(loaded.model(images), model(images), rtol=1e-5, atol=1e-6)
    assert any(says in sentence for sentence in loaded.repairs), loaded.repairs
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.LayerNormalization(axis=[1, 2, 3], name="norm"),
        lambda: layers.LayerNormalization(axis=[1, 2], center=False, scale=False, name="norm"),
        lambda: layers.UnitNormalization(axis=[2, 3], name="norm"),
        lambda: layers.Softmax(axis=[1, 2], name="norm"),
    ],
)
def test_that_layers_along_several_axes_compute_what_they_computed(
    tmp_path: Path, make: Callable[[], keras.Layer]
) -> None:
    model = stack(layers.Conv2D(2, 3), make())
    path = tmp_path / "axes.h5"
    model.save(path)
    images = np.random.default_rng(1).random((2, *model.input_shape[1:]), np.float32)
    said = np.asarray(model(images))
    try:
        plain = keras.models.load_model(path, compile=False)
    except ValueError:  # the weights have another shape
        plain = None
    # This is why there is a repair: without weights nobody notices.
    assert plain is None or not np.allclose(plain(images), said, rtol=1e-3)
    loaded = load_model_file(path)
    np.testing.assert_allclose(loaded.model(images), said, rtol=1e-5, atol=1e-6)
    assert loaded.repairs == ("norm: its axes, which Keras forgets when it reads such a file, were kept.",)


def test_that_operations_on_numbers_open_from_h5(tmp_path: Path) -> None:
    image = keras.Input((8, 8, 3))
    shifted = keras.ops.relu(layers.Conv2D(2, 3)(image) + 0.5) * 2.0
    model = keras.Model(image, layers.Add()([shifted, keras.ops.sigmoid(shifted)]))
    model.save(tmp_path / "operations.h5")
    with pytest.raises(ValueError, match="Unknown layer"):
        keras.models.load_model(tmp_path / "operations.h5", compile=False)
    loaded = load_model_file(tmp_path / "operations.h5")
    images = np.random.default_rng(1).random((2, 8, 8, 3), np.float32)
    np.testing.assert_allclose(loaded.model(images), model(images), rtol=1e-5, atol=1e-6)
    assert len(loaded.repairs) == 4


@pytest.mark.parametrize("make", [digits, normalized, nested])
def test_that_a_model_of_today_needs_no_repair(tmp_path: Path, make: Callable[[], keras.Model]) -> None:
    for name in ("model.h5", "model.keras"):
        make().save(tmp_path / name)
        assert load_model_file(tmp_path / name).repairs == ()


def test_that_an_attention_opens_from_h5(tmp_path: Path) -> None:
    image = keras.Input((3, 4, 2))
    steps = layers.Reshape((12, 2))(image)
    model = keras.Model(image, layers.Attention(name="attention")([steps, steps]))
    model.save(tmp_path / "attention.h5")
    loaded = load_model_file(tmp_path / "attention.h5")
    assert loaded.repairs == ("attention: score_mode=dot, which is what Keras 3 does anyway, was left out.",)
    values = np.random.default_rng(0).random((1, 3, 4, 2), dtype=np.float32)
    np.testing.assert_allclose(np.asarray(loaded.model(values)), np.asarray(model(values)), rtol=1e-6)


def test_that_what_would_change_the_numbers_is_not_repaired(tmp_path: Path) -> None:
    model = stack(layers.Conv2DTranspose(2, 3))
    path = rewritten(tmp_path / "grouped.h5", model, settings("Conv2DTranspose", groups=2))
    with pytest.raises(NotBuiltError, match="cannot open") as raised:
        load_model_file(path)
    assert [layer.type for layer in raised.value.structure.layers][-1] == "Conv2DTranspose"
    assert raised.value.structure.total_params == model.count_params()


def test_that_kernels_in_the_order_of_theano_are_shown_and_not_guessed(tmp_path: Path) -> None:
    def theano(config: dict[str, Any]) -> None:
        keras1(config)
        each("Convolution2D", lambda layer: layer["config"].update(dim_ordering="th"))(config)

    with pytest.raises(NotBuiltError, match="Convolution2D"):
        load_model_file(rewritten(tmp_path / "theano.h5", digits(), theano))


def test_that_the_configuration_itself_is_left_alone() -> None:
    config = {"class_name": "Sequential", "config": [{"class_name": "DepthwiseConv2D", "config": {"groups": 1}}]}
    before = json.dumps(config)
    repaired, sentences = repair(config)
    assert json.dumps(config) == before
    assert "groups" not in json.dumps(repaired)
    assert len(sentences) == 2


@pytest.mark.parametrize(
    "config",
    [
        None,
        7,
        [],
        {},
        {"class_name": 3},
        {"class_name": 3, "config": [7, None]},
        {"class_name": "Dense", "config": 7},
        {"class_name": "Dense", "config": [7, None]},
        {"class_name": "Functional", "config": {"layers": [None, {"inbound_nodes": 3}], "output_layers": 7}},
        {"class_name": "TFOpLambda", "config": {"function": 3}, "inbound_nodes": [7]},
        {"class_name": "BatchNormalization", "config": {"axis": []}},
    ],
)
def test_that_nonsense_which_looks_like_nothing_old_is_handed_on_as_it_is_without_a_word(config: Any) -> None:
    assert repair(config) == (config, ())


def test_that_a_list_of_layers_gets_a_name_even_if_nothing_in_it_is_a_layer() -> None:
    repaired, sentences = repair({"class_name": "Sequential", "config": [7, None]})
    assert repaired == {"class_name": "Sequential", "config": {"name": "sequential", "layers": [7, None]}}
    assert sentences == (
        "The list of layers of a Sequential model of Keras 1 or 2 was given a name, as Keras 3 wants it.",
    )


def test_that_what_is_written_as_an_array_becomes_its_value_whatever_that_is() -> None:
    said = ("A number that was written as an array was read as a number.",)
    assert repair({"type": "ndarray", "value": "no number"}) == ("no number", said)
