"""Receptive field and jump of the layers of a model with branches: the walk of ``core.network.receptive_field``.

Where branches meet, a node sees what it sees through any of them. Unlike the rectangles of
``engine.graph.receptive_fields`` these numbers know no border: a deep layer may see more than the image has.
"""

from __future__ import annotations

from cnn_explorer.core.network.branches import beside
from cnn_explorer.core.network.geometry import View
from cnn_explorer.core.network.receptive_field import Sight
from cnn_explorer.engine.graph.calls import Call, Graph, Ref, shape_maps_last
from cnn_explorer.engine.graph.grid_steps import STAY, AxisSteps
from cnn_explorer.engine.graph.node_work import MERGES
from cnn_explorer.engine.graph.rules import rule_of

Place = tuple[tuple[int, int], tuple[float, float]]
"""Receptive field and jump, both (rows, columns), in pixels of the input."""


def graph_places(graph: Graph, number: int = 0) -> dict[str, Place | None]:
    """Receptive field and jump of every call's output, in pixels of the model's input ``number``.

    ``None`` for vectors and after them, where nothing of that input is seen, after layers whose geometry is not
    known, and where branches meet that look at the image at different distances.
    """
    sights: dict[Ref, Sight | None] = {Ref("", number): Sight()}
    # Inputs that are not meant add nothing to what is seen; they are told from values whose sight is not known.
    blind = {Ref("", index) for index in range(len(graph.inputs)) if index != number}
    places: dict[str, Place | None] = {}
    for name, call in graph.calls.items():
        ref = Ref(name)
        seeing = [source for source in call.sources if source not in blind]
        if not seeing:
            blind.add(ref)
        shape = shape_maps_last(call.shape, call.channels_first)
        sight = _sight_of(graph, call, [sights.get(source) for source in seeing]) if len(shape) == 3 else None
        sights[ref] = sight
        places[name] = None if sight is None else (sight.largest(shape), sight.jump)
    return places


def _sight_of(graph: Graph, call: Call, seen: list[Sight | None]) -> Sight | None:
    steps = _steps_of(graph, call)
    if steps is None or not seen:
        return None
    rows, columns = View(), View()
    for index, sight in enumerate(seen):
        through = None if sight is None else sight.through(steps)
        if through is None:
            return None
        if index == 0:
            rows, columns = through.rows, through.columns
            continue
        both = beside(rows, through.rows), beside(columns, through.columns)
        if both[0] is None or both[1] is None:
            return None
        rows, columns = both[0], both[1]
    return Sight(rows, columns)


def _steps_of(graph: Graph, call: Call) -> AxisSteps | None:
    """How a layer's nodes go back to those of its inputs; ``None`` if that is not known."""
    name = call.type
    if name in MERGES and len(call.sources) > 1:
        # What is spread over rows and columns has no place on the image.
        return STAY if all(_places(graph, ref) == _places(graph, Ref(call.name)) for ref in call.sources) else None
    if not call.is_layer:
        return None
    make = rule_of(call).steps
    if make is None:
        return None
    before, after = _places(graph, call.sources[0]), _places(graph, Ref(call.name))
    return make(call, before, after)


def _places(graph: Graph, ref: Ref) -> tuple[int, int]:
    """Rows and columns of maps."""
    shape = shape_maps_last(graph.shape(ref), graph.channels_first(ref))
    return (shape[0], shape[1]) if len(shape) == 3 else (0, 0)
