"""What is written around the picture of a layer; no Qt in here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import as_maps
from cnn_explorer.core.model.info import ModelInfo
from cnn_explorer.export.pictures.grid import PictureStyle
from cnn_explorer.export.pictures.legend import LegendText
from cnn_explorer.text.layers import layer_size
from cnn_explorer.text.legend import legend


def shown_values(activation: NDArray[np.float32]) -> NDArray[np.float32]:
    """The activation as a picture takes it: maps (rows, columns, maps), or a vector (values,)."""
    maps = as_maps(activation)
    return activation.reshape(-1) if maps is None else maps


def picture_words(
    info: ModelInfo,
    layer: str,
    activation: NDArray[np.float32],
    style: PictureStyle,
    image: str,
    said: str,
) -> LegendText:
    """Model, layer and its size; the image and what the model says of it; the values of the colours.

    ``image`` names the image, ``said`` is what the model says of it, "" if that cannot be said.
    """
    found = info.layer(layer)
    size = f": {layer_size(found)}" if found else ""
    values = shown_values(activation)
    many = values.ndim == 3 and values.shape[2] > 1
    ends = legend(values, style.maps.scale, style.maps.symmetric, many, style.limits)
    scale = "standardized and clipped" if style.maps.scale == "standardized" else f"scale per {style.maps.scale}"
    if style.limits is not None and style.maps.scale == "layer":
        scale = ""  # the note says it
    about = " · ".join(filter(None, (f"Image {image}", said)))
    return LegendText(
        f"{info.name or info.path.stem} · {layer}{size}",
        (about,),
        replace(ends, note=": ".join(filter(None, (scale, ends.note)))),
    )
