"""Which rectangle of the image each node of a map can see, for all nodes at once, as layers pass it on.

A *box* is six numbers, chosen so that the smallest rectangle around two boxes is their minimum: top, left, -bottom,
-right in pixels (bottom and right excluded), and two marks, 1 where all that the node would see along the rows, along
the columns lies on the image, 0 where a window on its way stood on padding. A box of nothing is ``NOTHING`` throughout.
Boxes of maps are int32 (rows, columns, 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.nodes.steps import Places

Boxes = NDArray[np.int32]
Rectangle = tuple[int, int, int, int]
"""Top, left, bottom, right in pixels; bottom and right excluded."""

NOTHING = 2**30
_OFF, _NONE = -1, -2  # places of a window: on padding; on none of the nodes (between those of a transposed convolution)


@dataclass(frozen=True, eq=False)
class Band:
    """Neighbouring maps, ``count`` of them, whose nodes see the same: one array of boxes for all."""

    count: int
    boxes: Boxes


Bands = tuple[Band, ...]
"""The boxes of a set of maps."""


def pixels(rows: int, columns: int) -> Boxes:
    """The boxes of the image itself: each pixel sees itself."""
    boxes = np.ones((rows, columns, 6), np.int32)
    boxes[:, :, 0] = np.arange(rows)[:, None]
    boxes[:, :, 1] = np.arange(columns)[None, :]
    boxes[:, :, 2:4] = -boxes[:, :, 0:2] - 1
    return boxes


def nothing(*shape: int) -> Boxes:
    """Boxes of nodes that see nothing, (*shape, 6)."""
    return np.full((*shape, 6), NOTHING, np.int32)


def around(boxes: Boxes) -> Boxes:
    """The one box around all of them, (6,)."""
    return np.asarray(boxes.reshape(-1, 6).min(axis=0))


def through_windows(boxes: Boxes, rows: Sequence[Places], columns: Sequence[Places]) -> Boxes:
    """The boxes of the next layer, whose node (r, c) is made of the nodes at ``rows[r]`` × ``columns[c]``.

    Places off the map are padding: the node does not see all that it would. ``None`` is no place at all.
    """
    down = _gathered(boxes, rows, 4)
    return _gathered(down.swapaxes(0, 1), columns, 5).swapaxes(0, 1)


def _gathered(boxes: Boxes, places: Sequence[Places], mark: int) -> Boxes:
    """Along the first axis: the boxes around those at each of the ``places``."""
    nodes = boxes.shape[0]
    # Two more nodes at the end, where the indices -1 and -2 lead.
    more = np.full((nodes + 2, *boxes.shape[1:]), NOTHING, np.int32)
    more[:nodes] = boxes
    more[_OFF, :, mark] = 0
    most = max(1, max(map(len, places), default=0))
    indices = np.full((len(places), most), _NONE)
    for number, window in enumerate(places):
        indices[number, : len(window)] = [_index(place, nodes) for place in window]
    return np.asarray(more[indices].min(axis=1))


def _index(place: int | None, nodes: int) -> int:
    if place is None:
        return _NONE
    return place if 0 <= place < nodes else _OFF


def united(bands: Bands) -> Boxes:
    """The boxes of a map that is made of all maps."""
    boxes = bands[0].boxes
    for band in bands[1:]:
        boxes = np.minimum(boxes, band.boxes)
    return boxes


def cut(bands: Bands, first: int, count: int) -> Bands:
    """The bands of ``count`` maps from number ``first`` on."""
    kept = []
    for band in bands:
        begin, end = max(first, 0), min(first + count, band.count)
        if begin < end:
            kept.append(Band(end - begin, band.boxes))
        first -= band.count
    return tuple(kept)


def aligned(several: Sequence[Bands]) -> Iterable[tuple[int, list[Boxes]]]:
    """For sets of equally many maps: how many maps go on alike in all of them, and their boxes."""
    ends = sorted({end for bands in several for end in np.cumsum([band.count for band in bands]).tolist()})
    first = 0
    for end in ends:
        yield end - first, [cut(bands, first, end - first)[0].boxes for bands in several]
        first = end


def dense(bands: Bands) -> Boxes:
    """(rows, columns, maps, 6)."""
    counts = [band.count for band in bands]
    return np.repeat(np.stack([band.boxes for band in bands], axis=2), counts, axis=2)


def banded(boxes: Boxes) -> Bands:
    """The bands of (rows, columns, maps, 6): neighbouring maps that are alike become one."""
    bands: list[Band] = []
    for number in range(boxes.shape[2]):
        each = boxes[:, :, number]
        if bands and np.array_equal(bands[-1].boxes, each):
            bands[-1] = Band(bands[-1].count + 1, bands[-1].boxes)
        else:
            bands.append(Band(1, each))
    return tuple(bands)


def rectangle(box: Boxes) -> Rectangle | None:
    """The rectangle of one box (6,); ``None`` if it sees nothing."""
    top, left, bottom, right = (int(number) for number in box[:4])
    return None if top == NOTHING else (top, left, -bottom, -right)


def largest(boxes: Boxes) -> tuple[int | None, int | None]:
    """The largest height and width of boxes (…, 6) that lie wholly on the image; ``None`` where none does."""
    flat = boxes.reshape(-1, 6)
    extents = []
    for axis in (0, 1):
        whole = flat[flat[:, 4 + axis] == 1]
        extents.append(int((-whole[:, 2 + axis] - whole[:, axis]).max()) if len(whole) else None)
    return extents[0], extents[1]
