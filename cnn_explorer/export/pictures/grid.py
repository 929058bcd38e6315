"""Activations as files: a picture for people, an .npz with the unscaled numbers for programs."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.imaging import (
    VECTOR_COLUMNS,
    GridLayout,
    Limits,
    colorize,
    scale_maps,
)
from cnn_explorer.core.maps.style import DEFAULT_STYLE, MapStyle
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.export.pictures import lettering
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.export.pictures.legend import LegendText, with_legend
from cnn_explorer.store.atomic import refuse_existing, replacing

SMALLEST_MAP = 64
"""Side in pixels that a map has at least in a picture; smaller maps are enlarged by a whole factor."""
VECTOR_CELL = 12
"""Side in pixels of one value of a vector."""
MOST_PIXELS = 30_000_000
"""Above this, maps are enlarged less, down to one pixel a node, if nobody asks for so many pixels."""
LARGEST_PICTURE = 80_000_000
"""Pixels that a picture has at most: others are refused. Many programs do not open larger ones."""
MOST_A_NODE = 32
"""Pixels that one side of a node has at most."""

_LINE = (96, 96, 96)
_ON_LINE = (255, 255, 255)
_LETTERS = range(16, 7, -1)  # pixels that the numbers of maps are high: the first that fits


@dataclass(frozen=True)
class PictureStyle:
    """How activations become a picture: ``maps`` as anywhere, and what only a file or the clipboard needs.

    A vector has ``VECTOR_COLUMNS`` values in a row whatever ``maps`` says; lines are one pixel. ``pixels``: the side of
    a node, 1 to ``MOST_A_NODE``; ``None``: as many as it takes until the longer side of a map has ``SMALLEST_MAP``
    pixels, a value of a vector ``VECTOR_CELL``. ``order``: which maps are shown, in this order; ``None``: all as they
    come. ``limits``: those of the scale instead of the maps' own, as for ``scale_maps``. ``numbers``: the number of
    each map over it.
    """

    maps: MapStyle = DEFAULT_STYLE
    _: KW_ONLY
    pixels: int | None = None
    order: tuple[int, ...] | None = None
    limits: Limits | None = None
    numbers: bool = False


PLAIN = PictureStyle()


def grid_picture(activation: NDArray[Any], style: PictureStyle = PLAIN) -> NDArray[np.uint8]:
    """Colour the maps (rows, columns, maps), or the vector (values,), of one layer as one picture (y, x, 3).

    Each node becomes a square of whole pixels. Diverging colour maps get their middle at 0.
    Raises ``ExplorerError`` if the colour map is unknown, the picture too large, or its maps too small for numbers.
    """
    lut = colormap(style.maps.colormap)
    sheet = _Sheet.of(activation.shape, style)
    maps = activation.reshape(1, 1, -1) if activation.ndim == 1 else activation
    # The values of a vector are compared with each other, as those of one map.
    compared = maps.reshape(-1, 1, 1) if activation.ndim == 1 else maps
    scaled = scale_maps(compared, style.maps.scale, style.maps.symmetric, style.limits).reshape(maps.shape)
    colored = colorize(scaled, lut)
    numbers = range(maps.shape[2]) if style.order is None else style.order
    picture = np.full((*sheet.layout.size, 3), _LINE, np.uint8)
    for place, number in enumerate(numbers):
        top, left, bottom, right = sheet.layout.rectangle(place)
        enlarged = colored[:, :, number].repeat(sheet.pixels, axis=0).repeat(sheet.pixels, axis=1)
        picture[top + sheet.strip : bottom, left:right] = enlarged
    return _numbered(picture, sheet, numbers) if sheet.letters else picture


def picture_size(shape: tuple[int, ...], style: PictureStyle = PLAIN) -> tuple[int, int]:
    """Height and width in pixels of ``grid_picture`` for activations of that shape. Raises ``ExplorerError`` alike."""
    return _Sheet.of(shape, style).layout.size


def save_grid_png(
    path: Path,
    activation: NDArray[Any],
    style: PictureStyle = PLAIN,
    legend: LegendText | None = None,
    force: bool = False,
) -> None:
    """Write ``grid_picture`` as a PNG file, with a ``legend`` around it if there is one.

    Raises ``ExplorerError`` if ``path`` exists (without ``force``) or cannot be written, and as ``grid_picture``.
    """
    refuse_existing(path, force)
    pixels = grid_picture(activation, style)
    if legend is not None:
        pixels = with_legend(pixels, legend, colormap(style.maps.colormap))
    picture = Image.fromarray(pixels)
    with replacing(path) as temporary:
        picture.save(temporary, format="PNG")


def save_activations_npz(
    path: Path, activations: NDArray[np.float32], image: NDArray[np.float32], layer: str, force: bool = False
) -> None:
    """Write the unscaled activations of one layer for one image.

    ``activations``: (rows, columns, maps) or (values,), as in ``ForwardPass``; the file's array ``activations`` has the
    batch axis of the layer's own output in front, (1, rows, columns, maps). ``image``: as the network got it.
    The third array, ``layer``, is the layer's name. Nothing is pickled.

    Raises ``ExplorerError`` if ``path`` exists (without ``force``) or cannot be written.
    """
    refuse_existing(path, force)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, activations=activations[np.newaxis], image=image, layer=np.array(layer))


@dataclass(frozen=True)
class _Sheet:
    """Where the maps lie: ``layout`` counts in pixels, its maps begin with a ``strip`` for their number.

    ``letters``: how high the numbers are; 0 without numbers.
    """

    layout: GridLayout
    pixels: int
    strip: int
    letters: int

    @classmethod
    def of(cls, shape: tuple[int, ...], style: PictureStyle) -> _Sheet:
        if len(shape) == 1:
            high, wide, total, columns, wanted = 1, 1, shape[0], VECTOR_COLUMNS, VECTOR_CELL
        else:
            (high, wide, total), columns = shape, style.maps.columns
            wanted = math.ceil(SMALLEST_MAP / max(high, wide))
        count = total if style.order is None else len(style.order)
        if min(high, wide, count) < 1:
            raise ExplorerError("There is nothing to paint: the layer gives no values.", "Choose another layer.")
        pixels = style.pixels
        if pixels is None:
            bare = math.prod(GridLayout.of((high, wide, count), columns).size)
            pixels = max(1, min(wanted, math.isqrt(MOST_PIXELS // bare)))
        letters = _letters(total - 1, wide * pixels) if style.numbers and len(shape) > 1 else 0
        strip = letters + 4 if letters else 0
        layout = GridLayout.of((high * pixels + strip, wide * pixels, count), columns, int(style.maps.lines))
        if math.prod(layout.size) > LARGEST_PICTURE:
            raise ExplorerError(
                f"The picture would have {shape_text(layout.size[::-1])} pixels, which is too large.",
                "Take fewer pixels a node." if pixels > 1 else "Save the values instead.",
            )
        return cls(layout, pixels, strip, letters)


def _letters(largest: int, room: int) -> int:
    """How high numbers up to ``largest`` are so that they fit into ``room`` pixels. Raises if they cannot."""
    text = "8" * len(str(largest))
    fitting = (size for size in _LETTERS if lettering.width(text, size) <= room - 4)
    size = next(fitting, None)
    if size is None:
        raise ExplorerError("The maps are too small for numbers.", "Take more pixels a node, or no numbers.")
    return size


def _numbered(picture: NDArray[np.uint8], sheet: _Sheet, numbers: range | tuple[int, ...]) -> NDArray[np.uint8]:
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    used = lettering.font(sheet.letters)
    for place, number in enumerate(numbers):
        top, left, _, right = sheet.layout.rectangle(place)
        middle = ((left + right) / 2, top + sheet.strip / 2)
        draw.text(middle, str(number), fill=_ON_LINE, font=used, anchor="mm")
    return np.asarray(image)
