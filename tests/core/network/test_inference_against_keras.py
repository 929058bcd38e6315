"""Inference against Keras itself: the network that codegen writes is built, and both must say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, assume, given, settings
from numpy.typing import NDArray

from cnn_explorer.core.network import architecture as arch
from cnn_explorer.core.network.architecture import LAYER_KINDS, AnyLayer, Architecture, LayerKind
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS, Preset
from cnn_explorer.core.network.receptive_field import input_rectangle
from cnn_explorer.export.script.keras_script import keras_code
from tests.core.network.strategies import stacks

pytestmark = pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1:UserWarning")
# An axis that is not there is refused as an index that is out of range.
REFUSALS = (ValueError, IndexError, tf.errors.InvalidArgumentError)
AGAINST_KERAS = settings(
    deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def build(architecture: Architecture) -> Any:
    """The model of the generated code."""
    scope: dict[str, Any] = {}
    exec(compile(keras_code(architecture), "generated", "exec"), scope)
    return scope["model"]


def network(*layers: AnyLayer, shape: tuple[int, int, int] = (12, 12, 1)) -> Architecture:
    return Architecture(input_shape=shape, layers=layers)


def assert_equal(architecture: Architecture, model: Any) -> None:
    inference = infer(architecture)
    assert inference.problems == ()
    assert [facts.name for facts in inference.layers] == [layer.name for layer in model.layers]
    for facts, layer in zip(inference.layers, model.layers, strict=True):
        trainable = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
        assert (facts.type, facts.output_shape) == (type(layer).__name__, tuple(layer.output.shape[1:]))
        assert (facts.params, facts.trainable_params) == (layer.count_params(), trainable)
    assert inference.total_params == model.count_params()
    assert inference.output_shape == tuple(model.output_shape[1:])


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_presets_have_kerass_shapes_and_parameters(preset: Preset) -> None:
    assert_equal(preset.architecture, build(preset.architecture))


@pytest.mark.parametrize("kind", LAYER_KINDS, ids=lambda kind: kind.spec.__name__)
def test_that_a_new_layer_of_each_kind_is_kerass_own(kind: LayerKind) -> None:
    architecture = Architecture(input_shape=(6, 6, 2), layers=(kind.new(()),))
    assert_equal(architecture, build(architecture))


@AGAINST_KERAS
@given(stacks())
def test_that_random_stacks_have_kerass_shapes_and_parameters(drawn: tuple[Architecture, Architecture | None]) -> None:
    architecture, wrong = drawn
    assume(architecture.layers)
    image = np.zeros((1, *architecture.input_shape), np.float32)
    model = build(architecture)
    assert_equal(architecture, model)
    assert tuple(model(image).shape[1:]) == infer(architecture).output_shape
    if wrong is not None:  # what is called a problem is refused, when it is built or when an image comes
        with pytest.raises(REFUSALS):
            build(wrong)(image)


REFUSED: dict[str, tuple[AnyLayer, ...]] = {
    "a window larger than the map": (arch.Conv2D(name="a", filters=1, kernel_size=(13, 1)),),
    "a dilated window larger than the map": (
        arch.Conv2D(name="a", filters=1, kernel_size=(3, 3), dilation_rate=(6, 1)),
    ),
    "a pool larger than the map": (arch.MaxPooling2D(name="a", pool_size=(1, 13)),),
    "strides with dilation": (
        arch.Conv2D(name="a", filters=1, kernel_size=(2, 2), strides=(2, 1), dilation_rate=(1, 2)),
    ),
    "unequal strides of a depthwise window": (arch.DepthwiseConv2D(name="a", kernel_size=(2, 2), strides=(1, 2)),),
    "unequal strides of a separable window": (
        arch.SeparableConv2D(name="a", filters=1, kernel_size=(2, 2), strides=(2, 1)),
    ),
    "a convolution of a vector": (arch.Flatten(name="a"), arch.Conv2D(name="b", filters=1, kernel_size=(1, 1))),
    "pooling of a vector": (arch.Flatten(name="a"), arch.AveragePooling2D(name="b")),
    "global pooling of a vector": (arch.GlobalMaxPooling2D(name="a"), arch.GlobalAveragePooling2D(name="b")),
    "spatial dropout of a vector": (arch.Flatten(name="a"), arch.SpatialDropout2D(name="b", rate=0.1)),
    "padding of a vector": (arch.Flatten(name="a"), arch.ZeroPadding2D(name="b")),
    "enlarging a vector": (arch.Flatten(name="a"), arch.UpSampling2D(name="b")),
    "spreading a vector": (arch.Flatten(name="a"), arch.Conv2DTranspose(name="b", filters=1, kernel_size=(2, 2))),
    "an output padding as large as the stride": (
        arch.Conv2DTranspose(name="a", filters=1, kernel_size=(3, 3), strides=(2, 2), output_padding=(1, 2)),
    ),
    "an even kernel without output padding": (
        arch.Conv2DTranspose(
            name="a", filters=1, kernel_size=(3, 2), strides=(2, 2), padding="same", output_padding=(0, 0)
        ),
    ),
    "normalization of a vector along the maps": (arch.Flatten(name="a"), arch.LayerNormalization(name="b", axis=3)),
    "the same name twice": (arch.Flatten(name="a"), arch.Dense(name="a", units=1)),
}


@pytest.mark.parametrize("layers", REFUSED.values(), ids=REFUSED.keys())
def test_that_keras_refuses_what_is_called_a_problem(layers: tuple[AnyLayer, ...]) -> None:
    architecture = network(*layers)
    assert [problem.index for problem in infer(architecture).problems] == [len(layers) - 1]
    with pytest.raises(REFUSALS):
        build(architecture)(np.zeros((1, 12, 12, 1), np.float32))


ACCEPTED: dict[str, tuple[AnyLayer, ...]] = {
    "a window larger than the map, padded": (arch.Conv2D(name="a", filters=1, kernel_size=(20, 20), padding="same"),),
    "strides beyond the map": (arch.MaxPooling2D(name="a", strides=(50, 50)),),
    "strides with dilation of a depthwise window": (
        arch.DepthwiseConv2D(name="a", kernel_size=(2, 2), strides=(2, 1), dilation_rate=(1, 2)),
    ),
    "a stride far beyond the kernel": (
        arch.Conv2DTranspose(name="a", filters=1, kernel_size=(1, 2), strides=(5, 7), padding="same"),
    ),
    "an output padding between the spread windows": (
        arch.Conv2DTranspose(name="a", filters=1, kernel_size=(1, 2), strides=(5, 7), output_padding=(4, 0)),
    ),
    "flattening twice": (arch.Flatten(name="a"), arch.Flatten(name="b")),
    "a dense layer on maps": (arch.Dense(name="a", units=3),),
    "normalization without shift and scale": (arch.BatchNormalization(name="a", center=False, scale=False),),
    "normalization of each column": (arch.LayerNormalization(name="a", axis=1, scale=False),),
    "normalization of each vector": (arch.Flatten(name="a"), arch.LayerNormalization(name="b", axis=1)),
    "normalization of a vector": (arch.Flatten(name="a"), arch.BatchNormalization(name="b", center=False)),
}


@pytest.mark.parametrize("layers", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_that_keras_takes_what_is_odd_but_no_problem(layers: tuple[AnyLayer, ...]) -> None:
    architecture = network(*layers)
    model = build(architecture)
    assert_equal(architecture, model)
    assert tuple(model(np.zeros((1, 12, 12, 1), np.float32)).shape[1:]) == infer(architecture).output_shape


def test_that_keras_refuses_the_names_it_keeps_for_itself(tmp_path: Path) -> None:
    latest = keras.layers.InputLayer((1,)).name.removeprefix("input_layer").strip("_")  # Keras counts up
    clash = network(arch.Flatten(name=f"input_layer_{int(latest or 0) + 1}"))
    assert infer(clash).problems
    with pytest.raises(ValueError, match="unique"):
        build(clash)

    unsavable = network(arch.Flatten(name="top_level_model_weights"))
    assert infer(unsavable).problems
    with pytest.raises(ValueError, match="already exists"):
        build(unsavable).save(tmp_path / "model.h5")


def conv(name: str, size: tuple[int, int] = (3, 3), **options: Any) -> arch.Conv2D:
    """A convolution whose output is above 0 wherever one of its inputs is."""
    return arch.Conv2D(name=name, filters=1, kernel_size=size, use_bias=False, kernel_initializer="ones", **options)


def seen_pixels(architecture: Architecture, threshold: float = 0.0) -> NDArray[np.bool_]:
    """Which pixels each node answers to: (node rows, node columns, image rows, image columns).

    The truth without any arithmetic of windows: one image for each pixel, with this pixel alone lit.
    """
    rows, columns, _ = architecture.input_shape
    images = np.eye(rows * columns, dtype=np.float32).reshape(-1, rows, columns, 1)
    answers = build(architecture)(images).numpy().max(axis=-1) > threshold
    return np.moveaxis(answers, 0, -1).reshape(*answers.shape[1:], rows, columns)


def bounds(seen: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """The smallest rectangle around the lit pixels: top, left, bottom, right, the last two exclusive."""
    rows, columns = np.nonzero(seen)
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


def spread(name: str, size: tuple[int, int] = (3, 3), **options: Any) -> arch.Conv2DTranspose:
    """A transposed convolution of that kind."""
    ones: Any = {"use_bias": False, "kernel_initializer": "ones"}
    return arch.Conv2DTranspose(name=name, filters=1, kernel_size=size, **ones, **options)


STACKS_SEEN = {
    "valid": (conv("a"), conv("b", (4, 2))),
    "same": (conv("a", padding="same"), conv("b", (5, 4), padding="same")),
    "strides": (conv("a", strides=(2, 1)), conv("b", strides=(1, 2))),
    "same strides": (conv("a", strides=(2, 2), padding="same"), conv("b", padding="same")),
    "dilation": (conv("a", dilation_rate=(2, 3)), conv("b", (2, 2))),
    "pools": (conv("a"), arch.MaxPooling2D(name="b"), conv("c"), arch.AveragePooling2D(name="d", padding="same")),
    "zero padding": (arch.ZeroPadding2D(name="a", padding=((2, 0), (1, 3))), conv("b")),
    "nearest": (conv("a"), arch.UpSampling2D(name="b", size=(2, 3)), conv("c")),
    "nearest, then strides": (arch.UpSampling2D(name="a", size=(3, 2)), conv("b", strides=(2, 3))),
    "strides, then nearest": (conv("a", strides=(2, 2)), arch.UpSampling2D(name="b", size=(3, 3)), conv("c", (2, 2))),
    "spread": (spread("a"), conv("b", (2, 1))),
    "spread by strides": (conv("a"), spread("b", (3, 4), strides=(2, 3)), conv("c")),
    "spread with gaps": (conv("a"), spread("b", (2, 1), strides=(3, 4)), conv("c", (1, 2))),
    "spread and cut off": (spread("a", (5, 4), strides=(2, 3), padding="same"), conv("b")),
    "spread with gaps and cut off": (spread("a", (1, 2), strides=(3, 3), padding="same"), conv("b", (2, 2))),
    "spread a little further": (
        conv("a"), spread("b", strides=(3, 2), padding="same", output_padding=(1, 0)), conv("c", padding="same"),
    ),
    "bilinear": (arch.UpSampling2D(name="a", size=(2, 3), interpolation="bilinear"),),
    "bilinear between": (
        conv("a"), arch.UpSampling2D(name="b", size=(2, 2), interpolation="bilinear"), conv("c", (2, 2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("layers", STACKS_SEEN.values(), ids=STACKS_SEEN.keys())
def test_that_nodes_see_the_pixels_they_answer_to(layers: tuple[AnyLayer, ...]) -> None:
    architecture = network(*layers, shape=(14, 15, 1))
    seen = seen_pixels(architecture, threshold=1e-5)  # bilinear weights of 0 come out as 1e-8
    truths, inside = [], 0
    for node in np.ndindex(*seen.shape[:2]):
        rectangle = input_rectangle(architecture, len(layers) - 1, *node)
        if rectangle is None:  # between the nodes that a transposed convolution reaches
            assert not seen[node].any()
            continue
        top, left, bottom, right = rectangle
        if seen[node].any():
            truths.append(bounds(seen[node]))
        if top >= 0 and left >= 0 and bottom <= 14 and right <= 15:
            inside += 1
            assert rectangle == bounds(seen[node])
    assert inside > 0
    largest = max(truth[2] - truth[0] for truth in truths), max(truth[3] - truth[1] for truth in truths)
    assert infer(architecture).layers[-1].receptive_field == largest


WINDOWS = tuple(
    kind
    for kind in LAYER_KINDS
    if kind.group in ("Convolution", "Pooling", "Shape")
    and kind.spec not in (arch.GlobalAveragePooling2D, arch.GlobalMaxPooling2D, arch.Rescaling)
)
POSITIVE = {
    "use_bias": False,
    "activation": "linear",
    "kernel_initializer": "ones",
    "depthwise_initializer": "ones",
    "pointwise_initializer": "ones",
    "interpolation": "nearest",
}


def answering(architecture: Architecture) -> Architecture:
    """The stack with weights of 1, so that a node answers to every pixel that it sees."""
    layers = []
    for layer in architecture.layers:
        fixed = {name: value for name, value in POSITIVE.items() if hasattr(layer, name)}
        layers.append(msgspec.structs.replace(layer, **fixed))
    return Architecture(input_shape=(*architecture.input_shape[:2], 1), layers=tuple(layers))


@AGAINST_KERAS
@given(stacks(WINDOWS, most=5))
def test_that_nodes_of_random_stacks_see_the_pixels_they_answer_to(
    drawn: tuple[Architecture, Architecture | None],
) -> None:
    architecture = answering(drawn[0])
    assume(architecture.layers)
    seen = seen_pixels(architecture)
    nothing_is_padded = not any(
        # The outermost kernels of a transposed convolution end beyond the map.
        layer.type in ("ZeroPadding2D", "Conv2DTranspose") or getattr(layer, "padding", "") == "same"
        for layer in architecture.layers
    )
    truths = []
    for node in np.ndindex(*seen.shape[:2]):
        rectangle = input_rectangle(architecture, len(architecture.layers) - 1, *node)
        if not seen[node].any():
            assert not nothing_is_padded
            continue
        assert rectangle is not None
        truth = bounds(seen[node])
        truths.append(truth)
        if nothing_is_padded:
            assert rectangle == truth
        assert rectangle[0] <= truth[0]
        assert rectangle[1] <= truth[1]
        assert rectangle[2] >= truth[2]
        assert rectangle[3] >= truth[3]
    if nothing_is_padded:
        largest = max(truth[2] - truth[0] for truth in truths), max(truth[3] - truth[1] for truth in truths)
        assert infer(architecture).layers[-1].receptive_field == largest
