"""A running mean that forgets: the calm line in a noisy curve of batches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BLOCK = 500.0
"""Windows per block: the exponential of this still fits into a float64."""


class Smoother:
    """The exponential moving average of a curve that grows: only what is new is averaged.

    A value loses its weight by the factor e over ``window``, in the unit of the positions; a value that stands for
    a longer stretch (one call of the device with many batches) counts for as much more. The first averages are
    divided by the weight they have, so that the line starts at the first value and not at 0 (as in Adam,
    Kingma & Ba 2015, section 3). Values that are not finite are passed over. A ``window`` of 0 changes nothing.
    """

    def __init__(self, window: float) -> None:
        self.window = window
        self._means = np.empty(0)
        self._count = 0
        self._sums: Floats = np.zeros((2, 1))
        self._last = 0.0

    def __call__(self, position: Floats, values: Floats) -> Floats:
        """The averages of ``values`` at increasing ``position``; all three have the shape (n,).

        Between two calls points may only have been appended; the answer is right until the next call.
        """
        if self.window <= 0 or len(values) < 2:
            return values.copy()
        start, count = self._count, len(values)
        if start == 0:
            self._last = 2 * float(position[0]) - float(position[1])
        if start < count:
            if count > len(self._means):
                self._means = np.concatenate((self._means[:start], np.empty(2 * count - start)))
            self._means[start:count] = self._averages(position[start:count], values[start:count])
            self._count = count
        return self._means[:count]

    def _averages(self, position: Floats, values: Floats) -> Floats:
        finite = np.isfinite(values)
        gain = np.where(finite, -np.expm1(-np.diff(position, prepend=self._last) / self.window), 0.0)
        parts = np.stack((gain, gain * np.where(finite, values, 0.0)))
        time = (position - self._last) / self.window
        sums = np.empty_like(parts)
        carry, carry_time = self._sums, 0.0
        # Within a block the recursion s = s·exp(-step) + part is a cumulative sum of parts·exp(time): no Python loop.
        cuts = np.searchsorted(time, np.arange(0.0, time[-1] + _BLOCK, _BLOCK))
        for start, stop in zip(cuts, (*cuts[1:], len(time)), strict=True):
            if start == stop:
                continue
            growth = np.exp(time[start:stop] - time[start])
            carry = carry * np.exp(carry_time - time[start])
            sums[:, start:stop] = (carry + np.cumsum(parts[:, start:stop] * growth, axis=1)) / growth
            carry, carry_time = sums[:, stop - 1 : stop], float(time[stop - 1])
        self._sums, self._last = carry, float(position[-1])
        weight = sums[0]
        means: Floats = np.full_like(weight, np.nan)
        np.divide(sums[1], weight, out=means, where=weight > 0)
        return means


def smoothed(position: Floats, values: Floats, window: float) -> Floats:
    """The averages of a whole curve at once: see ``Smoother``."""
    return Smoother(window)(position, values)
