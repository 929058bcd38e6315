"""Maps made ready for a grid: what takes long of it, and can be done by any thread; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.dead_maps import DeadMaps, QuietMaps, quiet_maps
from cnn_explorer.core.maps.imaging import Limits, plain_limits
from cnn_explorer.core.maps.rows import map_rows
from cnn_explorer.core.maps.style import MapStyle


@dataclass(frozen=True, eq=False)
class ReadyMaps:
    """Maps as rows 0…255 of a colour table, of the shape (rows, columns, maps), and which of them show nothing.

    ``choice``: how they were scaled, with its colour map.
    """

    rows: NDArray[np.uint8]
    quiet: QuietMaps
    choice: MapStyle


def ready_maps(
    maps: NDArray[Any], choice: MapStyle, limits: Limits | None = None, dead_maps: DeadMaps | None = None
) -> ReadyMaps:
    """Scale maps (rows, columns, maps) as chosen, between ``limits`` if given."""
    own = plain_limits(maps)
    choice = choice.with_colors(signed=bool((own[0] < 0).any()))
    rows = map_rows(maps, choice.scale, choice.symmetric, limits, own)
    return ReadyMaps(rows, quiet_maps(maps, own, dead_maps), choice)


def map_by_map(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same rows (rows, columns, maps), in memory one map after another: a grid is laid out of them much faster."""
    return np.ascontiguousarray(rows.transpose(2, 0, 1)).transpose(1, 2, 0)
