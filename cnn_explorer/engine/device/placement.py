"""Which device computes which operation of a function, as TensorFlow itself decided it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

_CALLS = ("PartitionedCall", "StatefulPartitionedCall")


class Placed(NamedTuple):
    """An operation: its device (``CPU:0``), its type (``Conv2D``), its name in the graph, whether XLA compiles it."""

    device: str
    type: str
    name: str
    by_xla: bool


@contextmanager
def placement_recorded(function: Any, say: Callable[[str], None]) -> Iterator[None]:
    """Say where the operations of ``function`` are computed: once in short by device and type, then each of them.

    ``function`` is a concrete function that is called for the first time in the block, on any thread. What TensorFlow
    says is taken after its own optimisation, so that several layers may have become one operation.
    """
    tf.summary.trace_on(graph=True)  # a public way to the graphs that were really executed; it costs milliseconds
    try:
        yield
    except BaseException:
        tf.summary.trace_off()
        raise
    with tempfile.TemporaryDirectory() as folder:
        writer = tf.summary.create_file_writer(folder)
        with writer.as_default():
            tf.summary.trace_export("placement", step=0)
        writer.close()
        graphs = list(_graphs_in(Path(folder)))
    say(describe(operation for part in _graphs_of(function, graphs) for operation in _operations(part)))


def describe(operations: Iterable[Placed]) -> str:
    """Lines for a log: how many operations of which type each device computes, then all of them."""
    found = sorted(set(operations))
    if not found:
        return "Device placement of the training step: TensorFlow did not say."
    by_device: dict[str, Counter[str]] = {}
    for operation in found:
        place = f"{operation.device}, compiled by XLA" if operation.by_xla else operation.device
        by_device.setdefault(place, Counter())[operation.type] += 1
    lines = [f"Device placement of the training step, {len(found)} operations:"]
    for place, types in by_device.items():
        counts = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in sorted(types.items()))
        lines.append(f"  {place}: {counts}")
    width = max(len(operation.type) for operation in found)
    lines += [f"    {operation.device}  {operation.type:<{width}}  {operation.name}" for operation in found]
    return "\n".join(lines)


def _graphs_of(function: Any, graphs: list[Any]) -> Sequence[Any]:
    """What TensorFlow made of ``function``, a graph for each device. Other threads' functions may be recorded too, and
    TensorFlow gives inputs other names: it is the one with the most names in common.
    """
    names = {operation.name for operation in function.graph.get_operations()}

    def in_common(graph: Any) -> int:
        return len(names & {node.name for node in graph.pre_optimization_graph.node})

    closest = max(graphs, key=in_common, default=None)
    return closest.partition_graphs if closest is not None else ()


def _graphs_in(folder: Path) -> Iterator[Any]:
    """The graphs of the functions that were executed, from the one event file that the writer left."""
    for path in folder.iterdir():
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                for text in value.tensor.string_val:
                    yield from tf.compat.v1.RunMetadata.FromString(text).function_graphs


def _operations(graph: Any) -> Iterator[Placed]:
    """All operations of a graph, those in the functions that it calls included: they are computed where the call is."""
    library = {function.signature.name: function for function in graph.library.function}

    def of(nodes: Any, device: str, by_xla: bool) -> Iterator[Placed]:
        for node in nodes:
            place = node.device.rpartition("device:")[2] or device
            called = library.get(node.attr["f"].func.name) if node.op in _CALLS else None
            if called is None:
                yield Placed(place, node.op, node.name, by_xla)
            else:
                yield from of(called.node_def, place, by_xla or called.attr["_XlaMustCompile"].b)

    return of(graph.node, "", False)
