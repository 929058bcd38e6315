"""How each kind of Keras layer makes one of its nodes: weights and settings, handed to the arithmetic of ``core``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.network.layers.traits import TRAITS, names_with
from cnn_explorer.core.nodes import convolution
from cnn_explorer.core.nodes import rules as node_rules
from cnn_explorer.core.nodes.activation_functions import ActivationFunction, leaky_rectifier, named, straight
from cnn_explorer.core.nodes.steps import Carried, Merge, Node, Work
from cnn_explorer.engine.graph.activation_functions import NotKnownError, function_of, function_of_layer
from cnn_explorer.engine.graph.calls import Call, maps_last, node_as_kept, node_maps_last

Maps = tuple[int, int, int]

MERGES = {name: TRAITS[name].merges for name in names_with(lambda traits: traits.merges)}
"""Keras' layers (and operations of the same names) that merge value by value."""


@dataclass(frozen=True, eq=False)
class Site:
    """A node that is to be computed, and what is around it.

    ``kept``: the call's inputs without batch axis, as the model keeps them; ``firsts``: which of them are (maps, rows,
    columns). ``node`` is (row, column, map) or (index,); ``output``: the shape of the call's output as it is kept.
    """

    call: Call
    kept: tuple[NDArray[Any], ...]
    firsts: tuple[bool, ...]
    node: Node
    output: tuple[int, ...]

    @property
    def layer(self) -> Any:
        """The layer itself."""
        return self.call.operation

    @property
    def maps(self) -> NDArray[Any]:
        """The first input as (rows, columns, maps)."""
        return maps_last(self.kept[0], self.firsts[0])

    @property
    def map_node(self) -> Maps:
        """The node, which is one of maps."""
        row, column, number = self.node
        return row, column, number

    @property
    def place(self) -> Node:
        """The node in the order in which the model keeps the output."""
        return node_as_kept(self.node, self.call.channels_first)

    def source(self, place: Node, number: int = 0) -> Node:
        """A node of input ``number``, from the order in which it is kept."""
        return node_maps_last(place, self.firsts[number])


def weights(variable: Any) -> NDArray[Any]:
    """The numbers of a weight, not copied where that can be avoided; half precision as float32."""
    numbers = np.asarray(keras.ops.convert_to_tensor(variable))
    return numbers if numbers.dtype in (np.float32, np.float64) else numbers.astype(np.float32)


def _bias(layer: Any) -> NDArray[Any] | None:
    return weights(layer.bias) if layer.use_bias else None


def _window_function(site: Site) -> ActivationFunction:
    function = function_of(site.layer.activation)
    if function.joint and site.call.channels_first:
        raise NotKnownError("With channels first, this softmax goes along the columns of a map.")
    return function


def _slide(site: Site) -> dict[str, Any]:
    layer = site.layer
    return {
        "strides": tuple(layer.strides),
        "padding": layer.padding,
        "dilation": tuple(layer.dilation_rate),
        "function": _window_function(site),
    }


def conv(site: Site) -> Work:
    layer, slide = site.layer, _slide(site)
    return convolution.convolve_node(
        site.maps, weights(layer.kernel), _bias(layer), site.map_node, groups=layer.groups, **slide
    )


def depthwise(site: Site) -> Work:
    layer, slide = site.layer, _slide(site)
    return convolution.convolve_depthwise_node(site.maps, weights(layer.kernel), _bias(layer), site.map_node, **slide)


def separable(site: Site) -> Work:
    layer, slide = site.layer, _slide(site)
    return convolution.convolve_separable_node(
        site.maps,
        weights(layer.depthwise_kernel),
        weights(layer.pointwise_kernel),
        _bias(layer),
        site.map_node,
        **slide,
    )


def transposed(site: Site) -> Work:
    layer, slide = site.layer, _slide(site)
    rows, columns, _ = node_maps_last(site.output, site.call.channels_first)
    return convolution.convolve_transposed_node(
        site.maps, weights(layer.kernel), _bias(layer), site.map_node, (rows, columns), **slide
    )


