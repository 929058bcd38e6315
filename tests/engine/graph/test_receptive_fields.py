"""Fields of nodes in graphs, against gradients through the whole model, and against the walk of ``core``."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from keras import layers as kl

from cnn_explorer.core.network.architecture import LAYER_KINDS, AnyLayer, Architecture
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.receptive_field import input_rectangle
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.engine.graph.calls import Graph, Ref, unroll
from cnn_explorer.engine.graph.receptive_fields import ReceptiveFields
from cnn_explorer.engine.models.builder import build
from tests.core.network.strategies import stacks

pytestmark = pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1:UserWarning")
FEW = settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck), derandomize=True)
MANY = settings(FEW, max_examples=120, derandomize=False)
# A Dense layer on maps and all that keeps a place; what makes a vector comes last, if at all.
STACKS = stacks(tuple(kind for kind in LAYER_KINDS if kind.spec.__name__ != "Flatten"), most=6)

STILL = ("Activation", "ReLU", "LeakyReLU", "PReLU", "Normalization", "Rescaling")


class Together(kl.Layer):
    """Every value beside all along some axes, as layer normalization looks at them, but with gradients above 0."""

    def __init__(self, axis: Any, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, values: Any) -> Any:
        return values + keras.ops.sum(values, axis=tuple(self.axis), keepdims=True)


def positive(layer: kl.Layer) -> kl.Layer:
    """The layer with positive weights and without what a gradient can die in."""
    config = layer.get_config()
    name = type(layer).__name__
    if name == "MaxPooling2D":
        return kl.AveragePooling2D.from_config(config)
    if name == "GlobalMaxPooling2D":
        return kl.GlobalAveragePooling2D.from_config(config)
    if name == "Maximum":  # whose gradient goes to the larger value alone
        return kl.Add(name=layer.name)
    if name == "LayerNormalization":
        return Together(config["axis"], name=layer.name)
    if name in STILL:
        return kl.Identity(name=layer.name)
    for key in config:
        if key.endswith("_initializer"):
            config[key] = "ones"
        if key == "activation":
            config[key] = "linear"
    return type(layer).from_config(config)


def seen_by_gradient(graph: Graph, shape: tuple[int, ...], layer: str, place: tuple[int, ...]) -> Rectangle | None:
    """The pixels that change a node of a model of positive layers, one call after the other so that none underflows."""
    wanted: dict[Ref, Any] = {Ref(layer): np.zeros(graph.calls[layer].shape, np.float32)}
    wanted[Ref(layer)][place] = 1
    for name, call in reversed(graph.calls.items()):
        gradient = wanted.pop(Ref(name), None)
        if gradient is None:
            continue
        rng = np.random.default_rng(0)
        inputs = [tf.constant(rng.uniform(0.5, 1.5, (1, *graph.shape(ref))), tf.float32) for ref in call.sources]
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = call.run(inputs)[0]
        slopes = tape.gradient(output, inputs, output_gradients=tf.constant(gradient[np.newaxis]))
        for ref, slope in zip(call.sources, slopes, strict=True):
            if slope is None:  # the same value went in twice, and the other slope speaks for both
                continue
            answers = (np.abs(np.asarray(slope)[0]) > 0).astype(np.float32)
            # Random numbers in place of ones, so that nothing cancels.
            wanted[ref] = wanted.get(ref, 0) + answers * rng.uniform(0.5, 1.5, answers.shape).astype(np.float32)
    pixels = np.argwhere(wanted.get(Ref(""), np.zeros(shape)).any(axis=-1))
    if len(pixels) == 0:
        return None
    (top, left), (bottom, right) = pixels.min(axis=0), pixels.max(axis=0)
    return int(top), int(left), int(bottom) + 1, int(right) + 1


def assert_seen(model: keras.Model, rng: np.random.Generator, nodes: int, layers: int = 99) -> None:
    """Random nodes of every layer see what gradients through the positive copy say."""
    fields = ReceptiveFields(unroll(model))
    copy = unroll(keras.models.clone_model(model, clone_function=positive, recursive=True))
    most = min(len(copy.calls), layers)
    for name in rng.choice(list(copy.calls), most, replace=False).tolist():
        call = copy.calls[name]
        for _ in range(nodes):
            node = tuple(int(rng.integers(size)) for size in call.shape)
            assert fields.rectangle(name, node) == seen_by_gradient(copy, copy.inputs[0], name, node), (name, node)


def clipped(rectangle: Rectangle, shape: tuple[int, ...]) -> Rectangle | None:
    top, left, bottom, right = rectangle
    top, left, bottom, right = max(top, 0), max(left, 0), min(bottom, shape[0]), min(right, shape[1])
    return (top, left, bottom, right) if top < bottom and left < right else None


def assert_as_in_core(architecture: Architecture, rng: np.random.Generator) -> None:
    """Equal to the walk through a stack for nodes away from the border, contained in it everywhere.

    The walk says itself that it is too large behind a window that leaves nodes over at the border.
    """
    fields = ReceptiveFields(unroll(build(architecture, "float32", seed=1)))
    before, leaves_some = tuple(architecture.input_shape), False
    for index, layer in enumerate(architecture.layers):
        shape = fields_shape(fields, layer.name)
        leaves_some |= leaves_nodes_over(layer, before)
        before = shape
        if infer(architecture).layers[index].receptive_field is None:  # a vector, or after what sees whole rows
            continue
        for _ in range(6):
            node = tuple(int(rng.integers(size)) for size in shape)
            core = input_rectangle(architecture, index, node[0], node[1])
            if core is None:
                assert fields.rectangle(layer.name, node) is None
                continue
            within = clipped(core, architecture.input_shape)
            found = fields.rectangle(layer.name, node)
            if within == core and found is not None and not leaves_some:
                assert found == core
            elif found is not None:
                assert within is not None
                assert within[0] <= found[0] < found[2] <= within[2]
                assert within[1] <= found[1] < found[3] <= within[3]


def leaves_nodes_over(layer: AnyLayer, shape: tuple[int, ...]) -> bool:
    size = getattr(layer, "pool_size", None) or getattr(layer, "kernel_size", None)
    if size is None or layer.padding == "same":
        return False
    strides, dilation = layer.strides or size, getattr(layer, "dilation_rate", (1, 1))
    return any((shape[axis] - (size[axis] - 1) * dilation[axis] - 1) % strides[axis] for axis in (0, 1))


def fields_shape(fields: ReceptiveFields, name: str) -> tuple[int, ...]:
    return tuple(size or 1 for size in fields.graph.calls[name].shape)


@FEW
@given(drawn=STACKS, seed=st.integers(0, 99))
def test_that_stacks_see_what_the_walk_says(drawn: tuple[Architecture, Any], seed: int) -> None:
    assume(drawn[0].layers)
    assert_as_in_core(drawn[0], np.random.default_rng(seed))


@FEW
@given(drawn=STACKS, seed=st.integers(0, 99))
def test_that_stacks_see_what_gradients_say(drawn: tuple[Architecture, Any], seed: int) -> None:
    assume(drawn[0].layers)
    assert_seen(build(drawn[0], "float32", seed=1), np.random.default_rng(seed), nodes=2, layers=3)


@pytest.mark.slow
@MANY
@given(drawn=STACKS, seed=st.integers(0, 99))
def test_that_many_stacks_see_what_walk_and_gradients_say(drawn: tuple[Architecture, Any], seed: int) -> None:
    assume(drawn[0].layers)
    assert_as_in_core(drawn[0], np.random.default_rng(seed))
    assert_seen(build(drawn[0], "float32", seed=1), np.random.default_rng(seed), nodes=1, layers=3)


def branching() -> keras.Model:
    image = keras.Input((21, 18, 3))
    x = kl.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="stem")(image)
    wide = kl.Conv2D(2, 5, padding="same", name="wide")(x)
    narrow = kl.Conv2D(2, 1, name="narrow")(x)
    tall = kl.MaxPooling2D((3, 1), 1, "same", name="tall")(x)
    x = kl.Concatenate(name="join")([wide, narrow, tall])
    x = kl.BatchNormalization(name="norm")(x)
    x = kl.Conv2D(8, 3, padding="same", name="conv")(x)
    y = kl.DepthwiseConv2D((1, 4), dilation_rate=(1, 2), padding="same", depth_multiplier=1, name="depthwise")(x)
    x = kl.Add(name="sum")([x, y])
    x = kl.LayerNormalization(name="layer_norm")(x)
    inner = keras.Sequential([keras.Input((11, 9, 8)), kl.Conv2D(3, 2, name="conv"), kl.ReLU(name="relu")], name="in")
    x = inner(x)
    x = kl.UpSampling2D(2, interpolation="bilinear", name="bilinear")(x)
    x = kl.UpSampling2D((1, 2), name="nearest")(x)
    x = kl.Conv2DTranspose(2, (3, 2), strides=(2, 3), padding="same", name="transposed")(x)
    x = kl.AveragePooling2D(4, name="average")(x)
    x = kl.ZeroPadding2D(((0, 2), (1, 0)), name="pad")(x)
    x = kl.Cropping2D(((1, 0), (0, 3)), name="crop")(x)
    x = kl.Permute((2, 1, 3), name="turn")(x)
    x = kl.SeparableConv2D(3, 3, strides=2, name="separable")(x)
    x = kl.PReLU(name="prelu")(x)
    y = kl.GlobalMaxPooling2D(name="whole")(x)
    x = kl.Reshape((-1, 2), name="two")(kl.Flatten(name="flat")(x)) if np.prod(x.shape[1:]) % 2 == 0 else x
    x = kl.Flatten(name="flat_again")(x)
    x = kl.Concatenate(name="vectors")([x, y])
    return keras.Model(image, kl.Dense(2, "softmax", name="out")(x))


def test_that_a_model_of_every_kind_of_layer_sees_what_gradients_say() -> None:
    assert_seen(branching(), np.random.default_rng(1), nodes=1)


Plan = list[tuple[int, int, int]]
PLANS: st.SearchStrategy[Plan] = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=7
)
"""What to add, and to which two of the values so far."""


def graph_of(plan: Plan) -> keras.Model:
    """A model that joins random values of random earlier layers."""
    values = [keras.Input((11, 10, 2))]
    for kind, first, second in plan:
        values.append(added(kind, values, first, second))
    ends = [kl.Flatten()(value) for value in values[1:]]
    return keras.Model(values[0], kl.Concatenate()(ends) if len(ends) > 1 else ends[0])


def added(kind: int, values: list[Any], first: int, second: int) -> Any:
    x = values[first % len(values)]
    alike = [value for value in values if value.shape == x.shape]
    in_place = [value for value in values if value.shape[1:3] == x.shape[1:3]]
    match kind:
        case 0:
            return kl.Conv2D(2, (3, 2), padding="same", activation="relu")(x)
        case 1:
            return kl.Conv2D(2, 2, strides=2, padding="same")(x)
        case 2:
            return kl.MaxPooling2D(3, 1, "same")(x)
        case 3:
            return kl.Add()([x, alike[second % len(alike)]])
        case 4:
            return kl.Maximum()([x, kl.ReLU()(alike[second % len(alike)])])
        case 5:
            return kl.Concatenate()([x, in_place[second % len(in_place)]])
        case 6:
            return kl.UpSampling2D(2)(x) if x.shape[1] < 12 else kl.AveragePooling2D(2)(x)
        case 7:
            return kl.DepthwiseConv2D(3, dilation_rate=2, padding="same")(x)
        case _:
            return kl.Multiply()([x, kl.GlobalAveragePooling2D(keepdims=True)(x)])


@FEW
@given(plan=PLANS, seed=st.integers(0, 99))
def test_that_random_graphs_see_what_gradients_say(plan: Plan, seed: int) -> None:
    assert_seen(graph_of(plan), np.random.default_rng(seed), nodes=1, layers=4)


@pytest.mark.slow
@MANY
@given(plan=PLANS, seed=st.integers(0, 99))
def test_that_many_random_graphs_see_what_gradients_say(plan: Plan, seed: int) -> None:
    assert_seen(graph_of(plan), np.random.default_rng(seed), nodes=1, layers=4)


def test_that_a_dead_relu_and_the_losers_of_a_maximum_count() -> None:
    image = keras.Input((6, 6, 1))
    x = kl.Conv2D(1, 3, activation="relu", kernel_initializer="zeros", name="dead")(image)
    x = kl.MaxPooling2D(2, name="pool")(x)
    fields = ReceptiveFields(unroll(keras.Model(image, x)))
    assert fields.rectangle("dead", (0, 0, 0)) == (0, 0, 3, 3)
    assert fields.rectangle("pool", (1, 1, 0)) == (2, 2, 6, 6)
    assert (fields.size("dead"), fields.size("pool")) == ((3, 3), (4, 4))


def test_that_each_map_of_a_join_sees_what_its_own_branch_sees() -> None:
    image = keras.Input((9, 9, 1))
    narrow, wide = kl.Conv2D(2, 1, name="narrow")(image), kl.Conv2D(3, 5, padding="same", name="wide")(image)
    fields = ReceptiveFields(unroll(keras.Model(image, kl.Concatenate(name="join")([narrow, wide]))))
    assert [fields.rectangle("join", (4, 4, number)) for number in range(5)] == [(4, 4, 5, 5)] * 2 + [(2, 2, 7, 7)] * 3
    assert fields.rectangle("join", (0, 8, 4)) == (0, 6, 3, 9)  # ends at the image


def test_that_groups_see_what_their_own_maps_see() -> None:
    image = keras.Input((9, 9, 1))
    narrow, wide = kl.Conv2D(2, 1, name="narrow")(image), kl.Conv2D(2, 5, name="wide", padding="same")(image)
    x = kl.Concatenate(name="join")([narrow, wide])
    model = keras.Model(image, kl.Conv2D(6, 2, groups=2, name="grouped")(x))
    fields = ReceptiveFields(unroll(model))
    seen = [fields.rectangle("grouped", (3, 4, number)) for number in range(6)]
    assert seen == [(3, 4, 5, 6)] * 3 + [(1, 2, 7, 8)] * 3


@pytest.mark.parametrize("axis", [-1, [3], [1], [2], [1, 2], [2, 3], [1, 2, 3]])
@pytest.mark.parametrize("first", [False, True])
def test_that_normalization_sees_the_pixels_that_change_it(axis: Any, first: bool) -> None:
    keras.utils.set_random_seed(3)
    shape = (2, 6, 5) if first else (6, 5, 2)
    image = keras.Input(shape)
    x = kl.DepthwiseConv2D((2, 1), data_format="channels_first" if first else None, name="conv")(image)
    graph = unroll(keras.Model(image, kl.LayerNormalization(axis, name="norm")(x)))
    fields, run = ReceptiveFields(graph), tf.function(graph.run, jit_compile=first)
    values = np.random.default_rng(1).uniform(0.2, 1, shape).astype(np.float32)

    def last(maps: Any) -> Any:
        return np.moveaxis(maps, 0, 2) if first else maps

    before = last(np.asarray(run([values[np.newaxis]])["norm"])[0])
    changed: dict[tuple[int, ...], list[tuple[int, int]]] = {node: [] for node in np.ndindex(before.shape)}
    for pixel in np.ndindex(shape):
        other = values.copy()
        other[pixel] += 0.5
        row, column = pixel[1:] if first else pixel[:2]
        differs = last(np.asarray(run([other[np.newaxis]])["norm"])[0]) != before
        for node in changed:
            if differs[node]:
                changed[node].append((row, column))
    for node, pixels in changed.items():
        (top, left), (bottom, right) = np.min(pixels, axis=0), np.max(pixels, axis=0)
        assert fields.rectangle("norm", node) == (top, left, bottom + 1, right + 1), node


def test_that_two_inputs_have_fields_of_their_own() -> None:
    left, right = keras.Input((5, 5, 1)), keras.Input((5, 5, 1))
    x = kl.Concatenate(name="join")([left, kl.Conv2D(1, 3, padding="same", name="conv")(right)])
    graph = unroll(keras.Model([left, right], kl.Conv2D(1, 1, name="both")(x)))
    first, second = ReceptiveFields(graph, 0), ReceptiveFields(graph, 1)
    assert (first.rectangle("conv", (2, 2, 0)), second.rectangle("conv", (2, 2, 0))) == (None, (1, 1, 4, 4))
    assert (first.rectangle("both", (2, 2, 0)), second.rectangle("both", (2, 2, 0))) == ((2, 2, 3, 3), (1, 1, 4, 4))


def test_that_channels_first_sees_the_same() -> None:
    first: dict[str, Any] = {"data_format": "channels_first"}
    image = keras.Input((2, 9, 8))
    x = kl.Conv2D(4, (3, 2), name="conv", **first)(image)
    x = kl.MaxPooling2D(2, name="pool", **first)(x)
    x = kl.Flatten(name="flat", **first)(x)
    fields = ReceptiveFields(unroll(keras.Model(image, x)))
    assert fields.rectangle("conv", (6, 6, 3)) == (6, 6, 9, 8)
    assert fields.rectangle("pool", (1, 2, 0)) == (2, 4, 6, 7)
    assert fields.rectangle("flat", (4 * (3 * 1 + 2),)) == (2, 4, 6, 7)


def test_that_nodes_and_layers_that_do_not_exist_are_refused() -> None:
    image = keras.Input((5, 5, 1))
    fields = ReceptiveFields(unroll(keras.Model(image, kl.Conv2D(1, 3, name="conv")(image))))
    with pytest.raises(IndexError):
        fields.rectangle("conv", (3, 0, 0))
    with pytest.raises(KeyError):
        fields.rectangle("other", (0, 0, 0))
