"""Images read a chunk at a time, so that the memory needed does not grow with their number."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.progress import Watch

_CHUNK_BYTES = 2**21  # of images; the sums of squares need eight times as much


def chunks(images: ImageArray, what: str, watch: Watch) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Where each chunk begins, and its images; ``watch`` is told ``what`` before each of them."""
    count = len(images)
    step = max(1, _CHUNK_BYTES // max(1, math.prod(images.shape[1:])))
    for start in range(0, count, step):
        watch(what, start, count)
        yield start, images[start : start + step]
