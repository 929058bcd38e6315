"""Images read a chunk at a time, so that the memory needed does not grow with their number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_CHUNK_BYTES = 2**21  # of images; the sums of squares need eight times as much


class Images(Protocol):
    """Images (count, rows, columns, channels; bytes) wherever they lie; a slice of them is an array in memory."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Count, rows, columns and channels."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, key: Any) -> NDArray[np.uint8]: ...


Watch = Callable[[str, int, int], None]
"""Hears what is being done, how much of it, and of how much; raises an error of its own to end the work."""


def chunks(images: Images, what: str, watch: Watch) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Where each chunk begins, and its images; ``watch`` is told ``what`` before each of them."""
    count = len(images)
    step = max(1, _CHUNK_BYTES // max(1, math.prod(images.shape[1:])))
    for start in range(0, count, step):
        watch(what, start, count)
        yield start, images[start : start + step]