def pool(kind: str) -> Callable[[Site], Work]:
    def pool_one(site: Site) -> Work:
        layer = site.layer
        return convolution.pool_node(
            site.maps,
            site.map_node,
            kind,
            tuple(layer.pool_size),
            strides=tuple(layer.strides),
            padding=layer.padding,
        )

    return pool_one


def pool_globally(kind: str) -> Callable[[Site], Work]:
    return lambda site: convolution.pool_whole_map(site.maps, site.node[-1], kind)


def batch_normalization(site: Site) -> Work:
    layer = site.layer
    if not isinstance(layer.axis, int):
        raise NotKnownError("It normalizes over several axes.")
    number = site.place[layer.axis if layer.axis < 0 else layer.axis - 1]
    return node_rules.normalize_node(
        float(site.maps[site.node]),
        float(weights(layer.moving_mean)[number]),
        float(weights(layer.moving_variance)[number]),
        float(layer.epsilon),
        float(weights(layer.gamma)[number]) if layer.scale else 1.0,
        float(weights(layer.beta)[number]) if layer.center else 0.0,
    )


def layer_normalization(site: Site) -> Work:
    layer, values, place = site.layer, site.kept[0], site.place
    if layer.rms_scaling:
        raise NotKnownError("It divides by the variance, and subtracts no mean.")
    axes = axes_as_kept(layer, values.ndim)
    if -1 in axes:
        raise NotKnownError("It normalizes several images together.")
    # All places along these axes, each other axis at that of the node.
    grid = np.indices([values.shape[axis] for axis in axes]).reshape(len(axes), -1)
    places = np.tile(np.array(place, np.intp), (grid.shape[1], 1))
    places[:, axes] = grid.T
    spread = [size if axis in axes else 1 for axis, size in enumerate(values.shape)]

    def own(variable: Any, otherwise: float) -> float:
        if variable is None:
            return otherwise
        return float(weights(variable).reshape(spread)[node_rules.spread(tuple(spread), place)])

    return node_rules.normalize_together(
        values[tuple(places.T)],
        int(np.ravel_multi_index([place[axis] for axis in axes], [values.shape[axis] for axis in axes])),
        float(layer.epsilon),
        own(layer.gamma, 1.0),
        own(layer.beta, 0.0),
        sources=places[:, (1, 2, 0)] if site.firsts[0] and values.ndim == 3 else places,
    )


def axes_as_kept(layer: Any, axes: int) -> list[int]:
    """The axes of one image along which a layer works, of ``axes`` as the model keeps it; -1 stands for the batch."""
    told = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
    return sorted(axis % (axes + 1) - 1 for axis in told)


def preparing_normalization(site: Site) -> Work:
    layer, shape = site.layer, (1, *site.kept[0].shape)
    if layer.invert:
        raise NotKnownError("It undoes a normalization.")
    place = (0, *site.place)
    mean = np.broadcast_to(weights(layer.mean), shape)[place]
    variance = np.broadcast_to(weights(layer.variance), shape)[place]
    # Keras bounds the deviation instead of adding to the variance.
    least = max(float(variance), keras.config.epsilon() ** 2)
    return node_rules.normalize_node(float(site.maps[site.node]), float(mean), least, 0.0)


def dense(site: Site) -> Work:
    layer, values = site.layer, site.kept[0]
    *before, unit = site.place
    inputs = values[tuple(before)]
    places = np.empty((inputs.size, values.ndim), np.intp)
    places[:, :-1] = before
    places[:, -1] = np.arange(inputs.size)
    if site.firsts[0] and values.ndim == 3:
        places = places[:, (1, 2, 0)]
    function = function_of(layer.activation)
    kernel, bias = keras.ops.convert_to_tensor(layer.kernel), _bias(layer)
    if not function.joint:  # one unit's weights only: those of all may be hundreds of megabytes
        kernel, bias = kernel[:, unit : unit + 1], None if bias is None else bias[unit : unit + 1]
        unit = 0
    return node_rules.dense_node(inputs, weights(kernel), bias, unit, sources=places, function=function)


def pointwise(site: Site) -> Work:
    function = function_of_layer(site.layer)
    return _softmax_along(site, -1, function) if function.joint else of_one_value(site, function)


