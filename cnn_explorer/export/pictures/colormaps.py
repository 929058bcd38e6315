"""Colour maps as tables: value 0…255 -> red, green, blue."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.paths import resource

COLORMAPS: tuple[str, ...] = ("viridis", "inferno", "magma", "jet", "gray", "coolwarm")

DIVERGING: frozenset[str] = frozenset({"coolwarm"})
"""Colour maps whose middle means 0: scale values with ``symmetric=True`` for them."""


@cache
def colormap(name: str) -> NDArray[np.uint8]:
    """The table (256, 3) of that name, read-only. Raises ``ExplorerError``, which lists the names, if unknown."""
    if name not in COLORMAPS:
        raise ExplorerError(f'There is no colour map "{name}".', f"Choose one of: {', '.join(COLORMAPS)}.")
    with np.load(resource("colormaps", "colormaps.npz"), allow_pickle=False) as archive:
        table: NDArray[np.uint8] = archive[name]
    table.flags.writeable = False
    return table
