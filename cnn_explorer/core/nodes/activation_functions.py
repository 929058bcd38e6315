"""Activation functions with formulas and derivatives, by NumPy alone, as Keras computes them.

Names are Keras' own. All take and give float64 arrays of any shape. At a kink the derivative is the one that
TensorFlow uses, which is that of the side below.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805
_erf = np.vectorize(math.erf, otypes=[np.float64])


@dataclass(frozen=True)
class ActivationFunction:
    """A function that a layer puts its sums through.

    ``value`` and ``derivative`` take an array (anything that NumPy makes one of) and give float64 of the same
    shape. ``joint``: all values along the last axis decide about each, as in softmax; the derivative is then that
    of each value by its own sum, the diagonal of the Jacobian.
    """

    name: str
    formula: str
    value: Callable[[Any], Values]
    derivative: Callable[[Any], Values]
    joint: bool = False


def named(name: str) -> ActivationFunction | None:
    """The activation function of that Keras name with Keras' parameters; ``None`` for one unknown here."""
    return FUNCTIONS.get(_OTHER_NAMES.get(name, name))


def rectifier(negative_slope: float = 0.0, maximum: float | None = None, threshold: float = 0.0) -> ActivationFunction:
    """Keras' ``ReLU`` with all its parameters: x above ``threshold``, but at most ``maximum``; below the threshold
    negative_slope · (x - threshold).
    """
    highest = math.inf if maximum is None else maximum

    def value(values: Any) -> Values:
        x = _array(values)
        return np.where(x > threshold, np.minimum(x, highest), negative_slope * (x - threshold))

    def derivative(values: Any) -> Values:
        x = _array(values)
        return np.where(x > threshold, np.where(x < highest, 1.0, 0.0), negative_slope)

    below = f"{_times(negative_slope)}{_minus(threshold)}" if negative_slope else "0"
    above = "x" if maximum is None else f"min(x, {maximum:g})"
    return ActivationFunction("relu", f"{above} if x > {threshold:g}, else {below}", value, derivative)


def leaky_rectifier(negative_slope: float = 0.2) -> ActivationFunction:
    """x above 0, negative_slope · x below."""
    made = rectifier(negative_slope)
    return ActivationFunction("leaky_relu", made.formula, made.value, made.derivative)


def exponential_unit(alpha: float = 1.0) -> ActivationFunction:
    """Keras' ``ELU``: x above 0, alpha · (exp(x) - 1) below."""

    def value(values: Any) -> Values:
        x = _array(values)
        return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))

    def derivative(values: Any) -> Values:
        x = _array(values)
        return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))

    factor = "" if alpha == 1 else f"{alpha:g} · "
    return ActivationFunction("elu", f"x if x > 0, else {factor}(exp(x) - 1)", value, derivative)


def straight(scale: float, offset: float) -> ActivationFunction:
    """Keras' ``Rescaling``: scale · x + offset."""
    return ActivationFunction(
        "rescaling",
        f"{scale:g} · x {'-' if offset < 0 else '+'} {abs(offset):g}",
        lambda x: scale * _array(x) + offset,
        lambda x: np.full_like(_array(x), scale),
    )


def _array(x: Any) -> Values:
    return np.asarray(x, dtype=np.float64)


def _times(slope: float) -> str:
    return "" if slope == 1 else f"{slope:g} · "


def _minus(threshold: float) -> str:
    return f"(x - {threshold:g})" if threshold else "x"


def _sigmoid(x: Any) -> Values:
    # Half the hyperbolic tangent cannot overflow, 1 / (1 + exp(-x)) can.
    return 0.5 * (1 + np.tanh(0.5 * _array(x)))


def _sigmoid_slope(x: Any) -> Values:
    share = _sigmoid(x)
    return share * (1 - share)


def _selu(values: Any) -> Values:
    x = _array(values)
    return _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(np.minimum(x, 0)))


def _selu_slope(values: Any) -> Values:
    x = _array(values)
    return _SELU_SCALE * np.where(x > 0, 1.0, _SELU_ALPHA * np.exp(np.minimum(x, 0)))


def _gelu(values: Any) -> Values:
    x = _array(values)
    return np.asarray(0.5 * x * (1 + _erf(x / math.sqrt(2))))


