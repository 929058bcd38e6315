"""Models and their layers in words."""

from __future__ import annotations

import math

from cnn_explorer.core.model.info import LayerInfo, ModelInfo
from cnn_explorer.core.sizes import shape_text


def too_many_axes(shape: tuple[int, ...]) -> str:
    """Why an output that is neither a vector nor maps is not shown."""
    return (
        f"The output of this layer has {len(shape)} axes, {shape_text(shape)}, and cannot be shown as maps. "
        "Its values can be saved for numpy (NPZ)."
    )


def layer_size(layer: LayerInfo) -> str:
    """The output of a layer in words: 32 maps of 26×26, 576 values."""
    shape = layer.output_shape
    if layer.has_maps:
        count = "1 map" if shape[2] == 1 else f"{shape[2]:,} maps"
        return f"{count} of {shape_text(shape[:2])}"
    if len(shape) == 2:
        return f"1 map of {shape_text(shape)}"
    count_values = math.prod(shape)
    return "1 value" if count_values == 1 else f"{count_values:,} values"


def layer_facts(layer: LayerInfo) -> str:
    """Everything that is known of a layer, in one sentence."""
    text = f"{layer.name}: {layer.type}, output {shape_text(layer.output_shape)}, {layer.params:,} parameters"
    if layer.receptive_field is not None:
        text += f"; one node sees {shape_text(layer.receptive_field)} pixels of the image"
    return text


def origin(info: ModelInfo) -> str:
    """Where a model comes from, in two words: its run folder and file."""
    return f"{info.path.parent.name}/{info.path.name}" if info.path.parent.name else info.path.name
