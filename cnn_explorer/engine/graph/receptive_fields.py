"""What every node of a model with branches can see of its image.

A field is a property of the wiring: it must not depend on weights or on the image, on which a gradient is 0 behind a
silent ReLU, beside the winner of a maximum, or because two branches cancel. So the rectangles of all nodes are carried
through the graph, layer by layer, by what each kind of layer takes its nodes from: a pooling its whole window, a
dense layer everything. Only where a kind of layer is not known is it asked by gradient: random positive inputs, and
which of their rows and columns each row and column of its output answers to; what is not maps sees all then. Tests
hold the result against gradients through the whole model with positive weights and no nonlinearities.

Rectangles end at the image (those of ``core.network.receptive_field`` go on into the padding).
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from cnn_explorer.core.nodes import boxes as box
from cnn_explorer.core.nodes.boxes import Band, Rectangle
from cnn_explorer.core.nodes.steps import Node, Places
from cnn_explorer.engine.graph.calls import Graph, Ref, shape_maps_last
from cnn_explorer.engine.graph.node_work import MERGES
from cnn_explorer.engine.graph.receptive_field_rules import NoRuleError, Place, ReceptiveField, merge
from cnn_explorer.engine.graph.rules import rule_of

_DRAWS = 2  # of random inputs for a layer that is not known


class ReceptiveFields:
    """The fields of all nodes of a graph, found once.

    ``number`` tells which of the model's inputs is meant; it must be an image of a fixed size, (rows, columns,
    channels) or with channels first.
    """

    def __init__(self, graph: Graph, number: int = 0) -> None:
        self.graph = graph
        self._fields: dict[Ref, ReceptiveField] = {}
        for index, shape in enumerate(graph.inputs):
            self._fields[Ref("", index)] = _seen(graph, index, index == number, shape)
        for name, call in graph.calls.items():
            shapes = [shape_maps_last(graph.shape(ref), graph.channels_first(ref)) for ref in call.sources]
            for output in range(len(call.node.outputs)):
                place = Place(
                    call,
                    tuple(self._fields[ref] for ref in call.sources),
                    tuple(graph.channels_first(ref) for ref in call.sources),
                    tuple(shapes),
                    shape_maps_last(graph.shape(Ref(name, output)), call.channels_first),
                )
                known = len(call.node.outputs) == 1
                self._fields[Ref(name, output)] = _field_of(place) if known else _everything(place)

    def rectangle(self, layer: str, node: Node) -> Rectangle | None:
        """The smallest rectangle with all pixels that a node can see: (top, left, bottom, right).

        Bottom and right are excluded. ``node`` is (row, column, map) of maps, else the index; layers are called as in
        ``engine.graph.calls``. ``None`` if the node sees nothing of the image. Raises ``IndexError`` for a node that
        does not exist, ``KeyError`` for a layer that does not.
        """
        call = self.graph.calls[layer]
        shape = shape_maps_last(call.shape, call.channels_first)
        if len(node) != len(shape) or not all(0 <= at < (size or 1) for at, size in zip(node, shape, strict=True)):
            raise IndexError(f"node {node} of {layer}, whose output is {shape}")
        field = self._fields[Ref(layer)]
        if isinstance(field, tuple):
            row, column, number = node
            return box.rectangle(box.cut(field, number, 1)[0].boxes[row, column])
        return box.rectangle(field[node])

    def size(self, layer: str) -> tuple[int, int] | None:
        """Rows and columns of the largest field of a layer's maps, of nodes that see no padding.

        ``None`` for vectors, and where all nodes see padding, so that their fields are cut off.
        """
        field = self._fields[Ref(layer)]
        if not isinstance(field, tuple):
            return None
        rows, columns = box.largest(np.stack([band.boxes for band in field]))
        return None if rows is None or columns is None else (rows, columns)


def _seen(graph: Graph, index: int, wanted: bool, shape: tuple[int | None, ...]) -> ReceptiveField:
    """The field of an input: each pixel itself, or nothing for those that are not meant."""
    shape = shape_maps_last(shape, graph.inputs_first[index])
    known = tuple(size or 1 for size in shape)
    if len(known) == 2 and wanted:  # a gray image
        return box.pixels(*known)
    if len(known) != 3:
        if wanted:
            raise ValueError(f"an input of {shape} is no image")
        return box.nothing(*known)
    rows, columns, channels = known
    return (Band(channels, box.pixels(rows, columns) if wanted else box.nothing(rows, columns)),)


def _field_of(place: Place) -> ReceptiveField:
    known = merge if place.call.type in MERGES and len(place.fields) > 1 else rule_of(place.call).field
    try:
        return known(place) if known is not None else _by_gradient(place)
    except NoRuleError:
        return _by_gradient(place)


def _everything(place: Place) -> ReceptiveField:
    """Every node sees what any node of any input sees."""
    seen = np.minimum.reduce(
        [
            np.minimum.reduce([box.around(band.boxes) for band in field])
            if isinstance(field, tuple)
            else box.around(field)
            for field in place.fields
        ]
    )
    if len(place.output) == 3:
        rows, columns, maps = place.output
        return (Band(maps, np.broadcast_to(seen, (rows, columns, 6))),)
    return np.broadcast_to(seen, (*(size or 1 for size in place.output), 6))


def _by_gradient(place: Place) -> ReceptiveField:
    """The field after a layer that is not known, from what its output answers to."""
    if len(place.fields) != 1 or len(place.inputs[0]) != 3 or len(place.output) != 3:
        return _everything(place)
    windows = [_answering(place, axis) for axis in (0, 1)]
    if windows[0] is None or windows[1] is None:
        return _everything(place)
    return (Band(place.output[2], box.through_windows(box.united(place.bands), windows[0], windows[1])),)


def _answering(place: Place, axis: int) -> list[Places] | None:
    """For each row (or column) of the output the rows (columns) of the input that change it; ``None`` if unknown."""
    rng = np.random.default_rng(0)
    first_in, first_out = place.firsts[0], place.call.channels_first
    rows, columns, maps = place.inputs[0]
    shape = (1, maps, rows, columns) if first_in else (1, rows, columns, maps)
    found = np.zeros((place.output[axis], place.inputs[0][axis]), dtype=bool)
    for _ in range(_DRAWS):
        image = tf.constant(rng.uniform(0.5, 1.5, shape), tf.float32)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(image)
            output = place.call.run([image])[0]
            output = output * tf.constant(rng.uniform(0.5, 1.5, output.shape), output.dtype)
            one_axis = axis + (2 if first_out else 1)
            sums = tf.unstack(tf.reduce_sum(output, [other for other in range(4) if other != one_axis]))
        others = [other for other in range(4) if other != axis + (2 if first_in else 1)]
        for number, value in enumerate(sums):
            slopes = tape.gradient(value, image)
            if slopes is None:
                return None
            found[number] |= np.asarray(tf.reduce_any(slopes != 0, others))
    return [tuple(int(place) for place in np.flatnonzero(row)) for row in found]
