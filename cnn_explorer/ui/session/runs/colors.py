"""Which colour each run has in comparisons, and that it keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

COLORS = 8
"""How many ``theme().palette.series`` has."""
DASHES: tuple[tuple[float, ...], ...] = ((), (6, 3), (2, 2.5), (8, 3, 2, 3))
"""Strokes and gaps of lines, in their widths: solid first. The second cue where the colours come round again."""


@dataclass(frozen=True)
class CurveStyle:
    """How the lines of a run look: the index of its colour in the palette, and of its strokes in ``DASHES``."""

    color: int
    dash: int = 0


class ColorBook:
    """Gives each run a style by its folder and never changes it, whichever runs come and go.

    The first eight differ in colour, the next eight have the same colours with dashed lines, and so on.
    """

    def __init__(self) -> None:
        self._numbers: dict[Path, int] = {}

    def style(self, path: Path) -> CurveStyle:
        """The look of the run in the folder ``path``; relative and absolute paths are the same."""
        number = self._numbers.setdefault(_name(path), len(self._numbers))
        return CurveStyle(number % COLORS, number // COLORS % len(DASHES))

    def give_back(self, path: Path) -> None:
        """Forget a run that was only passed by. Only the style that was given last is free again."""
        name = _name(path)
        if self._numbers.get(name) == len(self._numbers) - 1:
            del self._numbers[name]


def _name(path: Path) -> Path:
    # Not resolve(): that would ask the disk.
    return Path(path).absolute()
