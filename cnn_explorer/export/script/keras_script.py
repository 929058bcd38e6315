"""Architecture and training as a Keras script that runs without this program.

The code is written as a person would write it: defaults left out, layers by name, formatted as ruff and black do.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

import msgspec

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.network.architecture import L1L2, Architecture, Layer
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import LearningRateChanged
from cnn_explorer.export.script import data_part as codegen_data
from cnn_explorer.export.script import training_part as codegen_training
from cnn_explorer.export.script.code_text import call, literal

_WITHOUT_DEFAULT = {("AveragePooling2D", "pool_size")}  # in Keras, though MaxPooling2D has one


def keras_code(architecture: Architecture) -> str:
    """The network alone, as Python code that defines ``model``."""
    return "\n".join((*_imports(architecture), "", *_model(architecture), ""))


def training_script(
    architecture: Architecture,
    config: TrainingConfig,
    dataset: str,
    initial_weights: str | None = None,
    rate_changes: Sequence[LearningRateChanged] = (),
    spec: DatasetSpec | None = None,
) -> str:
    """A script that trains the network as ``config`` says and saves it as model.h5 where it is started.

    It needs keras, tensorflow, numpy and scikit-learn. Its argument is an .npz file with the arrays ``x_train``,
    ``y_train``, ``x_test``, ``y_test``: bytes (count, rows, columns) or (count, rows, columns, channels), and
    class numbers, as in Keras' mnist.npz. ``dataset`` is named in the script's heading only, with the command that
    writes this file for ``spec``, by default the registered data set of that name. ``initial_weights`` is the path of a
    file that the training begins with, instead of the weights of the seed; ``rate_changes`` are those of the run, of
    which the ones by hand are repeated (a plateau comes by itself).
    """
    changes = [change for change in rate_changes if change.reason == "asked"]
    architecture = config.regularized(architecture)
    mixed = config.precision != "float32"
    weights = None if initial_weights is None else json.dumps(initial_weights)
    parts = (
        _heading(architecture, dataset, spec or DatasetSpec(source=dataset)),
        _script_imports(architecture, config),
        codegen_training.classes(config, changes),
        _runtime(config),
        codegen_data.data(architecture, config),
        # After the data: images are not to be changed in half precision.
        [f'keras.config.set_dtype_policy("{config.precision}")'] if mixed else [],
        _model(architecture, last_in_float32=mixed),
        codegen_training.training(config, weights, changes),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


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
        lines += call(f"layers.{layer.type}", arguments, indent=8, end=",")
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
            required.append(literal(value))
        elif value != field.default:
            others.append(f"{field.name}={literal(value)}")
    return [*required, *others, f"name={literal(layer.name)}"]


def _keras_name(name: str) -> str:
    """A name that Keras takes for a model: TensorFlow scopes know ASCII letters, digits and a few signs."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name).lstrip("_-") or "network"


def _heading(architecture: Architecture, dataset: str, spec: DatasetSpec) -> list[str]:
    # Names come from files of anybody: nothing in them may end the text and begin code.
    data = re.sub(r"[^\w .-]", "_", dataset)
    return [
        f'"""Train the network {_keras_name(architecture.name)} on {data}. Written by CNN Explorer.',
        "",
        "Start it with the path of the data: an .npz file with x_train, y_train, x_test",
        "and y_test, as Keras' own mnist.npz. The trained network goes to model.h5.",
        "This command writes such a file:",
        "",
        f"    cnn-explorer datasets --save {_words(spec)} --out data.npz",
        '"""',
    ]


def _words(spec: DatasetSpec) -> str:
    """What stands for ``spec`` on a command line, unless it could end the text that it stands in."""
    words = shlex.join(spec.arguments())
    return words if words.isprintable() and not re.search(r'["\\]', words) else "NAME-OR-PATH"


def _script_imports(architecture: Architecture, config: TrainingConfig) -> list[str]:
    keras, layers = _imports(architecture)
    uses_tensorflow = (
        codegen_data.needs_tensorflow(config)
        or codegen_training.needs_tensorflow(config)
        or any("tf." in line for line in _runtime(config))
    )
    return [
        *(["import subprocess"] if _limits_memory(config) else []),
        "import sys",
        "",
        keras,
        "import numpy as np",
        *(["import tensorflow as tf"] if uses_tensorflow else []),
        layers,
        *codegen_data.imports(config),
    ]


def _limits_memory(config: TrainingConfig) -> bool:
    return config.gpu_memory > 0 and config.device != "cpu"


def _runtime(config: TrainingConfig) -> list[str]:
    lines = []
    if config.device == "cpu":
        lines.append('tf.config.set_visible_devices([], "GPU")  # compute on the CPU')
    elif config.device != "auto" or config.gpu_memory:
        lines.append('gpus = tf.config.list_physical_devices("GPU")')
    if config.device.startswith("gpu"):
        number = int(config.device.partition(":")[2] or 0)
        lines.append(f'tf.config.set_visible_devices(gpus[{number}], "GPU")')
    if _limits_memory(config):
        lines += [
            "# A share of each GPU's memory is taken at once; nvidia-smi knows how much it has.",
            "for number, gpu in enumerate(gpus):",
            '    ask = ["nvidia-smi", f"--id={number}", "--query-gpu=memory.total"]',
            '    answer = subprocess.check_output([*ask, "--format=csv,noheader,nounits"])',
            f"    limit = int({config.gpu_memory!r} * int(answer))",
            "    limit = tf.config.LogicalDeviceConfiguration(memory_limit=limit)",
            "    tf.config.set_logical_device_configuration(gpu, [limit])",
        ]
    for kind in ("intra", "inter"):
        if threads := getattr(config, f"{kind}_op_threads"):
            lines.append(f"tf.config.threading.set_{kind}_op_parallelism_threads({threads})")
    if config.log_device_placement:
        lines.append("tf.debugging.set_log_device_placement(True)")
    lines.append(f"keras.utils.set_random_seed({config.seed})")
    if config.deterministic:
        lines.append("tf.config.experimental.enable_op_determinism()")
    return lines
