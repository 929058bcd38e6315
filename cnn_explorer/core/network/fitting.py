"""The same network for other images: another input shape, another number of classes."""

from __future__ import annotations

import msgspec

from cnn_explorer.core.network.architecture import (
    Activation,
    AnyLayer,
    Architecture,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    LeakyReLU,
    MaxPooling2D,
    Rescaling,
    SeparableConv2D,
    SpatialDropout2D,
)
from cnn_explorer.core.network.inference import infer

_KEEPING = (Activation, BatchNormalization, Dropout, LeakyReLU, Rescaling, SpatialDropout2D)
"""Layers that give one value for each that they get."""
_POOLING_ALL = (GlobalAveragePooling2D, GlobalMaxPooling2D)
"""Layers that make one value of each map."""
_SLIDING = (Conv2D, DepthwiseConv2D, SeparableConv2D, MaxPooling2D, AveragePooling2D)
"""Layers whose window must lie within the map, unless their padding is same."""


def fitted(architecture: Architecture, image_shape: tuple[int, int, int], classes: int) -> Architecture:
    """``architecture`` for images of ``image_shape`` (rows, columns, channels), with an output for each class.

    The input shape and the layer that decides on the number of outputs change: the last Dense layer or, where a
    global pooling ends the network, the last convolution; what lies between them and the end may only keep the
    number of values. If the last layers are of another kind, they stay as they are. Where a window would not fit
    into the maps of smaller images, all windows get padding same, which is what ``inference.infer`` advises; nothing
    else changes.
    """
    index = _deciding(architecture.layers)
    layers = tuple(
        _with_outputs(layer, classes) if place == index else layer for place, layer in enumerate(architecture.layers)
    )
    network = msgspec.structs.replace(architecture, input_shape=image_shape, layers=layers)
    if not infer(network).problems:
        return network
    padded = msgspec.structs.replace(network, layers=tuple(map(_padded, layers)))
    # Another problem, such as no layer for vectors, has another way out, and padding would only hide it.
    return network if infer(padded).problems else padded


def _padded(layer: AnyLayer) -> AnyLayer:
    return msgspec.structs.replace(layer, padding="same") if isinstance(layer, _SLIDING) else layer


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
