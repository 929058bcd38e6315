"""Where the microscope stands: from node to node of a layer, and from a node back towards the image; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cnn_explorer.core.nodes.steps import Node, Source

_FAR = 10  # values of a vector that a step over maps goes on, since a vector has no maps


@dataclass(frozen=True)
class Walk:
    """The way from a node towards the image. ``places``: from its beginning to its end; ``at``: where one stands."""

    places: tuple[Source, ...]
    at: int = 0

    @property
    def here(self) -> Source:
        """Where one stands."""
        return self.places[self.at]

    @property
    def can_return(self) -> bool:
        """Whether there is a node that one came from."""
        return self.at > 0

    def into(self, place: Source) -> Walk:
        """One node nearer to the image. What lay beyond is forgotten, unless that is the way it went."""
        if self.places[self.at + 1 : self.at + 2] == (place,):
            return replace(self, at=self.at + 1)
        return Walk((*self.places[: self.at + 1], place), self.at + 1)

    def aside(self, node: Node) -> Walk:
        """Another node of the same layer. What lay beyond belonged to the old one; where one came from stays."""
        if node == self.here.node:
            return self
        return Walk((*self.places[: self.at], replace(self.here, node=node)), self.at)

    def forward(self) -> Walk:
        """Back to the node that one came from, one nearer to the end of the network."""
        return self.to(self.at - 1)

    def to(self, index: int) -> Walk:
        """To one of the places of the way, as near as there is one."""
        return replace(self, at=min(max(index, 0), len(self.places) - 1))


def neighbour(shape: tuple[int, ...], node: Node, down: int = 0, across: int = 0, maps: int = 0) -> Node:
    """The node so many rows, columns and maps further, kept within an output of ``shape``.

    Of a vector, rows and columns both count its values, and a step over maps is ten of them.
    """
    if len(shape) == 1:
        steps: tuple[int, ...] = (down + across + _FAR * maps,)
    elif len(shape) == 3:
        steps = (down, across, maps)
    else:
        steps = (*(0 for _ in shape[2:]), down, across)
    return within(shape, tuple(at + by for at, by in zip(node, steps, strict=True)))


def within(shape: tuple[int, ...], node: Node) -> Node:
    """The node of an output of ``shape`` that is nearest to ``node``; of another number of axes: the first one."""
    if len(node) != len(shape):
        return (0,) * len(shape)
    return tuple(min(max(at, 0), max(size - 1, 0)) for at, size in zip(node, shape, strict=True))
