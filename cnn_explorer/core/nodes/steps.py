"""One node of one layer, computed by hand: what a microscope shows, as plain values, one type for each kind of work.

Maps are (rows, columns, maps), whatever order the model keeps them in; a node of them is (row, column, map). A node
of a vector is (index,). Numbers are float64, from the model's float32 values and weights, so that a result may differ
from the layer's own in the last digits of float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Node = tuple[int, ...]
"""The place of a value in a layer's output: (row, column, map) or (index,)."""

Values = NDArray[np.float64]
Places = tuple[int | None, ...]
"""Where the places of a window lie along one axis of the map; ``None``, or off the map, where there is no node."""


@dataclass(frozen=True)
class Activated:
    """A sum and what the activation function makes of it.

    ``together``: for softmax the sums of all nodes that share the 1, and ``place`` the index of this one. ``curve``:
    the function itself, to be drawn; ``None`` where one value does not decide alone.
    """

    function: str
    formula: str
    before: float
    after: float
    together: Values | None = None
    place: int = 0
    curve: Callable[[Any], Values] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class Window:
    """The places that a window covers: its columns and rows on the map, dilation applied.

    ``real``: bool (height, width), false where the window stands on padding (or, in a transposed convolution, on
    none of the nodes); the value there is 0.
    """

    rows: Places
    columns: Places
    real: NDArray[np.bool_]

    def node(self, row: int, column: int) -> tuple[int, int] | None:
        """Row and column on the map of a place in the window; ``None`` where there is no node."""
        down, across = self.rows[row], self.columns[column]
        if not self.real[row, column] or down is None or across is None:
            return None
        return down, across


@dataclass(frozen=True, eq=False)
class Convolution:
    """Patch times kernel, plus bias, through the activation: Conv2D, DepthwiseConv2D, Conv2DTranspose.

    ``maps``: the input maps that take part, in the order of the last axis of ``patch``, ``kernel`` and ``products``
    (height, width, maps); ``partial``: the sum of the products of each map (maps,); ``total`` their sum.
    """

    window: Window
    maps: tuple[int, ...]
    patch: Values
    kernel: Values
    products: Values
    partial: Values
    total: float
    bias: float
    activated: Activated

    @property
    def value(self) -> float:
        """What comes out."""
        return self.activated.after


@dataclass(frozen=True, eq=False)
class SeparableConvolution:
    """Two stages: each input map with its own kernels, then the sums of these, each with one weight.

    ``patch`` (height, width, maps); ``kernels`` and ``products`` (height, width, maps, multiplier);
    ``between``, ``weights`` and ``contributions`` (maps · multiplier,): the sums of the first stage, the 1×1
    kernel of this output map, and their products, those of one input map side by side.
    """

    window: Window
    patch: Values
    kernels: Values
    products: Values
    between: Values
    weights: Values
    contributions: Values
    total: float
    bias: float
    activated: Activated

    @property
    def value(self) -> float:
        """What comes out."""
        return self.activated.after


@dataclass(frozen=True, eq=False)
class Pooling:
    """The largest value or the mean of a window on one map; padding takes no part.

    ``patch`` (height, width), ``winner`` the place of the (first) largest value in it, ``count`` the number of real
    places. ``kind``: ``max`` or ``average``.
    """

    kind: str
    window: Window
    map: int
    patch: Values
    winner: tuple[int, int]
    count: int
    total: float
    value: float


@dataclass(frozen=True, eq=False)
class Normalization:
    """gamma · (x - mean) / deviation + beta. ``variance`` and ``epsilon`` (added to it) give the deviation.

    ``together`` (values,): those of this image that mean and variance are of, ``sources`` (values, axes) their nodes
    and ``place`` the index of x among them. ``None`` where the layer has kept mean and variance from training.
    """

    x: float
    mean: float
    variance: float
    epsilon: float
    gamma: float
    beta: float
    deviation: float
    standardized: float
    value: float
    together: Values | None = None
    sources: NDArray[np.intp] | None = None
    place: int = 0


@dataclass(frozen=True, eq=False)
class DenseSum:
    """All inputs, each with its weight, plus bias, through the activation.

    ``inputs``, ``weights``, ``products`` and ``order`` are (inputs,): ``order`` has the indices from the largest to
    the smallest magnitude of the product. ``sources``: the node of each input in the layer before, int (inputs, axes).
    ``origins``: its node (row, column, map) in ``origin_layer``, the last layer with maps, where only flattening
    lies between; else ``None`` and "".
    """

    inputs: Values
    weights: Values
    products: Values
    order: NDArray[np.intp]
    sources: NDArray[np.intp]
    total: float
    bias: float
    activated: Activated
    origins: NDArray[np.intp] | None = None
    origin_layer: str = ""

    @property
    def value(self) -> float:
        """What comes out."""
        return self.activated.after


@dataclass(frozen=True, eq=False)
class Pointwise:
    """A function of the one value at the same place (for softmax: of all values that share the 1)."""

    source: Node
    activated: Activated

    @property
    def value(self) -> float:
        """What comes out."""
        return self.activated.after


