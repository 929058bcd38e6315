"""Where the layers of a branching model lie in a drawing: columns by depth, in an order with few crossings.

The ways between layers go through *lanes*: places in the columns that they pass, so that no edge runs over a layer.
All edges that leave one layer share a lane as far as they go the same way. After Sugiyama, Tagawa and Toda (1981).
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from cnn_explorer.core.model.info import LayerInfo

Direction = Literal["forward", "back", "before", "behind"]

_SWEEPS = 8  # there and back again; more change nothing in networks that people build
_LANE = 0.35  # of the room that a layer takes in a column
_EDGE = 0.05  # the same for half of an outermost lane, which needs no distance to anything


@dataclass(frozen=True)
class Place:
    """A column, counted from 0, and the place in it: 1.0 is the room for one layer. Several columns have one 0.0."""

    column: int
    row: float


@dataclass(frozen=True)
class Edge:
    """A way from a layer to one that takes its values, over the lanes in between. ``way``: all of it, ends included.

    ``source`` is "" where the values are those of an input of the model.
    """

    source: str
    target: str
    way: tuple[Place, ...]


@dataclass(frozen=True)
class Group:
    """A nested model: everything between these columns and rows, the middles of its outermost layers."""

    name: str
    first_column: int
    last_column: int
    first_row: float
    last_row: float


@dataclass(frozen=True)
class GraphLayout:
    """The places of all layers by name, in the order of the model, with the ways between them.

    ``inputs``: the places of the model's inputs, one for each layer that takes one. ``groups``: outer before inner.
    """

    places: dict[str, Place]
    inputs: dict[str, Place]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return 1 + max((place.column for place in (*self.places.values(), *self.inputs.values())), default=-1)

    @property
    def rows(self) -> tuple[float, float]:
        """From where to where the columns are filled: layers and inputs with their room, ways with hardly any."""
        ends = [(place, 0.5) for place in (*self.places.values(), *self.inputs.values())]
        ends += [(place, _EDGE) for edge in self.edges for place in edge.way]
        low = min((place.row - half for place, half in ends), default=-0.5)
        return low, max((place.row + half for place, half in ends), default=0.5)

    def neighbour(self, name: str, direction: Direction) -> str:
        """The layer next to ``name``: along an edge, or in its own column. "" where there is none.

        Of several sources or targets it is the one that lies straightest ahead.
        """
        here = self.places.get(name)
        if here is None:
            return next(iter(self.places), "")
        if direction == "forward":
            near = [edge.target for edge in self.edges if edge.source == name]
        elif direction == "back":
            near = [edge.source for edge in self.edges if edge.target == name and edge.source]
        else:
            sign = 1 if direction == "behind" else -1
            near = [
                other
                for other, place in self.places.items()
                if place.column == here.column and sign * (place.row - here.row) > 0
            ]

        def distance(other: str) -> tuple[float, int]:
            place = self.places[other]
            return abs(place.row - here.row), abs(place.column - here.column)

        return min(near, key=distance, default="")


def branches(layers: Sequence[LayerInfo]) -> bool:
    """Whether the layers are anything else than one chain, as far as their sources are known."""
    if not any(layer.sources for layer in layers):
        return False
    before = ""
    for layer in layers:
        if layer.sources != (before,):
            return True
        before = layer.name
    return False


def group_of(name: str) -> str:
    """The nested model that a layer belongs to: ``outer/inner`` of ``outer/inner/layer``, "" for none."""
    return name.rpartition("/")[0]


def lay_out(layers: Sequence[LayerInfo]) -> GraphLayout:
    """Places for ``layers``, each of which comes after its sources. Sources that are not there count as inputs."""
    return _Drawing(layers).layout()


@dataclass(eq=False)
class _Cell:
    """A layer, an input or a lane; ``before`` and ``behind``: what it is joined to in the columns beside its own."""

    column: int
    name: str
    group: str
    is_lane: bool
    before: list[_Cell]
    behind: list[_Cell]
    row: float = 0.0

    @property
    def room(self) -> float:
        return _LANE if self.is_lane else 1.0


class _Drawing:
    def __init__(self, layers: Sequence[LayerInfo]) -> None:
        self._layers = layers
        self._cells: dict[str, _Cell] = {}
        self._inputs: dict[str, _Cell] = {}
        self._columns: list[list[_Cell]] = []
        self._lanes: dict[tuple[_Cell, int], _Cell] = {}
        self._ways: list[tuple[str, str, list[_Cell]]] = []
        for layer in layers:
            self._add(layer)

    def layout(self) -> GraphLayout:
        self._order()
        self._place()
        places = {name: Place(cell.column, cell.row) for name, cell in self._cells.items()}
        inputs = {name: Place(cell.column, cell.row) for name, cell in self._inputs.items()}
        edges = tuple(
            Edge(source, target, tuple(Place(cell.column, cell.row) for cell in way))
            for source, target, way in self._ways
        )
        return GraphLayout(places, inputs, edges, tuple(_groups(places)))

    def _add(self, layer: LayerInfo) -> None:
        sources = [self._cells.get(name) for name in dict.fromkeys(layer.sources)]
        column = 1 + max((source.column for source in sources if source), default=0)
        cell = self._cell(column, layer.name, group_of(layer.name))
        self._cells[layer.name] = cell
        if None in sources:
            self._inputs[layer.name] = self._cell(column - 1, "", cell.group)
        for source in sources:
            self._join(source or self._inputs[layer.name], cell)

    def _cell(self, column: int, name: str, group: str, is_lane: bool = False) -> _Cell:
        cell = _Cell(column, name, group, is_lane, [], [])
        while len(self._columns) <= column:
            self._columns.append([])
        self._columns[column].append(cell)
        return cell

    def _join(self, source: _Cell, target: _Cell) -> None:
        """An edge, with a lane in each column that it passes; those of the source are used again."""
        way = [source]
        for column in range(source.column + 1, target.column):
            lane = self._lanes.get((source, column))
            if lane is None:
                group = source.group if source.group == target.group else ""
                lane = self._lanes[source, column] = self._cell(column, "", group, is_lane=True)
                _link(way[-1], lane)
            way.append(lane)
        _link(way[-1], target)
        way.append(target)
        self._ways.append((source.name, target.name, way))

    def _order(self) -> None:
        """Sort each column by what its cells are joined to, from the left and from the right, and keep the best."""
        self._number()
        best, fewest = [list(column) for column in self._columns], self._crossings()
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            forwards = sweep % 2 == 0
            for column in self._columns if forwards else reversed(self._columns):
                wanted = {cell: _mean(cell.before if forwards else cell.behind, cell.row) for cell in column}
                members: dict[str, list[float]] = {}
                for cell in column:
                    members.setdefault(cell.group, []).append(wanted[cell])
                # A nested model keeps together; what belongs to none goes by itself.
                groups = {name: sum(values) / len(values) for name, values in members.items() if name}
                column.sort(key=lambda cell: (groups.get(cell.group, wanted[cell]), cell.group, wanted[cell]))
                for number, cell in enumerate(column):
                    cell.row = float(number)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(column) for column in self._columns], crossings
        self._columns = best
        self._number()

    def _number(self) -> None:
        for column in self._columns:
            for number, cell in enumerate(column):
                cell.row = float(number)

    def _crossings(self) -> int:
        """How many pairs of edges cross, by counting inversions."""
        count = 0
        for column in self._columns:
            ends: list[float] = []
            for cell in column:
                rows = [other.row for other in cell.behind]
                count += sum(len(ends) - bisect.bisect_right(ends, row) for row in rows)
                for row in rows:
                    bisect.insort(ends, row)
        return count

    def _place(self) -> None:
        """Put what was aligned on one row: from the top down, each as near to what lies above it as there is room."""
        blocks = self._blocks()
        rows = dict.fromkeys(blocks.values(), 0.0)
        above: dict[int, int] = dict.fromkeys(rows, 0)
        below: dict[int, list[tuple[int, float]]] = {block: [] for block in rows}
        for column in self._columns:
            for cell, other in itertools.pairwise(column):
                below[blocks[cell]].append((blocks[other], (cell.room + other.room) / 2))
                above[blocks[other]] += 1
        ready = [block for block, count in above.items() if not count]
        while ready:
            block = ready.pop()
            for lower, room in below[block]:
                rows[lower] = max(rows[lower], rows[block] + room)
                above[lower] -= 1
                if not above[lower]:
                    ready.append(lower)
        for cell, block in blocks.items():
            cell.row = rows[block]

    def _blocks(self) -> dict[_Cell, int]:
        """Cells that shall lie on one straight line get one number.

        Each cell continues at most one of the column before, and no two such steps cross, so that there is an order
        of the lines from top to bottom (Brandes and Köpf, 2001). Lanes come first, then ways from layer to layer.
        """
        blocks: dict[_Cell, int] = {}
        for before, column in itertools.pairwise(([], *self._columns)):
            steps = [(cell, target) for cell in before for target in cell.behind]
            steps.sort(key=lambda step: (-(step[0].is_lane and step[1].is_lane), step[0].is_lane + step[1].is_lane))
            taken: list[tuple[float, float]] = []
            for source, target in steps:
                if all((source.row - left) * (target.row - right) > 0 for left, right in taken):
                    taken.append((source.row, target.row))
                    blocks[target] = blocks[source]
            for cell in column:
                blocks.setdefault(cell, len(blocks))
        return blocks


def _link(left: _Cell, right: _Cell) -> None:
    left.behind.append(right)
    right.before.append(left)


def _mean(cells: Iterable[_Cell], otherwise: float) -> float:
    rows = [cell.row for cell in cells]
    return sum(rows) / len(rows) if rows else otherwise


def _groups(places: dict[str, Place]) -> Iterable[Group]:
    """Every nested model around its layers, and around those of the models within it."""
    members: dict[str, list[Place]] = {}
    for name, place in places.items():
        parts = name.split("/")[:-1]
        for end in range(1, len(parts) + 1):
            members.setdefault("/".join(parts[:end]), []).append(place)
    for name, inside in sorted(members.items(), key=lambda item: item[0].count("/")):
        columns, rows = [place.column for place in inside], [place.row for place in inside]
        yield Group(name, min(columns), max(columns), min(rows), max(rows))
