"""Architecture and training as a Keras script that runs without this program.

The code is written as a person would write it: defaults left out, layers by name, formatted as ruff and black do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from cnn_explorer.core.architecture import L1L2, Architecture, Layer
from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.training import MOMENTUM_OPTIMIZERS, TrainingConfig

_WIDTH = 88  # the line length of black, and of ruff where nothing else is set
_OPTIMIZERS = {
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "Nadam",
    "adamax": "Adamax",
    "sgd": "SGD",
}
_WITHOUT_DEFAULT = {("AveragePooling2D", "pool_size")}  # in Keras, though MaxPooling2D has one


def keras_code(architecture: Architecture) -> str:
    """The network alone, as Python code that defines ``model``."""
    return "\n".join((*_imports(architecture), "", *_model(architecture), ""))


def training_script(architecture: Architecture, config: TrainingConfig, dataset: str) -> str:
    """A script that trains the network as ``config`` says and saves it as model.h5 where it is started.

    It needs keras, tensorflow, numpy and scikit-learn. Its argument is an .npz file with the arrays ``x_train``,
    ``y_train``, ``x_test``, ``y_test``: bytes (count, rows, columns) or (count, rows, columns, channels), and
    class numbers, as in Keras' mnist.npz. ``dataset`` is named in the script's heading only.
    """
    architecture = config.regularized(architecture)
    parts = (
        _heading(architecture, dataset),
        _script_imports(architecture, config),
        _runtime(config),
        _data(architecture, config),
        _model(architecture, last_in_float32=config.precision != "float32"),
        _training(config),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _imports(architecture: Architecture) -> list[str]:
    return ["import keras", "from keras import layers" + (", regularizers" if _has_penalty(architecture) else "")]


def _has_penalty(architecture: Architecture) -> bool:
    return any(
        isinstance(value, L1L2) and value != L1L2()
        for layer in architecture.layers
        for value in msgspec.structs.asdict(layer).values()
    )


def _model(architecture: Architecture, *, last_in_float32: bool = False) -> list[str]:
    lines = [f"        keras.Input({architecture.input_shape}),"]
    for layer in architecture.layers:
        arguments = _arguments(layer)
        if last_in_float32 and layer is architecture.layers[-1]:
            arguments.append('dtype="float32"')
        lines += _call(f"layers.{layer.type}", arguments, indent=8, end=",")
    name = f"    name={json.dumps(_keras_name(architecture.name))},"
    return ["model = keras.Sequential(", "    [", *lines, "    ],", name, ")"]


def _arguments(layer: Layer) -> list[str]:
    """The arguments of the layer's class: required ones by position, as Keras orders them too, then by name."""
    required, others = [], []
    for field in fields_of(type(layer)):
        value = getattr(layer, field.name)
        if field.name == "name":
            continue
        if field.required or (layer.type, field.name) in _WITHOUT_DEFAULT:
            required.append(_literal(value))
        elif value != field.default:
            others.append(f"{field.name}={_literal(value)}")
    return [*required, *others, f"name={_literal(layer.name)}"]


def _literal(value: Any) -> str:
    match value:
        case str():
            return json.dumps(value)
        case (int() as down, int() as across) if down == across:
            return str(down)
        case L1L2(l1=0.0, l2=strength):
            return f"regularizers.L2({strength!r})"
        case L1L2(l1=strength, l2=0.0):
            return f"regularizers.L1({strength!r})"
        case L1L2():
            return f"regularizers.L1L2(l1={value.l1!r}, l2={value.l2!r})"
    return repr(value)


def _call(head: str, arguments: Iterable[str], *, indent: int = 0, end: str = "") -> list[str]:
    """A call, on one line if it fits, else with its arguments on the next, else one argument a line."""
    space, arguments = " " * indent, list(arguments)
    together = ", ".join(arguments)
    if len(line := f"{space}{head}({together}){end}") <= _WIDTH:
        return [line]
    inner = space + "    "
    if len(line := inner + together) <= _WIDTH:
        return [f"{space}{head}(", line, f"{space}){end}"]
    return [f"{space}{head}(", *(f"{inner}{argument}," for argument in arguments), f"{space}){end}"]


def _keras_name(name: str) -> str:
    """A name that Keras takes for a model: TensorFlow scopes know ASCII letters, digits and a few signs."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name).lstrip("_-") or "network"


def _heading(architecture: Architecture, dataset: str) -> list[str]:
    # Names come from files of anybody: nothing in them may end the text and begin code.
    data = re.sub(r"[^\w .-]", "_", dataset)
    return [
        f'"""Train the network {_keras_name(architecture.name)} on {data}. Written by CNN Explorer.',
        "",
        "Start it with the path of the data: an .npz file with x_train, y_train, x_test",
        "and y_test, as Keras' own mnist.npz. The trained network goes to model.h5.",
        '"""',
    ]


