"""The table of layer traits, row by row against Keras itself: what is claimed of a type is what its layers do."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers as kl
from keras.src.applications.convnext import LayerScale
from keras.src.layers.convolutional.base_conv import BaseConv
from keras.src.layers.convolutional.base_conv_transpose import BaseConvTranspose
from keras.src.layers.convolutional.base_depthwise_conv import BaseDepthwiseConv
from keras.src.layers.convolutional.base_separable_conv import BaseSeparableConv
from keras.src.layers.pooling.base_global_pooling import BaseGlobalPooling
from keras.src.layers.pooling.base_pooling import BasePooling
from keras.src.layers.rnn.conv_lstm import ConvLSTM

from cnn_explorer.core.network.architecture import LAYER_KINDS
from cnn_explorer.core.network.layers.traits import TRAITS, LayerTraits, names_with, traits_of
from cnn_explorer.core.nodes.rules import merge_node
from cnn_explorer.engine.opening.checks.allowed_names import LAYERS

BASES: dict[str, type] = {
    "plain": BaseConv,
    "depthwise": BaseDepthwiseConv,
    "separable": BaseSeparableConv,
    "transposed": BaseConvTranspose,
    "recurrent": ConvLSTM,
}
SHAPES = {"1D": (6, 3), "2D": (5, 6, 3), "3D": (4, 5, 6, 2)}
"""Of one input, by the last letters of the type's name; 2D of all others."""


def random_weights(layer: kl.Layer) -> kl.Layer:
    """The layer with weights of which none is 0 or 1, so that each has an effect."""
    rng = np.random.default_rng(3)
    layer.set_weights([rng.uniform(0.3, 0.9, weight.shape) for weight in layer.get_weights()])
    return layer


MADE: dict[str, Callable[[type], kl.Layer]] = {
    **dict.fromkeys(("Dense", "SimpleRNN", "LSTM", "GRU"), lambda kind: kind(4)),
    **dict.fromkeys(("SimpleRNNCell", "LSTMCell", "GRUCell"), lambda kind: kind(4)),
    **dict.fromkeys(("AveragePooling1D", "AveragePooling2D", "AveragePooling3D"), lambda kind: kind(2)),
    "EinsumDense": lambda kind: kind("abcd,de->abce", (5, 6, 4)),
    "Embedding": lambda kind: kind(9, 2),
    "Activation": lambda kind: kind("softmax"),
    "Reshape": lambda kind: kind((3, 30)),
    "Permute": lambda kind: kind((3, 1, 2)),
    "RepeatVector": lambda kind: kind(2),
    "Rescaling": lambda kind: kind(2.0, 0.5),
    "GroupNormalization": lambda kind: kind(3),
    "LayerScale": lambda kind: kind(0.5, 3),
    "SpectralNormalization": lambda kind: kind(kl.Dense(4)),
    "TimeDistributed": lambda kind: kind(kl.Dense(4)),
    "Bidirectional": lambda kind: kind(kl.SimpleRNN(4)),
    "RNN": lambda kind: kind(kl.SimpleRNNCell(4)),
    "StackedRNNCells": lambda kind: kind([kl.SimpleRNNCell(4)]),
    "Dot": lambda kind: kind(-1),
    "Resizing": lambda kind: kind(4, 4),
    "CenterCrop": lambda kind: kind(4, 4),
    "RandomCrop": lambda kind: kind(4, 4),
    "RandomTranslation": lambda kind: kind(0.1, 0.1),
    "MultiHeadAttention": lambda kind: kind(2, 2),
    "GroupQueryAttention": lambda kind: kind(2, 4, 2),
    "ActivityRegularization": lambda kind: kind(0.1),
    **dict.fromkeys(("AdaptiveAveragePooling2D", "AdaptiveMaxPooling2D"), lambda kind: kind(2)),
    **dict.fromkeys(("RandomRotation", "RandomZoom", "RandomContrast", "RandomBrightness"), lambda kind: kind(0.2)),
    **dict.fromkeys(("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"), lambda kind: kind(0.4)),
    **dict.fromkeys(("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"), lambda kind: kind(0.4)),
}


def made(name: str) -> tuple[kl.Layer, tuple[int, ...]]:
    """A built layer of the type, with weights if it has any, and the shape of its input."""
    kind = LayerScale if name == "LayerScale" else getattr(kl, name)
    if name == "InputLayer":
        return kind(shape=SHAPES["2D"]), SHAPES["2D"]
    convolves = issubclass(kind, (BaseConv, BaseSeparableConv, BaseConvTranspose, ConvLSTM))
    shape = SHAPES.get(name[-2:], SHAPES["2D"])
    if issubclass(kind, BaseConvTranspose):
        shape = SHAPES[name.removesuffix("Transpose")[-2:]]
    if issubclass(kind, ConvLSTM):
        shape = (3, *shape)
    if name in ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "TimeDistributed") or "Attention" in name:
        shape = (6, 4)
    if name.endswith(("Cell", "Cells")) or name in ("RepeatVector", "Embedding"):
        shape = (4,)
    if name in MADE:
        layer = MADE[name](kind)
    elif convolves:
        layer = kind(4, 2)
    else:
        layer = kind(2) if issubclass(kind, BaseDepthwiseConv) else kind()
    several = traits_of(name).merges or name in ("Concatenate", "Dot")
    if traits_of(name).attends and name not in ("Attention", "AdditiveAttention"):
        layer(keras.Input(shape), keras.Input(shape))
    else:
        inputs = [keras.Input(shape), keras.Input(shape)] if several or traits_of(name).attends else keras.Input(shape)
        if name.endswith(("Cell", "Cells")):
            layer.build((None, *shape))
        else:
            layer(inputs)
    return random_weights(layer), shape


