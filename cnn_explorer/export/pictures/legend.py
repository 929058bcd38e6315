"""What stands around a picture of maps, so that it can be understood on its own: title, colours and their values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cnn_explorer.export.pictures.lettering import font, width, wrapped, written
from cnn_explorer.text.legend import Legend

_PAPER, _INK, _PALE, _FRAME = (255, 255, 255), (27, 31, 42), (95, 104, 120), (150, 150, 150)
_LETTERS = (13, 36)  # pixels, in small and in large pictures
_NARROWEST = 26  # heights of a letter that a picture with a legend is wide at least


@dataclass(frozen=True)
class LegendText:
    """The words around a picture. ``title``: what it is; ``lines``: the image and what the network says of it.

    ``colors`` stands at the ends of the colours and between them; its note says for which maps.
    """

    title: str
    lines: tuple[str, ...]
    colors: Legend


def with_legend(picture: NDArray[np.uint8], text: LegendText, lut: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``picture`` (y, x, 3) on white paper, its title above, the colours of ``lut`` (256, 3) below.

    Not one of its pixels is changed: the picture lies one margin, the height of a letter, from the left.
    """
    high, wide = picture.shape[:2]
    size = max(_LETTERS[0], min(_LETTERS[1], wide // 60))
    room = max(wide, _NARROWEST * size)
    head = [(line, _INK) for line in wrapped(text.title, size, room)]
    head += [(line, _PALE) for words in text.lines for line in wrapped(words, size, room)]
    bar = min(room, 30 * size)
    beside = bar + size + width(text.colors.note, size) <= room
    foot = [] if beside else wrapped(text.colors.note, size, room)
    step = round(1.4 * size)
    top = size + step * len(head) + size // 2
    below = top + high + size
    paper = Image.new("RGB", (room + 2 * size, below + size + step * (1 + len(foot)) + size), _PAPER)
    draw = ImageDraw.Draw(paper)

    def write(x: float, y: float, words: str, color: tuple[int, int, int], anchor: str = "la") -> None:
        draw.text((x, y), written(words, size), fill=color, font=font(size), anchor=anchor)

    for number, (line, color) in enumerate(head):
        write(size, size + step * number, line, color)
    paper.paste(Image.fromarray(np.ascontiguousarray(picture)), (size, top))
    ramp = lut[np.arange(bar) * 256 // bar][np.newaxis].repeat(size, axis=0)
    paper.paste(Image.fromarray(np.ascontiguousarray(ramp)), (size, below))
    draw.rectangle((size - 1, below - 1, size + bar, below + size), outline=_FRAME)
    ticks = below + size + step // 4
    write(size, ticks, text.colors.low, _INK)
    if _fits(text, size, bar):
        write(size + bar * text.colors.middle_at, ticks, text.colors.middle, _INK, "ma")
    write(size + bar, ticks, text.colors.high, _INK, "ra")
    if beside:
        write(2 * size + bar, below, text.colors.note, _PALE)
    for number, line in enumerate(foot):
        write(size, below + size + step * (1 + number), line, _PALE)
    return np.asarray(paper)


def _fits(text: LegendText, size: int, bar: int) -> bool:
    """Whether the middle keeps away from the ends."""
    place, half = bar * text.colors.middle_at, width(text.colors.middle, size) / 2 + size / 2
    return width(text.colors.low, size) < place - half and place + half < bar - width(text.colors.high, size)