def _gelu_slope(values: Any) -> Values:
    x = _array(values)
    density = np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)
    return np.asarray(0.5 * (1 + _erf(x / math.sqrt(2))) + x * density)


def _softplus(x: Any) -> Values:
    return np.logaddexp(0.0, _array(x))


def _swish(x: Any) -> Values:
    return np.asarray(_array(x) * _sigmoid(x))


def _swish_slope(x: Any) -> Values:
    return _sigmoid(x) + _array(x) * _sigmoid_slope(x)


def _hard_sigmoid(x: Any) -> Values:
    return np.clip(_array(x) / 6 + 0.5, 0, 1)


def _hard_sigmoid_slope(x: Any) -> Values:
    return np.where(np.abs(_array(x)) < 3, 1 / 6, 0.0)


def _hard_swish(x: Any) -> Values:
    return np.asarray(_array(x) * _hard_sigmoid(x))


def _hard_swish_slope(x: Any) -> Values:
    return _hard_sigmoid(x) + _array(x) * _hard_sigmoid_slope(x)


def _mish(x: Any) -> Values:
    return np.asarray(_array(x) * np.tanh(_softplus(x)))


def _mish_slope(x: Any) -> Values:
    bent = np.tanh(_softplus(x))
    return np.asarray(bent + _array(x) * (1 - bent**2) * _sigmoid(x))


def _softmax(values: Any) -> Values:
    x = _array(values)
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _softmax_slope(x: Any) -> Values:
    share = _softmax(x)
    return share * (1 - share)


def _table(*functions: ActivationFunction) -> dict[str, ActivationFunction]:
    return {function.name: function for function in functions}


FUNCTIONS = _table(
    ActivationFunction("linear", "x", _array, lambda x: np.ones_like(_array(x))),
    rectifier(),
    ActivationFunction("relu6", "min(max(x, 0), 6)", rectifier(maximum=6).value, rectifier(maximum=6).derivative),
    leaky_rectifier(),
    exponential_unit(),
    ActivationFunction("celu", "x if x > 0, else exp(x) - 1", exponential_unit().value, exponential_unit().derivative),
    ActivationFunction("selu", "1.0507 · (x if x > 0, else 1.6733 · (exp(x) - 1))", _selu, _selu_slope),
    ActivationFunction("gelu", "x · Φ(x), Φ the share of the normal distribution below x", _gelu, _gelu_slope),
    ActivationFunction("sigmoid", "1 / (1 + exp(-x))", _sigmoid, _sigmoid_slope),
    ActivationFunction("hard_sigmoid", "x / 6 + 1/2, clipped to 0…1", _hard_sigmoid, _hard_sigmoid_slope),
    ActivationFunction("tanh", "tanh(x)", lambda x: np.tanh(_array(x)), lambda x: 1 - np.tanh(_array(x)) ** 2),
    ActivationFunction("softplus", "log(1 + exp(x))", _softplus, _sigmoid),
    ActivationFunction(
        "softsign",
        "x / (1 + |x|)",
        lambda x: _array(x) / (1 + np.abs(_array(x))),
        lambda x: 1 / (1 + np.abs(_array(x))) ** 2,
    ),
    ActivationFunction("swish", "x / (1 + exp(-x))", _swish, _swish_slope),
    ActivationFunction("hard_swish", "x · (x / 6 + 1/2, clipped to 0…1)", _hard_swish, _hard_swish_slope),
    ActivationFunction("mish", "x · tanh(log(1 + exp(x)))", _mish, _mish_slope),
    ActivationFunction("exponential", "exp(x)", lambda x: np.exp(_array(x)), lambda x: np.exp(_array(x))),
    ActivationFunction(
        "log_sigmoid", "-log(1 + exp(-x))", lambda x: -_softplus(-_array(x)), lambda x: _sigmoid(-_array(x))
    ),
    ActivationFunction("softmax", "exp(x) / Σ exp of all", _softmax, _softmax_slope, joint=True),
)
"""All of them by name, in the order in which they are best learnt."""

_OTHER_NAMES = {"silu": "swish", "hard_silu": "hard_swish"}
