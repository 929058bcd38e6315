"""In which order the maps of a layer stand: by number, by a figure, or by likeness to one of them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.statistics import double_blocks, map_statistics

MapOrder = Literal["number", "mean", "maximum", "sparsity", "similarity"]
MAP_ORDERS: tuple[MapOrder, ...] = ("number", "mean", "maximum", "sparsity", "similarity")


def map_order(maps: NDArray[Any], by: MapOrder, reference: int = 0) -> NDArray[np.int64]:
    """The number of the map at each place, (maps,): always every map once.

    ``mean`` and ``maximum``: the largest first. ``sparsity``: the largest share of zeros first. ``similarity``: map
    ``reference`` first, then by falling correlation with it (Pearson's, over the nodes), constant maps last. Maps
    that are equal in this keep the order of their numbers; those without any finite value stand last.
    """
    count = maps.shape[2]
    if by == "number":
        return np.arange(count)
    if by == "similarity":
        if not 0 <= reference < count:
            raise IndexError(f"map {reference} of {count}")
        keys = correlations(maps, reference)
        keys[reference] = np.inf
    else:
        figures = map_statistics(maps)
        keys = {"mean": figures.mean, "maximum": figures.high, "sparsity": figures.zeros}[by]
    return np.argsort(-np.nan_to_num(keys, nan=-np.inf, posinf=np.inf, neginf=-np.inf), kind="stable")


def correlations(maps: NDArray[Any], reference: int) -> NDArray[np.float64]:
    """Pearson's correlation of each map (rows, columns, maps) with map ``reference``, (maps,), from -1 to 1.

    NaN for maps that are constant or hold values that are not finite; if ``reference`` is such a map itself, 0 for
    all others.
    """
    flat = maps.reshape(maps.shape[0] * maps.shape[1], maps.shape[2])
    low, high = (edge.astype(np.float64) for edge in (flat.min(axis=0), flat.max(axis=0)))
    usable = np.isfinite(low) & np.isfinite(high) & (high > low)
    found = np.where(usable, 0.0, np.nan)
    if not usable[reference]:
        return found
    known = flat[:, usable]
    place = int(np.count_nonzero(usable[:reference]))
    mean = sum(block.sum(axis=0) for block in double_blocks(known)) / len(known)
    squares, products = np.zeros(known.shape[1]), np.zeros(known.shape[1])
    for block in double_blocks(known):
        block -= mean
        squares += np.einsum("nm,nm->m", block, block)
        products += block[:, place] @ block
    lengths = np.sqrt(squares)
    found[usable] = np.clip(products / (lengths * lengths[place]), -1.0, 1.0)
    return found
