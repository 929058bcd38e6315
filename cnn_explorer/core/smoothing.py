"""A running mean that forgets: the calm line in a noisy curve of batches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BLOCK = 500.0
"""Windows per block: the exponential of this still fits into a float64."""


def smoothed(position: NDArray[np.float64], values: NDArray[np.float64], window: float) -> NDArray[np.float64]:
    """The exponential moving average of ``values`` at increasing ``position``; both have the shape (n,).

    A value loses its weight by the factor e over ``window``, in the unit of ``position``; a value that stands for
    a longer stretch (one call of the device with many batches) counts for as much more. The first averages are
    divided by the weight they have, so that the line starts at the first value and not at 0 (as in Adam,
    Kingma & Ba 2015, section 3). Values that are not finite are passed over. A ``window`` of 0 changes nothing.
    """
    if window <= 0 or len(values) < 2:
        return values.copy()
    finite = np.isfinite(values)
    steps = np.diff(position, prepend=2 * position[0] - position[1]) / window
    gain = np.where(finite, -np.expm1(-steps), 0.0)
    parts = np.stack((gain, gain * np.where(finite, values, 0.0)))
    time = (position - position[0]) / window
    sums = np.empty_like(parts)
    carry = np.zeros((2, 1))
    carry_time = 0.0
    # Within a block the recursion s = s·exp(-step) + part is a cumulative sum of parts·exp(time): no Python loop.
    cuts = np.searchsorted(time, np.arange(0.0, time[-1] + _BLOCK, _BLOCK))
    for start, stop in zip(cuts, (*cuts[1:], len(time)), strict=True):
        if start == stop:
            continue
        growth = np.exp(time[start:stop] - time[start])
        carry = carry * np.exp(carry_time - time[start])
        sums[:, start:stop] = (carry + np.cumsum(parts[:, start:stop] * growth, axis=1)) / growth
        carry, carry_time = sums[:, stop - 1 : stop], float(time[stop - 1])
    weight = sums[0]
    means: NDArray[np.float64] = np.full_like(weight, np.nan)
    np.divide(sums[1], weight, out=means, where=weight > 0)
    return means
