"""What branches add to ``core.network.geometry``: two views joined into one."""

from __future__ import annotations

from math import lcm

from cnn_explorer.core.network.geometry import MOST_PHASES, View, around


def beside(one: View, other: View) -> View | None:
    """What a node sees through either of two branches; ``None`` if these look at the image at different distances."""
    if one.jump != other.jump:
        return None
    period = lcm(len(one.first), len(other.first))
    if period > MOST_PHASES:
        return None
    pixels = [around(one.pixels(node), other.pixels(node)) for node in range(period)]
    return View(int(one.jump * period), tuple(first for first, _ in pixels), tuple(last for _, last in pixels))
