"""The microscope's arithmetic against what Keras itself computes, layer by layer and through whole models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers as kl

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.core.network.layers.traits import names_with
from cnn_explorer.core.nodes.steps import (
    Blend,
    Carried,
    Convolution,
    DenseSum,
    Merge,
    Node,
    Normalization,
    Pointwise,
    Pooling,
    SeparableConvolution,
    Source,
    Step,
    Unexplained,
    Work,
    strongest_source,
)
from cnn_explorer.engine.graph.calls import Ref
from cnn_explorer.engine.graph.node_work import MERGES
from cnn_explorer.engine.graph.rules import RULES
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.engine.inspecting.microscope import Microscope
from tests.engine.layer_strategies import KINDS, Make, Shape

pytestmark = pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1:UserWarning")
FEW = settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck), derandomize=True)
MANY = settings(FEW, max_examples=150, derandomize=False)


def assert_explained(make: Make, shape: Shape, seed: int, kinds: tuple[type, ...]) -> None:
    """Three random nodes of the layer: what the parts say adds up, and to what Keras says."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    image, layer = keras.Input(shape), make()
    scope = Microscope(keras.Model(image, layer(image)))
    values = rng.normal(0, 1, shape).astype(np.float32)
    output = np.asarray(
        layer(values[np.newaxis], training=False) if takes_training(layer) else layer(values[np.newaxis])
    )
    for _ in range(3):
        node = tuple(int(rng.integers(size)) for size in output.shape[1:])
        step = scope.step_of([values], {}, layer.name, node)
        assert isinstance(step.work, kinds), step.work
        assert step.output == output[(0, *node)]
        np.testing.assert_allclose(step.work.value, step.output, rtol=1e-5, atol=1e-5)
        assert_adds_up(step.work, values)


def takes_training(layer: kl.Layer) -> bool:
    return "training" in layer.call.__code__.co_varnames


def assert_adds_up(work: Work, values: np.ndarray) -> None:
    match work:
        case Convolution():
            np.testing.assert_allclose(work.patch * work.kernel, work.products)
            np.testing.assert_allclose(work.products.sum(axis=(0, 1)), work.partial, atol=1e-12)
            np.testing.assert_allclose(
                [work.partial.sum(), work.total + work.bias], [work.total, work.activated.before]
            )
            assert_window(work, values[:, :, list(work.maps)])
        case SeparableConvolution():
            np.testing.assert_allclose(work.products.sum(axis=(0, 1)).ravel(), work.between, atol=1e-12)
            np.testing.assert_allclose(work.between @ work.weights, work.total, atol=1e-12)
            np.testing.assert_allclose(work.total + work.bias, work.activated.before, atol=1e-12)
            assert_window(work, values)
        case Normalization() if work.together is not None:
            assert work.sources is not None
            assert [values[tuple(source)] for source in work.sources] == work.together.tolist()
            assert work.together[work.place] == work.x
            np.testing.assert_allclose([work.together.mean(), work.together.var()], [work.mean, work.variance])
        case Pooling():
            assert work.count == work.window.real.sum()
            assert work.patch[work.winner] == work.patch[work.window.real].max()
        case DenseSum():
            sizes = np.abs(work.products)[work.order]
            assert (np.diff(sizes) <= 0).all()
            np.testing.assert_allclose(work.products.sum() + work.bias, work.activated.before, atol=1e-12)
            assert [values[tuple(source)] for source in work.sources] == work.inputs.tolist()
        case Carried():
            assert work.value == (0 if work.source is None else values[work.source])
        case Blend():
            assert [values[source] for source in work.sources] == list(work.values)
            assert sum(work.weights) == pytest.approx(1)


