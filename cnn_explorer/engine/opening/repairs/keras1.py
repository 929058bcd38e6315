"""Layers of Keras 1 -> the same layers under the names and with the settings of Keras 2 and 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnn_explorer.engine.opening.checks.allowed_names import words
from cnn_explorer.engine.opening.checks.hdf5 import shown

Config = dict[str, Any]

_CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "SeparableConvolution2D": "SeparableConv2D",
    "AtrousConvolution2D": "Conv2D",
}
_KEYS = {
    "nb_filter": "filters",
    "subsample": "strides",
    "subsample_length": "strides",
    "filter_length": "kernel_size",
    "atrous_rate": "dilation_rate",
    "border_mode": "padding",
    "output_dim": "units",
    "bias": "use_bias",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "depthwise_init": "depthwise_initializer",
    "pointwise_init": "pointwise_initializer",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "gamma_init": "gamma_initializer",
    "beta_init": "beta_initializer",
}
_GONE = ("input_dtype", "input_dim", "input_length", "weights", "create_input_layer", "nb_row", "nb_col")
# A layer is one of Keras 1 if it has one of these: no later one writes them.
_MARKS = frozenset(
    {"nb_filter", "border_mode", "dim_ordering", "output_dim", "input_dtype", "W_regularizer", "p", "mode"}
)
_ORDERS = {"tf": "channels_last", "th": "channels_first"}
_INITIALIZERS = {"normal": "random_normal", "uniform": "random_uniform", "zero": "zeros", "one": "ones"}
_MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
}


def modernize_layer(name: str, config: Config, note: Callable[[str], None]) -> dict[str, Any]:
    """``class_name`` and ``config`` of the layer in today's terms; as they are if they are today's already."""
    if name == "Merge" and config.get("mode") in list(_MERGES):
        note(f"{_called(config, name)}: Merge is {_MERGES[config['mode']]} now.")
        merged = {"name": config["name"]} if "name" in config else {}
        if config["mode"] == "concat":
            merged["axis"] = config.get("concat_axis", -1)
        return {"class_name": _MERGES[config["mode"]], "config": merged}
    if name not in _CLASSES and not (name in _OF_KERAS_1 and _MARKS & set(config)):
        return {"class_name": name, "config": config}
    if "nb_row" in config and config.get("dim_ordering") == "th":  # the kernels themselves lie in another order
        return {"class_name": name, "config": config}
    old = dict(config)
    new: Config = {}
    if "nb_row" in old and "nb_col" in old:
        new["kernel_size"] = [old["nb_row"], old["nb_col"]]
    for key, value in old.items():
        if key == "dim_ordering":
            new["data_format"] = _ORDERS.get(value, "channels_last") if isinstance(value, str) else None
        elif key not in _GONE and not (key == "mode" and value == 0):
            new[_KEYS.get(key, key)] = _value(key, value)
    if new != config or name in _CLASSES:
        note(f"{_called(config, name)}: the settings of Keras 1 were given today's names.")
    return {"class_name": _CLASSES.get(name, name), "config": new}


_OF_KERAS_1 = words(
    """
    Dense Dropout MaxPooling2D AveragePooling2D MaxPooling1D AveragePooling1D ZeroPadding2D UpSampling2D Flatten
    Activation BatchNormalization GlobalAveragePooling2D GlobalMaxPooling2D Reshape InputLayer GaussianNoise
    SpatialDropout2D Cropping2D
    """
)


def _value(key: str, value: Any) -> Any:
    if key in ("init", "depthwise_init", "pointwise_init", "gamma_init", "beta_init") and isinstance(value, str):
        return _INITIALIZERS.get(value, value)
    # Keras 1: {"name": "WeightRegularizer", "l1": …, "l2": …}
    if isinstance(value, dict) and ("l1" in value or "l2" in value) and "class_name" not in value:
        return {"class_name": "L1L2", "config": {"l1": value.get("l1", 0.0), "l2": value.get("l2", 0.0)}}
    return value


def _called(config: Config, name: str) -> str:
    return shown(config.get("name", name))[1:-1]
