"""Keras' activation functions, and the layers that are nothing else -> those of ``core.nodes.activation_functions``."""

from __future__ import annotations

from typing import Any

import keras

from cnn_explorer.core.nodes.activation_functions import (
    ActivationFunction,
    exponential_unit,
    leaky_rectifier,
    named,
    rectifier,
)


class NotKnownError(Exception):
    """This layer, or this setting of it, has no arithmetic here; the text says why."""


def function_of(activation: Any) -> ActivationFunction:
    """What ``layer.activation`` does; raises ``NotKnownError``."""
    if isinstance(activation, keras.Layer):
        return function_of_layer(activation)
    name = "linear" if activation is None else getattr(activation, "__name__", "")
    function = named(name)
    if function is None or (activation is not None and keras.activations.get(name) is not activation):
        raise NotKnownError(f"The activation function {name or activation} is not known here.")
    return function


def function_of_layer(layer: Any) -> ActivationFunction:
    """What a layer that is nothing but a function of one value does; raises ``NotKnownError``."""
    match type(layer).__name__:
        case "ReLU":
            highest = layer.max_value
            return rectifier(
                float(layer.negative_slope), None if highest is None else float(highest), float(layer.threshold)
            )
        case "LeakyReLU":
            return leaky_rectifier(float(layer.negative_slope))
        case "ELU":
            return exponential_unit(float(layer.alpha))
        case "Activation":
            return function_of(layer.activation)
    raise NotKnownError(f"The function of {type(layer).__name__} is not known here.")
