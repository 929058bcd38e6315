"""Architecture files: what goes out comes back, and what is wrong is named by its path."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import L1L2, LAYER_KINDS, Architecture, Conv2D, Dense, LayerKind, free_name
from tests.core.network.strategies import specs


@given(specs(Architecture))
def test_that_an_architecture_survives_its_file(architecture: Architecture) -> None:
    assert Architecture.from_json(architecture.to_json()) == architecture


def test_that_a_file_has_kerass_names_and_leaves_defaults_out() -> None:
    layers = (
        Conv2D(name="Conv2D_1", filters=32, kernel_size=(3, 3), activation="relu"),
        Dense(name="Dense_1", units=10, kernel_regularizer=L1L2(l2=0.5)),
    )
    file = Architecture(name="n", input_shape=(28, 28, 1), layers=layers).to_json()
    assert json.loads(file) == {
        "format": 1,
        "name": "n",
        "input_shape": [28, 28, 1],
        "layers": [
            {"type": "Conv2D", "name": "Conv2D_1", "filters": 32, "kernel_size": [3, 3], "activation": "relu"},
            {"type": "Dense", "name": "Dense_1", "units": 10, "kernel_regularizer": {"l2": 0.5}},
        ],
    }
    assert file.count(b"\n") > 20


CONV = {"type": "Conv2D", "name": "c", "filters": 1, "kernel_size": [3, 3]}
NAME = "a name of up to 64 letters, digits, _, - and ., beginning with a letter or digit"
ACTIVATIONS = '"linear", "relu", "sigmoid", "tanh", "softmax", "elu", "selu", "gelu", "swish", "softplus", "leaky_relu"'
KINDS = (
    "Conv2D, DepthwiseConv2D, SeparableConv2D, Conv2DTranspose, MaxPooling2D, AveragePooling2D, "
    "GlobalAveragePooling2D, GlobalMaxPooling2D, BatchNormalization, LayerNormalization, Activation, LeakyReLU, "
    "Dropout, SpatialDropout2D, ZeroPadding2D, UpSampling2D, Rescaling, Flatten, Dense"
)
WRONG_LAYERS = [
    ({**CONV, "filters": "many"}, 'layers[1].filters: expected an integer from 1 to 4096, got "many".'),
    ({**CONV, "filters": 0}, "layers[1].filters: expected an integer from 1 to 4096, got 0."),
    ({**CONV, "filters": 1.5}, "layers[1].filters: expected an integer from 1 to 4096, got 1.5."),
    ({**CONV, "filters": True}, "layers[1].filters: expected an integer from 1 to 4096, got true."),
    ({**CONV, "kernel_size": 3}, "layers[1].kernel_size: expected a list of 2 integers from 1 to 256, got 3."),
    (
        {**CONV, "kernel_size": [3, 300]},
        "layers[1].kernel_size: expected a list of 2 integers from 1 to 256, got [3,300].",
    ),
    ({**CONV, "padding": "full"}, 'layers[1].padding: expected one of "valid", "same", got "full".'),
    ({**CONV, "activation": None}, f"layers[1].activation: expected one of {ACTIVATIONS}, got null."),
    ({**CONV, "use_bias": 1}, "layers[1].use_bias: expected true or false, got 1."),
    (
        {**CONV, "kernel_regularizer": {"l2": 11}},
        "layers[1].kernel_regularizer.l2: expected a number from 0 to 10, got 11.",
    ),
    ({**CONV, "kernel_regularizer": "l2"}, 'layers[1].kernel_regularizer: expected an object, got "l2".'),
    ({**CONV, "kernel_regularizer": {"l3": 1}}, "layers[1].kernel_regularizer.l3: unknown key, L1L2 knows l1, l2."),
    ({**CONV, "name": ""}, f'layers[1].name: expected {NAME}, got "".'),
    ({**CONV, "name": "a/b"}, f'layers[1].name: expected {NAME}, got "a/b".'),
    ({**CONV, "name": "a\n"}, f'layers[1].name: expected {NAME}, got "a\\n".'),
    ({"type": "Conv2D", "name": "c", "filters": 1}, (
        "layers[1].kernel_size: missing, expected a list of 2 integers from 1 to 256."
    )),
    ({"type": "Conv3D", "name": "c"}, f'layers[1].type: expected one of {KINDS}, got "Conv3D".'),
    ({"name": "c"}, f"layers[1].type: expected one of {KINDS}, got nothing."),
    ({"type": "Flatten", "name": "f", "rate": 1}, "layers[1].rate: unknown key, Flatten knows name."),
    (
        {"type": "Dropout", "name": "d", "rate": 1.0},
        "layers[1].rate: expected a number of 0 or more, below 1, got 1.0.",
    ),
    (
        {**CONV, "type": "Conv2DTranspose", "output_padding": [0, -1]},
        "layers[1].output_padding: expected a list of 2 integers from 0 to 255 or null, got [0,-1].",
    ),
    (
        {**CONV, "type": "Conv2DTranspose", "dilation_rate": [2, 2]},  # TensorFlow has no such thing on processors
        "layers[1].dilation_rate: unknown key, Conv2DTranspose knows name, filters, kernel_size, strides, padding, "
        "output_padding, activation, use_bias, kernel_initializer, kernel_regularizer.",
    ),
    (
        {"type": "MaxPooling2D", "name": "p", "strides": [0, 1]},
        "layers[1].strides: expected a list of 2 integers from 1 to 256 or null, got [0,1].",
    ),
    (
        {"type": "ZeroPadding2D", "name": "z", "padding": [1, 1]},
        "layers[1].padding: expected two lists of two integers from 0 to 256, got [1,1].",
    ),
    (
        {"type": "BatchNormalization", "name": "b", "epsilon": 0},
        "layers[1].epsilon: expected a number above 0 and up to 1, got 0.",
    ),
    (
        {"type": "LayerNormalization", "name": "n", "axis": 0},  # the images of a batch
        "layers[1].axis: expected one of -1, 1, 2, 3, got 0.",
    ),
    ({"type": "LayerNormalization", "name": "n", "axis": [1, 2]}, (
        "layers[1].axis: expected one of -1, 1, 2, 3, got [1,2]."
    )),
    ("Conv2D", 'layers[1]: expected an object, got "Conv2D".'),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "message"), WRONG_LAYERS, ids=lambda value: str(value)[:40])
def test_that_a_wrong_layer_is_named_by_its_path(layer: object, message: str) -> None:
    file = {"input_shape": [28, 28, 1], "layers": [CONV, layer]}
    with pytest.raises(ExplorerError) as caught:
        Architecture.from_json(json.dumps(file))
    assert caught.value.message == message
    assert caught.value.hint == "Mend this value in the architecture file and load it again."


SHAPE = "a list of 3 integers from 1 to 4096"
WRONG_FILES = [
    ("[]", "file: expected an object, got []."),
    ("null", "file: expected an object, got null."),
    ("{}", f"input_shape: missing, expected {SHAPE}."),
    ('{"input_shape": [28, 28]}', f"input_shape: expected {SHAPE}, got [28,28]."),
    ('{"input_shape": [28, 28, 0]}', f"input_shape: expected {SHAPE}, got [28,28,0]."),
    ('{"input_shape": [28, 28, 1], "layers": {}}', "layers: expected a list, got {}."),
    ('{"input_shape": [28, 28, 1], "format": 2}', "format: expected 1, got 2."),
    ('{"input_shape": [28, 28, 1], "layer": []}', (
        "layer: unknown key, Architecture knows format, name, input_shape, layers."
    )),
    ('{"input_shape": [28, 28, 1], "name": "%s"}' % ("x" * 129), (
        f'name: expected a text of up to 128 characters, got "{"x" * 56}....'
    )),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG_FILES, ids=lambda value: value[:40])
def test_that_a_wrong_file_is_told_by_its_path(text: str, message: str) -> None:
    with pytest.raises(ExplorerError) as caught:
        Architecture.from_json(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text", [b"", b"\xff\xfe\x00", b"PK\x03\x04", b"{", b"NaN", b"[" * 100_000, b'{"input_shape": [1e999]}']
)
def test_that_what_is_not_json_is_called_so(text: bytes) -> None:
    with pytest.raises(ExplorerError, match="This is not a JSON file: "):
        Architecture.from_json(text)


@pytest.mark.parametrize("kind", LAYER_KINDS, ids=lambda kind: kind.spec.__name__)
def test_that_a_new_layer_of_each_kind_is_right_and_has_a_free_name(kind: LayerKind) -> None:
    layer = kind.new([f"{kind.stem}_1", f"{kind.stem}_3"])
    assert layer.name == f"{kind.stem}_2"
    architecture = Architecture(input_shape=(28, 28, 1), layers=(layer,))
    assert Architecture.from_json(architecture.to_json()) == architecture
    assert kind.description.endswith(".")


def test_that_kinds_differ_in_type_and_stem() -> None:
    assert len({kind.spec for kind in LAYER_KINDS}) == len({kind.stem for kind in LAYER_KINDS}) == len(LAYER_KINDS)


def test_free_name_takes_the_first_gap() -> None:
    assert free_name("a", ["a_1", "a_2", "a_4"]) == "a_3"
    assert free_name("a", []) == "a_1"


def test_that_a_byte_order_mark_at_the_beginning_does_no_harm() -> None:
    architecture = Architecture(input_shape=(8, 8, 1), layers=(Dense(name="Out", units=10),))
    assert Architecture.from_json(b"\xef\xbb\xbf" + architecture.to_json()) == architecture
    assert Architecture.from_json("\ufeff" + architecture.to_json().decode()) == architecture
