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
    with _waiting_variables() as waiting, keras.StatelessScope(initialize_variables=False), ObjectSharingScope():
        if "module" in config:
            model = keras.saving.deserialize_keras_object(config)
        elif config["class_name"] == "Sequential":
            model = keras.Sequential.from_config(config["config"])
        else:
            model = keras.Model.from_config(config["config"])
    return Skeleton(model, waiting)


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