def softmax(site: Site) -> Work:
    if not isinstance(site.layer.axis, int) or site.layer.axis == 0:
        raise NotKnownError("Its softmax goes over several axes.")
    softmax = named("softmax")
    assert softmax is not None
    return _softmax_along(site, site.layer.axis if site.layer.axis < 0 else site.layer.axis - 1, softmax)


def _softmax_along(site: Site, axis: int, function: ActivationFunction) -> Work:
    *others, place = (site.place[other] for other in [*_others(axis, len(site.place)), axis])
    return node_rules.pointwise_node(site.node, np.moveaxis(site.kept[0], axis, -1)[tuple(others)], place, function)


def _others(axis: int, axes: int) -> list[int]:
    return [other for other in range(axes) if other != axis % axes]


def of_one_value(site: Site, function: ActivationFunction) -> Work:
    return node_rules.pointwise_node(site.node, site.maps[site.node].reshape(1), 0, function)


def prelu(site: Site) -> Work:
    slopes = np.broadcast_to(weights(site.layer.alpha), site.kept[0].shape)
    return of_one_value(site, leaky_rectifier(float(slopes[site.place])))


def rescaling(site: Site) -> Work:
    shape, layer = site.kept[0].shape, site.layer
    scale, offset = (np.asarray(values, dtype=np.float64) for values in (layer.scale, layer.offset))
    if keras.config.image_data_format() == "channels_first" and scale.ndim:
        raise NotKnownError("It scales each map by a number of its own.")
    factor, shift = (float(np.broadcast_to(values, shape)[site.place]) for values in (scale, offset))
    return of_one_value(site, straight(factor, shift))


def merge(site: Site) -> Work:
    if len({array.ndim for array in site.kept}) > 1:
        raise NotKnownError("It merges inputs with different numbers of axes.")
    merged = node_rules.merge_node(MERGES[site.call.type], site.kept, site.place)
    sources = tuple(site.source(place, number) for number, place in enumerate(merged.sources))
    return Merge(merged.kind, merged.values, sources, merged.value)


def concatenate(site: Site) -> Work:
    axis = site.layer.axis if site.layer.axis < 0 else site.layer.axis - 1
    number, place = node_rules.joined_source([array.shape for array in site.kept], site.place, axis)
    return Carried(site.source(place, number), float(site.kept[number][place]), number)


def flat_places_before(layer: Any, before: tuple[int, ...], places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Flat places in the output of a Flatten or Reshape as flat places in its input, both as they are kept."""
    if type(layer).__name__ == "Flatten" and layer.data_format == "channels_first" and len(before) > 1:
        # Keras puts the maps last before it flattens.
        *others, first = np.unravel_index(places, (*before[1:], before[0]))
        return np.asarray(np.ravel_multi_index((first, *others), before), dtype=np.intp)
    return places


def reshape(site: Site) -> Work:
    shape = site.kept[0].shape
    flat = np.array(np.ravel_multi_index(site.place, site.output), dtype=np.intp)
    flat = flat_places_before(site.layer, shape, flat)
    place = node_rules.reshaped_source(shape, (prod(shape),), (int(flat),))
    return Carried(site.source(place), float(site.kept[0][place]))


def permute(site: Site) -> Work:
    place = node_rules.permuted_source(site.layer.dims, site.place)
    return Carried(site.source(place), float(site.kept[0][place]))


def zero_padding(site: Site) -> Work:
    (top, _), (left, _) = site.layer.padding
    return node_rules.carried(site.maps, node_rules.shifted_source(site.maps.shape, site.node, (top, left)))


def cropping(site: Site) -> Work:
    (top, _), (left, _) = site.layer.cropping
    return node_rules.carried(site.maps, node_rules.shifted_source(site.maps.shape, site.node, (-top, -left)))


def up_sampling(site: Site) -> Work:
    down, across = site.layer.size
    match site.layer.interpolation:
        case "nearest":
            return node_rules.carried(site.maps, node_rules.repeated_source(site.node, (down, across)))
        case "bilinear":
            return node_rules.blended_node(site.maps, site.map_node, (down, across))
    raise NotKnownError(f"The arithmetic of {site.layer.interpolation} interpolation is not written out here.")


def stay(site: Site) -> Work:
    return node_rules.carried(site.maps, site.node)
