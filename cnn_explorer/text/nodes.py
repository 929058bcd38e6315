"""Nodes, places, windows and fields in words; no Qt in here. Rows, columns and maps count from 0, as everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.nodes.steps import Input, Node, Source, Window
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.text.numbers import figure

_CLOSE = 1e-4  # float32 against float64: sums of many thousand products differ so far


def node_words(node: Node, of_image: bool = False) -> str:
    """row 3, column 4 of map 5; value 7; of the image: row 3, column 4, channel 0."""
    if len(node) == 3:
        row, column, number = node
        return f"row {row}, column {column}" + (f", channel {number}" if of_image else f" of map {number}")
    if len(node) == 1:
        return f"value {node[0]}"
    return "place " + ", ".join(map(str, node))


def crumb(place: Source) -> str:
    """A place in short: Conv2D_1 (3, 4) map 5."""
    name = place.layer or image_name(place.number)
    if len(place.node) == 3:
        row, column, number = place.node
        return f"{name} ({row}, {column})" + (f" map {number}" if place.layer else "")
    return f"{name} value {place.node[0]}" if len(place.node) == 1 else f"{name} {place.node}"


def image_name(number: int) -> str:
    """The image, or which of several inputs of the model."""
    return "image" if number == 0 else f"input {number}"


def source_name(before: Input) -> str:
    """From where a layer takes its values."""
    return before.layer or image_name(before.number)


def map_words(before: Input, number: int) -> str:
    """map 5 of Conv2D_1; channel 0 of the image, which is the red one if there are three."""
    if before.layer:
        return f"map {number} of {before.layer}"
    colors = ("red", "green", "blue")
    name = "the image" if before.number == 0 else image_name(before.number)
    if len(before.shape) == 3 and before.shape[2] == 1:
        return name
    color = f" ({colors[number]})" if len(before.shape) == 3 and before.shape[2] == 3 else ""
    return f"channel {number}{color} of {name}"


def map_name(before: Input, number: int) -> str:
    """A map where the layer is known: map 5; channel 0."""
    return f"{'map' if before.layer else 'channel'} {number}"


def span_words(window: Window) -> str:
    """The real rows and columns that a window covers: rows 3–5, columns 4–6."""
    found = window_bounds(window)
    if found is None:
        return "padding only"
    (top, bottom), (left, right) = found
    return f"{_span('row', top, bottom)}, {_span('column', left, right)}"


def window_bounds(window: Window) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The first and last real row, and the first and last real column, of a window; ``None`` if it has none."""
    rows = [at for place in np.flatnonzero(window.real.any(axis=1)) if (at := window.rows[place]) is not None]
    columns = [at for place in np.flatnonzero(window.real.any(axis=0)) if (at := window.columns[place]) is not None]
    if not rows or not columns:
        return None
    return (min(rows), max(rows)), (min(columns), max(columns))


def receptive_field_text(rectangle: Rectangle | None, image: Sequence[int], of: str = "the image") -> str:
    """What a node sees of an image (rows, columns, …): sees 8×8 pixels of the image: rows 3–10, columns 5–12."""
    if rectangle is None:
        return f"sees nothing of {of}"
    top, left, bottom, right = rectangle
    size = shape_text((bottom - top, right - left))
    if (top, left, bottom, right) == (0, 0, image[0], image[1]):
        return f"sees {of.replace('the image', 'the whole image', 1)}: {size} pixels"
    where = f"{_span('row', top, bottom - 1)}, {_span('column', left, right - 1)}"
    return f"sees {size} {'pixel' if size == '1×1' else 'pixels'} of {of}: {where}"


def number(value: float) -> str:
    """A number for people; a sum that comes to nothing has no sign."""
    return figure(value + 0.0)


def agreement(said: float, by_hand: float) -> tuple[str, bool]:
    """The layer's own value beside the one by hand, and whether they are the same but for rounding."""
    same = abs(said - by_hand) <= _CLOSE * max(1.0, abs(said))
    text = f"the layer says {number(said)} · by hand {number(by_hand)}"
    return (text if same else f"{text} · they differ by {number(abs(said - by_hand))}"), same


def _span(word: str, first: int, last: int) -> str:
    return f"{word} {first}" if first == last else f"{word}s {first}–{last}"
