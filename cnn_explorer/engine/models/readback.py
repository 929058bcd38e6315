"""Keras model -> architecture, the way back from ``builder``."""

from __future__ import annotations

import re
from typing import Any

import keras
import msgspec

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import LAYER_KINDS, AnyLayer, Architecture
from cnn_explorer.engine.models.builder import keras_layer

_KINDS = {kind.spec.__name__: kind.spec for kind in LAYER_KINDS}
_HINT = "Only stacks of the layers of the Build page can be written as an architecture."


def architecture_of(model: keras.Model) -> Architecture:
    """The architecture that ``builder.build`` makes such a model from, weights aside.

    Raises ``ExplorerError`` that names the first layer for which there is none: it is not known, has settings
    that a spec does not have, or is not simply the next one after the layer before.
    """
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    specs = tuple(_spec_of(layer) for layer in layers)
    if not isinstance(model, keras.Sequential):
        _require_chain(model, layers)
    return Architecture(name=model.name, input_shape=tuple(model.inputs[0].shape[1:]), layers=specs)


def _require_chain(model: keras.Model, layers: list[keras.Layer]) -> None:
    before = model.inputs[0]
    for layer in layers:
        if layer.input is not before:
            raise ExplorerError(f'The layer "{layer.name}" does not take just the output of the one before.', _HINT)
        before = layer.output  # of its first call, if there are more
    if len(model.outputs) != 1 or model.outputs[0] is not before:
        raise ExplorerError("The model does not end with the output of its last layer.", _HINT)


def _spec_of(layer: keras.Layer) -> AnyLayer:
    kind = _KINDS.get(type(layer).__name__)
    if kind is None:
        raise ExplorerError(f'The layer "{layer.name}" is of the type {type(layer).__name__}.', _HINT)
    config = _with_one_axis(layer.get_config())
    values = {field: _plain(field, config[field]) for field in kind.__struct_fields__ if config.get(field) is not None}
    if "pool_size" in values and _listed(values["strides"]) == _listed(values["pool_size"]):
        del values["strides"]  # Keras fills it in
    try:
        spec: AnyLayer = msgspec.convert({"type": kind.__name__, **values}, AnyLayer)
    except msgspec.ValidationError as error:
        raise ExplorerError(f'The layer "{layer.name}" has a setting that is not known: {error}.', _HINT) from error
    # Whatever a spec cannot say, the layer made from it has Keras' default there.
    again = _with_one_axis(keras_layer(spec).get_config())
    others = [key for key in config if key != "dtype" and _listed(config[key]) != _listed(again.get(key))]
    if others:
        raise ExplorerError(f'The layer "{layer.name}" has other settings than known: {", ".join(others)}.', _HINT)
    return spec


def _with_one_axis(config: dict[str, Any]) -> dict[str, Any]:
    """A configuration in which a single axis is a number: when it is built, a layer may make a list of it."""
    match config.get("axis"):
        case [int() as axis]:
            return {**config, "axis": axis}
    return config


def _plain(field: str, value: Any) -> Any:
    """A value of a Keras layer's configuration as a spec has it."""
    if isinstance(value, dict) and field.endswith("initializer"):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value["class_name"]).lower()
    if isinstance(value, dict) and field.endswith("regularizer"):
        return value["config"]
    return value


def _listed(value: Any) -> Any:
    """Tuples as lists all the way down: configurations from files have lists."""
    if isinstance(value, dict):
        return {key: _listed(part) for key, part in value.items()}
    return [_listed(part) for part in value] if isinstance(value, list | tuple) else value
