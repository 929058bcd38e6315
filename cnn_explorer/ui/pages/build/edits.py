"""The edits of a stack, as pure functions from one architecture to the next. No Qt."""

from __future__ import annotations

from msgspec.structs import replace

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.network.architecture import LAYER_KINDS, AnyLayer, Architecture, LayerKind, free_name


def kind_named(name: str) -> LayerKind:
    """The palette's row for a class of layers."""
    return next(kind for kind in LAYER_KINDS if kind.spec.__name__ == name)


def inserted(architecture: Architecture, layer: AnyLayer, index: int) -> Architecture:
    """With ``layer`` as the layer of that index."""
    layers = architecture.layers
    return replace(architecture, layers=(*layers[:index], layer, *layers[index:]))


def new_layer(architecture: Architecture, kind: LayerKind) -> AnyLayer:
    """A layer as the palette makes it, with a name that is free."""
    return kind.new(layer.name for layer in architecture.layers)


def duplicated(architecture: Architecture, index: int) -> Architecture:
    """With a copy right after the layer of that index, under a free name."""
    layer = architecture.layers[index]
    stem = kind_named(layer.type).stem
    copy = replace(layer, name=free_name(stem, (other.name for other in architecture.layers)))
    return inserted(architecture, copy, index + 1)


def removed(architecture: Architecture, index: int) -> Architecture:
    """Without the layer of that index."""
    layers = architecture.layers
    return replace(architecture, layers=layers[:index] + layers[index + 1 :])


def moved(architecture: Architecture, index: int, before: int) -> Architecture:
    """With the layer of that index in front of the one that has the index ``before`` now."""
    layer = architecture.layers[index]
    return inserted(removed(architecture, index), layer, before - 1 if before > index else before)


def replaced(architecture: Architecture, index: int, layer: AnyLayer) -> Architecture:
    """With another layer at that index."""
    layers = architecture.layers
    return replace(architecture, layers=(*layers[:index], layer, *layers[index + 1 :]))


def changed_field(before: AnyLayer | Architecture, after: AnyLayer | Architecture) -> str:
    """The title of the first field in which two specs of one class differ, for the middle of a sentence."""
    for field in fields_of(type(before)):
        if getattr(before, field.name) != getattr(after, field.name):
            return field.title.lower()
    return ""


def row_after(before: Architecture, after: Architecture, row: int) -> int:
    """Which row (0 is the input) to select when ``before`` has become ``after`` by an edit, an undo or a redo.

    The layer that was added or changed, so that one sees what has happened; otherwise the one that was
    selected, or what now stands in its place.
    """
    old, new = before.layers, after.layers
    if old == new:
        return 0 if before.input_shape != after.input_shape else row
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    if len(new) - tail - head == 1 and len(new) >= len(old):
        return head + 1
    names = [layer.name for layer in new]
    if 0 < row <= len(old) and old[row - 1].name in names:
        return names.index(old[row - 1].name) + 1
    if row <= 0 and new:
        return row
    return min(row, len(new)) if len(old) - tail - head == 1 else min(1, len(new))
