"""What the nodes of a layer see, along one axis: rows and columns are independent of each other.

A layer is a *step* back: which nodes of its input one node of its output is made of. Steps are chained into a
*view*: which pixels of the image a node sees. Nothing is clipped: a map goes on beyond its border, where the
zeros of padding stand, so that all nodes of a layer are treated alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Protocol

MOST_PHASES = 4096
"""A view that would need a longer table (4096-fold enlargement along one axis) is not followed any further."""

FARTHEST = 2**31
"""Nor is one whose neighbouring nodes look at places further apart than this many pixels."""


class AxisStep(Protocol):
    """A layer along one axis."""

    @property
    def distance(self) -> Fraction:
        """How far apart neighbouring output nodes look, in nodes of the input."""
        ...

    def back(self, node: int) -> tuple[int, int]:
        """The first and the last input node that output ``node`` is made of."""
        ...


@dataclass(frozen=True)
class Sliding:
    """A window that moves ``stride`` nodes a step: convolution, pooling; padding is a window of one node.

    ``span`` counts nodes from the window's first to its last, gaps of dilation included; ``before`` is the
    number of nodes that padding adds in front of the map.
    """

    stride: int = 1
    before: int = 0
    span: int = 1

    @property
    def distance(self) -> Fraction:
        """The stride."""
        return Fraction(self.stride)

    def back(self, node: int) -> tuple[int, int]:
        """The window's first and last node."""
        first = node * self.stride - self.before
        return first, first + self.span - 1


@dataclass(frozen=True)
class Enlarging:
    """Each node becomes ``factor`` nodes, repeated or interpolated between the two nearest ones.

    Interpolation puts nodes at the centres of their cells, as TensorFlow does: output i lies at
    (i + 1/2) / factor - 1/2.
    """

    factor: int
    bilinear: bool = False

    @property
    def distance(self) -> Fraction:
        """Less than one input node."""
        return Fraction(1, self.factor)

    def back(self, node: int) -> tuple[int, int]:
        """The node that was repeated, or the two around (one, if the output lies just on it)."""
        if not self.bilinear:
            return node // self.factor, node // self.factor
        place = Fraction(2 * node + 1, 2 * self.factor) - Fraction(1, 2)
        return place.__floor__(), place.__ceil__()


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


NOTHING = (1, 0)
"""Pixels of a node that sees none: they end before they begin."""


def around(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The first and the last of two spans of pixels; one of them, where the other is empty."""
    spans = [(first, last) for first, last in (one, other) if first <= last]
    return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else NOTHING


@dataclass(frozen=True)
class View:
    """Which pixels the nodes of a layer see, along one axis.

    Node ``period · m + q`` sees the pixels from ``shift · m + first[q]`` to ``shift · m + last[q]``, with
    ``period`` the length of the tables. It is 1 unless something was enlarged before: then neighbouring nodes
    see the image in different ways ("phases"). A node that sees nothing has its last pixel before its first.
    """

    shift: int = 1
    first: tuple[int, ...] = (0,)
    last: tuple[int, ...] = (0,)

    @property
    def jump(self) -> Fraction:
        """How many pixels further the next node looks, on average; a fraction after enlarging."""
        return Fraction(self.shift, len(self.first))

    def pixels(self, node: int) -> tuple[int, int]:
        """The first and the last pixel that ``node`` sees; beyond the image lies padding. See ``NOTHING``."""
        cycle, phase = divmod(node, len(self.first))
        return self.shift * cycle + self.first[phase], self.shift * cycle + self.last[phase]

    def largest(self, nodes: int) -> int:
        """The largest number of pixels that one of the ``nodes`` of the map sees; 0 if none sees any."""
        phases = zip(self.first[:nodes], self.last[:nodes], strict=True)
        return max(last - first + 1 for first, last in phases)

    def through(self, step: AxisStep) -> View | None:
        """The view of the next layer's nodes; ``None`` beyond ``MOST_PHASES`` or ``FARTHEST``."""
        jump = self.jump * step.distance
        # A cycle must be whole in the nodes of the layer before, too: a period of 4 stays 2 after a stride of 2.
        period = _whole_cycle(step.distance, len(self.first))
        if period > MOST_PHASES or jump > FARTHEST:
            return None
        first, last = [], []
        for node in range(period):
            seen = self._seen_together(*step.back(node))
            first.append(seen[0])
            last.append(seen[1])
        return View(int(jump * period), tuple(first), tuple(last))

    def _seen_together(self, lowest: int, highest: int) -> tuple[int, int]:
        """What the nodes from ``lowest`` to ``highest`` see; those at the ends may see nothing."""
        while lowest <= highest and self._is_blind(lowest):
            lowest += 1
        while lowest <= highest and self._is_blind(highest):
            highest -= 1
        return (self.pixels(lowest)[0], self.pixels(highest)[1]) if lowest <= highest else NOTHING

    def _is_blind(self, node: int) -> bool:
        first, last = self.pixels(node)
        return first > last


def _whole_cycle(distance: Fraction, period: int) -> int:
    """The fewest steps of ``distance`` that cover a whole multiple of ``period``."""
    return distance.denominator * period // gcd(distance.numerator, period)
