"""Numbers and shapes as people read them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def figure(value: float) -> str:
    """A number for people: four decimals, or an exponent where these would hide it."""
    if not math.isfinite(value):
        return {math.inf: "infinite", -math.inf: "−infinite"}.get(value, "not a number")
    small = value != 0 and abs(value) < 0.001
    text = f"{value:.2e}" if small or abs(value) >= 1e5 else f"{value:.4f}" if abs(value) < 1000 else f"{value:.1f}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def rough(value: float) -> str:
    """A number where there is little room: three figures."""
    return f"{value:.3g}".replace("-", "−", 1)


def shape_text(shape: tuple[int, ...]) -> str:
    """26×26×32."""
    return "×".join(f"{side:,}" for side in shape)


def finite_limits(values: NDArray[Any]) -> tuple[float, float]:
    """Smallest and largest of the values that are numbers; 0, 0 if none is."""
    if not values.size:
        return 0.0, 0.0
    low, high = float(values.min()), float(values.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
