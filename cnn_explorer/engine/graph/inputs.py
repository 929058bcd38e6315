"""What goes into a model: which of its inputs take images, how they want them, and sizes where it leaves them open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import tensorflow as tf

from cnn_explorer.core.model.file_limits import FileLimits
from cnn_explorer.core.model.info import ModelInput
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.engine.graph.calls import Graph, shape_maps_last
from cnn_explorer.engine.graph.cost import cost_of

SIZES = (224, 256, 128, 64, 32, 299)
"""Rows and columns to try, in this order, where a model takes images of any size."""
_LENGTH = 16
_CHANNELS = 3


@dataclass(frozen=True)
class KerasInput:
    """One input of a model.

    ``kept``: the shape that the model takes, without the batch axis of ``batch`` entries; ``channels_first``: whether
    that is (channels, rows, columns). Where it takes two axes of a fixed size, an image is its gray values.
    """

    name: str
    kept: tuple[int, ...]
    batch: int
    dtype: str
    channels_first: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """What is to be given: images as (rows, columns, channels)."""
        return (*self.kept, 1) if len(self.kept) == 2 else tuple(shape_maps_last(self.kept, self.channels_first))

    @property
    def is_image(self) -> bool:
        """Whether it takes images."""
        return len(self.shape) == 3

    @property
    def info(self) -> ModelInput:
        """What is told of it."""
        return ModelInput(self.name, self.shape)

    def kept_from(self, values: tf.Tensor) -> tf.Tensor:
        """What the model gets for a tensor (1, *shape); can be traced."""
        if self.channels_first and len(self.kept) == 3:
            values = tf.transpose(values, (0, 3, 1, 2))
        values = tf.reshape(values, (1, *self.kept))
        return tf.cast(tf.repeat(values, self.batch, axis=0), self.dtype)


def keras_inputs(model: keras.Model, graph: Graph) -> tuple[KerasInput, ...]:
    """All inputs of a model, whose graph has no open sizes left."""
    return tuple(
        KerasInput(tensor.name, tuple(size or 1 for size in shape), tensor.shape[0] or 1, tensor.dtype, first)
        for tensor, shape, first in zip(model.inputs, graph.inputs, graph.inputs_first, strict=True)
    )


def is_open(graph: Graph) -> bool:
    """Whether an input leaves a size open."""
    return any(size is None for shape in graph.inputs for size in shape)


def takes_images(graph: Graph) -> bool:
    """Whether an input takes images; one of two axes does if both have a fixed size."""
    return any(len(shape) == 3 or (len(shape) == 2 and None not in shape) for shape in graph.inputs)


def closed(graph: Graph, limits: FileLimits) -> Iterator[tuple[Graph, str]]:
    """The graph with a size for all that it leaves open, one after the other, and a sentence on it.

    Sizes at which a layer does not work, or that take more than the ``limits``, are left out.
    """
    for size in SIZES:
        shapes = [_closed(shape, first, size) for shape, first in zip(graph.inputs, graph.inputs_first, strict=True)]
        try:
            pinned = graph.pinned(shapes)
        except Exception:  # layers raise nearly everything for images that are too small for them
            continue
        demand = cost_of(pinned)
        if demand.numbers <= limits.activations and demand.steps <= limits.steps:
            sizes = " and ".join(shape_text(shape_maps_last(shape, first)) for shape, first in _opened(graph, shapes))
            yield pinned, f"It takes images of any size; here it is given {sizes}."


def _closed(shape: Sequence[int | None], first: bool, size: int) -> tuple[int, ...]:
    if len(shape) != 3:
        return tuple(_LENGTH if side is None else side for side in shape)
    filling = (_CHANNELS, size, size) if first else (size, size, _CHANNELS)
    return tuple(fill if side is None else side for side, fill in zip(shape, filling, strict=True))


def _opened(graph: Graph, shapes: Sequence[tuple[int, ...]]) -> Iterator[tuple[tuple[int, ...], bool]]:
    """The shapes of inputs that had open sizes."""
    for before, after, first in zip(graph.inputs, shapes, graph.inputs_first, strict=True):
        if None in before:
            yield after, first
