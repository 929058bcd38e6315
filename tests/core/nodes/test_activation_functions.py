"""Activation functions against Keras' own, and their derivatives against TensorFlow's gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnn_explorer.core.network.layers.fields import ActivationName
from cnn_explorer.core.nodes.activation_functions import (
    FUNCTIONS,
    ActivationFunction,
    exponential_unit,
    leaky_rectifier,
    named,
    rectifier,
    straight,
)

# Without the kinks themselves, where derivatives are a convention, but right beside them.
SUMS = np.concatenate([np.linspace(-30, 30, 481) + 0.013, [-100.0, -1e-4, 1e-4, 100.0]]).astype(np.float32)


def of_keras(function: Callable[[Any], Any], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value and slope as TensorFlow gives them in double precision."""
    x = tf.constant(values, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return np.asarray(y), np.asarray(tape.gradient(y, x))


@pytest.mark.parametrize("function", [f for f in FUNCTIONS.values() if not f.joint], ids=lambda f: f.name)
def test_that_value_and_derivative_are_those_of_keras(function: ActivationFunction) -> None:
    sums = np.clip(SUMS, -30, 30) if function.name == "exponential" else SUMS
    value, slope = of_keras(keras.activations.get(function.name), sums)
    np.testing.assert_allclose(function.value(sums), value, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(function.derivative(sums), slope, rtol=1e-6, atol=1e-6)


def test_that_softmax_and_its_own_slope_are_those_of_keras() -> None:
    softmax = FUNCTIONS["softmax"]
    sums = np.random.default_rng(0).normal(0, 5, (4, 7))
    x = tf.constant(sums)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = keras.activations.softmax(x)
    slopes = np.einsum("iaia->ia", np.asarray(tape.jacobian(y, x)))
    np.testing.assert_allclose(softmax.value(sums), np.asarray(y), atol=1e-12)
    np.testing.assert_allclose(softmax.derivative(sums), slopes, atol=1e-12)
    assert softmax.value(np.array([1000.0, 0.0])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("function", "layer"),
    [
        (rectifier(0.1), keras.layers.ReLU(negative_slope=0.1)),
        (rectifier(maximum=2.5), keras.layers.ReLU(max_value=2.5)),
        (rectifier(maximum=6), keras.layers.ReLU(max_value=6)),
        (rectifier(threshold=1.0), keras.layers.ReLU(threshold=1.0)),
        (rectifier(0.2, 3.0, 0.5), keras.layers.ReLU(3.0, 0.2, 0.5)),
        (leaky_rectifier(0.3), keras.layers.LeakyReLU(negative_slope=0.3)),
        (exponential_unit(0.7), keras.layers.ELU(alpha=0.7)),
        (straight(0.5, -1.0), keras.layers.Rescaling(0.5, -1.0)),
    ],
)
def test_that_layers_with_parameters_are_those_of_keras(function: ActivationFunction, layer: keras.Layer) -> None:
    x = tf.constant(SUMS[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    np.testing.assert_allclose(function.value(SUMS), np.asarray(y)[0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(function.derivative(SUMS), np.asarray(tape.gradient(y, x))[0], rtol=1e-6, atol=1e-6)


def test_that_every_activation_of_the_builder_is_known() -> None:
    (names,) = (get_args(part) for part in get_args(ActivationName)[:1])
    assert all(named(name) for name in names)
    assert named("silu") is named("swish")
    assert named("nonsense") is None


def test_that_formulas_tell_parameters() -> None:
    assert rectifier().formula == "x if x > 0, else 0"
    assert rectifier(0.1, 6.0, 1.0).formula == "min(x, 6) if x > 1, else 0.1 · (x - 1)"
    assert straight(0.5, -1).formula == "0.5 · x - 1"
