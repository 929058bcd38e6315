"""The section of a report on one layer: what it makes of the image, and its weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.dead_maps import quiet_maps
from cnn_explorer.core.maps.imaging import finite_limits
from cnn_explorer.core.model.info import LayerInfo, LayerWeight
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.export.report.markup import Markup, element
from cnn_explorer.export.report.pictures import color_bar, grid, strip
from cnn_explorer.export.report.weights import kernel_section, weights_section
from cnn_explorer.text.numbers import figure

_LONGEST_SETTING = 80  # letters of the value of a setting


def layer_section(
    layer: LayerInfo, anchor: str, activation: NDArray[np.float32] | None, weights: tuple[LayerWeight, ...], most: int
) -> Markup:
    """One layer; ``most``: of how many nodes the picture of its maps may consist."""
    size = shape_text(layer.output_shape)
    facts = [layer.type, f"output {size}", f"{layer.params:,} parameters"]
    if layer.receptive_field:
        facts.append(f"receptive field {shape_text(layer.receptive_field)}")
    parts = [
        element("div", element("h3", layer.name, id=anchor), element("p", " · ".join(facts), class_="muted")),
    ]
    if layer.config:
        parts.append(element("p", ", ".join(f"{name} {_short(value)}" for name, value in layer.config), class_="muted"))
    parts.append(_activation(layer, activation, most))
    parts += [part for part in (kernel_section(layer.type, weights), weights_section(weights)) if part]
    return element("section", *parts)


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST_SETTING else f"{value[:_LONGEST_SETTING]}…"


def _activation(layer: LayerInfo, activation: NDArray[Any] | None, most: int) -> Markup:
    if activation is None or not activation.size:
        return element("p", "It gives nothing that could be shown.", class_="muted")
    low, high = finite_limits(activation)
    signed = low < 0
    ends = f"Values from {figure(low)} to {figure(high)}"
    if (broken := activation.size - int(np.isfinite(activation).sum())) > 0:
        ends += f", {broken:,} of them not finite"
    if activation.ndim > 3:
        return element("p", f"Values of shape {shape_text(activation.shape)} are not painted. {ends}.")
    if activation.ndim < 2:
        activation = activation.reshape(-1)
        words = f"{activation.size:,} values of {layer.name}"
        painted = strip(activation, signed, words)
        zero = activation.size - int(np.count_nonzero(activation))
        quiet = f"{zero:,} of {activation.size:,} are 0." if zero else ""
        scale = "Smallest to largest value" if not signed else "0 in the middle"
    else:
        maps = activation if activation.ndim == 3 else activation[..., np.newaxis]
        count = "1 map" if maps.shape[2] == 1 else f"{maps.shape[2]:,} maps"
        painted = grid(maps, most, signed, f"{count} of {layer.name}")
        quiet = _quiet(maps)
        scale = "Each map by its largest magnitude, 0 in the middle" if signed else "Each map from its min to its max"
    about = " ".join(part for part in (f". {ends}.", quiet, painted.note) if part)
    return element("figure", painted.image, element("figcaption", color_bar(signed), f" {scale}{about}"))


def _quiet(maps: NDArray[Any]) -> str:
    """How many maps show nothing."""
    zero = len(quiet_maps(maps).zero)
    return f"{zero:,} of {maps.shape[2]:,} maps are zero on this image." if zero else ""