def assert_window(work: Convolution | SeparableConvolution, values: np.ndarray) -> None:
    """Each place of the patch is the value at the node that it names, or a 0 where there is none."""
    for place in np.ndindex(work.window.real.shape):
        node = work.window.node(*place)
        assert (node is None) == (not work.window.real[place])
        np.testing.assert_array_equal(work.patch[place], 0 if node is None else values[node])


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(data=st.data())
def test_that_a_node_by_hand_is_what_keras_says(kind: str, data: st.DataObject) -> None:
    strategy, kinds = KINDS[kind]
    make, shape = data.draw(strategy)
    assert_explained(make, shape, data.draw(st.integers(0, 1000)), kinds)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@MANY
@given(data=st.data())
def test_that_many_nodes_by_hand_are_what_keras_says(kind: str, data: st.DataObject) -> None:
    strategy, kinds = KINDS[kind]
    make, shape = data.draw(strategy)
    assert_explained(make, shape, data.draw(st.integers(0, 1000)), kinds)


def walk(step_at: Callable[[str, Node], Step], layer: str, node: Node) -> list[Source]:
    """From a node down, always to the strongest source; the last is a pixel, or the node of a 0 of padding."""
    way = [Source(layer, node)]
    while way[-1].layer and (source := strongest_source(step_at(way[-1].layer, way[-1].node))):
        way.append(source)
    return way


def branching() -> keras.Model:
    """Residual and dense joins, squeeze-and-excite, a shared layer, models within models, and an operation."""
    keras.utils.set_random_seed(3)
    image = keras.Input((13, 12, 3), name="image")
    x = kl.Rescaling(2.0, -1.0, name="rescale")(image)
    stem = kl.Conv2D(6, 3, strides=2, padding="same", name="stem", bias_initializer="random_normal")(x)
    x = kl.BatchNormalization(name="norm", moving_mean_initializer="random_normal")(stem)
    x = kl.ReLU(6.0, name="relu6")(x)
    x = kl.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    deepest = keras.Sequential([keras.Input((7, 6, 6)), kl.Conv2D(6, 2, padding="same", name="conv")], name="deepest")
    inner_input = keras.Input((7, 6, 6))
    inner = keras.Model(inner_input, kl.Activation("swish", name="swish")(deepest(inner_input)), name="inner")
    x = kl.Add(name="residual")([inner(x), stem])
    shared = kl.Conv2D(6, 1, name="shared")
    y = shared(shared(x))
    gate = kl.GlobalAveragePooling2D(keepdims=True, name="squeeze")(y)
    gate = kl.Conv2D(6, 1, activation="sigmoid", name="gate")(gate)
    y = kl.Multiply(name="excite")([y, gate])
    x = kl.Concatenate(name="join")([x, y])
    x = kl.UnitNormalization(name="unknown")(x) + x
    x = kl.SeparableConv2D(5, 3, name="separable")(x)
    x = kl.UpSampling2D(2, interpolation="bilinear", name="up")(x)
    x = kl.Conv2DTranspose(4, 3, strides=2, name="transposed")(x)
    x = kl.AveragePooling2D(2, name="average")(x)
    x = kl.MaxPooling2D(3, 2, "same", name="pool")(x)
    x = kl.Dropout(0.2, name="drop")(kl.Flatten(name="flat")(x))
    return keras.Model(image, kl.Dense(4, "softmax", name="out")(x))


@pytest.fixture(scope="module")
def scope() -> Microscope:
    return Microscope(branching())


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(8).uniform(0.05, 1, (13, 12, 3)).astype(np.float32)


