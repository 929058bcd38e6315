"""Activations as a table for other programs (CSV): a line for each value, to its last digit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.store.atomic import refuse_existing, replacing

_HEADS = {1: "index", 2: "row,column", 3: "map,row,column"}


def save_activations_csv(
    path: Path, activation: NDArray[np.float32], force: bool = False, watch: Watch = unwatched
) -> None:
    """Write the unscaled activations of one layer for one image.

    Maps (rows, columns, maps) give ``map,row,column,value``, one map after another; a vector ``index,value``; a plane
    ``row,column,value``; anything else ``axis0,axis1,...,value``. All count from 0. A value has as many digits as it
    takes to be the same float32 again; ``nan`` and ``inf`` are written so.

    Raises ``ExplorerError`` if ``path`` exists (without ``force``) or cannot be written.
    """
    refuse_existing(path, force)
    values = np.moveaxis(activation, -1, 0) if activation.ndim == 3 else np.atleast_1d(activation)
    head = _HEADS.get(values.ndim) or ",".join(f"axis{axis}" for axis in range(values.ndim))
    with replacing(path) as temporary, temporary.open("w", encoding="ascii", newline="") as file:
        file.write(f"{head},value\n")
        for number, part in enumerate(values):
            watch(f"Writing {path.name}", number, len(values))
            file.write("".join(_lines(number, part)))


def map_text(plane: NDArray[Any]) -> str:
    """A map (rows, columns) as lines of values with tabs between them, as spreadsheets take them from the clipboard.

    A vector becomes one column.
    """
    rows = plane.reshape(-1, 1) if plane.ndim == 1 else plane
    return "".join("\t".join(row) + "\n" for row in rows.astype(np.float32).astype(str).tolist())


def _lines(number: int, part: NDArray[np.float32]) -> Iterator[str]:
    places = itertools.product(*(range(side) for side in part.shape))
    texts = part.astype(np.float32).reshape(-1).astype(str).tolist()
    for place, text in zip(places, texts, strict=True):
        yield f"{','.join(map(str, (number, *place)))},{text}\n"
