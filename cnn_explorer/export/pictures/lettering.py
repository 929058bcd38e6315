"""Letters in pictures: a font of the system if there is one, else the one that Pillow brings."""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import ImageFont

_FONTS = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Inter-Regular.otf",  # Linux
    "segoeui.ttf", "arial.ttf", "Arial.ttf", "Helvetica.ttc",  # Windows, macOS
)  # fmt: skip
_PLAIN = {"−": "-", "×": "x", "σ": " sd", "·": "-", "–": "-", "…": "...", "“": '"', "”": '"', "’": "'", "→": "->"}

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font(size: int) -> Font:
    """A font whose letters are about ``size`` pixels high."""
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:  # not on this machine
            continue
    return ImageFont.load_default(size)


def written(text: str, size: int) -> str:
    """``text`` in the letters that ``font`` has: Pillow's own font knows no more than ASCII."""
    used = font(size)
    if isinstance(used, ImageFont.FreeTypeFont) and used.getname()[0] != "Aileron":
        return text
    for letter, plain in _PLAIN.items():
        text = text.replace(letter, plain)
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def width(text: str, size: int) -> int:
    """How many pixels ``text`` is wide."""
    return round(font(size).getlength(written(text, size)))


def wrapped(text: str, size: int, room: int) -> list[str]:
    """``text`` in lines of at most ``room`` pixels; words that are longer are cut into pieces."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and width(f"{line} {word}", size) > room:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while width(line, size) > room and len(line) > 1:
            cut = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or width(line[:n], size) <= room)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines
