"""Keras layers -> receptive fields, through the specs of ``core``, as far as the layers are a stack known there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import keras
import msgspec

from cnn_explorer.core.architecture import LAYER_KINDS, AnyLayer, Architecture
from cnn_explorer.core.inference import infer

Place = tuple[tuple[int, int], tuple[float, float]]
"""Receptive field and jump, both (rows, columns), in pixels of the input."""

_KINDS = {kind.spec.__name__: kind.spec for kind in LAYER_KINDS}
# What the places of a layer's outputs do not depend on, and what files of others may hold in any form.
_IRRELEVANT = ("name", "activation", "initializer", "regularizer")


def places(model: keras.Model, layers: Sequence[keras.Layer]) -> list[Place | None]:
    """Receptive field and jump of each layer's output; ``None`` where there is none or it is not known.

    Known are the layers of a ``keras.Sequential`` up to the first one that ``core`` has no spec for.
    """
    found: list[Place | None] = [None] * len(layers)
    if not isinstance(model, keras.Sequential):
        return found
    specs = []
    for index, layer in enumerate(layers):
        spec = _spec_of(layer, f"layer{index}")
        if spec is None:
            break
        specs.append(spec)
    stack = Architecture(input_shape=tuple(model.inputs[0].shape[1:]), layers=tuple(specs))
    for index, facts in enumerate(infer(stack).layers):
        # Where shapes differ, the layer is not what its spec says of it (channels first, say).
        if facts.receptive_field and facts.jump and facts.output_shape == tuple(layers[index].output.shape[1:]):
            found[index] = facts.receptive_field, facts.jump
    return found


def _spec_of(layer: keras.Layer, name: str) -> AnyLayer | None:
    """A spec of the same geometry as ``layer``, ``None`` if there is none."""
    kind = _KINDS.get(type(layer).__name__)
    if kind is None:
        return None
    config = layer.get_config()
    if config.get("data_format", "channels_last") != "channels_last" or config.get("groups", 1) != 1:
        return None
    values: dict[str, Any] = {"type": kind.__name__, "name": name}
    for field in msgspec.structs.fields(kind):
        if field.name in config and not field.name.endswith(_IRRELEVANT):
            values[field.name] = config[field.name]
    if kind.__name__ == "Activation":
        values["activation"] = "linear"
    try:
        return cast(AnyLayer, msgspec.convert(values, kind))
    except msgspec.ValidationError:
        return None
