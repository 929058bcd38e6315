"""One node of a loaded model under the microscope: the real numbers that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.core.network.layers.traits import traits_of
from cnn_explorer.core.nodes.steps import DenseSum, Input, Node, Step
from cnn_explorer.engine.graph.calls import (
    Graph,
    Ref,
    maps_as_kept,
    maps_last,
    node_as_kept,
    node_maps_last,
    shape_maps_last,
    unroll,
)
from cnn_explorer.engine.graph.explaining import work_at
from cnn_explorer.engine.graph.node_work import Site, flat_places_before


class Microscope:
    """The nodes of one model, one after the other; what the last image needed beyond its forward pass is kept.

    Layers within nested models are called ``nested/layer``, and later uses of a shared layer ``layer#2``, as in
    ``engine.graph.calls``. Not for several threads at once.
    """

    def __init__(self, model: keras.Model | Graph) -> None:
        self.graph: Graph = model if isinstance(model, Graph) else unroll(model)
        self._forward: ForwardPass | None = None
        self._values = _Values(self.graph, (), {})

    def step(self, forward: ForwardPass, layer: str, node: Node) -> Step:
        """A node of ``layer``, computed by hand for the image of ``forward``, and what the model gave there.

        ``node`` is (row, column, map) of maps, whatever order the model keeps them in, and (index,) of a vector.
        Raises ``ExplorerError`` for a layer that does not exist, ``IndexError`` for a node that does not.
        """
        if forward is not self._forward:
            self._forward, self._values = forward, self._seen(forward)
        return self._step(self._values, layer, node)

    def step_of(
        self, images: Sequence[NDArray[Any]], activations: Mapping[str, NDArray[Any]], layer: str, node: Node
    ) -> Step:
        """``step`` with a prepared image for each input and the activations that are known, as the model keeps them."""
        return self._step(_Values(self.graph, tuple(images), activations), layer, node)

    def _seen(self, forward: ForwardPass) -> _Values:
        """The values of a forward pass, which has all maps last, as the model keeps them."""
        graph = self.graph
        images = tuple(
            # Inputs of two axes get gray images.
            maps_as_kept(image, first).reshape([size or 1 for size in shape])
            for image, shape, first in zip(forward.inputs, graph.inputs, graph.inputs_first, strict=True)
        )
        known = {}
        for name, values in forward.activations.items():
            call = graph.calls[name]
            # A look shows a single number as a vector.
            known[name] = maps_as_kept(values, call.channels_first) if call.shape else values.reshape(())
        return _Values(graph, images, known)

    def _step(self, values: _Values, layer: str, node: Node) -> Step:
        call = self.graph.calls.get(layer)
        if call is None:
            names = ", ".join(self.graph.calls)
            raise ExplorerError(f'The model has no layer "{layer}".', f"Its layers are: {names}.")
        made = values.of(Ref(layer))
        node = node if made.ndim else ()
        place = node_as_kept(node, call.channels_first)
        if len(place) != made.ndim or not all(0 <= at < size for at, size in zip(place, made.shape, strict=True)):
            shape = shape_maps_last(made.shape, call.channels_first)
            raise IndexError(f"node {node} of {layer}, whose output is {shape}")
        site = Site(
            call,
            tuple(values.of(ref) for ref in call.sources),
            tuple(self.graph.channels_first(ref) for ref in call.sources),
            node,
            made.shape,
        )
        work = work_at(site)
        if isinstance(work, DenseSum) and site.kept[0].ndim == 1:
            origins, origin_layer = self._origins(call.sources[0], values)
            work = replace(work, origins=origins, origin_layer=origin_layer)
        inputs = tuple(
            Input(ref.call, _shown(ref, maps_last(kept, first).shape), 0 if ref.call else ref.number)
            for ref, kept, first in zip(call.sources, site.kept, site.firsts, strict=True)
        )
        return Step(layer, call.type, node, float(made[place]), inputs, work)

    def _origins(self, ref: Ref, values: _Values) -> tuple[NDArray[np.intp] | None, str]:
        """The node of each value of a vector on the last maps, if only flattening came since; and their layer."""
        places = np.arange(prod(values.of(ref).shape))
        while ref.call and values.of(ref).ndim != 3:
            call = self.graph.calls[ref.call]
            if traits_of(call.type).reshapes and call.is_layer:
                (ref,) = call.sources
                places = flat_places_before(call.operation, values.of(ref).shape, places)
            elif traits_of(call.type).idle:
                (ref,) = call.sources
            else:
                break
        kept = values.of(ref).shape
        if len(kept) != 3:
            return None, ""
        origins = np.stack(np.unravel_index(places, kept), axis=1)
        return origins[:, node_maps_last((0, 1, 2), self.graph.channels_first(ref))].astype(np.intp), ref.call


def _shown(ref: Ref, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an input as a forward pass has it: gray images with their one channel."""
    return (*shape, 1) if not ref.call and len(shape) == 2 else shape


class _Values:
    """Every call's output for one image: what a forward pass has, the rest computed when it is asked for."""

    def __init__(self, graph: Graph, images: tuple[NDArray[Any], ...], activations: Mapping[str, NDArray[Any]]) -> None:
        self._graph = graph
        self._known: dict[Ref, NDArray[Any]] = {Ref("", number): image for number, image in enumerate(images)}
        for name, values in activations.items():
            if name in graph.calls:
                self._known[Ref(name)] = values

    def of(self, ref: Ref) -> NDArray[Any]:
        """A value without batch axis, as the model keeps it; float32."""
        if ref not in self._known:
            self._compute(ref)
        return self._known[ref]

    def _compute(self, wanted: Ref) -> None:
        # No recursion: a network may be a thousand layers deep.
        waiting = [wanted]
        while waiting:
            call = self._graph.calls[waiting[-1].call]
            missing = [ref for ref in call.sources if ref not in self._known]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            inputs = [tf.constant(self._known[ref][np.newaxis]) for ref in call.sources]
            for number, output in enumerate(call.run(inputs)):
                self._known[Ref(call.name, number)] = tf.cast(output, tf.float32).numpy()[0]
