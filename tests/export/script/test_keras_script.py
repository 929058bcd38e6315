"""The generated code as text; that it builds and trains the right network is tested against Keras."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network import architecture as arch
from cnn_explorer.core.network.architecture import L1L2, Architecture
from cnn_explorer.core.network.presets import PRESETS, Preset, preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import LearningRateChanged
from cnn_explorer.export.script.keras_script import keras_code, training_script
from tests.core.network.strategies import specs

EVERYTHING = TrainingConfig(
    optimizer="sgd",
    momentum=0.9,
    nesterov=True,
    schedule="cosine",
    decay_steps=100,
    warmup_steps=10,
    reduce_on_plateau="val_accuracy",
    early_stopping="val_loss",
    patience=3,
    min_delta=0.01,
    loss="categorical_crossentropy",
    label_smoothing=0.1,
    class_weight="balanced",
    regularizer="l1",
    regularizer_scope="all",
    augment_shift=0.1,
    augment_rotation=10,
    augment_zoom=0.2,
    augment_flip="both",
    augment_noise=0.05,
    preprocessing="scale",
    split="shuffled",
    split_seed=3,
    validation_split=0.25,
    train_limit=512,
    test_limit=128,
    seed=5,
    deterministic=True,
    device="gpu:1",
    precision="mixed_float16",
    jit_compile="on",
    log_device_placement=True,
    gpu_memory=0.35,
    intra_op_threads=2,
    inter_op_threads=1,
)
WARM = TrainingConfig(
    schedule="piecewise",
    boundaries=tuple(range(1000, 16000, 1000)),
    values=tuple(0.001 / number for number in range(1, 16)),
    warmup_steps=50,
    reduce_on_plateau="val_loss",
    class_weight="custom",
    class_weight_values=tuple(number / 7 for number in range(10)),
    augment_noise=0.1,
    preprocessing="standardize_channel",
    split="stratified",
    split_seed=2**31 - 1,
    validation_split=0.1,
)
ALONE = TrainingConfig(preprocessing="standardize_image", split="stratified")
SIGNED = TrainingConfig(preprocessing="scale_signed", augment_flip="horizontal", validation_split=0.1)
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
        arch.Conv2DTranspose(name="e", filters=2, kernel_size=(3, 3), strides=(2, 3), output_padding=(1, 0)),
        arch.LayerNormalization(name="f"),
        arch.LayerNormalization(name="g", axis=1, center=False),
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
        layers.Conv2DTranspose(2, 3, strides=(2, 3), output_padding=(1, 0), name="e"),
        layers.LayerNormalization(name="f"),
        layers.LayerNormalization(axis=1, center=False, name="g"),
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
        "tf.config.set_logical_device_configuration(gpu, [limit])",
        "limit = int(0.35 * int(answer))",
        "tf.config.threading.set_intra_op_parallelism_threads(2)",
        "tf.config.threading.set_inter_op_parallelism_threads(1)",
        "tf.debugging.set_log_device_placement(True)",
        "keras.utils.set_random_seed(5)\ntf.config.experimental.enable_op_determinism()",
        "np.random.default_rng(3).permutation(len(images))",
        "x_train, y_train = x_train[:512], y_train[:512]",
        "order = np.random.default_rng(3).permutation(len(x_train))\ncount = round(len(x_train) * 0.25)",
        'layers.RandomFlip("horizontal_and_vertical")',
        'layers.RandomZoom(0.2, fill_mode="nearest")',
        'layers.RandomRotation(10 / 360, fill_mode="nearest")',
        'layers.RandomTranslation(0.1, 0.1, fill_mode="nearest")',
        "tf.random.normal(tf.shape(images), stddev=0.05 * 255)",
        "return images / 255, labels",
        "0.0, decay_steps=100, warmup_target=0.001, warmup_steps=10",
        "optimizer=keras.optimizers.SGD(learning_rate=schedule, momentum=0.9, nesterov=True)",
        "loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1)",
        "jit_compile=True",
        "y_val = keras.utils.to_categorical(y_val, model.output_shape[-1])",
        "class_weight=class_weight",
        'EarlyStopping(monitor="val_loss", patience=3, min_delta=0.01)',
        'RestoreBest("val_loss")',
        "kernel_regularizer=regularizers.L1(0.001)",
    ):
        assert part in script
    assert script.count("kernel_regularizer=regularizers.L1(0.001)") == 5  # three convolutions, two Dense
    assert "x_test[:128]" not in script  # nobody looks at the test images
    assert script.count('dtype="float32"') == 1
    assert "StandardScaler" not in script


def test_that_a_plain_script_leaves_out_what_was_not_asked_for() -> None:
    script = training_script(preset("mnist-simple").architecture, TrainingConfig(), "mnist")
    for word in (
        "tensorflow", "dtype=", "schedule", "regularizer", "permutation", "[:", "momentum", "callbacks", "class",
        "jit_compile", "determinism", "load_weights", "categorical(",
    ):  # fmt: skip
        assert word not in script
    assert "optimizer=keras.optimizers.RMSprop(learning_rate=0.001)," in script
    assert "scaler.fit_transform(x_train" in script
    assert "scaler.transform(x_test" in script


def test_that_momentum_is_left_out_where_the_optimizer_has_none() -> None:
    script = training_script(preset("mnist-mlp").architecture, TrainingConfig(optimizer="adam", momentum=0.5), "mnist")
    assert "keras.optimizers.Adam(learning_rate=0.001)" in script


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"optimizer": "adamw", "weight_decay": 0.01}, "AdamW(learning_rate=0.001, weight_decay=0.01)"),
        ({"optimizer": "lion"}, "Lion(learning_rate=0.001, weight_decay=0.004)"),
        ({"optimizer": "lion", "weight_decay": 0.0}, "Lion(learning_rate=0.001, weight_decay=0.0)"),
        ({"optimizer": "rmsprop", "momentum": 0.8}, "RMSprop(learning_rate=0.001, momentum=0.8)"),
        ({"optimizer": "rmsprop", "nesterov": True}, "RMSprop(learning_rate=0.001)"),
        ({"warmup_steps": 9}, "PolynomialDecay(\n    0.0, decay_steps=9, end_learning_rate=0.001\n)"),
        ({"schedule": "power", "warmup_steps": 9}, "schedule = WarmUp(0.001, 9, schedule)"),
        ({"schedule": "piecewise"}, "PiecewiseConstantDecay(boundaries, rates)"),
        ({"schedule": "piecewise"}, "boundaries = [2000, 4000]\nrates = [0.001, 0.0003, 0.0001]"),
        ({"reduce_on_plateau": "val_loss"}, "keras.callbacks.ReduceLROnPlateau("),
        ({"reduce_on_plateau": "val_loss", "schedule": "power"}, "    ReduceOnPlateau(schedule, monitor="),
        ({"loss": "categorical_crossentropy"}, 'loss="categorical_crossentropy"'),
        ({"label_smoothing": 0.1}, 'loss="sparse_categorical_crossentropy"'),
        ({"early_stopping": "val_accuracy"}, "validation_data=(x_test, y_test),\n    callbacks=callbacks"),
        ({"augment_noise": 0.5}, "model.fit(\n    batches,"),
        ({"gpu_memory": 0.5, "device": "cpu"}, 'set_visible_devices([], "GPU")'),
        ({"jit_compile": "off"}, "jit_compile=False"),
    ],
)  # fmt: skip
def test_that_a_setting_becomes_its_line(changes: dict[str, Any], part: str) -> None:
    config = msgspec.structs.replace(TrainingConfig(), **changes)
    assert part in training_script(preset("mnist-mlp").architecture, config, "mnist")


def test_that_a_run_that_began_with_other_weights_says_from_which_file() -> None:
    script = training_script(preset("mnist-mlp").architecture, TrainingConfig(), "mnist", 'a "b"/initial.weights.h5')
    assert 'weights = "a \\"b\\"/initial.weights.h5"\nmodel.load_weights(weights)\n' in script


def test_that_changes_by_hand_are_repeated_and_a_plateau_is_left_to_come_by_itself() -> None:
    changes = (
        LearningRateChanged(epoch=2, step=5, learning_rate=0.01, reason="asked"),
        LearningRateChanged(epoch=3, step=1, learning_rate=0.001, reason="plateau"),
    )
    script = training_script(preset("mnist-mlp").architecture, TrainingConfig(), "mnist", rate_changes=changes)
    assert "changes = {\n    (2, 5): 0.01,\n}\ncallbacks = [\n    ChangeRate(changes),\n]\n" in script
    assert "ChangeRate" not in training_script(
        preset("mnist-mlp").architecture, TrainingConfig(), "mnist", rate_changes=changes[1:]
    )


@pytest.mark.parametrize("each", PRESETS, ids=lambda each: each.name)
@pytest.mark.parametrize(
    "config",
    [TrainingConfig(), EVERYTHING, WARM, ALONE, SIGNED],
    ids=["plain", "everything", "warm-up of many steps", "each image alone", "signed"],
)
def test_that_scripts_are_formatted_and_without_lint(each: Preset, config: TrainingConfig) -> None:
    changes = [LearningRateChanged(epoch=2, step=3, learning_rate=0.1, reason="asked")] if config == WARM else []
    script = training_script(each.architecture, config, "mnist", rate_changes=changes)
    for command in (["format", "--check"], ["check", "--select", "E,F,I"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "-"], input=script, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (DatasetSpec(source="cifar-10"), "cifar-10"),
        (DatasetSpec(source="/home/me/my fruits", image_size=(100, 80), color="rgb"),
         "'/home/me/my fruits' --image-size 100x80 --color rgb"),
        (DatasetSpec(source="/a.h5", train_images="a/x", test_part=0.25), "/a.h5 --train-images a/x --test-part 0.25"),
        (DatasetSpec(source='/a"""\nimport os\n"""'), "NAME-OR-PATH"),
        (DatasetSpec(source="/a\\"), "NAME-OR-PATH"),
        (DatasetSpec(source="/a", train_labels="\u2028"), "NAME-OR-PATH"),
    ],
)  # fmt: skip
def test_that_a_script_says_how_to_get_its_images(spec: DatasetSpec, words: str) -> None:
    script = training_script(preset("mnist-mlp").architecture, TrainingConfig(), "data", spec=spec)
    heading = ast.get_docstring(ast.parse(script), clean=False) or ""
    assert f"\n    cnn-explorer datasets --save {words} --out data.npz\n" in heading


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
