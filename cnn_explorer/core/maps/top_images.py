"""What a layer makes of many images: the ones that activate each map most, maps that never say anything, averages.

Plain values, made by the engine, shown by anyone. The measure of how much an image activates a map is the **largest
value** of any of its nodes: it names a place, which can be shown on the image, and is not watered down where a map
answers to something small. (The mean over a map would favour images full of texture.) Values of a vector are maps of
one node.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.core.nodes.steps import Node

BEST = 9
"""So many images are kept for each map."""


@dataclass(frozen=True)
class TopImage:
    """One image that activates a map: its ``index`` in the part, the largest value, and the node that has it."""

    index: int
    value: float
    node: Node


@dataclass(frozen=True, eq=False)
class TopImages:
    """What the maps of one layer say of ``done`` images of a part (``split``: ``train`` or ``test``) of a data set.

    ``shape``: the layer's output, of maps (rows, columns, maps). ``wanted``: how many images it shall be in the end.
    ``indices``: int64 (``BEST``, maps), the images in the part with the largest values, the largest first, and at
    equal values the earlier image; -1 where there are fewer. ``values``: float32, these values; -inf where there is
    no image. ``places``: int64, where on the map, counted along the rows; at equal values the first. ``low`` and
    ``high``: float32 (maps,), over all nodes and images, NaN counting as -inf. ``means``: float64 (maps,).
    ``silent``: int64 (maps,), on how many images the map is 0 everywhere.
    """

    layer: str
    split: str
    shape: tuple[int, ...]
    done: int
    wanted: int
    indices: NDArray[np.int64]
    values: NDArray[np.float32]
    places: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    means: NDArray[np.float64]
    silent: NDArray[np.int64]

    @property
    def complete(self) -> bool:
        """Whether all images that were wanted have been looked at."""
        return self.done == self.wanted

    @property
    def maps(self) -> int:
        """How many maps the layer has."""
        return len(self.low)

    @property
    def dead(self) -> NDArray[np.bool_]:
        """(maps,): whether a map is 0 on all images."""
        dead: NDArray[np.bool_] = (self.low == 0) & (self.high == 0)
        return dead

    @property
    def constant(self) -> NDArray[np.bool_]:
        """(maps,): whether a map has one value other than 0, the same at all nodes of all images."""
        constant: NDArray[np.bool_] = (self.low == self.high) & (self.high != 0)
        return constant

    def zero_share(self, number: int) -> float:
        """The share of the images on which map ``number`` is 0 everywhere, 0…1."""
        return int(self.silent[number]) / self.done if self.done else 0.0

    def best(self, number: int) -> tuple[TopImage, ...]:
        """The images that activate map ``number`` most; those on which it says nothing are left out."""
        # A largest value of 0 means a dead map only where the map is never negative.
        least = 0.0 if self.low[number] >= 0 else -np.inf
        return tuple(
            TopImage(int(index), float(value), self._node(int(place), number))
            for index, value, place in zip(
                self.indices[:, number], self.values[:, number], self.places[:, number], strict=True
            )
            if value > least
        )

    def _node(self, place: int, number: int) -> Node:
        if len(self.shape) == 3:
            return place // self.shape[1], place % self.shape[1], number
        if len(self.shape) == 2:  # shown as one map
            return place // self.shape[1], place % self.shape[1]
        return (number,)


@dataclass(frozen=True, eq=False)
class ClassAverage:
    """The mean of ``count`` images of one class, seen by a model.

    ``forward``: what it would be for one image, but all of it the mean over these: ``inputs`` the mean prepared image
    (zeros for other inputs), ``activations`` those of every layer, ``prediction`` the mean prediction. It is *not* what
    the model makes of the mean image. ``deviations``: float32, the standard deviation over the images of every value of
    ``forward.activations``, of the same shapes (0 where there is one image only).
    """

    forward: ForwardPass
    deviations: dict[str, NDArray[np.float32]]
    count: int
    class_index: int
    class_name: str
    split: str


def drawn(total: int, count: int) -> NDArray[np.int64] | range:
    """Which ``count`` of ``total`` images to look at, in rising order: all, or a draw that is always the same.

    Not the first ones, since images may be sorted by class; nor every tenth, since classes may follow each other.
    """
    if count >= total:
        return range(total)
    return np.sort(np.random.default_rng(0).choice(total, count, replace=False)).astype(np.int64)
