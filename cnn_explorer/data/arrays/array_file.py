"""What all files of arrays have in common: named arrays whose rows are read a part at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.sizes import megabytes

Chunks = Generator[NDArray[Any], None, None]
"""Rows of an array, one part after another."""
CHUNK_BYTES = 2**24
"""Of an array, how much is read at once."""
MOST_ROWS, MOST_BYTES = 20_000_000, 2**30
"""What an array may have that is read as a whole: a file of a kilobyte can claim, and packed unfold to, any size."""


@dataclass(frozen=True)
class ArrayInfo:
    """An array before it is read: its name in the file, shape and type; the first axis counts."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def rows(self) -> int:
        """How many rows a chunk has: one at least, as many as ``CHUNK_BYTES`` allow."""
        row = int(np.prod(self.shape[1:], dtype=np.float64)) * max(self.dtype.itemsize, 1)
        return max(1, CHUNK_BYTES // max(row, 1))


@dataclass(frozen=True)
class ArrayFile:
    """An open file of arrays. ``read`` gives all rows of an array in order, a chunk at a time.

    Whoever does not come to the end of it closes it, since a file may be open behind it.
    """

    path: Path
    arrays: tuple[ArrayInfo, ...]
    read: Callable[[ArrayInfo], Chunks]

    def array(self, name: str) -> ArrayInfo | None:
        """The array of that name; ``None`` if there is none."""
        return next((array for array in self.arrays if array.name == name), None)

    def whole(self, array: ArrayInfo) -> NDArray[Any]:
        """All rows at once, for what is small. Raises ``ExplorerError`` for what is not, before any of it is read."""
        size = math.prod(array.shape) * array.dtype.itemsize
        if array.shape[0] > MOST_ROWS or size > MOST_BYTES:
            raise ExplorerError(
                f'{self.path}: "{array.name}" is too large to be read as labels or names: it has {array.shape[0]:,} '
                f"rows, and {megabytes(size)}.",
                f"At most {MOST_ROWS:,} rows, and {megabytes(MOST_BYTES)}, are read.",
            )
        rows, done = np.empty(array.shape, array.dtype), 0
        for chunk in self.read(array):
            rows[done : done + len(chunk)] = chunk
            done += len(chunk)
        return rows