@dataclass(frozen=True, eq=False)
class Merge:
    """Several inputs, value by value. ``kind``: add, subtract, multiply, average, maximum or minimum.

    ``sources``: the node of each input, which differs from this one where an input is spread over rows and columns.
    """

    kind: str
    values: tuple[float, ...]
    sources: tuple[Node, ...]
    value: float


@dataclass(frozen=True, eq=False)
class Carried:
    """A value that comes from one node as it is; or a 0 of padding, then ``source`` is ``None``.

    ``input``: of which of the layer's inputs.
    """

    source: Node | None
    value: float
    input: int = 0


@dataclass(frozen=True, eq=False)
class Blend:
    """A weighted mean of neighbouring nodes: enlarging with interpolation. All tuples have one entry a node."""

    sources: tuple[Node, ...]
    values: tuple[float, ...]
    weights: tuple[float, ...]
    value: float


@dataclass(frozen=True, eq=False)
class Unexplained:
    """A kind of layer whose arithmetic is not known here: the value, and the node on which it depends most.

    That is the one with the largest gradient · value (the largest gradient, where all values are 0); ``None`` where
    the gradient is 0 everywhere or cannot be found.
    """

    value: float
    reason: str
    source: Node | None = None
    input: int = 0


Work = (
    Convolution | SeparableConvolution | Pooling | Normalization | DenseSum | Pointwise | Merge | Carried | Blend
    | Unexplained
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Input:
    """What a layer gets: from ``layer``, or from the image (``layer`` is "", ``number`` tells images apart)."""

    layer: str
    shape: tuple[int, ...]
    number: int = 0


@dataclass(frozen=True, eq=False)
class Step:
    """A node of ``layer``, computed by hand (``work``), and ``output``, what the model itself gave there."""

    layer: str
    type: str
    node: Node
    output: float
    inputs: tuple[Input, ...]
    work: Work


@dataclass(frozen=True)
class Source:
    """A node of a layer before; ``layer`` is "" for the image, and ``number`` then tells several images apart."""

    layer: str
    node: Node
    number: int = 0


def strongest_source(step: Step) -> Source | None:
    """The node of the layer before that contributed most, so that one can walk down to the pixel.

    Most is: the largest magnitude of a product, the winner of a maximum, the largest magnitude among the values of a
    mean or a sum. Where all products are 0, the place with the largest weight. ``None`` where there is no such node,
    since the value is a 0 of padding, say.
    """
    input_, node = _strongest(step.work, step.node)
    if node is None:
        return None
    before = step.inputs[input_]
    if not before.layer and len(node) == 2:  # a network that takes the rows and columns of gray images alone
        node = (*node, 0)
    return Source(before.layer, node, before.number)


def _strongest(work: Work, node: Node) -> tuple[int, Node | None]:
    """Which input, and which node of it."""
    match work:
        case Convolution():
            place = _largest(work.products, work.kernel, work.window.real)
            return 0, _on_map(work.window, place, work.maps)
        case SeparableConvolution():
            multiplier = work.kernels.shape[3]
            paths = work.weights.reshape(-1, multiplier)
            products = np.abs(work.products * paths).max(axis=3)
            weights = np.abs(work.kernels * paths).max(axis=3)
            place = _largest(products, weights, work.window.real)
            return 0, _on_map(work.window, place, tuple(range(work.patch.shape[2])))
        case Pooling():
            if work.kind == "max":
                winner = (*work.winner, 0)
            else:
                winner = _largest(work.patch[..., None], np.ones_like(work.patch[..., None]), work.window.real)
            return 0, _on_map(work.window, winner, (work.map,))
        case DenseSum():
            best = work.order[0] if np.any(work.products) else np.argmax(np.abs(work.weights))
            return 0, tuple(int(index) for index in work.sources[best])
        case Normalization():
            return 0, node
        case Pointwise():
            return 0, work.source
        case Merge():
            values = np.abs(work.values) if work.kind not in ("maximum", "minimum") else np.array(work.values)
            best = int(np.argmin(values) if work.kind == "minimum" else np.argmax(values))
            return best, work.sources[best]
        case Blend():
            best = int(np.argmax(np.abs(np.multiply(work.values, work.weights))))
            return 0, work.sources[best]
        case Carried() | Unexplained():
            return work.input, work.source


def _largest(products: Values, weights: Values, real: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Row, column and number of the map of the largest product of a real place, or weight if all products are 0."""
    sizes = np.where(real[..., None], np.abs(products), -1.0)
    if sizes.max() <= 0:
        sizes = np.where(real[..., None], np.abs(weights), -1.0)
    row, column, number = np.unravel_index(int(np.argmax(sizes)), sizes.shape)
    return int(row), int(column), int(number)


def _on_map(window: Window, place: tuple[int, int, int], maps: tuple[int, ...]) -> Node | None:
    found = window.node(place[0], place[1])
    return None if found is None else (*found, maps[place[2]])
