"""What branches add to ``core.network.geometry``: windows that spread, and two views joined into one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from cnn_explorer.core.network.geometry import MOST_PHASES, View


@dataclass(frozen=True)
class Spreading:
    """A transposed convolution: each input node spreads over ``span`` output nodes, the next one ``stride`` further.

    ``before`` is the number of nodes cut off in front of the map, gaps of dilation belong to ``span``. A node that
    no input node reaches (if the stride is larger than the span) has its last input node before its first.
    """

    stride: int = 1
    before: int = 0
    span: int = 1

    @property
    def distance(self) -> Fraction:
        """Less than one input node, if the stride is above 1."""
        return Fraction(1, self.stride)

    def back(self, node: int) -> tuple[int, int]:
        """The first and the last input node that reach ``node``."""
        place = node + self.before
        return -((self.span - 1 - place) // self.stride), place // self.stride


def beside(one: View, other: View) -> View | None:
    """What a node sees through either of two branches; ``None`` if these look at the image at different distances."""
    if one.jump != other.jump:
        return None
    period = lcm(len(one.first), len(other.first))
    if period > MOST_PHASES:
        return None
    pixels = [(one.pixels(node), other.pixels(node)) for node in range(period)]
    return View(
        int(one.jump * period),
        tuple(min(a[0], b[0]) for a, b in pixels),
        tuple(max(a[1], b[1]) for a, b in pixels),
    )
