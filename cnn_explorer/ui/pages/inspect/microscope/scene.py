"""What the microscope shows of one node, as plain values: grids of numbers, a list of terms, the sum; no Qt in here.

A *scene* is derived from a ``Step`` by ``scenes``, one function for each kind of work; the widgets know scenes only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.nodes.steps import Activated, Source, Values, Window
from cnn_explorer.text.nodes import number

PlateKind = Literal["values", "weights", "products"]
Order = Literal["size", "number"]


@dataclass(frozen=True, eq=False)
class Plate:
    """One grid of numbers (rows, columns).

    ``kind``: values of a map, on a scale of its own, or weights or products, on a signed one that ends at ``limit``.
    """

    caption: str
    kind: PlateKind
    values: Values
    limit: float = 0.0


@dataclass(frozen=True, eq=False)
class Equation:
    """One term at large: plates with a sign between them. ``signs`` has one sign less than there are plates.

    ``window`` tells which nodes the places stand for, on map ``map`` of ``layer`` (``number`` tells images apart);
    ``where`` is the same in words. ``best``: a place that wins. ``tail``: what comes of the plates, in words.
    ``padding_counts``: whether places on padding count as 0; else they take no part.
    """

    plates: tuple[Plate, ...]
    signs: tuple[str, ...]
    window: Window
    layer: str
    number: int
    map: int
    where: str
    tail: str
    best: tuple[int, int] | None = None
    padding_counts: bool = True

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of every plate."""
        rows, columns = self.plates[0].values.shape
        return rows, columns

    @property
    def has_padding(self) -> bool:
        """Whether the window stands on places where there is no node."""
        return not bool(self.window.real.all())

    def source(self, row: int, column: int) -> Source | None:
        """The node under a place; ``None`` on padding."""
        node = self.window.node(row, column)
        return None if node is None else Source(self.layer, (*node, self.map), self.number)

    def cell_words(self, row: int, column: int) -> str:
        """The arithmetic of one place: row 4, column 6: 0.5120 × −0.2340 = −0.1198."""
        node = self.window.node(row, column)
        if node is None and not self.padding_counts:
            return "padding: takes no part"
        numbers = [number(float(plate.values[row, column])) for plate in self.plates]
        text = numbers[0]
        for sign, after in zip(self.signs, numbers[1:], strict=True):
            text += f" {sign} {after}"
        return f"padding: {text}" if node is None else f"row {node[0]}, column {node[1]}: {text}"


@dataclass(frozen=True, eq=False)
class Terms:
    """What is added up (or merged): ``values`` (terms,) are the contributions.

    ``name`` and ``detail`` say what a term is and how it comes about, ``mini`` is a small grid of it, with ``limit``
    the end of its scale, ``source`` the node that it comes from (``None`` where it has many). ``note``: the whole in
    a sentence.
    """

    title: str
    values: Values
    name: Callable[[int], str]
    detail: Callable[[int], str]
    source: Callable[[int], Source | None]
    note: str = ""
    mini: Callable[[int], Values] | None = None
    limit: float = 0.0

    def order(self, by: Order) -> NDArray[np.intp]:
        """The terms from the largest contribution to the smallest, whatever its sign, or as they are numbered."""
        if by == "number":
            return np.arange(self.values.size, dtype=np.intp)
        return np.argsort(-np.abs(self.values), kind="stable")


@dataclass(frozen=True)
class Figure:
    """One number in the sum: ``sign`` stands before it, ``label`` above, ``closing`` behind it. ``strong``: the end."""

    label: str
    text: str
    sign: str = ""
    closing: str = ""
    strong: bool = False


SumPart = Figure | Activated
"""``Activated`` stands for a drawing of the function, with its formula."""


@dataclass(frozen=True, eq=False)
class Focus:
    """What is looked at on a map of the layer before: a node, and the window around it if there is one."""

    place: Source
    window: Window | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """All that is shown of one node.

    ``rows``: the lines of the sum. ``remarks``: sentences. ``equation`` and ``focus`` take the number of a term (0
    where there are none). ``chosen``: the term to begin with.
    """

    value: float
    rows: tuple[tuple[SumPart, ...], ...]
    remarks: tuple[str, ...] = ()
    terms: Terms | None = None
    equation: Callable[[int], Equation] | None = None
    focus: Callable[[int], Focus | None] = lambda _: None
    chosen: int = 0

    def written(self) -> tuple[str, ...]:
        """The sum in lines of text: for those who do not see it, and for tests."""
        return tuple(" ".join(_words(part) for part in row) for row in self.rows)


def _words(part: SumPart) -> str:
    if isinstance(part, Activated):
        return f"→ {part.function}: {part.formula}"
    return " ".join(word for word in (part.sign, part.label, part.text, part.closing) if word)
