"""Looks into models of any shape, against plain Keras: layers called by hand, one by one, on the same image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers as kl

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import ModelInput, NotBuiltError
from cnn_explorer.core.nodes.steps import strongest_source
from cnn_explorer.engine.inspecting.inspector import Inspector, open_model

Truth = dict[str, Any]
"""What every layer gives, by name, for a batch of one prepared image for each input."""


def randomized(model: keras.Model) -> keras.Model:
    rng = np.random.default_rng(3)
    for weight in model.weights:
        low = 0.5 if "variance" in weight.name else -0.5
        weight.assign(rng.uniform(low, low + 1, weight.shape))
    return model


def opened(model: keras.Model, folder: Path, suffix: str = ".keras") -> Inspector:
    model.save(folder / f"model{suffix}")
    return open_model(folder / f"model{suffix}")


def called(layer: kl.Layer, *inputs: Any) -> Any:
    """The layer alone, as in inference."""
    if isinstance(layer, kl.BatchNormalization | kl.Dropout):
        return layer(inputs[0], training=False)
    return layer(inputs[0] if len(inputs) == 1 else list(inputs))


def residual() -> tuple[keras.Model, Callable[..., Truth]]:
    image = keras.Input((13, 12, 3), name="image")
    wired = [
        (kl.Conv2D(6, 3, strides=2, padding="same", name="stem"), ("image",)),
        (kl.BatchNormalization(name="norm"), ("stem",)),
        (kl.ReLU(6.0, name="relu"), ("norm",)),
        (kl.DepthwiseConv2D(3, padding="same", name="depthwise"), ("relu",)),
        (kl.SeparableConv2D(6, 3, padding="same", activation="swish", name="separable"), ("depthwise",)),
        (kl.Add(name="sum"), ("separable", "stem")),
        (kl.GlobalAveragePooling2D(keepdims=True, name="squeeze"), ("sum",)),
        (kl.Conv2D(6, 1, activation="sigmoid", name="gate"), ("squeeze",)),
        (kl.Multiply(name="excite"), ("sum", "gate")),
        (kl.Conv2DTranspose(2, 2, strides=2, name="up"), ("excite",)),
        (kl.Flatten(name="flat"), ("up",)),
        (kl.Dropout(0.4, name="drop"), ("flat",)),
        (kl.Dense(3, "softmax", name="out"), ("drop",)),
    ]

    def through(values: Any) -> Truth:
        told = {"image": values}
        for layer, sources in wired:
            told[layer.name] = called(layer, *(told[source] for source in sources))
        return told

    return randomized(keras.Model(image, through(image)["out"])), through


def nested() -> tuple[keras.Model, Callable[..., Truth]]:
    conv, relu, dense = kl.Conv2D(3, 3, padding="same", name="conv"), kl.ReLU(name="relu"), kl.Dense(2, name="out")
    deepest = keras.Sequential([keras.Input((8, 8, 3)), conv], name="deepest")
    inner_image = keras.Input((8, 8, 3))
    inner = keras.Model(inner_image, relu(deepest(inner_image)), name="inner")
    image = keras.Input((8, 8, 3))
    flat = kl.Flatten(name="flat")
    model = keras.Model(image, dense(flat(inner(inner(image)))))

    def through(values: Any) -> Truth:
        told = {"inner/deepest/conv": conv(values)}
        told["inner/relu"] = relu(told["inner/deepest/conv"])
        told["inner#2/deepest/conv"] = conv(told["inner/relu"])
        told["inner#2/relu"] = relu(told["inner#2/deepest/conv"])
        told["flat"] = flat(told["inner#2/relu"])
        return {**told, "out": dense(told["flat"])}

    return randomized(model), through


def two_inputs() -> tuple[keras.Model, Callable[..., Truth]]:
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((10, 9, 3), name="right")
    a, b, join = kl.Conv2D(2, 3, name="a"), kl.Conv2D(2, (5, 4), name="b"), kl.Concatenate(name="join")
    first, second = kl.Conv2D(1, 1, name="first"), kl.GlobalMaxPooling2D(name="second")

    def through(one: Any, other: Any) -> Truth:
        told = {"a": a(one), "b": b(other)}
        told["join"] = join([told["a"], told["b"]])
        return {**told, "first": first(told["join"]), "second": second(told["join"])}

    told = through(left, right)
    return randomized(keras.Model([left, right], [told["first"], told["second"]])), through


MODELS = {"residual": residual, "nested": nested, "two inputs": two_inputs}


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("kind", MODELS)
def test_that_every_layer_gives_what_plain_keras_computes(tmp_path: Path, kind: str, suffix: str) -> None:
    model, through = MODELS[kind]()
    inspector = opened(model, tmp_path, suffix)
    rng = np.random.default_rng(5)
    images = {
        number: rng.integers(0, 256, each.shape, dtype=np.uint8) for number, each in enumerate(inspector.info.inputs)
    }
    forward = inspector.forward_all(images)
    truth = through(*(np.asarray(image, np.float32)[np.newaxis] / 255 for image in images.values()))
    assert set(forward.activations) == set(truth) - {"image"}
    for name, values in forward.activations.items():
        np.testing.assert_allclose(values, np.asarray(truth[name])[0], rtol=1e-5, atol=1e-5, err_msg=name)
        layer = inspector.info.layer(name)
        assert layer is not None
        assert (layer.output_shape, values.dtype) == (values.shape, np.float32)


def channels_first() -> keras.Model:
    first: dict[str, Any] = {"data_format": "channels_first"}
    image = keras.Input((2, 9, 8))
    x = kl.Conv2D(4, 3, padding="same", name="conv", **first)(image)
    x = kl.BatchNormalization(axis=1, name="norm")(x)
    y = kl.SeparableConv2D(4, 3, padding="same", name="separable", **first)(x)
    x = kl.Concatenate(axis=1, name="join")([x, y])
    x = kl.MaxPooling2D(name="pool", **first)(x)
    return randomized(keras.Model(image, kl.Dense(3, name="out")(kl.Flatten(name="flat", **first)(x))))


def test_that_channels_first_is_the_same_network_turned(tmp_path: Path) -> None:
    model = channels_first()
    inspector = opened(model, tmp_path)
    info = inspector.info
    assert (info.input_shape, info.inputs[0].shape) == ((9, 8, 2), (9, 8, 2))
    image = np.random.default_rng(1).integers(0, 256, (9, 8, 2), dtype=np.uint8)
    forward = inspector.forward(image)
    assert forward.image.shape == (9, 8, 2)
    # The same layers with channels last, on the same weights.
    image_last = keras.Input((9, 8, 2))
    conv, norm = kl.Conv2D(4, 3, padding="same"), kl.BatchNormalization(axis=3)
    separable, pool = kl.SeparableConv2D(4, 3, padding="same"), kl.MaxPooling2D()
    normed = norm(conv(image_last))
    joined = kl.Concatenate(axis=3)([normed, separable(normed)])
    turned = keras.Model(image_last, [conv.output, norm.output, separable.output, joined, pool(joined)])
    turned.set_weights(model.get_weights()[: len(turned.weights)])
    named = ("conv", "norm", "separable", "join", "pool")
    for name, expected in zip(named, turned(forward.image[np.newaxis], training=False), strict=True):
        np.testing.assert_allclose(
            forward.activations[name], np.asarray(expected)[0], rtol=1e-5, atol=1e-5, err_msg=name
        )
    np.testing.assert_array_equal(forward.activations["flat"], forward.activations["pool"].ravel())  # as Keras does it
    assert [layer.output_shape for layer in info.layers][:2] == [(9, 8, 4), (9, 8, 4)]
    rng = np.random.default_rng(2)
    for name, values in forward.activations.items():
        node = tuple(int(rng.integers(size)) for size in values.shape)
        step = inspector.step(forward, name, node)
        assert step.output == values[node]
        assert step.work.value == pytest.approx(step.output, rel=1e-5, abs=1e-5)
    assert inspector.receptive_fields(0).rectangle("conv", (4, 4, 3)) == (3, 3, 6, 6)


def test_that_each_layer_names_the_inputs_that_it_takes(tmp_path: Path) -> None:
    info = opened(two_inputs()[0], tmp_path).info
    told = {layer.name: ([one.name for one in info.taken(layer)], layer.sources) for layer in info.layers}
    assert told["a"] == (["left"], ("",))
    assert told["b"] == (["right"], ("",))
    assert told["join"] == ([], ("a", "b"))


def test_that_the_graph_is_told(tmp_path: Path) -> None:
    info = opened(residual()[0], tmp_path).info
    told = {layer.name: (layer.sources, layer.depth, layer.receptive_field, layer.jump) for layer in info.layers}
    assert told["stem"] == (("",), 1, (3, 3), (2, 2))
    assert told["sum"] == (("separable", "stem"), 6, (11, 11), (2, 2))
    assert told["out"] == (("drop",), 13, None, None)
    assert info.outputs == ("out",)
    stem = info.layer("stem")
    assert stem is not None
    assert dict(stem.config)["kernel_size"] == "3×3"
    assert "kernel_initializer" not in dict(stem.config)


def test_that_two_inputs_and_outputs_are_told_and_the_other_input_gets_zeros(tmp_path: Path) -> None:
    inspector = opened(two_inputs()[0], tmp_path)
    info = inspector.info
    assert info.inputs == (ModelInput("left", (8, 8, 1)), ModelInput("right", (10, 9, 3)))
    assert info.outputs == ("first", "second")
    assert info.input_shape == (8, 8, 1)
    forward = inspector.forward(np.full((8, 8, 1), 9, np.uint8))
    assert not forward.inputs[1].any()
    assert forward.prediction is None  # the first output is maps
    receptive_fields = [inspector.receptive_fields(number).rectangle("join", (0, 0, 3)) for number in (0, 1)]
    assert receptive_fields == [None, (0, 0, 5, 4)]
    with pytest.raises(ExplorerError, match='The input "right" takes images of 10×9×3'):
        inspector.forward_all({1: np.zeros((8, 8, 1), np.uint8)})
    with pytest.raises(ExplorerError, match="Input 3 of the model takes no images"):
        inspector.forward_all({2: np.zeros((8, 8, 1), np.uint8)})


def test_that_open_sizes_are_fixed_and_said(tmp_path: Path) -> None:
    image = keras.Input((None, None, 3))
    inner = keras.Sequential([keras.Input((None, None, 2)), kl.Conv2D(2, 3, name="conv")], name="inner")
    x = kl.GlobalMaxPooling2D(name="whole")(inner(kl.Conv2D(2, 3, strides=4, name="stem")(image)))
    inspector = opened(keras.Model(image, x), tmp_path)
    assert inspector.info.input_shape == (224, 224, 3)
    assert "It takes images of any size; here it is given 224×224×3." in inspector.info.notes
    assert [layer.output_shape for layer in inspector.info.layers] == [(56, 56, 2), (54, 54, 2), (2,)]
    forward = inspector.forward(np.ones((224, 224, 3), np.uint8))
    assert forward.activations["inner/conv"].shape == (54, 54, 2)
    assert inspector.receptive_fields(0).rectangle("inner/conv", (1, 0, 0)) == (4, 0, 15, 11)


def test_that_gray_images_without_a_channel_are_images(tmp_path: Path) -> None:
    inspector = opened(keras.Sequential([keras.Input((6, 5)), kl.Flatten(name="flat"), kl.Dense(2)]), tmp_path)
    assert inspector.info.input_shape == (6, 5, 1)
    image = np.arange(30, dtype=np.uint8).reshape(6, 5, 1)
    forward = inspector.forward(image)
    np.testing.assert_allclose(forward.activations["flat"], image.ravel() / 255, rtol=1e-6)
    source = strongest_source(inspector.step(forward, "flat", (7,)))
    assert source is not None
    assert (source.layer, source.node) == ("", (1, 2, 0))
    assert inspector.receptive_fields(0).rectangle("flat", (7,)) == (1, 2, 2, 3)


def test_that_layers_of_any_kind_are_shown_as_far_as_they_have_numbers(tmp_path: Path) -> None:
    image, words = keras.Input((6, 6, 2), name="image"), keras.Input((4,), dtype="int32", name="words")
    rows = kl.Reshape((6, 12), name="rows")(image)
    whole, last, _ = kl.LSTM(3, return_state=True, return_sequences=True, name="lstm")(rows)
    both = kl.Bidirectional(kl.GRU(2), name="both")(rows)
    meaning = kl.Embedding(9, 12, mask_zero=True, name="meaning")(words)
    attended = kl.MultiHeadAttention(2, 3, name="attention")(rows, meaning)
    each = kl.TimeDistributed(kl.Dense(2), name="each")(attended)
    size = keras.ops.mean(whole, axis=(1, 2))
    outputs = [last, both, kl.Flatten(name="flat")(each), size]
    inspector = opened(keras.Model([image, words], outputs), tmp_path)
    shapes = {layer.name: layer.output_shape for layer in inspector.info.layers}
    mean = next(name for name in shapes if name.startswith("mean") and name != "meaning")
    assert shapes[mean] == (1,)
    assert shapes["lstm"] == (6, 3)
    assert shapes["meaning"] == (4, 12)
    forward = inspector.forward(np.random.default_rng(0).integers(0, 256, (6, 6, 2), dtype=np.uint8))
    assert {name: values.shape for name, values in forward.activations.items()} == shapes
    assert forward.prediction is not None
    assert forward.prediction.shape == (3,)
    np.testing.assert_allclose(forward.activations[mean], forward.activations["lstm"].mean(), rtol=1e-5)
    for name, values in forward.activations.items():
        assert inspector.step(forward, name, (0,) * values.ndim).output == values.flat[0]
    names = [weight.name for weight in inspector.weights("both")]
    assert len(set(names)) == len(names) == 6
    assert inspector.weights(mean) == ()


def test_that_a_model_without_images_is_refused_with_its_structure(tmp_path: Path) -> None:
    keras.Sequential([keras.Input((5,)), kl.Dense(2, name="out")]).save(tmp_path / "vector.h5")
    with pytest.raises(NotBuiltError, match=r"takes \(None, 5\), and no images") as raised:
        open_model(tmp_path / "vector.h5")
    assert raised.value.structure.total_params == 12


def test_that_half_precision_is_shown_as_float32_in_graphs_too(tmp_path: Path) -> None:
    image = keras.Input((6, 6, 1))
    policy = keras.DTypePolicy("mixed_bfloat16")
    x = kl.Conv2D(2, 3, dtype=policy, name="conv")(image)
    model = keras.Model(image, kl.Add(dtype=policy, name="sum")([x, kl.ReLU(dtype=policy, name="relu")(x)]))
    inspector = opened(model, tmp_path)
    forward = inspector.forward(np.ones((6, 6, 1), np.uint8))
    assert {values.dtype for values in forward.activations.values()} == {np.dtype(np.float32)}
    assert dict(inspector.info.layers[0].config)["dtype"] == "mixed_bfloat16"
