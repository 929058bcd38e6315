"""The same network for other images: another input shape, another number of classes."""

from __future__ import annotations

import msgspec

from cnn_explorer.core.network.architecture import AnyLayer, Architecture, Dense
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.layers.traits import traits_of


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
    return msgspec.structs.replace(layer, padding="same") if traits_of(layer.type).slides else layer


def _deciding(layers: tuple[AnyLayer, ...]) -> int | None:
    """The place of the layer that decides how many values the network gives; ``None`` if no single one does."""
    pooled = False
    for place in reversed(range(len(layers))):
        layer = layers[place]
        if isinstance(layer, Dense) or (pooled and hasattr(layer, "filters")):
            return place
        traits = traits_of(layer.type)
        pooled = pooled or traits.pools_globally
        if not (traits.keeps_shape or traits.pools_globally):
            return None
    return None


def _with_outputs(layer: AnyLayer, count: int) -> AnyLayer:
    return msgspec.structs.replace(layer, **{"units" if isinstance(layer, Dense) else "filters": count})
