"""Range, mean and deviation of images: of the whole tensor, and pixel by pixel for each class.

Bytes are summed as integers, so those results are exact whatever the number of images; floats are merged chunk by
chunk (Chan, Golub and LeVeque 1979). Deviations are those of the population, as NumPy's ``std``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.analysis.chunks import chunks

MOST_VALUES = 2**22
"""Classes times values of an image that moments are kept of; beyond, only some of the pixels are looked at."""
Prepare = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True)
class Spread:
    """The smallest and the largest of all values, their mean and their standard deviation."""

    minimum: float
    maximum: float
    mean: float
    deviation: float


class SpreadSum:
    """Gathers the ``Spread`` of values that come in parts."""

    def __init__(self) -> None:
        self._count = 0
        self._mean = self._squares = 0.0
        self._minimum, self._maximum = math.inf, -math.inf

    def add(self, values: NDArray[Any]) -> None:
        """Take more values into account."""
        if not values.size:
            return
        self._minimum = min(self._minimum, float(values.min()))
        self._maximum = max(self._maximum, float(values.max()))
        mean = float(values.mean(dtype=np.float64))
        squares = float(values.var(dtype=np.float64)) * values.size
        count = self._count + values.size
        shift = mean - self._mean
        self._squares += squares + shift**2 * self._count * values.size / count
        self._mean += shift * values.size / count
        self._count = count

    def spread(self) -> Spread:
        """What was found; NaN without any values."""
        if not self._count:
            return Spread(math.nan, math.nan, math.nan, math.nan)
        return Spread(self._minimum, self._maximum, self._mean, math.sqrt(self._squares / self._count))


def spread_of_bytes(counts: NDArray[np.int64]) -> Spread:
    """The spread of bytes of which ``counts`` (256,) says how many there are of each; exact."""
    values, total = np.arange(256), int(counts.sum())
    if not total:
        return Spread(math.nan, math.nan, math.nan, math.nan)
    present = np.flatnonzero(counts)
    first, second = int(counts @ values), int(counts @ values**2)
    deviation = math.sqrt((total * second - first**2) / total**2)  # integers of any size up to here
    return Spread(float(present[0]), float(present[-1]), first / total, deviation)


def tensor_spreads(images: ImageArray, prepare: Prepare, watch: Watch) -> tuple[Spread, Spread]:
    """The spread of all bytes of ``images``, and of all values that ``prepare`` makes of them."""
    counts = np.zeros(256, np.int64)
    prepared = SpreadSum()
    for _, chunk in chunks(images, "Measuring the tensor", watch):
        counts += np.bincount(chunk.ravel(), minlength=256)
        prepared.add(prepare(chunk))
    return spread_of_bytes(counts), prepared.spread()


@dataclass(frozen=True, eq=False)
class ClassMoments:
    """Mean and deviation of every pixel in the images of each class.

    ``counts``: (classes,). ``mean`` and ``deviation``: float32 (classes, rows, columns, channels), in 0…255; NaN for
    a class without images. Only every ``step``-th row and column was looked at.
    """

    counts: NDArray[np.int64]
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    step: int = 1


def class_moments(images: ImageArray, labels: NDArray[np.int64], classes: int, watch: Watch) -> ClassMoments:
    """The moments of ``images`` (count, rows, columns, channels) by their ``labels`` (count,), in 0…``classes`` - 1."""
    rows, columns, channels = images.shape[1:]
    step = max(1, math.ceil(math.sqrt(classes * rows * columns * channels / MOST_VALUES)))
    shape = (-(-rows // step), -(-columns // step), channels)
    counts = np.zeros(classes, np.int64)
    sums = np.zeros((classes, *shape), np.int64)
    squares = np.zeros((classes, *shape), np.int64)
    for start, chunk in chunks(images, "Averaging the classes", watch):
        of_chunk = labels[start : start + len(chunk)]
        for label in np.unique(of_chunk):
            members = chunk[of_chunk == label, ::step, ::step].astype(np.uint32)  # 65,025 fits 66,051 times
            counts[label] += len(members)
            sums[label] += members.sum(axis=0, dtype=np.int64)
            squares[label] += np.square(members, out=members).sum(axis=0, dtype=np.int64)
    number = np.where(counts, counts, 1).reshape(-1, 1, 1, 1)
    mean = sums / number
    deviation = np.sqrt((squares * number - sums**2).clip(0)) / number  # whole numbers up to 10 million images
    empty = counts == 0
    mean[empty] = deviation[empty] = np.nan
    return ClassMoments(counts, mean.astype(np.float32), deviation.astype(np.float32), step)
