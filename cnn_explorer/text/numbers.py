"""Numbers as people read them."""

from __future__ import annotations

import math


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


def percent(share: float, decimals: int = 2) -> str:
    """A share as people read it: ``99.12 %``."""
    return f"{100 * share:.{decimals}f} %"


def share_text(share: float) -> str:
    """A share in percent, of which 0 and 100 are only said where they are exact."""
    if 0 < share < 0.001 or 0.999 < share < 1:
        return "< 0.1 %" if share < 0.5 else "> 99.9 %"
    return percent(share, 0 if share in (0, 1) else 1)


def counted(count: int, one: str, many: str) -> str:
    """A number with its noun: ``1 batch``, ``938 batches``."""
    return f"{count:,} {one if count == 1 else many}"


def short(number: float) -> str:
    """The shortest text that reads back as the same number: ``0.001``, ``1e-05``, ``3``."""
    return repr(number).removesuffix(".0")
