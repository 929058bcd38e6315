"""Activations as files: a picture for people, an .npz with the unscaled numbers for programs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnn_explorer.core.imaging import (
    VECTOR_COLUMNS,
    GridLayout,
    ScaleMode,
    colorize,
    scale_maps,
    scale_vector,
    tile,
)
from cnn_explorer.data.colormaps import DIVERGING, colormap
from cnn_explorer.store.atomic import refuse_existing, replacing

SMALLEST_MAP = 64
"""Side in pixels that a map has at least in a picture; smaller maps are enlarged by a whole factor."""
VECTOR_CELL = 12
"""Side in pixels of one value of a vector."""
MOST_PIXELS = 30_000_000
"""Above this, maps are enlarged less, down to one pixel a node."""


def grid_picture(
    activation: NDArray[Any], columns: int = 8, colormap_name: str = "viridis", scale: ScaleMode = "map"
) -> NDArray[np.uint8]:
    """Colour the maps (rows, columns, maps), or the vector (values,), of one layer as one picture (y, x, 3).

    Maps stand ``columns`` in a row with lines of one pixel between them. Each node becomes a square of whole
    pixels, so that the longer side of a map has ``SMALLEST_MAP`` or more. A vector becomes squares of
    ``VECTOR_CELL`` pixels, ``VECTOR_COLUMNS`` in a row whatever ``columns`` says.
    Diverging colour maps get their middle at 0. Raises ``ExplorerError`` if the colour map is unknown.
    """
    lut = colormap(colormap_name)
    symmetric = colormap_name in DIVERGING
    if activation.ndim == 1:
        scaled = scale_vector(activation, scale, symmetric).reshape(1, 1, -1)
        columns, wanted = VECTOR_COLUMNS, VECTOR_CELL
    else:
        scaled = scale_maps(activation, scale, symmetric)
        wanted = math.ceil(SMALLEST_MAP / max(activation.shape[:2]))
    high, wide = GridLayout.of(scaled.shape, columns).size
    factor = max(1, min(wanted, math.isqrt(MOST_PIXELS // (high * wide))))
    picture, _ = tile(scaled.repeat(factor, axis=0).repeat(factor, axis=1), columns)
    return colorize(picture, lut)


def save_grid_png(
    path: Path,
    activation: NDArray[Any],
    columns: int = 8,
    colormap: str = "viridis",
    scale: ScaleMode = "map",
    force: bool = False,
) -> None:
    """Write ``grid_picture`` as a PNG file.

    Raises ``ExplorerError`` if ``path`` exists (without ``force``) or cannot be written, or the colour map is unknown.
    """
    refuse_existing(path, force)
    picture = Image.fromarray(grid_picture(activation, columns, colormap, scale))
    with replacing(path) as temporary:
        picture.save(temporary, format="PNG")


def save_activations_npz(
    path: Path, activations: NDArray[np.float32], image: NDArray[np.float32], layer: str, force: bool = False
) -> None:
    """Write the unscaled activations of one layer for one image.

    ``activations``: (rows, columns, maps) or (values,), as in ``Look``; the file's array ``activations`` has the
    batch axis of the layer's own output in front, (1, rows, columns, maps). ``image``: as the network got it.
    The third array, ``layer``, is the layer's name. Nothing is pickled.

    Raises ``ExplorerError`` if ``path`` exists (without ``force``) or cannot be written.
    """
    refuse_existing(path, force)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, activations=activations[np.newaxis], image=image, layer=np.array(layer))
