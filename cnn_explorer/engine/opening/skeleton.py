"""A Keras model without memory for its weights: so that what it would need is known before it is given any.

Keras can create variables that get their values later; it does so itself while it finds out shapes. Under that mode
a layer of a thousand billion weights costs nothing but its name. Keras' public interface has the mode
(``keras.StatelessScope``), but not the end of it that is needed here, so this file reaches into ``keras.src``.
"""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf
from keras.src.backend.common import global_state
from keras.src.saving.serialization_lib import ObjectSharingScope

from cnn_explorer.engine.opening.checks.config import parts

_WAITING = "uninitialized_variables"


class Skeleton:
    """A model whose variables have shapes, but no values yet."""

    def __init__(self, model: keras.Model, waiting: list[Any]) -> None:
        self.model = model
        self._waiting = waiting

    @property
    def params(self) -> int:
        """How many numbers the weights have."""
        return sum(math.prod(weight.shape) for weight in self.model.weights)

    @property
    def nbytes(self) -> int:
        """How many bytes the weights take."""
        return sum(math.prod(weight.shape) * tf.as_dtype(weight.dtype).size for weight in self.model.weights)

    def filled(self) -> keras.Model:
        """The model, its weights zero and its other variables (states of random generators) as Keras begins them."""
        weights = {id(weight) for weight in self.model.weights}
        for variable in self._waiting:
            if id(variable) in weights:
                # What the layer asks for may take long, and the file's values come next.
                variable._initializer = keras.initializers.Zeros()
            variable._deferred_initialize()
        self._waiting = []
        return self.model


def build_skeleton(config: dict[str, Any]) -> Skeleton:
    """Build the model of a checked ``{"class_name": …, "config": …}``. Raises whatever Keras raises.

    Not to be called where another such mode is in force.
    """
    config = copy.deepcopy(config)  # Keras takes it apart
    _name_sequentials(config)
    with (
        _waiting_variables() as waiting, keras.StatelessScope(initialize_variables=False), ObjectSharingScope(),
        keras.saving.custom_object_scope({"Sequential": _Layers}),
    ):  # fmt: skip
        if "module" in config:
            model = keras.saving.deserialize_keras_object(config)
        elif config["class_name"] == "Sequential":
            model = _Layers.from_config(config["config"])
        else:
            model = keras.Model.from_config(config["config"])
    return Skeleton(model, waiting)


class _Layers(keras.Sequential):  # type: ignore[misc]  # Keras has no types
    """Stands for Sequential while a configuration is read: it collects the layers, and gives a model of them.

    Keras' own calls all layers anew with each layer that it adds: a thousand of them would take minutes.
    """

    def add(self, layer: keras.Layer, rebuild: bool = False) -> None:
        super().add(layer, rebuild=False)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> keras.Sequential:
        """As Keras does it, with an input layer's word before that of the shape that the model remembers."""
        rest = dict(config)
        remembered = rest.pop("build_input_shape", None)
        collected = super().from_config(rest, custom_objects)
        model = keras.Sequential(collected._layers, name=collected.name)
        if remembered and not model.built:
            model.build(remembered)
        return model


def _name_sequentials(config: dict[str, Any]) -> None:
    """Let Keras ask for a Sequential by name, so that it finds our stand-in, and not Keras' own class."""
    for part, _ in parts(config):
        if isinstance(part, dict) and part.get("class_name") == "Sequential" and "module" in part:
            part["registered_name"] = "Sequential"


@contextlib.contextmanager
def _waiting_variables() -> Iterator[list[Any]]:
    """The variables that Keras creates meanwhile in this thread; it forgets them then, or it would fill them."""
    before = global_state.get_global_attribute(_WAITING)
    waiting: list[Any] = []
    global_state.set_global_attribute(_WAITING, waiting)
    try:
        yield waiting
    finally:
        global_state.set_global_attribute(_WAITING, before)
