"""The same network for other images: another input shape, another number of classes."""

from __future__ import annotations

import msgspec

from cnn_explorer.core.architecture import (
    Activation,
    AnyLayer,
    Architecture,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    LeakyReLU,
    Rescaling,
    SeparableConv2D,
    SpatialDropout2D,
)

_KEEPING = (Activation, BatchNormalization, Dropout, LeakyReLU, Rescaling, SpatialDropout2D)
"""Layers that give one value for each that they get."""
_POOLING_ALL = (GlobalAveragePooling2D, GlobalMaxPooling2D)
"""Layers that make one value of each map."""


def fitted(architecture: Architecture, image_shape: tuple[int, int, int], classes: int) -> Architecture:
    """``architecture`` for images of ``image_shape`` (rows, columns, channels), with an output for each class.

    The input shape and the layer that decides on the number of outputs change, nothing else: the last Dense layer or,
    where a global pooling ends the network, the last convolution; what lies between them and the end may only keep
    the number of values. If the last layers are of another kind, they stay as they are. Whether the layers fit the
    new images is for ``inference.infer`` to say: poolings may be too many for small ones.
    """
    index = _deciding(architecture.layers)
    layers = tuple(
        _with_outputs(layer, classes) if place == index else layer for place, layer in enumerate(architecture.layers)
    )
    return msgspec.structs.replace(architecture, input_shape=image_shape, layers=layers)


def _deciding(layers: tuple[AnyLayer, ...]) -> int | None:
    """The place of the layer that decides how many values the network gives; ``None`` if no single one does."""
    pooled = False
    for place in reversed(range(len(layers))):
        layer = layers[place]
        if isinstance(layer, Dense) or (pooled and isinstance(layer, Conv2D | SeparableConv2D)):
            return place
        pooled = pooled or isinstance(layer, _POOLING_ALL)
        if not isinstance(layer, (*_KEEPING, *_POOLING_ALL)):
            return None
    return None


def _with_outputs(layer: AnyLayer, count: int) -> AnyLayer:
    if isinstance(layer, Dense):
        return msgspec.structs.replace(layer, units=count)
    assert isinstance(layer, Conv2D | SeparableConv2D)  # what _deciding finds
    return msgspec.structs.replace(layer, filters=count)
