"""Every layer's output for one image, in one compiled call."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.engine.graph.calls import Call, Graph, Ref
from cnn_explorer.engine.graph.inputs import KerasInput
from cnn_explorer.engine.models.builder import first_line
from cnn_explorer.engine.opening.checks.hdf5 import shown

_ORDER = (0, 2, 3, 1)


class AllOutputs:
    """The graph of a model, traced once. It may be used from any thread; calls wait for each other.

    ``shapes``: those of all outputs that are shown, without the batch axis, of maps (rows, columns, maps).
    ``left_out``: why other calls of the graph are not shown, in sentences.
    """

    def __init__(self, graph: Graph, keras_inputs: Sequence[KerasInput], device: str) -> None:
        self.device = device
        self.left_out: tuple[str, ...] = ()
        self._graph, self._keras_inputs = graph, tuple(keras_inputs)
        self._names: tuple[str, ...] = ()
        self._extra = False
        self._lock = threading.Lock()
        signature = [tf.TensorSpec((1, *keras_input.shape), tf.float32) for keras_input in keras_inputs]
        with tf.device(device):
            self._call = tf.function(self._compute, input_signature=signature, autograph=False).get_concrete_function()
            # Some of what cannot be computed shows only now; and the first image is shown as fast as the others.
            outputs, _ = self.of([np.zeros(keras_input.shape, np.float32) for keras_input in keras_inputs])
        self.shapes = {name: values.shape for name, values in outputs.items()}

    def of(
        self, inputs: Sequence[NDArray[np.float32]]
    ) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32] | None]:
        """The outputs for prepared inputs without batch axis, each as its entrance takes it: those of all layers, and
        the model's first if it is a vector."""
        with self._lock, tf.device(self.device):
            tensors = self._call(*(tf.constant(each[np.newaxis]) for each in inputs))
            # Not `.numpy()`, which copies: that takes half as long as a large network itself.
            found = [np.asarray(tensor)[0] for tensor in tensors]
        outputs = dict(zip(self._names, map(np.atleast_1d, found), strict=False))
        if self._extra:
            last: NDArray[np.float32] | None = found[-1]
        else:
            last = outputs.get(self._graph.outputs[0].call)
        return outputs, last if last is not None and last.ndim == 1 else None

    def _compute(self, *images: tf.Tensor) -> list[tf.Tensor]:
        """What ``of`` gives, in the order of ``_names``."""
        failed: dict[str, Exception] = {}
        kept = [keras_input.kept_from(image) for keras_input, image in zip(self._keras_inputs, images, strict=True)]
        values = self._graph.values(kept, failed)
        batch = self._keras_inputs[0].batch
        told, given = [], {}
        for name, call in self._graph.calls.items():
            if name in failed:
                told.append(f"{shown(name)[1:-1]} ({call.type}) cannot be computed: {first_line(failed[name])}")
            elif Ref(name) not in values:
                told.append(f"{shown(name)[1:-1]} ({call.type}) is left out: what it needs cannot be computed.")
            elif _of_each_image(values[Ref(name)], batch):
                given[name] = _maps_last(values[Ref(name)], call)
            else:
                told.append(f"{shown(name)[1:-1]} ({call.type}) is left out: it does not give numbers for each image.")
        self._names, self.left_out = tuple(given), tuple(told)
        output = self._graph.outputs[0]
        self._extra = output in values and (output.number > 0 or not output.call)
        return [*given.values(), *([tf.cast(values[output], tf.float32)] if self._extra else [])]


def _of_each_image(value: object, batch: int) -> bool:
    if not isinstance(value, tf.Tensor) or value.shape.rank in (None, 0):
        return False
    if not (value.dtype.is_floating or value.dtype.is_integer or value.dtype.is_bool):
        return False
    return value.shape[0] in (None, batch)


def _maps_last(value: tf.Tensor, call: Call) -> tf.Tensor:
    if call.channels_first and value.shape.rank == len(_ORDER):
        value = tf.transpose(value, _ORDER)
    # Half precision of mixed models becomes float32 for whoever looks at it.
    return tf.cast(value, tf.float32)
