"""The pictures of a report, as data that stand in the page itself: small files, thin lines, never too many pixels."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnn_explorer.core.maps.imaging import GridLayout, finite_limits, scale_maps
from cnn_explorer.core.maps.style import PLAIN_COLORS, SIGNED_COLORS
from cnn_explorer.core.model.weight_pictures import color_rows
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.export.report.markup import Markup, element

WIDEST = 960
"""Pixels that a picture is wide at most: what a page has room for."""
_GAP = 255  # the number of the colour of lines and empty cells: none, so that the page shines through
_LARGEST_CELL = 112
_LONGEST_STRIP = 4096  # values of a vector that are painted

_NARROW_LIMITS: tuple[tuple[int, int], ...] = ((64, 8), (256, 16))
"""Up to so many maps stand so many in a row; more of them 32."""


@dataclass(frozen=True)
class Painted:
    """A picture for a page, and what was done so that it is not too large ("" if nothing was)."""

    image: Markup
    note: str = ""


def grid(
    maps: NDArray[Any], most: int, signed: bool, words: str, shared: bool = False, cell: int = _LARGEST_CELL
) -> Painted:
    """All maps (rows, columns, maps) as one picture of at most about ``most`` nodes.

    Each map has a scale of its own, ``shared`` one for all; of ``signed`` maps 0 is in the middle. If there are more
    nodes, each point is the mean of some. ``cell``: pixels of a map, where there is room. ``words`` say to those who
    cannot see it what it is.
    """
    _, columns, count = maps.shape
    across = min(count, next((wide for limit, wide in _NARROW_LIMITS if count <= limit), 32))
    blocks = max(math.ceil(columns * across / WIDEST), math.ceil(math.sqrt(maps.size / most)), 1)
    note = ""
    if blocks > 1:
        maps = _means(maps, blocks)
        note = f"Made smaller: each point is the mean of {shape_text((blocks, blocks))} nodes."
    pixels = max(1, min(cell, WIDEST // across - 1) // max(maps.shape[:2]))
    indices = np.rint(scale_maps(maps, "layer" if shared else "map", signed) * 254).astype(np.uint8)
    layout = GridLayout.of((maps.shape[0] * pixels, maps.shape[1] * pixels, count), across)
    picture = np.full(layout.size, _GAP, np.uint8)
    for number in range(count):
        top, left, bottom, right = layout.rectangle(number)
        picture[top:bottom, left:right] = indices[..., number].repeat(pixels, axis=0).repeat(pixels, axis=1)
    return Painted(_image(_indexed(picture, _colors(signed)), words), note)


def strip(vector: NDArray[Any], signed: bool, words: str) -> Painted:
    """The values of a vector as cells of colour, 96 in a row."""
    note = ""
    if vector.size > _LONGEST_STRIP:
        note = f"The first {_LONGEST_STRIP:,} of {vector.size:,} values."
        vector = vector[:_LONGEST_STRIP]
    scaled = scale_maps(vector.reshape(-1, 1, 1), "map", signed).reshape(-1)
    layout = GridLayout.of((9, 9, vector.size), 96)
    picture = np.full(layout.size, _GAP, np.uint8)
    for number, value in enumerate(np.rint(scaled * 254).astype(np.uint8).tolist()):
        top, left, bottom, right = layout.rectangle(number)
        picture[top:bottom, left:right] = value
    return Painted(_image(_indexed(picture, _colors(signed)), words), note)


def colored_kernels(kernels: NDArray[np.float32], words: str) -> Painted:
    """Kernels (rows, columns, 3, maps) as coloured pictures; grey is 0, and all share one scale."""
    rows, columns, _, count = kernels.shape
    values = color_rows(kernels)
    across = min(count, 16)
    pixels = max(1, 44 // max(rows, columns))
    layout = GridLayout.of((rows * pixels, columns * pixels, count), across, 4)
    picture = np.zeros((*layout.size, 4), np.uint8)
    for number in range(count):
        top, left, bottom, right = layout.rectangle(number)
        one = values[..., number].repeat(pixels, axis=0).repeat(pixels, axis=1)
        picture[top:bottom, left:right] = np.dstack((one, np.full(one.shape[:2], 255, np.uint8)))
    return Painted(_image(Image.fromarray(picture), words))


def photograph(image: NDArray[Any], words: str, bytes_: bool) -> Painted | None:
    """An image (rows, columns, 1 or 3 channels) as it is; ``None`` for other numbers of channels.

    ``bytes_``: 0 is black and 255 white; else its smallest and its largest value are.
    """
    if image.shape[2] not in (1, 3):
        return None
    blocks = math.ceil(max(image.shape[:2]) / 448)
    values = _means(image, blocks) if blocks > 1 else image
    low, high = (0.0, 255.0) if bytes_ else finite_limits(values)
    shares = (np.nan_to_num(values.astype(np.float64), nan=low, posinf=high, neginf=low) - low) / (high - low or 1.0)
    pixels = np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    made = Image.fromarray(pixels[..., 0] if values.shape[2] == 1 else pixels)
    shown = 224 / max(values.shape[:2])
    note = f"Made smaller: each point is the mean of {shape_text((blocks, blocks))} pixels." if blocks > 1 else ""
    return Painted(_image(made, words, shown if shown > 1 else 1.0), note)


def color_bar(signed: bool) -> Markup:
    """The colours from low to high, as a picture of one row that the page stretches."""
    row = np.arange(255, dtype=np.uint8)[np.newaxis]
    data = _data(_indexed(row, _colors(signed)))
    return element("img", class_="ramp", src=data, alt="Colours from low to high", width=160, height=10)


def _colors(signed: bool) -> NDArray[np.uint8]:
    """255 colours and the one of gaps."""
    table = colormap(SIGNED_COLORS if signed else PLAIN_COLORS)
    return np.vstack((table[np.rint(np.linspace(0, 255, 255)).astype(int)], np.zeros((1, 3), np.uint8)))


def _indexed(picture: NDArray[np.uint8], colors: NDArray[np.uint8]) -> Image.Image:
    made = Image.fromarray(picture)
    made.putpalette(colors.astype(np.uint8).tobytes())
    made.info["transparency"] = _GAP
    return made


def _image(picture: Image.Image, words: str, enlarged: float = 1.0) -> Markup:
    wide, high = round(picture.width * enlarged), round(picture.height * enlarged)
    return element("img", src=_data(picture), alt=words, width=wide, height=high)


def _data(picture: Image.Image) -> str:
    """The picture as PNG in the form of an address."""
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _means(maps: NDArray[Any], blocks: int) -> NDArray[np.float64]:
    """Means of ``blocks`` × ``blocks`` nodes; what is left over at the right and below counts too."""
    down = np.arange(0, maps.shape[0], blocks)
    across = np.arange(0, maps.shape[1], blocks)
    finite = np.nan_to_num(maps.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    sums = np.add.reduceat(np.add.reduceat(finite, down, axis=0), across, axis=1)
    high = np.diff(np.append(down, maps.shape[0]))
    wide = np.diff(np.append(across, maps.shape[1]))
    return np.asarray(sums / (high[:, np.newaxis, np.newaxis] * wide[np.newaxis, :, np.newaxis]))