def run(layer: kl.Layer, *values: np.ndarray) -> np.ndarray:
    """The output for one image, as after training."""
    if isinstance(layer, kl.InputLayer):
        return np.asarray(keras.Model(layer.output, layer.output)(values[0][np.newaxis]))[0]
    inputs = [keras.ops.convert_to_tensor(each[np.newaxis]) for each in values]
    told = {"training": False} if "training" in inspect.signature(layer.call).parameters else {}
    return np.asarray(layer(inputs if len(inputs) > 1 else inputs[0], **told))[0]


def sample(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 0.9, shape).astype(np.float32)


def rows(holds: Callable[[LayerTraits], Any]) -> Any:
    return pytest.mark.parametrize("name", names_with(holds))


def test_that_every_layer_that_can_be_built_or_opened_has_a_row_and_every_row_is_a_layer() -> None:
    assert {kind.spec.__name__ for kind in LAYER_KINDS} <= set(TRAITS)
    assert set(TRAITS) == LAYERS | {"LayerScale"}
    assert traits_of("Lambda") == LayerTraits()


@rows(lambda traits: traits.by_value)
def test_that_one_input_value_changes_one_output_value_alone(name: str) -> None:
    layer, shape = made(name)
    values = sample(shape)
    before = run(layer, values)
    for place in [(0,) * len(shape), tuple(size // 2 for size in shape)]:
        other = values.copy()
        other[place] += 0.07
        assert [tuple(at) for at in np.argwhere(run(layer, other) != before)] == [place]


@rows(lambda traits: traits.keeps_grid)
def test_that_one_input_value_changes_output_values_at_its_row_and_column_alone(name: str) -> None:
    layer, shape = made(name)
    values = sample(shape)
    place = tuple(size // 2 for size in shape)
    other = values.copy()
    other[place] += 0.07
    changed = np.argwhere(run(layer, other) != run(layer, values))
    assert {tuple(at[:-1]) for at in changed} == {place[:-1]}


@rows(lambda traits: traits.keeps_shape)
def test_that_there_is_an_output_value_for_each_input_value(name: str) -> None:
    layer, shape = made(name)
    assert run(layer, sample(shape)).shape == shape


@rows(lambda traits: traits.idle)
def test_that_an_idle_layer_changes_nothing_after_training(name: str) -> None:
    layer, shape = made(name)
    np.testing.assert_array_equal(run(layer, sample(shape)), sample(shape))


@pytest.mark.parametrize("name", TRAITS)
def test_that_weights_are_those_that_keras_makes(name: str) -> None:
    layer, _ = made(name)
    paths = [weight.path for weight in layer.variables if "seed" not in weight.path]
    assert bool(paths) == bool(TRAITS[name].weights)
    multiplies = any("kernel" in path for path in paths) or TRAITS[name].attends
    assert (TRAITS[name].weights == "products") == (bool(paths) and multiplies)


@rows(lambda traits: traits.merges)
def test_that_a_merge_is_the_one_of_that_name(name: str) -> None:
    layer, shape = made(name)
    one, other = sample(shape), sample(shape, 2)
    node = (3, 2, 1)
    merged = merge_node(TRAITS[name].merges, [one, other], node)
    assert run(layer, one, other)[node] == pytest.approx(merged.value, rel=1e-6)


@pytest.mark.parametrize("name", TRAITS)
def test_that_kinds_of_layers_are_those_of_kerass_own_classes(name: str) -> None:
    layer, traits = made(name)[0], TRAITS[name]
    assert [kind for kind, base in BASES.items() if isinstance(layer, base)] == [traits.convolution] * bool(
        traits.convolution
    )
    windows = (BaseConv, BaseDepthwiseConv, BaseSeparableConv, BasePooling)
    assert isinstance(layer, windows) == traits.slides
    assert isinstance(layer, BaseGlobalPooling) == traits.pools_globally
    assert isinstance(layer, (kl.RNN, kl.Bidirectional)) == traits.recurrent
    assert isinstance(layer, kl.InputLayer) == traits.is_input
    attention = (kl.Attention, kl.MultiHeadAttention, kl.GroupQueryAttention)  # the first is AdditiveAttention's base
    assert isinstance(layer, attention) == traits.attends


@rows(lambda traits: traits.slides)
def test_that_a_window_must_lie_within_the_maps_unless_they_are_padded(name: str) -> None:
    kind, arguments = getattr(kl, name), (3,)
    if issubclass(kind, (BaseConv, BaseSeparableConv)):
        arguments = (2, 3)
    small = keras.Input((*[2] * (len(made(name)[1]) - 1), 2))
    with pytest.raises(ValueError, match=r"size|dimension|shape"):
        kind(*arguments)(small)
    assert kind(*arguments, padding="same", strides=1)(small).shape == (*small.shape[:-1], small.shape[-1])


@rows(lambda traits: traits.reshapes)
def test_that_reshaping_keeps_the_values_in_their_order(name: str) -> None:
    layer, shape = made(name)
    np.testing.assert_array_equal(run(layer, sample(shape)).ravel(), sample(shape).ravel())


@rows(lambda traits: traits.reorders)
def test_that_reordering_keeps_the_values(name: str) -> None:
    layer, shape = made(name)
    output = run(layer, sample(shape))
    assert output.shape != shape
    np.testing.assert_array_equal(np.sort(output, axis=None), np.sort(sample(shape), axis=None))


def test_that_a_report_does_without_layers_only_that_change_values_or_their_edge() -> None:
    plain = set(names_with(lambda traits: traits.plain))
    assert plain - set(names_with(lambda traits: traits.keeps_shape)) == {"ZeroPadding2D"}
