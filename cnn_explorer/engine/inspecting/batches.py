"""Many images through a part of a model: only the layers that are needed, as many at a time as there is room for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.graph.calls import Call, Graph, Ref
from cnn_explorer.engine.graph.inputs import KerasInput
from cnn_explorer.engine.inspecting.inspector import Inspector

_MEMORY = 2**26
"""Bytes that the outputs of the largest layer may take; those before and after it are there too for a moment."""
_MOST_IMAGES = 128  # a call: more at once are no faster
_CALL_SECONDS = 0.03  # whoever waits for the engine waits for one call at least
_FEW_IMAGES = 8
"""So few are hardly faster than more: a call is made smaller only if it takes very long."""

Digest = Callable[[Any, list[Any], Any], list[Any]]
"""Traced: what is to be kept of prepared images and of the layers' outputs for them.

Outputs are float32 (images, …), maps (images, rows, columns, maps). The last argument has 1.0 for each image, and 0.0
for those that only fill up the call.
"""


class ImageBatches:
    """The layers ``wanted`` of a model, and all that they need, as one compiled call from images to a digest.

    Images go to the first input that takes any; other inputs get zeros. ``extra``: bytes that the caller needs for
    each image of a call.
    """

    def __init__(self, inspector: Inspector, wanted: tuple[str, ...], digest: Digest, extra: int = 0) -> None:
        graph = inspector.graph
        self.calls = needed(graph, wanted)
        self.image_input = next(number for number, each in enumerate(inspector.keras_inputs) if each.is_image)
        self._inspector, self._wanted = inspector, wanted
        fixed = inspector.keras_inputs[self.image_input].batch
        if fixed > 1:  # the model takes just so many
            self._count = self._most = fixed
        else:
            largest = max(4 * math.prod(size or 1 for size in call.shape) for call in self.calls.values())
            self._count = 1
            self._most = 2 ** int(math.log2(max(1, min(_MOST_IMAGES, _MEMORY // (largest + extra)))))
        self._changes = fixed == 1

        def compute(images: tf.Tensor, real: tf.Tensor) -> list[tf.Tensor]:
            return digest(images, self._outputs(images), real)

        batch = fixed if fixed > 1 else None
        signature = [tf.TensorSpec((batch, *size), tf.float32) for size in (inspector.info.input_shape, ())]
        self._call = tf.function(compute, signature, autograph=False)

    def next(self, images: ImageArray, places: NDArray[np.int64] | range) -> tuple[int, list[Any]]:
        """Send the first images at ``places`` through: how many they were, and the digest, as tensors."""
        chosen = places[: self._count]
        raw = images[chosen.start : chosen.stop] if isinstance(chosen, range) else images[chosen]
        prepared = self._inspector.preprocessing.apply(np.asarray(raw))
        count, room = len(prepared), self._count
        if count < room:  # layers that are compiled for a number of images need not be compiled for another one
            prepared = np.concatenate((prepared, np.repeat(prepared[:1], room - count, axis=0)))
        began = time.perf_counter()
        with tf.device(self._inspector.device):
            digested = self._call(tf.constant(prepared), tf.constant(np.arange(room) < count, tf.float32))
        self._took(time.perf_counter() - began)
        return count, digested

    def _took(self, seconds: float) -> None:
        """Twice or half as many images next time, but no more than that, since a single measurement may mislead."""
        if self._changes and seconds < _CALL_SECONDS:
            self._count = min(2 * self._count, self._most)
        elif self._changes and seconds > _CALL_SECONDS * (3 if self._count > _FEW_IMAGES else 10):
            self._count = max(1, self._count // 2)

    def _outputs(self, images: tf.Tensor) -> list[tf.Tensor]:
        count = tf.shape(images)[0]
        values: dict[Ref, Any] = {
            Ref("", number): _kept(keras_input, images if number == self.image_input else None, count)
            for number, keras_input in enumerate(self._inspector.keras_inputs)
        }
        for name, call in self.calls.items():
            outputs = call.run([values[ref] for ref in call.sources])
            values.update({Ref(name, number): output for number, output in enumerate(outputs)})
        return [_shown(values[Ref(name)], self.calls[name]) for name in self._wanted]


def _kept(keras_input: KerasInput, images: tf.Tensor | None, count: tf.Tensor) -> tf.Tensor:
    """What an input of the model gets: the images in its own order, or zeros."""
    if images is None:
        return tf.zeros((count, *keras_input.kept), keras_input.dtype)
    if keras_input.channels_first and len(keras_input.kept) == 3:
        images = tf.transpose(images, (0, 3, 1, 2))
    return tf.cast(tf.reshape(images, (count, *keras_input.kept)), keras_input.dtype)


def _shown(output: tf.Tensor, call: Call) -> tf.Tensor:
    if call.channels_first and output.shape.rank == 4:
        output = tf.transpose(output, (0, 2, 3, 1))
    elif output.shape.rank == 1:  # one number for each image
        output = output[:, tf.newaxis]
    # Half precision of mixed models becomes float32 for whoever looks at it.
    return tf.cast(output, tf.float32)


def needed(graph: Graph, wanted: tuple[str, ...]) -> dict[str, Call]:
    """The calls of the ``wanted`` layers and all before them, in order. Raises ``ExplorerError`` for an unknown one."""
    for name in wanted:
        if name not in graph.calls:
            raise ExplorerError(f'The model has no layer "{name}".', f"Its layers are: {', '.join(graph.calls)}.")
    names = set(wanted)
    for name, call in reversed(graph.calls.items()):
        if name in names:
            names.update(ref.call for ref in call.sources if ref.call)
    return {name: call for name, call in graph.calls.items() if name in names}


def refuse_other_images(inspector: Inspector, dataset: Dataset) -> None:
    """Raise ``ExplorerError`` if the model takes other images than the data set has."""
    takes = inspector.info.input_shape
    if dataset.image_shape != takes:
        raise ExplorerError(
            f"The model takes images of {shape_text(takes)}, the data set has {shape_text(dataset.image_shape)}.",
            "Choose the data set that the model was trained on.",
        )
