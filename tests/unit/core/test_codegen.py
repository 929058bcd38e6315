"""The generated code as text; that it builds and trains the right network is tested against Keras."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.core.strategies import specs

from cnn_explorer.core import architecture as arch
from cnn_explorer.core.architecture import L1L2, Architecture
from cnn_explorer.core.codegen import keras_code, training_script
from cnn_explorer.core.presets import PRESETS, Preset, preset
from cnn_explorer.core.training import TrainingConfig

EVERYTHING = TrainingConfig(
    optimizer="sgd",
    momentum=0.9,
    schedule="cosine",
    decay_steps=100,
    regularizer="l1",
    preprocessing="scale",
    split="shuffled",
    train_limit=512,
    test_limit=128,
    device="gpu:1",
    precision="mixed_float16",
)
PENALTIES = Architecture(
    input_shape=(8, 8, 1),
    layers=(
        arch.AveragePooling2D(name="a", padding="same"),
        arch.ZeroPadding2D(name="b", padding=((0, 1), (2, 3))),
        arch.Conv2D(name="c", filters=2, kernel_size=(3, 5), kernel_regularizer=L1L2(l1=0.5)),
        arch.DepthwiseConv2D(
            name="a_longer_name", kernel_size=(3, 3), padding="same", activation="relu", use_bias=False
        ),
        arch.SeparableConv2D(
            name="d", filters=2, kernel_size=(3, 3), strides=(2, 2), pointwise_regularizer=L1L2(l1=0.5, l2=1e-05)
        ),
    ),
)
CODE = """\
import keras
from keras import layers, regularizers

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.AveragePooling2D(2, padding="same", name="a"),
        layers.ZeroPadding2D(padding=((0, 1), (2, 3)), name="b"),
        layers.Conv2D(2, (3, 5), kernel_regularizer=regularizers.L1(0.5), name="c"),
        layers.DepthwiseConv2D(
            3, padding="same", activation="relu", use_bias=False, name="a_longer_name"
        ),
        layers.SeparableConv2D(
            2,
            3,
            strides=2,
            pointwise_regularizer=regularizers.L1L2(l1=0.5, l2=1e-05),
            name="d",
        ),
    ],
    name="network",
)
"""


def test_the_code_of_a_network() -> None:
    assert keras_code(PENALTIES) == CODE


def test_that_the_code_without_penalties_imports_none() -> None:
    code = keras_code(preset("mnist-simple").architecture)
    assert "regularizers" not in code
    assert '        layers.Conv2D(32, 3, activation="relu", name="Conv2D_1"),\n' in code


def test_that_a_script_says_what_the_configuration_says() -> None:
    script = training_script(preset("mnist-simple").architecture, EVERYTHING, "mnist")
    for part in (
        'tf.config.set_visible_devices(gpus[1], "GPU")',
        'keras.config.set_dtype_policy("mixed_float16")',
        "np.random.default_rng(0).permutation(len(images))",
        "x_train, y_train = x_train[:512], y_train[:512]",
        "x_test, y_test = x_test[:128], y_test[:128]",
        'x_train = x_train.reshape(len(x_train), 28, 28, 1).astype("float32") / 255',
        "schedule = keras.optimizers.schedules.CosineDecay(0.001, decay_steps=100)",
        "optimizer=keras.optimizers.SGD(learning_rate=schedule, momentum=0.9)",
        "kernel_regularizer=regularizers.L1(0.001)",
    ):
        assert part in script
    assert script.count('dtype="float32"') == 1
    assert "StandardScaler" not in script


def test_that_a_plain_script_leaves_out_what_was_not_asked_for() -> None:
    script = training_script(preset("mnist-simple").architecture, TrainingConfig(), "mnist")
    for word in ("tensorflow", "dtype=", "schedule", "regularizer", "permutation", "[:", "momentum"):
        assert word not in script
    assert "optimizer=keras.optimizers.RMSprop(learning_rate=0.001)," in script
    assert "scaler.fit_transform(x_train" in script
    assert "scaler.transform(x_test" in script


def test_that_momentum_is_left_out_where_the_optimizer_has_none() -> None:
    script = training_script(preset("mnist-mlp").architecture, TrainingConfig(optimizer="adam", momentum=0.5), "mnist")
    assert "keras.optimizers.Adam(learning_rate=0.001)" in script


@pytest.mark.parametrize("each", PRESETS, ids=lambda each: each.name)
@pytest.mark.parametrize("config", [TrainingConfig(), EVERYTHING], ids=["plain", "everything"])
def test_that_scripts_are_formatted_and_without_lint(each: Preset, config: TrainingConfig) -> None:
    script = training_script(each.architecture, config, "mnist")
    for command in (["format", "--check"], ["check", "--select", "E,F,I"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "-"], input=script, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stdout + run.stderr


@given(specs(Architecture), specs(TrainingConfig), st.text())
def test_that_the_code_of_anything_is_python_and_calls_nothing_but_keras(
    architecture: Architecture, config: TrainingConfig, dataset: str
) -> None:
    tree = ast.parse(keras_code(architecture))
    calls = {ast.unparse(node.func).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert calls <= {"keras", "layers", "regularizers"}
    ast.parse(training_script(architecture, config, dataset))


@pytest.mark.parametrize(
    "name", ['"""\nimport os\n"""', "a/b", "Ünïcode", "_x", "", "my net 100%", "a\\", "\u2028", '"', "x" * 128]
)
def test_that_a_strange_name_becomes_one_that_keras_takes_and_no_code(name: str) -> None:
    architecture = Architecture(name=name, input_shape=(8, 8, 1), layers=(arch.Flatten(name="f"),))
    tree = ast.parse(training_script(architecture, TrainingConfig(), name))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"sys", "keras", "numpy"}
    (model,) = [
        keyword.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "keras.Sequential"
        for keyword in node.keywords
    ]
    written = ast.literal_eval(model)
    assert written
    assert written.isascii()
    assert written[0].isalnum() or written[0] == "."
    assert not set(written) & set("/\\ %\"'\n")
