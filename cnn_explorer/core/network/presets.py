"""Networks to start from: those of the articles, and the classics."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import (
    L1L2,
    LAYER_KINDS,
    Activation,
    AnyLayer,
    Architecture,
    AveragePooling2D,
    Conv2D,
    Dense,
    Flatten,
    InputShape,
    MaxPooling2D,
    free_name,
)
from cnn_explorer.core.network.layers.fields import ActivationName, Padding


@dataclass(frozen=True)
class Preset:
    """A ready network: ``name`` is what ``--preset`` takes, ``source`` says where the network comes from."""

    name: str
    title: str
    description: str
    source: str
    architecture: Architecture


def preset(name: str) -> Preset:
    """The preset of that name; raises ``ExplorerError`` that lists the names there are."""
    found = next((each for each in PRESETS if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in PRESETS)
        raise ExplorerError(f'There is no preset "{name}".', f"The presets are {names}.")
    return found


_STEMS = {kind.spec: kind.stem for kind in LAYER_KINDS}
_UNNAMED = ""  # _network gives the names: Conv2D_1, Max_Pool_1, Conv2D_2 …
_NO_PENALTY = L1L2()
_WEIGHT_DECAY = L1L2(l2=0.001)


def _conv(filters: int, size: int = 3, padding: Padding = "valid", activation: ActivationName = "relu") -> Conv2D:
    return Conv2D(name=_UNNAMED, filters=filters, kernel_size=(size, size), padding=padding, activation=activation)


def _dense(units: int, activation: ActivationName = "relu", penalty: L1L2 = _NO_PENALTY) -> Dense:
    return Dense(name=_UNNAMED, units=units, activation=activation, kernel_regularizer=penalty)


def _network(name: str, input_shape: InputShape, *layers: AnyLayer) -> Architecture:
    names: list[str] = []
    for layer in layers:
        names.append(free_name(_STEMS[type(layer)], names))
    named = tuple(msgspec.structs.replace(layer, name=name) for layer, name in zip(layers, names, strict=True))
    return Architecture(name=name, input_shape=input_shape, layers=named)


_DIGITS = (28, 28, 1)
_POOL = MaxPooling2D(name=_UNNAMED)
_AVERAGE = AveragePooling2D(name=_UNNAMED)
_FLATTEN = Flatten(name=_UNNAMED)
_RELU = Activation(name=_UNNAMED, activation="relu")
_TINY: tuple[AnyLayer, ...] = (_conv(10, activation="linear"), _RELU)
_ARTICLES = "The article series on a simple CNN for MNIST"
_CHOLLET = "F. Chollet, Deep Learning with Python, 2nd edition, 2021, chapter 8"

PRESETS: tuple[Preset, ...] = (
    Preset(
        "mnist-simple",
        "Simple CNN",
        "Three convolutions, two poolings and a dense layer: about 99 % right on MNIST after five epochs.",
        _ARTICLES,
        _network(
            "mnist-simple", _DIGITS,
            _conv(32), _POOL, _conv(64), _POOL, _conv(64), _FLATTEN, _dense(70), _dense(10, "softmax"),
        ),
    ),
    Preset(
        "mnist-regularized",
        "Simple CNN, regularized",
        "The simple CNN with 128 maps in its last convolution and an L2 penalty on the dense weights: 99.4 % after "
        "80 epochs with a falling learning rate.",
        _ARTICLES,
        _network(
            "mnist-regularized", _DIGITS,
            _conv(32), _POOL, _conv(64), _POOL, _conv(128), _FLATTEN,
            _dense(100, penalty=_WEIGHT_DECAY), _dense(10, "softmax", _WEIGHT_DECAY),
        ),
    ),
    Preset(
        "mnist-functional",
        "Textbook CNN",
        "Three convolutions with two poolings between them, and one dense layer that reads off the digit.",
        _CHOLLET,
        _network(
            "mnist-functional", _DIGITS,
            _conv(32), _POOL, _conv(64), _POOL, _conv(128), _FLATTEN, _dense(10, "softmax"),
        ),
    ),
    Preset(
        "mnist-no-pooling",
        "Textbook CNN, no pooling",
        "The same without pooling, to see what pooling is for: a node sees 7×7 pixels only, and there are seven "
        "times as many weights.",
        _CHOLLET,
        _network("mnist-no-pooling", _DIGITS, _conv(32), _conv(64), _conv(128), _FLATTEN, _dense(10, "softmax")),
    ),
    Preset(
        "mnist-mlp",
        "Dense network",
        "No convolution at all, for comparison: about 97.8 % right on MNIST.",
        _ARTICLES,
        _network("mnist-mlp", _DIGITS, _FLATTEN, _dense(70), _dense(30), _dense(10, "softmax")),
    ),
    Preset(
        "fruits-18",
        "Fruits, 18 layers",
        "Eleven convolutions in four groups for colour photos of 100×100 pixels and 60 kinds of fruit.",
        "The article on telling fruits apart with a CNN",
        _network(
            "fruits-18", (100, 100, 3),
            *[_conv(32, padding="same")] * 3, _POOL, *[_conv(64, padding="same")] * 3, _POOL,
            *[_conv(128, padding="same")] * 3, _POOL, *[_conv(256, padding="same")] * 2, _POOL,
            _FLATTEN, _dense(1024), _dense(60, "softmax"),
        ),
    ),
    Preset(
        "lenet-5",
        "LeNet-5",
        "The classic of 1998 for digits, with tanh and average pooling; the last convolution is written as a dense "
        "layer, which is the same on a map of 5×5.",
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, 1998",
        _network(
            "lenet-5", _DIGITS,
            _conv(6, 5, "same", "tanh"), _AVERAGE, _conv(16, 5, "valid", "tanh"), _AVERAGE,
            _FLATTEN, _dense(120, "tanh"), _dense(84, "tanh"), _dense(10, "softmax"),
        ),
    ),
    Preset(
        "small-vgg",
        "Small VGG",
        "Pairs of 3×3 convolutions with twice the maps after each pooling, for colour images of 32×32 pixels.",
        "After K. Simonyan, A. Zisserman, Very deep convolutional networks for large-scale image recognition, 2014",
        _network(
            "small-vgg", (32, 32, 3),
            *[_conv(32, padding="same")] * 2, _POOL, *[_conv(64, padding="same")] * 2, _POOL,
            *[_conv(128, padding="same")] * 2, _POOL, _FLATTEN, _dense(128), _dense(10, "softmax"),
        ),
    ),
    Preset(
        "tiny-vgg",
        "Tiny VGG",
        "Ten maps everywhere, and each relu a layer of its own, so that maps can be seen before and after it.",
        "Z. J. Wang and others, CNN Explainer: learning convolutional neural networks with interactive "
        "visualization, 2020",
        _network(
            "tiny-vgg", (64, 64, 3),
            *_TINY * 2, _POOL, *_TINY * 2, _POOL,
            _FLATTEN, _dense(10, "softmax"),
        ),
    ),
)  # fmt: skip
