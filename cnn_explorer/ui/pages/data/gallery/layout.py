"""Where the tiles of the gallery lie, and how large they are: whole numbers only, no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

SIDES = (24, 32, 48, 64, 96, 128, 160, 192, 256, 320)
"""The longer sides of a tile's picture that one can choose from, in points; pictures come as near as they can."""
USUAL_SIDE = 64
GAP = 6
MARGIN = 12
_SMALL = 64
"""Images up to this side are never made smaller than they are: each of their pixels counts."""
_CAPTION_FROM = 48
"""From this width on there is room for words under a tile."""


@dataclass(frozen=True)
class TileSize:
    """Size of a tile's picture in points. ``scale``: points for each pixel of the image; 0 where it is made smaller."""

    width: int
    height: int
    scale: int

    @property
    def side(self) -> int:
        """The longer of both."""
        return max(self.width, self.height)


def tile_sizes(rows: int, columns: int) -> tuple[TileSize, ...]:
    """The sizes that images of ``rows`` × ``columns`` pixels can be shown in, from small to large.

    Whole multiples, so that all pixels are squares of one size; large images also reduced, in their proportions.
    """
    longer = max(rows, columns)
    sizes = []
    for side in SIDES:
        if side >= longer or longer <= _SMALL:
            scale = max(1, round(side / longer))
            size = TileSize(scale * columns, scale * rows, scale)
        else:
            share = side / longer
            size = TileSize(max(1, round(share * columns)), max(1, round(share * rows)), 0)
        if size not in sizes:
            sizes.append(size)
    return tuple(sizes)


def nearest_size(sizes: tuple[TileSize, ...], side: int) -> int:
    """Which of ``sizes`` is nearest to ``side``."""
    return min(range(len(sizes)), key=lambda number: abs(sizes[number].side - side))


@dataclass(frozen=True)
class Layout:
    """``count`` tiles in rows of equal length, on a plane of ``width`` points.

    ``line`` is the height of a line of text: where tiles are wide enough each has one under its picture.
    """

    count: int
    width: int
    size: TileSize
    line: int

    @cached_property
    def caption(self) -> int:
        """The height of the words under a picture; 0 where there is no room for any."""
        return self.line + 4 if self.size.width >= _CAPTION_FROM else 0

    @cached_property
    def step(self) -> tuple[int, int]:
        """From one tile to the next: to the right and down."""
        return self.size.width + GAP, self.size.height + self.caption + GAP

    @cached_property
    def columns(self) -> int:
        """Tiles in a row."""
        return max(1, (self.width - 2 * MARGIN + GAP) // self.step[0])

    @property
    def rows(self) -> int:
        """Rows, the last of which may be shorter."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """Height of the whole plane."""
        return 2 * MARGIN + self.rows * self.step[1] - GAP if self.count else 0

    @cached_property
    def left(self) -> int:
        """Where rows begin: what is left over of the width is shared by both sides."""
        return max(0, (self.width - self.columns * self.step[0] + GAP) // 2)

    def corner(self, number: int) -> tuple[int, int]:
        """The left and upper end of a tile."""
        row, column = divmod(number, self.columns)
        return self.left + column * self.step[0], MARGIN + row * self.step[1]

    def at(self, x: int, y: int) -> int | None:
        """The tile at a point of the plane, its caption included; ``None`` between them."""
        column, across = divmod(x - self.left, self.step[0])
        row, down = divmod(y - MARGIN, self.step[1])
        number = row * self.columns + column
        inside = across < self.size.width and down < self.size.height + self.caption
        return number if inside and 0 <= column < self.columns and row >= 0 and number < self.count else None

    def nearest(self, x: int, y: int) -> tuple[int, float]:
        """The tile that is nearest to a point, and how far down its step the point lies, from 0 to 1."""
        row, rest = divmod(min(max(y - MARGIN, 0), self.rows * self.step[1] - 1), self.step[1])
        column = min(max((x - self.left) // self.step[0], 0), self.columns - 1)
        return max(0, min(row * self.columns + column, self.count - 1)), rest / self.step[1]

    def visible(self, top: int, bottom: int) -> range:
        """The tiles that show between two heights of the plane."""
        first = max(0, (top - MARGIN) // self.step[1])
        last = max(0, -(-(bottom - MARGIN) // self.step[1]))
        return range(min(first * self.columns, self.count), min(last * self.columns, self.count))

    def scrolled_to(self, number: int, top: int, height: int) -> int:
        """The nearest ``top`` of a window of ``height`` points that has all of a tile in it."""
        upper = self.corner(number)[1] - GAP
        lower = upper + self.step[1] + GAP
        return upper if upper < top else max(top, lower - height) if lower > top + height else top
