"""Field and jump of layers in graphs: as those of the same stack, and never smaller than the rectangles of nodes."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from hypothesis import HealthCheck, assume, given, settings
from keras import layers as kl

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS, Preset
from cnn_explorer.engine.graph.calls import unroll
from cnn_explorer.engine.graph.places import graph_places
from cnn_explorer.engine.graph.receptive_fields import ReceptiveFields
from cnn_explorer.engine.models.builder import build
from tests.core.network.strategies import stacks

pytestmark = pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1:UserWarning")
FEW = settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))


def assert_as_inferred(architecture: Architecture) -> None:
    facts = infer(architecture).layers
    places = graph_places(unroll(build(architecture, "float32", seed=1)))
    told = [(layer.receptive_field, layer.jump) if layer.receptive_field else None for layer in facts]
    assert [places[layer.name] for layer in facts] == told


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_presets_have_the_places_that_inference_tells(preset: Preset) -> None:
    assert_as_inferred(preset.architecture)


@FEW
@given(drawn=stacks())
def test_that_stacks_have_the_places_that_inference_tells(drawn: tuple[Architecture, Any]) -> None:
    assume(drawn[0].layers)
    assert_as_inferred(drawn[0])


def residual() -> keras.Model:
    """Three blocks of two convolutions and a way around, as in a ResNet, the last ones in a model of their own."""
    image = keras.Input((96, 96, 1))
    x = kl.Conv2D(2, 7, strides=2, padding="same", name="stem")(image)
    x = kl.MaxPooling2D(3, 2, "same", name="pool")(x)
    y = kl.Conv2D(2, 3, padding="same", name="a1")(x)
    x = kl.Add(name="sum_a")([x, kl.Conv2D(2, 3, padding="same", name="a2")(y)])
    inner_input = keras.Input((24, 24, 2))
    y = kl.Conv2D(2, 3, strides=2, padding="same", name="b1")(inner_input)
    y = kl.Conv2D(2, 3, padding="same", name="b2")(y)
    z = kl.Conv2D(2, 1, strides=2, name="short")(inner_input)
    inner = keras.Model(inner_input, kl.Add(name="sum_b")([y, z]), name="inner")
    x = inner(x)
    x = kl.Conv2DTranspose(1, 4, strides=2, padding="same", name="up")(x)
    return keras.Model(image, kl.GlobalAveragePooling2D(name="whole")(x))


def test_that_residual_blocks_see_what_their_longest_way_sees() -> None:
    places = graph_places(unroll(residual()))
    # ResNet's own figures: 7, 11, then 16 more for two 3×3 at jump 4, then 4·2 + 8·2 more.
    assert places["stem"] == ((7, 7), (2, 2))
    assert places["pool"] == ((11, 11), (4, 4))
    assert places["sum_a"] == ((27, 27), (4, 4))
    assert places["inner/short"] == ((27, 27), (8, 8))
    assert places["inner/sum_b"] == ((51, 51), (8, 8))
    assert places["up"] == ((59, 59), (4, 4))  # each node is reached by two
    assert places["whole"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "side", "layer", "field"),
    [
        (keras.applications.ResNet50, 224, "conv5_block3_out", 483),
        (keras.applications.InceptionV3, 299, "mixed10", 1311),
    ],
)
def test_that_known_networks_see_what_is_published(make: Any, side: int, layer: str, field: int) -> None:
    # A. Araujo, W. Norris, J. Sim: Computing Receptive Fields of Convolutional Neural Networks, Distill 2019.
    model = make(weights=None, input_shape=(side, side, 3))
    assert graph_places(unroll(model))[layer] == ((field, field), (32, 32))


def test_that_rectangles_of_whole_nodes_are_as_large_as_told() -> None:
    graph = unroll(residual())
    places, fields = graph_places(graph), ReceptiveFields(graph)
    for name, place in places.items():
        size = fields.size(name)
        assert (size is None) == (place is None)
        if place is not None:
            assert size == place[0], name


def test_that_another_input_and_a_gate_over_the_whole_map_have_no_place() -> None:
    left, right = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    near = kl.Conv2D(1, 3, padding="same", name="near")(left)
    far = kl.Conv2D(1, 5, padding="same", name="far")(right)
    x = kl.Concatenate(name="join")([near, far])
    gate = kl.GlobalAveragePooling2D(keepdims=True, name="squeeze")(x)
    graph = unroll(keras.Model([left, right], kl.Multiply(name="gated")([x, gate])))
    first, second = graph_places(graph, 0), graph_places(graph, 1)
    assert (first["near"], first["far"], first["join"]) == (((3, 3), (1, 1)), None, ((3, 3), (1, 1)))
    assert (second["near"], second["far"], second["join"]) == (None, ((5, 5), (1, 1)), ((5, 5), (1, 1)))
    assert first["gated"] is second["gated"] is None


@pytest.mark.parametrize("kind", [kl.Softmax, kl.LayerNormalization])
@pytest.mark.parametrize(("axis", "kept"), [(-1, True), (3, True), (1, False), ([2, 3], False)])
def test_that_layers_along_axes_keep_the_place_only_along_the_maps(kind: Any, axis: Any, kept: bool) -> None:
    image = keras.Input((8, 7, 2))
    x = kl.Conv2D(3, 3, name="conv")(image)
    places = graph_places(unroll(keras.Model(image, kind(axis=axis, name="along")(x))))
    assert places["along"] == (((3, 3), (1, 1)) if kept else None)


@pytest.mark.parametrize(("axis", "kept"), [(1, True), (-1, False)])
def test_that_the_maps_may_come_first(axis: int, kept: bool) -> None:
    image = keras.Input((2, 8, 7))
    x = kl.Conv2D(3, 3, name="conv", data_format="channels_first")(image)
    places = graph_places(unroll(keras.Model(image, kl.Softmax(axis=axis, name="along")(x))))
    assert places["along"] == (((3, 3), (1, 1)) if kept else None)
