"""How much a model would compute is known before it does: no small file keeps the program busy for hours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import pytest
from keras import layers

from cnn_explorer.core.model.file_limits import LIMITS, FileLimits
from cnn_explorer.core.model.info import LimitError, NotBuiltError
from cnn_explorer.core.network import architecture as arch
from cnn_explorer.core.network.inference import infer
from cnn_explorer.engine.graph.calls import unroll
from cnn_explorer.engine.graph.cost import cost_of, macs
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.opening.checks.config import excess

STACK = arch.Architecture(
    name="all",
    input_shape=(20, 17, 3),
    layers=(
        arch.Conv2D(name="conv", filters=6, kernel_size=(3, 2), strides=(2, 1), padding="same"),
        arch.BatchNormalization(name="normal"),
        arch.LayerNormalization(name="together", axis=2),
        arch.DepthwiseConv2D(name="depth", kernel_size=(3, 3), depth_multiplier=2),
        arch.SeparableConv2D(name="separable", filters=5, kernel_size=(2, 2), depth_multiplier=3),
        arch.Conv2DTranspose(name="transposed", filters=2, kernel_size=(3, 4), strides=(2, 1), padding="same"),
        arch.MaxPooling2D(name="pool", pool_size=(2, 2)),
        arch.Dense(name="everywhere", units=7),
        arch.Flatten(name="flat"),
        arch.Dense(name="out", units=4, activation="softmax"),
    ),
)


def test_that_products_are_counted_as_in_the_description_of_a_network() -> None:
    calls = unroll(build(STACK)).calls
    assert {name: macs(call) for name, call in calls.items()} == {
        layer.name: layer.macs for layer in infer(STACK).layers
    }


def test_that_products_of_other_layers_are_counted_where_they_are_known() -> None:
    image = keras.Input((6, 5, 4))
    grouped = layers.Conv2D(8, 3, groups=4, name="grouped")(image)
    wide = layers.Conv2DTranspose(3, (2, 4), strides=2, name="transposed")(grouped)
    steps = layers.Reshape((48, 3), name="steps")(layers.Cropping2D(((0, 0), (0, 2)), name="cut")(wide))
    other = layers.LSTM(2, name="recurrent")(steps)
    calls = unroll(keras.Model(image, [other, layers.Attention(name="attention")([steps, steps])])).calls
    assert macs(calls["grouped"]) == 4 * 3 * 8 * 3 * 3 * (4 // 4)
    assert macs(calls["transposed"]) == 4 * 3 * 8 * 2 * 4 * 3
    assert (macs(calls["cut"]), macs(calls["recurrent"]), macs(calls["attention"])) == (0, None, None)


def test_that_a_model_that_is_not_opened_up_counts_as_what_is_in_it() -> None:
    part = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(1, 3, padding="same"), layers.ReLU()])
    film = keras.Input((5, 4, 4, 1))
    whole = cost_of(unroll(keras.Model(film, layers.TimeDistributed(part)(film))))
    assert whole.numbers >= 5 * (2 * 16 + 2 * 16)
    assert whole.steps >= 5 * 16 * 9


def sequence(side: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    image = keras.Input((side, side, 1))
    return image, layers.Reshape((side * side, 1))(image)


def attending() -> keras.Model:
    image, steps = sequence(150)
    return keras.Model(image, layers.Attention()([steps, steps]))


def attending_often() -> keras.Model:
    image, steps = sequence(150)
    return keras.Model(image, layers.MultiHeadAttention(8, 1)(steps, steps))


def stepping() -> keras.Model:
    image, steps = sequence(1000)
    return keras.Model(image, layers.SimpleRNN(1)(steps))


def distributed() -> keras.Model:
    image, steps = sequence(200)
    return keras.Model(image, layers.TimeDistributed(layers.Dense(1))(steps))


def stack(shape: tuple[int, ...], *parts: keras.Layer) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *parts])


def many_at_once() -> keras.Model:
    image = keras.Input(batch_shape=(100_000, 100, 100, 3))
    return keras.Model(image, layers.Conv2D(2, 3)(image))


GREEDY: dict[str, Callable[[], keras.Model]] = {
    "attention": attending,
    "many heads": attending_often,
    "a million steps": stepping,
    "steps that are written down": distributed,
    "pooling": lambda: stack((2000, 2000, 3), layers.MaxPooling2D(1000, strides=1, padding="same")),
    "windows": lambda: stack((1000, 1000, 8), layers.DepthwiseConv2D(256, padding="same")),
    "transposed": lambda: stack((1000, 1000, 1), layers.Conv2DTranspose(1, 64, padding="same")),
    "kernels": lambda: stack((600, 600, 1), layers.Conv2D(50, 256, padding="same")),
    "input": lambda: stack((60_000, 60_000, 3), layers.Cropping2D(29_999)),
    "batch": many_at_once,
}


@pytest.mark.parametrize("name", GREEDY)
def test_that_a_network_that_would_take_hours_or_all_memory_is_not_computed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "greedy.h5"
    GREEDY[name]().save(path)
    with pytest.raises(LimitError, match="the limit is") as raised:
        open_model(path)
    assert isinstance(raised.value, NotBuiltError)
    assert raised.value.structure.layers


@pytest.mark.parametrize("name", ["VGG16", "U-Net"])
def test_that_large_networks_of_today_stay_below_the_limits(name: str) -> None:
    if name == "VGG16":
        sides, counts = (224, 112, 56, 28, 14), ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)
    else:
        sides, counts = (512, 256, 128, 64, 32), ((64,) * 4, (128,) * 4, (256,) * 4, (512,) * 4, (1024,) * 2)
    steps = numbers = 0
    maps = 3
    for side, widths in zip(sides, counts, strict=True):
        for width in widths:
            steps, numbers = steps + side * side * 9 * maps * width, numbers + side * side * width
            maps = width
    assert steps < LIMITS.steps
    assert numbers < LIMITS.activations


def test_that_layers_that_take_long_to_build_count_several_times() -> None:
    config = {"class_name": "Sequential", "config": {"layers": [{"class_name": "LSTM", "config": {}}] * 200}}
    told = excess(config, LIMITS)
    assert told == "calls 1,600 layers, recurrent ones and the like counted several times; the limit is 1,500"
    assert excess(config, FileLimits(calls=1_600)) is None


@pytest.mark.parametrize("part", [{"name": "x" * 3_000}, {"x" * 3_000: 1}, {"list": [["x" * 3_000]]}])
def test_that_a_long_text_in_the_architecture_is_a_limit(part: dict[str, object]) -> None:
    config = {"class_name": "Sequential", "config": {"layers": [{"class_name": "Flatten", "config": part}]}}
    assert excess(config, LIMITS) == "has a text of 3,000 letters in its architecture; the limit is 2,000"
    assert excess(config, FileLimits(text=3_000)) is None
