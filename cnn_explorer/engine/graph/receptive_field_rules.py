"""What the nodes of one layer see, from what those of its inputs see: one function for each kind of layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from cnn_explorer.core.nodes import boxes as box
from cnn_explorer.core.nodes.boxes import Band, Bands, Boxes
from cnn_explorer.core.nodes.convolution import covered, covered_transposed
from cnn_explorer.core.nodes.rules import blended_places
from cnn_explorer.core.nodes.steps import Places
from cnn_explorer.engine.graph.calls import Call
from cnn_explorer.engine.graph.node_work import axes_as_kept, flat_places_before

ReceptiveField = Bands | Boxes
"""Of maps: bands, with maps last. Of anything else: one box each, (*shape, 6)."""


@dataclass(frozen=True, eq=False)
class Place:
    """A call whose field is to be found, with the fields of its inputs, and shapes with maps last."""

    call: Call
    fields: tuple[ReceptiveField, ...]
    firsts: tuple[bool, ...]
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]

    @property
    def layer(self) -> Any:
        """The layer itself."""
        return self.call.operation

    @property
    def bands(self) -> Bands:
        """The first input, which must be maps."""
        field = self.fields[0]
        if not isinstance(field, tuple):
            raise NoRuleError
        return field


class NoRuleError(Exception):
    """No rule for this layer on this input."""


def conv(place: Place) -> ReceptiveField:
    layer, groups, joint = place.layer, place.layer.groups, _joint(place)
    each = place.inputs[0][2] // groups
    rows, columns = _slides(place, layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding)
    seen = [box.united(box.cut(place.bands, group * each, each)) for group in range(groups)]
    if len(place.bands) == 1 or joint:
        seen = [box.united(place.bands)]
    return tuple(Band(place.output[2] // len(seen), box.through_windows(boxes, rows, columns)) for boxes in seen)


def depthwise(place: Place) -> ReceptiveField:
    layer = place.layer
    windows = _slides(place, layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding)
    seen = tuple(
        Band(band.count * layer.depth_multiplier, box.through_windows(band.boxes, *windows)) for band in place.bands
    )
    return _joined(seen) if _joint(place) else seen


def separable(place: Place) -> ReceptiveField:
    layer = place.layer
    _joint(place)
    windows = _slides(place, layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding)
    return (Band(place.output[2], box.through_windows(box.united(place.bands), *windows)),)


def transposed(place: Place) -> ReceptiveField:
    layer = place.layer
    _joint(place)
    windows = [
        [
            covered_transposed(
                index,
                place.inputs[0][axis],
                place.output[axis],
                layer.kernel_size[axis],
                layer.strides[axis],
                layer.dilation_rate[axis],
                layer.padding,
            )
            for index in range(place.output[axis])
        ]
        for axis in (0, 1)
    ]
    return (Band(place.output[2], box.through_windows(box.united(place.bands), *windows)),)


def pool(place: Place) -> ReceptiveField:
    layer = place.layer
    return _windows(place, *_slides(place, layer.pool_size, layer.strides, (1, 1), layer.padding))


def _slides(
    place: Place, size: Sequence[int], strides: Sequence[int], dilation: Sequence[int], padding: str
) -> list[list[Places]]:
    return [
        [
            covered(index, place.inputs[0][axis], size[axis], strides[axis], dilation[axis], padding)
            for index in range(place.output[axis])
        ]
        for axis in (0, 1)
    ]


def _windows(place: Place, rows: Sequence[Places], columns: Sequence[Places]) -> ReceptiveField:
    """The same windows on each map."""
    return tuple(Band(band.count, box.through_windows(band.boxes, rows, columns)) for band in place.bands)


def pool_globally(place: Place) -> ReceptiveField:
    whole = tuple(Band(band.count, box.around(band.boxes)[None, None]) for band in place.bands)
    return whole if len(place.output) == 3 else box.dense(whole).reshape(-1, 6)


def padding(place: Place) -> ReceptiveField:
    return _shift(place, place.layer.padding, 1)


def cropping(place: Place) -> ReceptiveField:
    return _shift(place, place.layer.cropping, -1)


def _shift(place: Place, margins: Any, sign: int) -> ReceptiveField:
    places = [[(index - sign * margins[axis][0],) for index in range(place.output[axis])] for axis in (0, 1)]
    return _windows(place, *places)


def up_sampling(place: Place) -> ReceptiveField:
    layer = place.layer
    if layer.interpolation == "nearest":
        places: list[list[Places]] = [
            [(index // layer.size[axis],) for index in range(place.output[axis])] for axis in (0, 1)
        ]
    elif layer.interpolation == "bilinear":
        places = [
            [
                tuple(node for node, _ in blended_places(index, layer.size[axis], place.inputs[0][axis]))
                for index in range(place.output[axis])
            ]
            for axis in (0, 1)
        ]
    else:
        raise NoRuleError
    return _windows(place, *places)


def stay(place: Place) -> ReceptiveField:
    return place.fields[0]


def activation(place: Place) -> ReceptiveField:
    return _along(place, -1) if _is_joint(place.layer.activation) else place.fields[0]


def softmax(place: Place) -> ReceptiveField:
    if not isinstance(place.layer.axis, int) or place.layer.axis == 0:
        raise NoRuleError
    return _along(place, place.layer.axis if place.layer.axis < 0 else place.layer.axis - 1)


def _along(place: Place, axis: int) -> ReceptiveField:
    """Every node sees what all see along one axis of the input as it is kept."""
    kept = _kept(place, 0)
    axis %= kept.ndim - 1
    return _of_kept(np.repeat(kept.min(axis=axis, keepdims=True), kept.shape[axis], axis=axis), place)


def layer_normalization(place: Place) -> ReceptiveField:
    field = place.fields[0]
    axes = axes_as_kept(place.layer, len(place.inputs[0]))
    if -1 in axes:
        raise NoRuleError
    if not isinstance(field, tuple):
        return np.broadcast_to(field.min(axis=tuple(axes), keepdims=True), field.shape)
    maps_last = {(axis - 1) % 3 if place.firsts[0] else axis for axis in axes}
    sides = tuple(maps_last & {0, 1})
    return tuple(
        Band(band.count, np.broadcast_to(band.boxes.min(axis=sides, keepdims=True), band.boxes.shape))
        for band in (_joined(field) if 2 in maps_last else field)
    )


def _joint(place: Place) -> bool:
    """Whether a layer with windows ends in a softmax over all maps."""
    joint = _is_joint(place.layer.activation)
    if joint and place.call.channels_first:  # then it goes along the columns instead
        raise NoRuleError
    return joint


def _is_joint(activation: Any) -> bool:
    return getattr(activation, "__name__", "") in ("softmax", "log_softmax", "sparsemax")


def _joined(bands: Bands) -> Bands:
    return (Band(sum(band.count for band in bands), box.united(bands)),)


def dense(place: Place) -> ReceptiveField:
    kept = _kept(place, 0).min(axis=-2, keepdims=True)
    return _of_kept(np.repeat(kept, place.layer.units, axis=-2), place)


def flatten(place: Place) -> ReceptiveField:
    kept = _kept(place, 0)
    before = kept.shape[:-1]
    order = flat_places_before(place.layer, before, np.arange(prod(before)))
    shape = place.call.node.outputs[0].shape[1:]
    return _of_kept(kept.reshape(-1, 6)[order].reshape(*shape, 6), place)


def permute(place: Place) -> ReceptiveField:
    kept = _kept(place, 0)
    return _of_kept(kept.transpose([*(axis - 1 for axis in place.layer.dims), kept.ndim - 1]), place)


def concatenate(place: Place) -> ReceptiveField:
    axis = place.layer.axis if place.layer.axis < 0 else place.layer.axis - 1
    maps_axis = 0 if place.call.channels_first else 2
    fields = place.fields
    if all(isinstance(field, tuple) for field in fields) and axis % len(place.output) == maps_axis:
        return tuple(band for field in fields for band in field)
    kept = [_kept(place, number) for number in range(len(fields))]
    return _of_kept(np.concatenate(kept, axis=axis % (kept[0].ndim - 1)), place)


def merge(place: Place) -> ReceptiveField:
    fields = [field for field in place.fields if isinstance(field, tuple)]
    if len(fields) == len(place.fields) and len(set(place.inputs)) == 1:
        return tuple(Band(count, np.minimum.reduce(boxes)) for count, boxes in box.aligned(fields))
    kept = [_kept(place, number) for number in range(len(place.fields))]
    if len({array.ndim for array in kept}) > 1:
        raise NoRuleError
    return _of_kept(np.minimum.reduce(np.broadcast_arrays(*kept)), place)


def _kept(place: Place, number: int) -> Boxes:
    """An input's boxes (*shape, 6), in the order in which the model keeps it."""
    field = place.fields[number]
    boxes = box.dense(field) if isinstance(field, tuple) else field
    return np.moveaxis(boxes, 2, 0) if place.firsts[number] and isinstance(field, tuple) else boxes


def _of_kept(kept: Boxes, place: Place) -> ReceptiveField:
    """The field of an output from its boxes in the order in which it is kept."""
    if len(place.output) != 3:
        return kept
    return box.banded(np.moveaxis(kept, 0, 2) if place.call.channels_first else kept)
