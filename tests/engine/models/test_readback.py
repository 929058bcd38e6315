"""A Keras model says which architecture it was built from, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import (
    L1L2,
    LAYER_KINDS,
    Architecture,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    LayerKind,
    LayerNormalization,
)
from cnn_explorer.core.network.presets import PRESETS, Preset
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.models.readback import architecture_of
from cnn_explorer.engine.models.saving import save_model
from cnn_explorer.engine.opening.loader import load_model_file


def _input() -> keras.KerasTensor:
    return keras.Input((8, 8, 2))


@pytest.mark.parametrize("kind", LAYER_KINDS, ids=lambda kind: kind.spec.__name__)
@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_that_every_layer_comes_back_from_a_file_as_it_was(tmp_path: Path, kind: LayerKind, suffix: str) -> None:
    stack = Architecture(name="one", input_shape=(8, 8, 2), layers=(kind.new([]),))
    path = tmp_path / f"model{suffix}"
    save_model(build(stack), path, None)
    assert architecture_of(load_model_file(path).model) == stack


@pytest.mark.parametrize("preset", [preset for preset in PRESETS if preset.name != "fruits-18"], ids=lambda p: p.name)
def test_that_presets_come_back_as_they_were(preset: Preset) -> None:
    assert architecture_of(build(preset.architecture)) == preset.architecture


def test_that_settings_other_than_the_defaults_come_back() -> None:
    stack = Architecture(
        name="special",
        input_shape=(20, 20, 3),
        layers=(
            Conv2D(
                name="C", filters=2, kernel_size=(3, 5), strides=(2, 1), padding="same", activation="leaky_relu",
                use_bias=False, kernel_initializer="random_normal", kernel_regularizer=L1L2(l1=0.5, l2=0.25),
            ),
            Conv2DTranspose(
                name="T", filters=2, kernel_size=(3, 2), strides=(2, 3), padding="same", output_padding=(0, 1),
                activation="relu", kernel_regularizer=L1L2(l2=0.125),
            ),
            LayerNormalization(name="N", axis=2, epsilon=0.5, center=False),
            Flatten(name="F"),
            LayerNormalization(name="V"),
            Dense(name="D", units=3, kernel_regularizer=L1L2(l2=0.001), kernel_initializer="he_uniform"),
        ),
    )  # fmt: skip
    assert architecture_of(build(stack, precision="mixed_bfloat16")) == stack


def test_that_a_graph_without_branches_is_a_stack() -> None:
    image = _input()
    vector = keras.layers.Flatten(name="flat")(keras.layers.Conv2D(3, 3, name="conv")(image))
    stack = architecture_of(keras.Model(image, vector, name="chain"))
    assert stack == Architecture(
        name="chain",
        input_shape=(8, 8, 2),
        layers=(Conv2D(name="conv", filters=3, kernel_size=(3, 3)), Flatten(name="flat")),
    )


def _unknown_layer() -> keras.Model:
    return keras.Sequential([_input(), keras.layers.Reshape((16, 8), name="shape")])


def _unknown_setting() -> keras.Model:
    return keras.Sequential([_input(), keras.layers.Conv2D(2, 3, activity_regularizer="l2", name="conv")])


def _unknown_value() -> keras.Model:
    return keras.Sequential([_input(), keras.layers.Dense(2, activation="mish", name="dense")])


def _two_axes() -> keras.Model:
    return keras.Sequential([_input(), keras.layers.LayerNormalization(axis=[1, 2], name="norm")])


def _other_constants() -> keras.Model:
    start = keras.initializers.RandomNormal(stddev=0.5)
    return keras.Sequential([_input(), keras.layers.Dense(2, kernel_initializer=start, name="dense")])


def _branch() -> keras.Model:
    image = _input()
    first = keras.layers.Conv2D(2, 3, name="first")(image)
    second = keras.layers.Conv2D(2, 3, name="second")(image)
    return keras.Model(image, [first, second])


def _early_end() -> keras.Model:
    image = _input()
    conv = keras.layers.Conv2D(2, 3, name="conv")(image)
    return keras.Model(image, [keras.layers.Flatten(name="flat")(conv), conv])


def _twice() -> keras.Model:
    image, conv = _input(), keras.layers.Conv2D(2, 3, padding="same", name="conv")
    return keras.Model(image, conv(conv(image)))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_unknown_layer, 'The layer "shape" is of the type Reshape.'),
        (_unknown_setting, 'The layer "conv" has other settings than known: activity_regularizer.'),
        (_unknown_value, 'The layer "dense" has a setting that is not known: '),
        (_two_axes, 'The layer "norm" has a setting that is not known: '),
        (_other_constants, 'The layer "dense" has other settings than known: kernel_initializer.'),
        (_branch, 'The layer "second" does not take just the output of the one before.'),
        (_early_end, "The model does not end with the output of its last layer."),
        (_twice, "The model does not end with the output of its last layer."),
    ],
)
def test_that_a_model_that_is_no_such_stack_says_why(make: Callable[[], keras.Model], words: str) -> None:
    with pytest.raises(ExplorerError) as refused:
        architecture_of(make())
    assert str(refused.value).startswith(words)
