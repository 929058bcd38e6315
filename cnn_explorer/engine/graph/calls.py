"""A model as one flat list of calls: nested models opened up, each use of a shared layer on its own, in order.

Keras keeps the graph of a model in nodes that have no public name. This is the one place that reads them.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.network.layers.traits import names_with

_REORDERING = names_with(lambda traits: traits.reorders)


@dataclass(frozen=True)
class Ref:
    """A value: output number ``number`` of the call of that name, or input ``number`` of the model if it is ""."""

    call: str
    number: int = 0


@dataclass(frozen=True, eq=False)
class Call:
    """One use of a layer (or of one of ``keras.ops``).

    ``name``: that of the layer; within a nested model ``nested/layer``; at the second use of a layer ``layer#2``.
    ``sources`` are its inputs, and ``shape`` is that of its (first) output without the batch axis, as the layer gives
    it. ``channels_first``: whether that output is (maps, rows, columns).
    """

    name: str
    operation: Any
    sources: tuple[Ref, ...]
    shape: tuple[int | None, ...]
    node: Any
    channels_first: bool = False

    @property
    def type(self) -> str:
        """Keras' name of its class."""
        return type(self.operation).__name__

    @property
    def is_layer(self) -> bool:
        """Whether this is a layer, not one of ``keras.ops`` (whose classes bear the same names)."""
        return isinstance(self.operation, keras.Layer)

    def run(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs for these inputs, with batch axis, as in inference."""
        symbolic = any(isinstance(value, keras.KerasTensor) for value in inputs)
        return list(self._compiled(list(inputs)) if _told(self) and not symbolic else self._run(inputs))

    @cached_property
    def _compiled(self) -> Any:
        # On a processor TensorFlow convolves channels first in compiled code only.
        return tf.function(self._run, jit_compile=True, autograph=False)

    def _run(self, inputs: Sequence[Any]) -> list[Any]:
        values = {id(tensor): value for tensor, value in zip(self.node.input_tensors, inputs, strict=True)}
        args, kwargs = self.node.arguments.fill_in(values)
        if self.is_layer and "training" in inspect.signature(self.operation.call).parameters:
            kwargs = {**kwargs, "training": False}
        return list(keras.tree.flatten(self.operation(*args, **kwargs)))


@dataclass(frozen=True, eq=False)
class Graph:
    """All calls of a model by name, each after those that it needs.

    ``inputs``: the shapes of the model's inputs without the batch axis; ``inputs_first``: which of them are
    (channels, rows, columns); ``outputs``: where its outputs come from; ``dtypes``: the number types of the inputs.
    """

    calls: dict[str, Call]
    inputs: tuple[tuple[int | None, ...], ...]
    inputs_first: tuple[bool, ...]
    outputs: tuple[Ref, ...]
    dtypes: tuple[str, ...]

    def channels_first(self, ref: Ref) -> bool:
        """Whether a value is (maps, rows, columns)."""
        return self.calls[ref.call].channels_first if ref.call else self.inputs_first[ref.number]

    def shape(self, ref: Ref) -> tuple[int | None, ...]:
        """The shape of a value without the batch axis, as Keras has it."""
        if not ref.call:
            return self.inputs[ref.number]
        return tuple(self.calls[ref.call].node.outputs[ref.number].shape[1:])

    def run(self, images: Sequence[Any]) -> dict[str, Any]:
        """The first output of every call, for one tensor with batch axis per input; can be traced."""
        values = self.values(images)
        return {name: values[Ref(name)] for name in self.calls}

    def values(self, images: Sequence[Any], failed: dict[str, Exception] | None = None) -> dict[Ref, Any]:
        """The inputs and all outputs of all calls, likewise.

        With ``failed``, a call that cannot be computed is put there and left out, as is what needs it; else it raises.
        """
        values = {Ref("", number): image for number, image in enumerate(images)}
        for name, call in self.calls.items():
            if failed and any(ref not in values for ref in call.sources):
                continue
            try:
                outputs = call.run([values[ref] for ref in call.sources])
            except Exception as error:  # layers raise nearly everything
                if failed is None:
                    raise
                failed[name] = error
                continue
            values.update({Ref(name, number): output for number, output in enumerate(outputs)})
        return values

    def pinned(self, inputs: Sequence[tuple[int, ...]]) -> Graph:
        """The same graph for inputs of these sizes, where it left some open. Raises what layers that refuse them do."""
        values: dict[Ref, Any] = {
            Ref("", number): keras.Input(shape, dtype=self.dtypes[number]) for number, shape in enumerate(inputs)
        }
        calls = {}
        for name, call in self.calls.items():
            outputs = call.run([values[ref] for ref in call.sources])
            values.update({Ref(name, number): output for number, output in enumerate(outputs)})
            history = outputs[0]._keras_history
            node = history.operation._inbound_nodes[history.node_index]
            calls[name] = replace(call, node=node, shape=tuple(outputs[0].shape[1:]))
        return replace(self, calls=calls, inputs=tuple(inputs))


def unroll(model: keras.Model) -> Graph:
    """The graph of a Functional or Sequential model that has been built."""
    inputs = [Ref("", number) for number in range(len(model.inputs))]
    calls: dict[str, Call] = {}
    outputs = _unroll(model, inputs, "", calls)
    shapes = tuple(tuple(tensor.shape[1:]) for tensor in model.inputs)
    orders = _orders(calls)
    calls = {name: replace(call, channels_first=orders.get(Ref(name), False)) for name, call in calls.items()}
    firsts = tuple(orders.get(ref, False) for ref in inputs)
    return Graph(calls, shapes, firsts, tuple(outputs), tuple(tensor.dtype for tensor in model.inputs))


def maps_last(values: NDArray[Any], channels_first: bool) -> NDArray[Any]:
    """Maps as (rows, columns, maps), whatever order the model keeps them in; vectors as they are."""
    return np.moveaxis(values, 0, -1) if channels_first and values.ndim == 3 else values


def maps_as_kept(values: NDArray[Any], channels_first: bool) -> NDArray[Any]:
    """Maps (rows, columns, maps) in the order in which the model keeps them; vectors as they are."""
    return np.moveaxis(values, -1, 0) if channels_first and values.ndim == 3 else values


def node_as_kept(node: tuple[int, ...], channels_first: bool) -> tuple[int, ...]:
    """A node (row, column, map) in the order in which the model keeps its maps."""
    return (node[2], node[0], node[1]) if channels_first and len(node) == 3 else node


def node_maps_last(node: tuple[int, ...], channels_first: bool) -> tuple[int, ...]:
    """A node in the model's order as (row, column, map)."""
    return (node[1], node[2], node[0]) if channels_first and len(node) == 3 else node


def shape_maps_last(shape: tuple[Any, ...], channels_first: bool) -> tuple[Any, ...]:
    """The shape of maps as (rows, columns, maps)."""
    return node_maps_last(shape, channels_first)


def _unroll(model: keras.Model, inputs: Sequence[Ref], prefix: str, calls: dict[str, Call]) -> list[Ref]:
    """Add the calls of ``model`` on ``inputs`` to ``calls``; where its outputs come from."""
    # A Sequential hides its graph; a plain model over the same tensors does not.
    plain = keras.Model(model.inputs, model.outputs)
    refs = {id(tensor): ref for tensor, ref in zip(plain.inputs, inputs, strict=True)}
    uses: dict[str, int] = {}
    order = {id(operation): place for place, operation in enumerate(plain.operations)}
    for depth in sorted(plain._nodes_by_depth, reverse=True):
        # Those of one depth come as they were made: Keras keeps them the other way round.
        nodes = [node for node in plain._nodes_by_depth[depth] if not node.is_input]
        for node in sorted(nodes, key=lambda node: (order[id(node.operation)], _use(node))):
            operation = node.operation
            name = prefix + operation.name
            uses[name] = uses.get(name, 0) + 1
            if uses[name] > 1:
                name = f"{name}#{uses[name]}"
            sources = [refs[id(tensor)] for tensor in node.input_tensors]
            entries = _entries(node)
            if entries is not None:
                outputs = _unroll(operation, [refs[id(tensor)] for tensor in entries], f"{name}/", calls)
            else:
                shape = tuple(node.outputs[0].shape[1:])
                calls[name] = Call(name, operation, tuple(sources), shape, node)
                outputs = [Ref(name, number) for number in range(len(node.outputs))]
            refs.update({id(tensor): ref for tensor, ref in zip(node.outputs, outputs, strict=True)})
    return [refs[id(tensor)] for tensor in plain.outputs]


def _use(node: Any) -> int:
    """Which use of its layer a node is."""
    return next(place for place, other in enumerate(node.operation._inbound_nodes) if other is node)


def _entries(node: Any) -> list[Any] | None:
    """What goes into the inputs of the model that ``node`` calls; ``None`` if it is no model that can be opened up."""
    inner, arguments = node.operation, node.arguments
    if not isinstance(inner, keras.Model) or not getattr(inner, "inputs", None):
        return None
    entries = list(node.input_tensors)
    given = arguments.args[0] if len(arguments.args) == 1 else None
    if isinstance(given, dict) and not isinstance(getattr(inner, "_inputs_struct", None), dict):
        if set(given) != {tensor.name for tensor in inner.inputs}:
            return None
        entries = [given[tensor.name] for tensor in inner.inputs]
    # Keras mends inputs that lack an axis, and passes masks; then the model stays one call.
    ranks = [len(tensor.shape) for tensor in entries]
    return entries if ranks == [len(tensor.shape) for tensor in inner.inputs] else None


def _orders(calls: dict[str, Call]) -> dict[Ref, bool]:
    """Which values are (maps, rows, columns), as far as layers with ``data_format`` tell; others pass it on."""
    orders: dict[Ref, bool] = {}
    told = {name: _told(call) for name, call in calls.items()}
    if not any(told.values()):
        return orders
    for _ in range(2):  # forwards, then backwards, and once more with what was learnt
        for name, call in calls.items():
            known = [orders[ref] for ref in call.sources if ref in orders]
            if told[name] is not None:
                orders[Ref(name)] = bool(told[name])
            elif known and (moved := _passed_on(call, known[0])) is not None:
                orders.setdefault(Ref(name), moved)
        for name, call in reversed(calls.items()):
            order = told[name] if call.type in _REORDERING else orders.get(Ref(name))
            if order is not None:
                for ref in call.sources:
                    orders.setdefault(ref, order)
    return orders


def _told(call: Call) -> bool | None:
    """What a layer with windows says of its maps; Flatten only repeats a default."""
    if not call.is_layer or call.type in _REORDERING:
        return None
    order = getattr(call.operation, "data_format", None)
    return None if order is None else order == "channels_first"


def _passed_on(call: Call, first: bool) -> bool | None:
    """The order after a layer that does not say it."""
    if call.type == "Permute" and len(call.operation.dims) == 3:
        return bool(call.operation.dims[0] == (1 if first else 3))
    return None if call.type in _REORDERING else first
