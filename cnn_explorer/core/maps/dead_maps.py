"""Which maps show nothing: 0 everywhere or one value everywhere, on one image or on all images looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import Limits, plain_limits
from cnn_explorer.core.maps.top_images import TopImages


@dataclass(frozen=True)
class DeadMaps:
    """Which maps of a layer say nothing on ``count`` images: 0 on each of them, or one value on each of them."""

    count: int
    zero: tuple[int, ...]
    constant: tuple[int, ...]


@dataclass(frozen=True)
class QuietMaps:
    """Maps that show nothing: 0 everywhere, or one other value everywhere, on the image in question.

    ``count``: how many maps there are. ``values`` are those of the ``constant`` ones; ``dead_maps`` says what is known
    of other images.
    """

    zero: tuple[int, ...]
    constant: tuple[int, ...]
    count: int
    values: tuple[float, ...] = ()
    dead_maps: DeadMaps | None = None


def quiet_maps(maps: NDArray[Any], limits: Limits | None = None, dead_maps: DeadMaps | None = None) -> QuietMaps:
    """Which of the maps (rows, columns, maps) are constant. A map of one node is only looked at for 0.

    ``limits``: ``plain_limits`` of the maps, if they are known already.
    """
    low, high = limits or plain_limits(maps)
    zero = (low == 0) & (high == 0)
    constant = (low == high) & ~zero & (maps.shape[0] * maps.shape[1] > 1)
    return QuietMaps(
        tuple(np.flatnonzero(zero).tolist()), tuple(np.flatnonzero(constant).tolist()), int(maps.shape[2]),
        tuple(low[constant].tolist()), dead_maps,
    )  # fmt: skip


def dead_maps(found: TopImages) -> DeadMaps:
    """Which maps say nothing on all images that were looked at."""
    zero, constant = (tuple(np.flatnonzero(marks).tolist()) for marks in (found.dead, found.constant))
    return DeadMaps(found.done, zero, constant)
