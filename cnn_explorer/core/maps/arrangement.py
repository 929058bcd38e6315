"""How many maps stand in a row, and how large: all of them in view where that can be read, else rows to scroll."""

from __future__ import annotations

import math
from dataclasses import dataclass

AUTOMATIC = 0
"""As a number of columns: as many as fill the room."""
ARTICLE_COLUMNS = 8
"""Maps in a row as in the articles."""
MOST_IN_ARTICLE_COLUMNS = 64
"""So many maps, 8 by 8, can still be seen together; of more, the columns fill the room."""
MOST_BARS = 256
"""Up to so many values of a vector stand side by side as bars; a longer one is shown as a strip of colours."""

_SMALLEST, _SMALL = 30.0, 48.0
"""Pixels of the screen: if all maps together would become smaller than this, the grid scrolls. Of many maps those with
more nodes begin to scroll earlier, up to the second figure."""
_WANTED, _LARGEST = 48.0, 96.0
"""Pixels of a map that scrolls, at least and at most."""
_NODE = 3.0
"""Pixels of a node that scrolls, as long as the map is not larger than ``_LARGEST``."""


@dataclass(frozen=True)
class Arrangement:
    """``columns`` maps in a row; ``node``: pixels of the screen for one node. ``scrolls``: not all rows are in view."""

    columns: int
    node: float
    scrolls: bool


def default_columns(count: int) -> int:
    """How many of ``count`` maps stand in a row as long as nobody has chosen: 8, or ``AUTOMATIC`` if there are many."""
    return ARTICLE_COLUMNS if count <= MOST_IN_ARTICLE_COLUMNS else AUTOMATIC


def arranged(shape: tuple[int, int, int], room: tuple[float, float], columns: int = AUTOMATIC) -> Arrangement:
    """Arrange maps of ``shape`` (rows, columns, count) in ``room`` (height, width in pixels of the screen).

    Raises ``ValueError`` if ``columns`` is negative.
    """
    if columns < 0:
        raise ValueError(f"a grid cannot have {columns} columns")
    height, width, count = (max(1, side) for side in shape)
    room_high, room_wide = (max(1.0, side) for side in room)
    side = max(height, width)

    def fitting(used: int) -> float:
        return min(room_wide / (used * width), room_high / (-(-count // used) * height))

    if columns == AUTOMATIC:
        used = _filling(height, width, count, room_high, room_wide)
        if fitting(used) * side >= min(max(_SMALLEST, side), _SMALL):
            return Arrangement(used, fitting(used), False)
        wanted = min(max(_WANTED, _NODE * side), _LARGEST)
        used = min(count, max(1, int(room_wide / (wanted * width / side))))
        node = room_wide / (used * width)
    else:
        used = min(columns, count)
        node = fitting(used)
        if node * side < _SMALLEST:
            node = min(room_wide / (used * width), max(node, _LARGEST / side))
    return Arrangement(used, node, node * -(-count // used) * height > room_high + 0.5)


def wrapped_columns(count: int) -> int:
    """How many values of a long vector stand in one row of its strip, which becomes about twice as wide as high.

    A divisor of ``count`` if one is near, so that the last row is full.
    """
    ideal = math.sqrt(2 * count)
    near = [n for n in range(max(1, int(ideal / 1.5)), int(ideal * 1.5) + 1) if count % n == 0]
    return min(near, key=lambda n: abs(n - ideal)) if near else math.ceil(ideal)


def _filling(height: int, width: int, count: int, room_high: float, room_wide: float) -> int:
    """The number of columns for which all maps together become largest; of equally good ones the smallest."""
    # The best lies beside the one at which rows and columns would use up the room alike.
    ideal = math.sqrt(count * height * room_wide / (width * room_high))
    # With r rows, nothing is gained by more columns than r rows need.
    rows = {max(1, math.floor(count / ideal) + step) for step in (-1, 0, 1, 2)}
    near = {-(-count // row) for row in rows} | {math.floor(ideal) + step for step in (-1, 0, 1, 2)}
    candidates = sorted({min(max(1, columns), count) for columns in near})

    def size(columns: int) -> float:
        return min(room_wide / (columns * width), room_high / (-(-count // columns) * height))

    return max(candidates, key=lambda columns: (size(columns), -columns))
