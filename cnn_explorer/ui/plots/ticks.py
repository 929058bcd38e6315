"""Round numbers for axes."""

from __future__ import annotations

import math

import numpy as np


def round_step(span: float, most: float) -> float:
    """The smallest of …, 0.1, 0.2, 0.5, 1, 2, 5, … that divides ``span`` into at most ``most`` parts."""
    least = span / max(most, 1.0)
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def log_ticks(low: float, high: float, most: float) -> list[float]:
    """Round numbers between ``low`` and ``high`` (above 0) that lie well on a logarithmic axis."""
    decades = math.log10(high / low)
    if decades < 0.7:
        step = round_step(high - low, most)
        return [float(tick) for tick in np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step]
    digits = next((d for d in ((1, 2, 5), (1, 3), (1,)) if decades * len(d) <= most), (1,))
    leap = max(1, math.ceil(decades / max(most, 1.0)))
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = (float(f"{digit}e{power}") for power in powers if power % leap == 0 for digit in digits)
    return [tick for tick in ticks if low <= tick <= high]


def plain(number: float, step: float) -> str:
    """``number`` with as many digits as tell it from its neighbour at ``step``."""
    if number != 0 and not 1e-4 <= abs(number) < 1e6:
        return f"{number:.3g}"
    return f"{number:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"