def _script_imports(architecture: Architecture, config: TrainingConfig) -> list[str]:
    keras, layers = _imports(architecture)
    return [
        "import sys",
        "",
        keras,
        "import numpy as np",
        *(["import tensorflow as tf"] if config.device != "auto" else []),
        layers,
        *(["from sklearn.preprocessing import StandardScaler"] if config.preprocessing == "standardize" else []),
    ]


def _runtime(config: TrainingConfig) -> list[str]:
    lines = []
    if config.device == "cpu":
        lines.append('tf.config.set_visible_devices([], "GPU")  # compute on the CPU')
    elif config.device != "auto":
        number = int(config.device.partition(":")[2] or 0)
        lines.append('gpus = tf.config.list_physical_devices("GPU")')
        lines.append(f'tf.config.set_visible_devices(gpus[{number}], "GPU")')
    lines.append(f"keras.utils.set_random_seed({config.seed})")
    if config.precision != "float32":
        lines.append(f'keras.config.set_dtype_policy("{config.precision}")')
    return lines


def _data(architecture: Architecture, config: TrainingConfig) -> list[str]:
    lines = [
        "with np.load(sys.argv[1]) as data:",
        '    x_train, y_train = data["x_train"], data["y_train"]',
        '    x_test, y_test = data["x_test"], data["y_test"]',
    ]
    if config.split == "shuffled":
        lines += [
            "# Both parts are drawn anew from all images, in the same sizes.",
            "images, labels = np.concatenate((x_train, x_test)), np.concatenate((y_train, y_test))",
            f"order = np.random.default_rng({config.split_seed}).permutation(len(images))",
            "train, test = np.split(order, [len(x_train)])",
            "x_train, y_train = images[train], labels[train]",
            "x_test, y_test = images[test], labels[test]",
        ]
    for part, limit in (("train", config.train_limit), ("test", config.test_limit)):
        if limit is not None:
            lines.append(f"x_{part}, y_{part} = x_{part}[:{limit}], y_{part}[:{limit}]")
    return [*lines, "", *_preparation(architecture, config)]


def _preparation(architecture: Architecture, config: TrainingConfig) -> list[str]:
    shape = ", ".join(map(str, architecture.input_shape))
    if config.preprocessing != "standardize":
        divided = " / 255" if config.preprocessing == "scale" else ""
        return [
            f'x_{part} = x_{part}.reshape(len(x_{part}), {shape}).astype("float32"){divided}'
            for part in ("train", "test")
        ]
    return [
        "# Each pixel gets mean 0 and deviation 1 over the training images, and only over them:",
        "# numbers learnt from the test images would make the test easier than it is.",
        "scaler = StandardScaler()",
        'x_train = scaler.fit_transform(x_train.reshape(len(x_train), -1).astype("float32"))',
        'x_test = scaler.transform(x_test.reshape(len(x_test), -1).astype("float32"))',
        f"x_train = x_train.reshape(len(x_train), {shape})",
        f"x_test = x_test.reshape(len(x_test), {shape})",
    ]


def _training(config: TrainingConfig) -> list[str]:
    lines, rate = [], repr(config.learning_rate)
    steps, decay = f"decay_steps={config.decay_steps}", f"decay_rate={config.decay_rate!r}"
    schedules = {
        "power": ("InverseTimeDecay", [rate, steps, decay]),
        "exponential": ("ExponentialDecay", [rate, steps, decay]),
        "cosine": ("CosineDecay", [rate, steps]),
    }
    if config.schedule in schedules:
        name, arguments = schedules[config.schedule]
        lines += _call(f"schedule = keras.optimizers.schedules.{name}", arguments)
        rate = "schedule"
    options = [f"learning_rate={rate}"]
    if config.momentum and config.optimizer in MOMENTUM_OPTIMIZERS:
        options.append(f"momentum={config.momentum!r}")
    return [
        *lines,
        "model.compile(",
        f"    optimizer=keras.optimizers.{_OPTIMIZERS[config.optimizer]}({', '.join(options)}),",
        '    loss="sparse_categorical_crossentropy",',
        '    metrics=["accuracy"],',
        ")",
        "model.fit(",
        "    x_train,",
        "    y_train,",
        f"    batch_size={config.batch_size},",
        f"    epochs={config.epochs},",
        "    validation_data=(x_test, y_test),",
        ")",
        'model.save("model.h5")',
    ]
