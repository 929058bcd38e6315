"""Architecture -> Keras model, layer by layer, under the same names."""

from __future__ import annotations

import re
from typing import Any

import keras
import msgspec

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import L1L2, AnyLayer, Architecture

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # Keras prints some messages bold
_REASON = "Exception encountered: "  # the innermost comes last, after all the settings of the layer
_SAYING_NOTHING = (
    "Exception encountered when calling", "Error when deserializing class", "Graph execution error", "Detected at node",
    "<stack traces", "A total of ",
)  # fmt: skip
"""How lines begin with which Keras and TensorFlow lead up to what went wrong."""


def build(architecture: Architecture, precision: str = "float32", seed: int | None = None) -> keras.Sequential:
    """The network as a built ``keras.Sequential``: an input, then exactly the layers of ``architecture``.

    ``precision`` is a Keras dtype policy. Under a mixed one the last layer computes in float32, because a softmax
    in half precision loses the small probabilities. ``seed`` decides the initial weights: those that the same
    network gets in plain Keras after ``keras.utils.set_random_seed(seed)``. Seeds are set in the calling thread,
    where Keras keeps them.

    Raises ``ExplorerError`` if Keras refuses a layer.
    """
    if seed is not None:
        keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input(architecture.input_shape)], name=_model_name(architecture.name))
    last = len(architecture.layers) - 1
    for index, layer in enumerate(architecture.layers):
        try:
            model.add(keras_layer(layer, "float32" if index == last else precision))
        except (ValueError, TypeError, IndexError, NotImplementedError) as error:
            raise ExplorerError(
                f"{layer.name}: Keras cannot build this layer: {first_line(error)}",
                "Change the layer, or the ones before it.",
            ) from error
    return model


def keras_layer(layer: AnyLayer, precision: str = "float32") -> keras.Layer:
    """One layer, not built yet. The fields of a spec bear the names of the arguments of the Keras class."""
    arguments = {
        name: _argument(value) for name in layer.__struct_fields__ if (value := getattr(layer, name)) != L1L2()
    }
    kind: type[keras.Layer] = getattr(keras.layers, layer.type)
    return kind(dtype=keras.DTypePolicy(precision), **arguments)


def first_line(error: BaseException) -> str:
    """What an exception says, as one sentence on one line of at most 300 characters that a terminal can be given."""
    lines = [line.strip() for line in _COLOURS.sub("", str(error)).splitlines()]
    reasons = [line.removeprefix(_REASON) for line in lines if line.startswith(_REASON)]
    said = [line for line in (*reasons[::-1], *lines) if line and not line.startswith(_SAYING_NOTHING)]
    text = said[0] if said else type(error).__name__
    text = "".join(character if character.isprintable() else "?" for character in text)
    text = text if len(text) <= 300 else text[:297] + "..."
    return text if text.endswith((".", "!", "?")) else text + "."


def _argument(value: Any) -> Any:
    if isinstance(value, L1L2):
        return keras.regularizers.L1L2(**msgspec.structs.asdict(value))
    return value


def _model_name(name: str) -> str:
    """A name that Keras takes: it forbids only the slash."""
    return name.replace("/", "_") or "network"
