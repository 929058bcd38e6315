"""Shapes, counts and problems, against the figures of the articles and by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cnn_explorer.core.network import architecture as arch
from cnn_explorer.core.network.architecture import LAYER_KINDS, AnyLayer, Architecture
from cnn_explorer.core.network.inference import MOST_VALUES, Inference, infer, training_problems
from cnn_explorer.core.network.layers.rules import effect_of
from cnn_explorer.core.network.presets import PRESETS, Preset, preset

DIGITS = (28, 28, 1)


def network(*layers: AnyLayer, shape: tuple[int, int, int] = DIGITS) -> Architecture:
    return Architecture(input_shape=shape, layers=layers)


def conv(name: str = "Conv2D_1", size: tuple[int, int] = (3, 3), **options: Any) -> arch.Conv2D:
    return arch.Conv2D(name=name, filters=options.pop("filters", 1), kernel_size=size, **options)


def spread(size: tuple[int, int] = (3, 3), **options: Any) -> arch.Conv2DTranspose:
    return arch.Conv2DTranspose(name="Transposed_1", filters=4, kernel_size=size, **options)


def output(*layers: AnyLayer, shape: tuple[int, int, int] = DIGITS) -> tuple[int, ...] | None:
    return infer(network(*layers, shape=shape)).output_shape


def messages(inference: Inference) -> list[tuple[str, int | None, str]]:
    return [(problem.layer, problem.index, problem.message) for problem in inference.problems]


def test_that_each_kind_of_layer_has_a_rule() -> None:
    assert {kind.spec for kind in LAYER_KINDS} <= set(effect_of.registry)


def test_that_mnist_simple_has_the_articles_parameters_layer_by_layer() -> None:
    inference = infer(preset("mnist-simple").architecture)
    assert [facts.params for facts in inference.layers if facts.params] == [320, 18_496, 36_928, 40_390, 710]
    assert inference.total_params == inference.trainable_params == 96_844


def test_that_digits_shrink_as_in_the_articles() -> None:
    shapes = [facts.output_shape for facts in infer(preset("mnist-simple").architecture).layers]
    assert shapes == [(26, 26, 32), (13, 13, 32), (11, 11, 64), (5, 5, 64), (3, 3, 64), (576,), (70,), (10,)]


def test_that_without_pooling_the_last_map_has_61952_values() -> None:
    facts = infer(preset("mnist-no-pooling").architecture).layers
    assert facts[2].output_shape == (22, 22, 128)
    assert facts[3].output_shape == (61_952,)


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (conv(strides=(2, 2)), (9, 9, 1), (4, 4, 1)),
        (conv(size=(5, 5)), (32, 32, 3), (28, 28, 1)),
        (conv(filters=5, strides=(2, 2), padding="same"), DIGITS, (14, 14, 5)),
        (arch.MaxPooling2D(name="p"), (14, 14, 5), (7, 7, 5)),
        (arch.MaxPooling2D(name="p"), (25, 25, 1), (12, 12, 1)),
        (arch.MaxPooling2D(name="p", padding="same"), (25, 25, 1), (13, 13, 1)),
        (arch.MaxPooling2D(name="p", strides=(1, 1)), (2, 2, 1), (1, 1, 1)),
        (arch.MaxPooling2D(name="p", strides=(1, 1), padding="same"), (2, 2, 1), (2, 2, 1)),
        (conv(size=(3, 5), strides=(1, 2), dilation_rate=(1, 1)), (10, 20, 1), (8, 8, 1)),
        (conv(size=(3, 2), dilation_rate=(2, 4)), (10, 20, 1), (6, 16, 1)),
        (arch.UpSampling2D(name="u", size=(2, 3)), (4, 5, 6), (8, 15, 6)),
        (spread(strides=(2, 3)), (4, 5, 6), (9, 15, 4)),  # 3·2 + 3, 4·3 + 3
        (spread(strides=(2, 5)), (4, 5, 6), (9, 25, 4)),  # a stride above the kernel: its gap ends the map, too
        (spread(strides=(2, 3), padding="same"), (4, 5, 6), (8, 15, 4)),
        (spread(strides=(2, 3), output_padding=(1, 2)), (4, 5, 6), (10, 17, 4)),
        (spread(strides=(2, 3), output_padding=(0, 2), padding="same"), (4, 5, 6), (7, 15, 4)),  # 3·2 + 1, 4·3 + 1 + 2
        (arch.ZeroPadding2D(name="z", padding=((1, 2), (3, 4))), (4, 5, 6), (7, 12, 6)),
        (arch.GlobalMaxPooling2D(name="g"), (4, 5, 6), (6,)),
        (arch.Dense(name="d", units=7), (4, 5, 6), (4, 5, 7)),
    ],
)
def test_output_shapes(layer: AnyLayer, shape: tuple[int, int, int], expected: tuple[int, ...]) -> None:
    assert output(layer, shape=shape) == expected


@pytest.mark.parametrize(
    ("layer", "params", "trainable"),
    [
        (conv(size=(3, 5), filters=4), 3 * 5 * 6 * 4 + 4, 364),
        (conv(size=(3, 5), filters=4, use_bias=False), 360, 360),
        (arch.DepthwiseConv2D(name="d", kernel_size=(3, 2), depth_multiplier=3), 3 * 2 * 6 * 3 + 18, 126),
        (arch.SeparableConv2D(name="s", filters=4, kernel_size=(3, 2), depth_multiplier=2), 72 + 12 * 4 + 4, 124),
        (spread(size=(3, 2), strides=(4, 1)), 3 * 2 * 6 * 4 + 4, 148),
        (arch.Dense(name="d", units=7), 6 * 7 + 7, 49),
        (arch.BatchNormalization(name="b"), 4 * 6, 2 * 6),
        (arch.BatchNormalization(name="b", center=False), 3 * 6, 6),
        (arch.BatchNormalization(name="b", center=False, scale=False), 2 * 6, 0),
        (arch.LayerNormalization(name="l"), 2 * 6, 12),
        (arch.LayerNormalization(name="l", axis=3, center=False), 6, 6),
        (arch.LayerNormalization(name="l", axis=1), 2 * 8, 16),
        (arch.MaxPooling2D(name="p"), 0, 0),
    ],
)
def test_parameters_on_six_maps(layer: AnyLayer, params: int, trainable: int) -> None:
    (facts,) = infer(network(layer, shape=(8, 8, 6))).layers
    assert (facts.params, facts.trainable_params) == (params, trainable)


@pytest.mark.parametrize(
    ("layer", "macs"),
    [
        (conv(filters=4), 6 * 6 * (3 * 3 * 6 * 4)),
        (conv(filters=4, padding="same", strides=(2, 2)), 4 * 4 * (3 * 3 * 6 * 4)),
        (arch.DepthwiseConv2D(name="d", kernel_size=(3, 3), depth_multiplier=2), 6 * 6 * (3 * 3 * 6 * 2)),
        (arch.SeparableConv2D(name="s", filters=4, kernel_size=(3, 3)), 6 * 6 * (3 * 3 * 6 + 6 * 4)),
        (spread(), 8 * 8 * 6 * (3 * 3 * 4)),  # each input value spreads over 3×3 nodes of 4 maps
        (spread(strides=(2, 2), padding="same"), 8 * 8 * 6 * (3 * 3 * 4)),  # even where it is cut off
        (arch.Dense(name="d", units=5), 8 * 8 * 6 * 5),
        (arch.BatchNormalization(name="b"), 0),
        (arch.LayerNormalization(name="l"), 0),
        (arch.AveragePooling2D(name="p"), 0),
    ],
)
def test_multiply_accumulates_on_six_maps(layer: AnyLayer, macs: int) -> None:
    inference = infer(network(layer, shape=(8, 8, 6)))
    assert inference.layers[0].macs == inference.total_macs == macs


def test_memory_counts_weights_gradients_slots_images_and_outputs() -> None:
    inference = infer(
        network(
            arch.BatchNormalization(name="b"), arch.Flatten(name="f"), arch.Dense(name="d", units=2), shape=(2, 2, 1)
        )
    )
    assert [facts.memory for facts in inference.layers] == [16, 16, 8]
    weights = 4 + 10
    trained = 2 + 10
    image = 4 + 4 + 2  # the image itself, the normalized one, the two outputs; flattening copies nothing
    assert inference.memory(3) == 4 * (weights + 2 * trained + 3 * image)


def test_that_an_empty_network_passes_the_image_on() -> None:
    inference = infer(network())
    assert (inference.layers, inference.problems, inference.output_shape) == ((), (), DIGITS)


VECTOR = arch.Flatten(name="Flatten_1")
PROBLEMS: dict[str, tuple[Architecture, str, int | None, str]] = {
    "a pool larger than the map": (
        network(arch.MaxPooling2D(name="Max_Pool_3", pool_size=(4, 4)), shape=(3, 3, 8)),
        "Max_Pool_3", 0,
        "Max_Pool_3: the map is 3×3, a 4×4 window does not fit: use a smaller window or padding same.",
    ),
    "a dilated window larger than the map": (
        network(conv(dilation_rate=(2, 1)), shape=(4, 4, 1)),
        "Conv2D_1", 0,
        "Conv2D_1: the map is 4×4, a 3×3 window with dilation 2×1 spans 5×3 and does not fit: use a smaller window, "
        "less dilation or padding same.",
    ),
    "a convolution of a vector": (
        network(VECTOR, arch.Dense(name="Dense_1", units=3), conv("Conv2D_4")),
        "Conv2D_4", 2,
        "Conv2D_4 needs maps, but Dense_1 before it gives a vector: move Conv2D_4 in front of Flatten_1, or remove it.",
    ),
    "strides with dilation": (
        network(conv(strides=(2, 2), dilation_rate=(2, 2))),
        "Conv2D_1", 0,
        "Conv2D_1: strides and dilation above 1 do not go together: set one of them to 1×1.",
    ),
    "unequal strides": (
        network(arch.DepthwiseConv2D(name="Depthwise_1", kernel_size=(3, 3), strides=(2, 1))),
        "Depthwise_1", 0,
        "Depthwise_1: TensorFlow cannot move these windows by 2×1: make both strides equal, or use Conv2D.",
    ),
    "a name twice": (
        network(conv("a"), conv("a")),
        "a", 1,
        "a: a layer before has the same name: give this one a name of its own.",
    ),
    "Keras' own name": (
        network(conv("input_layer_3")),
        "input_layer_3", 0,
        "input_layer_3: Keras keeps this name for itself: give the layer another one.",
    ),
    "too many weights": (
        network(VECTOR, arch.Dense(name="Dense_1", units=65_536), shape=(256, 256, 1)),
        "Dense_1", 1,
        "Dense_1: with its 4,295,032,832 weights the network has more than 2,147,483,647: make it smaller, or the "
        "maps before it.",
    ),
    "too large an output": (
        network(arch.UpSampling2D(name="Up_1", size=(16, 16)), shape=(4096, 4096, 1)),
        "Up_1", 0,
        "Up_1: its output of 65,536×65,536×1 has more than 2,147,483,647 values: make it smaller, or the maps before "
        "it.",
    ),
    "too large an image": (
        network(conv(), shape=(4096, 4096, 4096)),
        "", None,
        "An image of 4,096×4,096×4,096 has 68,719,476,736 values, more than 2,147,483,647: use smaller images.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("architecture", "layer", "index", "message"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_that_a_problem_names_the_layer_and_the_way_out(
    architecture: Architecture, layer: str, index: int | None, message: str
) -> None:
    assert messages(infer(architecture)) == [(layer, index, message)]


@pytest.mark.parametrize(
    "layer",
    [kind.new(()) for kind in LAYER_KINDS if kind.group in ("Convolution", "Pooling")]
    + [arch.SpatialDropout2D(name="s", rate=0.1), arch.ZeroPadding2D(name="z"), arch.UpSampling2D(name="u")],
    ids=lambda layer: layer.type,
)
def test_that_layers_for_maps_refuse_a_vector(layer: AnyLayer) -> None:
    (problem,) = infer(network(VECTOR, layer)).problems
    assert problem.message.startswith(f"{layer.name} needs maps, but Flatten_1 before it gives a vector")


@pytest.mark.parametrize("kind", ["BatchNormalization", "Activation", "LeakyReLU", "Dropout", "Rescaling", "Dense"])
def test_that_layers_for_values_take_a_vector(kind: str) -> None:
    layer = next(each.new(()) for each in LAYER_KINDS if each.spec.__name__ == kind)
    inference = infer(network(VECTOR, layer))
    assert inference.problems == ()
    assert inference.layers[1].receptive_field is None


def test_that_nothing_is_said_of_layers_behind_one_that_does_not_fit() -> None:
    inference = infer(network(conv("a"), conv("b", size=(99, 99)), conv("c"), conv("c")))
    assert [facts.params is None for facts in inference.layers] == [False, True, True, True]
    assert [problem.layer for problem in inference.problems] == ["b", "c"]  # names are checked all the same
    assert inference.layers[1].name == "b"
    assert inference.layers[1].type == "Conv2D"
    assert inference.output_shape is None
    assert inference.total_params == 10


def test_that_a_name_used_twice_does_not_hide_the_shapes() -> None:
    inference = infer(network(conv("a"), conv("a")))
    assert inference.output_shape == (24, 24, 1)


def test_that_the_sum_of_weights_is_limited_too() -> None:
    wide = [arch.Dense(name=f"Dense_{n}", units=32_768) for n in range(4)]
    inference = infer(network(VECTOR, *wide))
    assert inference.total_params <= MOST_VALUES
    assert [problem.layer for problem in inference.problems] == ["Dense_2"]


@pytest.mark.parametrize("each", PRESETS, ids=lambda each: each.name)
def test_that_presets_can_be_trained_on_images_of_their_shape(each: Preset) -> None:
    (classes,) = infer(each.architecture).output_shape or ()
    assert training_problems(each.architecture, each.architecture.input_shape, classes) == ()


SOFTMAX = arch.Dense(name="Dense_1", units=10, activation="softmax")
ENDINGS: dict[str, tuple[Architecture, str, int | None, str]] = {
    "no layers": (
        network(), "", None,
        "The network has no layers: add some, and end with Flatten and Dense(10, softmax).",
    ),
    "images of another shape": (
        network(VECTOR, SOFTMAX, shape=(32, 32, 3)), "", None,
        "The network takes images of 32×32×3, the data set has images of 28×28×1: set the input shape to 28×28×1.",
    ),
    "maps at the end": (
        network(conv()), "Conv2D_1", 0,
        "Conv2D_1 is the last layer and gives maps of 26×26×1, not one number for each of the 10 classes: end with "
        "Flatten and Dense(10, softmax).",
    ),
    "another number of classes": (
        network(VECTOR, arch.Dense(name="Dense_1", units=12, activation="softmax")), "Dense_1", 1,
        "Dense_1 is the last layer and gives 12 numbers, but the data set has 10 classes: end with Dense(10, softmax).",
    ),
    "no softmax": (
        network(VECTOR, arch.Dense(name="Dense_1", units=10, activation="relu")), "Dense_1", 1,
        "Dense_1 is the last layer and does not give probabilities: end with Dense(10, softmax).",
    ),
    "something behind the softmax": (
        network(VECTOR, SOFTMAX, arch.Dropout(name="Dropout_1", rate=0.5)), "Dropout_1", 2,
        "Dropout_1 is the last layer and does not give probabilities: end with Dense(10, softmax).",
    ),
    "nothing to learn": (
        network(
            arch.GlobalMaxPooling2D(name="g"), arch.Activation(name="a", activation="softmax"), shape=(28, 28, 10)
        ), "", None,
        "No layer of the network has weights that could be learnt: add a Conv2D or Dense layer.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("architecture", "layer", "index", "message"), ENDINGS.values(), ids=ENDINGS.keys())
def test_that_a_network_that_cannot_be_trained_says_why(
    architecture: Architecture, layer: str, index: int | None, message: str
) -> None:
    shape = (28, 28, 10) if "No layer" in message else DIGITS
    (problem,) = training_problems(architecture, shape, 10)
    assert (problem.layer, problem.index, problem.message) == (layer, index, message)


def test_that_a_softmax_of_its_own_ends_a_network_well() -> None:
    layers = (conv(filters=10), arch.GlobalAveragePooling2D(name="g"), arch.Activation(name="a", activation="softmax"))
    assert training_problems(network(*layers), DIGITS, 10) == ()


def test_that_a_networks_own_problems_come_first() -> None:
    problems = training_problems(network(conv("a"), conv("a"), shape=(9, 9, 1)), DIGITS, 10)
    assert [(problem.layer, problem.index) for problem in problems] == [("a", 1), ("", None), ("a", 1)]
