from __future__ import annotations

import keras
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import L1L2, LAYER_KINDS, Activation, Architecture, Conv2D, Dense, Flatten
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS, Preset
from cnn_explorer.engine.models.builder import build, keras_layer


@pytest.mark.parametrize("kind", LAYER_KINDS, ids=lambda kind: kind.stem)
def test_that_every_layer_of_the_palette_becomes_the_keras_layer_of_its_name_and_settings(kind) -> None:
    spec = kind.new([])
    layer = keras_layer(spec)
    assert type(layer) is getattr(keras.layers, spec.type)
    config = layer.get_config()
    for name in spec.__struct_fields__:
        value = getattr(spec, name)
        if isinstance(value, (int, float, str, tuple)) and not name.endswith("initializer"):
            told = config[name]
            assert (tuple(told) if isinstance(told, list) else told) == value or told == keras.activations.get(value)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_a_preset_is_built_with_the_names_shapes_and_parameters_that_are_told_of_it(preset: Preset) -> None:
    facts = infer(preset.architecture)
    model = build(preset.architecture)
    assert model.count_params() == facts.total_params
    assert [layer.name for layer in model.layers] == [layer.name for layer in facts.layers]
    assert [layer.output.shape[1:] for layer in model.layers] == [layer.output_shape for layer in facts.layers]


def test_that_the_same_seed_gives_the_weights_that_plain_keras_gives(network: Architecture) -> None:
    ours = build(network, seed=11)
    keras.utils.set_random_seed(11)
    plain = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax", kernel_regularizer=keras.regularizers.L2(0.01)),
        ]
    )
    for a, b in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(build(network, seed=12).get_weights()[0], ours.get_weights()[0])


def test_that_only_a_penalty_above_zero_becomes_a_regularizer() -> None:
    layers = (
        Flatten(name="flat"),
        Dense(name="free", units=2),
        Dense(name="bound", units=2, kernel_regularizer=L1L2(l1=0.5)),
    )
    model = build(Architecture(input_shape=(2, 2, 1), layers=layers), seed=1)
    weights = model.get_layer("bound").get_weights()[0]
    assert len(model.losses) == 1
    assert float(model.losses[0]) == pytest.approx(0.5 * np.abs(weights).sum(), rel=1e-6)


@pytest.mark.parametrize(("precision", "half"), [("mixed_bfloat16", "bfloat16"), ("mixed_float16", "float16")])
def test_that_mixed_precision_leaves_weights_and_the_last_layer_in_float32(
    network: Architecture, precision: str, half: str
) -> None:
    model = build(network, precision)
    assert [layer.compute_dtype for layer in model.layers] == [half, half, half, "float32"]
    assert {weight.dtype for weight in model.weights} == {"float32"}


def test_that_a_layer_which_keras_refuses_is_named() -> None:
    layers = (Conv2D(name="Odd", filters=1, kernel_size=(9, 9)), Activation(name="After", activation="relu"))
    with pytest.raises(ExplorerError, match=r"^Odd: Keras cannot build this layer"):
        build(Architecture(input_shape=(4, 4, 1), layers=layers))