def test_that_all_nodes_of_a_branching_model_are_explained(scope: Microscope, image: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    outputs = scope.graph.run([image[np.newaxis]])
    assert {"inner/deepest/conv", "inner/swish", "shared", "shared#2"} <= set(outputs)
    activations = {name: np.asarray(values)[0] for name, values in outputs.items()}
    for name, values in activations.items():
        for _ in range(4):
            node = tuple(int(rng.integers(size)) for size in values.shape)
            step = scope.step_of([image], activations, name, node)
            assert isinstance(step.work, Unexplained) == (name == "unknown")
            np.testing.assert_allclose(step.work.value, values[node], rtol=1e-5, atol=1e-5)
            for input_, ref in zip(step.inputs, scope.graph.calls[name].sources, strict=True):
                assert (input_.layer, input_.shape) == (ref.call, scope.graph.shape(ref))


def test_that_every_way_down_ends_at_a_pixel(scope: Microscope, image: np.ndarray) -> None:
    outputs = {name: np.asarray(values)[0] for name, values in scope.graph.run([image[np.newaxis]]).items()}
    for layer in ("out", "pool", "excite"):
        for node in list(np.ndindex(outputs[layer].shape))[::7]:
            way = walk(lambda name, at: scope.step_of([image], outputs, name, at), layer, node)
            assert way[-1].layer == "", way
            row, column, channel = way[-1].node
            assert image[row, column, channel] > 0
            names = [source.layer for source in way[:-1]]
            order = list(scope.graph.calls)
            assert [order.index(name) for name in names] == sorted((order.index(name) for name in names), reverse=True)


def test_that_the_inputs_of_a_dense_layer_are_told_as_nodes_of_the_last_maps(
    scope: Microscope, image: np.ndarray
) -> None:
    work = scope.step_of([image], {}, "out", (1,)).work
    assert isinstance(work, DenseSum)
    assert work.origin_layer == "pool"
    assert work.origins is not None
    maps = np.asarray(scope.graph.run([image[np.newaxis]])["pool"])[0]
    np.testing.assert_array_equal(maps[tuple(work.origins.T)], work.inputs.astype(np.float32))


@pytest.mark.filterwarnings("ignore:You passed `rms_scaling:UserWarning")
def test_that_layers_that_normalize_otherwise_are_not_explained_wrongly() -> None:
    image = keras.Input((4, 3, 2))
    layer = kl.LayerNormalization(rms_scaling=True, name="rms")
    scope = Microscope(keras.Model(image, layer(image)))
    step = scope.step_of([np.ones((4, 3, 2), np.float32)], {}, "rms", (0, 0, 0))
    assert isinstance(step.work, Unexplained)
    assert step.work.reason == "It divides by the variance, and subtracts no mean."


def channels_first() -> keras.Model:
    keras.utils.set_random_seed(5)
    first: dict[str, Any] = {"data_format": "channels_first"}
    image = keras.Input((2, 9, 8))
    x = kl.BatchNormalization(axis=1, name="norm", moving_mean_initializer="random_normal")(image)
    x = kl.Conv2D(4, 3, padding="same", name="conv", **first)(x)
    x = kl.Activation("relu", name="relu")(x)
    y = kl.SeparableConv2D(4, 3, padding="same", name="separable", **first)(x)
    x = kl.Concatenate(axis=1, name="join")([x, y])
    x = kl.LayerNormalization(axis=[1, 3], beta_initializer="random_normal", name="together")(x)
    x = kl.ZeroPadding2D(((1, 2), (0, 1)), name="pad", **first)(x)
    x = kl.MaxPooling2D(name="pool", **first)(x)
    x = kl.UpSampling2D((1, 2), name="up", **first)(x)
    x = kl.PReLU("random_normal", shared_axes=[2], name="prelu")(x)
    x = kl.Permute((2, 3, 1), name="last")(kl.AveragePooling2D(2, name="average", **first)(x))
    y = kl.Flatten(name="flat", **first)(x)
    return keras.Model(image, kl.Dense(3, name="out")(y))


def test_that_channels_first_is_shown_with_maps_last() -> None:
    scope = Microscope(channels_first())
    image = np.random.default_rng(4).normal(0, 1, (2, 9, 8)).astype(np.float32)
    outputs = tf.function(scope.graph.run, jit_compile=True)([tf.constant(image[np.newaxis])])
    known = {name: np.asarray(values)[0] for name, values in outputs.items()}
    rng = np.random.default_rng(1)
    for name, call in scope.graph.calls.items():
        assert call.channels_first == (name not in ("last", "flat", "out"))
        shape = call.shape if not call.channels_first else (*call.shape[1:], call.shape[0])
        for _ in range(3):
            node = tuple(int(rng.integers(size)) for size in shape)
            step = scope.step_of([image], known, name, node)
            np.testing.assert_allclose(step.work.value, step.output, rtol=1e-5, atol=1e-5)
            source = strongest_source(step)
            if source is not None and source.layer == "":
                assert step.inputs[0].shape == (9, 8, 2)


def test_that_two_inputs_are_told_apart() -> None:
    left, right = keras.Input((4, 4, 1)), keras.Input((4, 4, 2))
    model = keras.Model([left, right], kl.Concatenate(name="join")([left, right]))
    images = [np.full((4, 4, 1), 2, np.float32), np.full((4, 4, 2), 3, np.float32)]
    step = Microscope(model).step_of(images, {}, "join", (1, 2, 2))
    assert (step.output, strongest_source(step)) == (3, Source("", (1, 2, 1), 1))


def test_that_operations_with_a_number_are_explained() -> None:
    image = keras.Input((2, 2, 1))
    scope = Microscope(keras.Model(image, (3 - (0.5 * image + 2)) - 1.5))
    values = np.random.default_rng(0).normal(0, 1, (2, 2, 1)).astype(np.float32)
    for name in scope.graph.calls:
        step = scope.step_of([values], {}, name, (1, 0, 0))
        assert isinstance(step.work, Pointwise)
        assert step.work.value == pytest.approx(step.output, rel=1e-6)
    assert len(scope.graph.calls) == 4


def test_that_merges_are_those_of_keras() -> None:
    rng = np.random.default_rng(0)
    images = [rng.normal(0, 1, shape).astype(np.float32) for shape in ((3, 4, 2), (3, 4, 2))]
    inputs = [keras.Input((3, 4, 2)), keras.Input((3, 4, 2))]
    kinds: Sequence[Any] = (kl.Add, kl.Subtract, kl.Multiply, kl.Average, kl.Maximum, kl.Minimum)
    for kind in kinds:
        layer = kind(name="merge")
        scope = Microscope(keras.Model(inputs, layer(inputs)))
        step = scope.step_of(images, {}, "merge", (2, 3, 1))
        assert isinstance(step.work, Merge)
        assert step.work.value == pytest.approx(step.output, rel=1e-6)
        source = strongest_source(step)
        assert source is not None
        best = {"maximum": np.argmax, "minimum": np.argmin}.get(step.work.kind, lambda v: np.argmax(np.abs(v)))
        assert source.number == best(step.work.values)


def test_that_a_saved_model_is_looked_into_from_its_forward_pass(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    branching().save(path)
    inspector = open_model(path)
    forward = inspector.forward(np.random.default_rng(8).integers(0, 256, (13, 12, 3), dtype=np.uint8))
    scope = Microscope(inspector.loaded.model)
    for layer, node in (("stem", (3, 2, 1)), ("residual", (6, 5, 0)), ("inner/swish", (0, 1, 2)), ("out", (3,))):
        step = scope.step(forward, layer, node)
        np.testing.assert_allclose(step.work.value, step.output, rtol=1e-5, atol=1e-5)
        if layer in forward.activations:
            assert step.output == forward.activations[layer][node]
    assert inspector.step(forward, "out", (3,)).output == step.output
    with pytest.raises(ExplorerError, match='no layer "nothing"'):
        scope.step(forward, "nothing", (0,))
    for node in ((7, 0, 0), (0, 0), (-1, 0, 0)):
        with pytest.raises(IndexError, match="node"):
            scope.step(forward, "stem", node)


def test_that_another_forward_pass_gives_other_values() -> None:
    image = keras.Input((4, 4, 1))
    inner = keras.Sequential([keras.Input((4, 4, 1)), kl.Rescaling(2.0, name="twice")], name="inner")
    scope = Microscope(keras.Model(image, inner(image)))
    assert scope.graph.outputs == (Ref("inner/twice"),)
    first, second = (pass_of(np.full((4, 4, 1), value, np.float32)) for value in (1, 5))
    assert [scope.step(forward, "inner/twice", (0, 0, 0)).output for forward in (first, second, first)] == [2, 10, 2]


def pass_of(image: np.ndarray) -> ForwardPass:
    return ForwardPass((image,), {}, None)


def test_that_the_place_of_the_largest_weight_is_followed_where_all_values_are_0() -> None:
    keras.utils.set_random_seed(1)
    image = keras.Input((5, 5, 1))
    layer = kl.Conv2D(1, 3, padding="same", name="conv", use_bias=False)
    scope = Microscope(keras.Model(image, layer(image)))
    kernel = np.abs(np.asarray(layer.kernel)[1:, 1:, 0, 0])  # at the corner only these lie on the image
    step = scope.step_of([np.zeros((5, 5, 1), np.float32)], {}, "conv", (0, 0, 0))
    assert step.output == step.work.value == 0
    row, column = np.unravel_index(int(np.argmax(kernel)), kernel.shape)
    assert strongest_source(step) == Source("", (int(row), int(column), 0))


def test_that_a_zero_of_padding_comes_from_nowhere() -> None:
    image = keras.Input((5, 5, 1))
    scope = Microscope(keras.Model(image, kl.ZeroPadding2D(1, name="pad")(image)))
    step = scope.step_of([np.ones((5, 5, 1), np.float32)], {}, "pad", (0, 3, 0))
    assert (step.output, step.work.value, strongest_source(step)) == (0, 0, None)


STANDING = names_with(lambda traits: traits.idle)
_BARE = ("ActivityRegularization", "Identity", "RandomFlip")  # need no settings
_AXES = {"SpatialDropout1D": (4, 3), "SpatialDropout3D": (3, 4, 2, 2)}


@pytest.mark.parametrize("kind", [name for name in STANDING if name != "InputLayer"])
def test_that_layers_that_only_work_in_training_carry_every_value(kind: str) -> None:
    shape = _AXES.get(kind, (5, 4, 3))
    image = keras.Input(shape)
    strength = (0.1, 0.1) if kind == "RandomTranslation" else () if kind in _BARE else (0.3,)
    layer = getattr(kl, kind)(*strength, name="standing")
    values = np.random.default_rng(1).uniform(0, 1, shape).astype(np.float32)
    node = tuple(size - 1 for size in shape)
    step = Microscope(keras.Model(image, layer(image))).step_of([values], {}, "standing", node)
    assert isinstance(step.work, Carried)
    assert step.work.value == step.output == values[node]


def test_that_every_kind_of_layer_with_arithmetic_is_tested() -> None:
    elsewhere = {*MERGES, *STANDING, "Concatenate"}  # in tests of their own
    functions = {"Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "Rescaling", "Normalization"}
    moving = {"Flatten", "Reshape", "Permute", "ZeroPadding2D", "Cropping2D", "UpSampling2D"}
    explained = {name for name, rule in RULES.items() if rule.work is not None}
    assert explained == elsewhere | functions | moving | set(KINDS) - {"moving", "function"}


def test_that_a_unit_of_a_dense_layer_needs_no_weights_of_others() -> None:
    keras.utils.set_random_seed(2)
    image = keras.Input((6,))
    layer = kl.Dense(4, "tanh", name="dense", bias_initializer="random_normal")
    scope = Microscope(keras.Model(image, layer(image)))
    values = np.linspace(-1, 1, 6, dtype=np.float32)
    for unit in range(4):
        step = scope.step_of([values], {}, "dense", (unit,))
        assert isinstance(step.work, DenseSum)
        np.testing.assert_array_equal(step.work.weights, np.asarray(layer.kernel)[:, unit])
        assert step.work.bias == np.asarray(layer.bias)[unit]
        assert step.work.value == pytest.approx(step.output, rel=1e-6)
