"""What is said of the images that activate a layer's maps, derived by pure functions; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnn_explorer.core.maps.top_images import BEST, TopImages
from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.data.dataset import Split
from cnn_explorer.text.maps import listed
from cnn_explorer.text.numbers import figure, percent

COUNTS = (100, 1_000)
"""So many images may be looked at, besides all."""

Kind = Literal["images", "nothing", "start"]


def count_choices(total: int) -> tuple[tuple[str, int], ...]:
    """How many images can be looked at, in words and as a number."""
    some = tuple((f"{count:,} images", count) for count in COUNTS if count < total)
    return (*some, (f"All {total:,} images" if total != 1 else "The one image", total))


def first_choice(total: int) -> int:
    """How many images to propose."""
    return min(COUNTS[-1], total)


def maps_of(layer: LayerInfo) -> int:
    """How many maps a layer has, as they are shown: values of a vector are maps of one node."""
    shape = layer.output_shape
    return shape[-1] if len(shape) == 3 else 1 if len(shape) == 2 else int(np.prod(shape))


def unit(layer: LayerInfo) -> str:
    """What a map of this layer is called."""
    return "map" if len(layer.output_shape) in (2, 3) else "value"


@dataclass(frozen=True)
class Words:
    """``kind``: whether there are images to show, or ``text`` says why there are none. ``facts``: the line below."""

    kind: Kind
    text: str
    facts: str


def words(layer: LayerInfo, found: TopImages | None, number: int) -> Words:
    """What is said of map ``number`` after a pass, or before one (``None``)."""
    one = unit(layer)
    if found is None or not found.done:
        return Words("start", f"Find the images of the data set that activate each {one} of {layer.name} most.", "")
    so_many = f"all {found.done:,} images" if found.done > 1 else "the one image"
    name = f"{one} {number}"
    if found.dead[number]:
        return Words(
            "nothing", f"{name.capitalize()} is zero on {so_many}: nothing activates it.", _overall(found, one)
        )
    if found.constant[number] and found.done > 1:
        value = figure(float(found.high[number]))
        text = f"{name.capitalize()} is {value} everywhere on {so_many}: it does not depend on them."
        return Words("nothing", text, _overall(found, one))
    best = found.best(number)
    if not best:
        return Words("nothing", f"{name.capitalize()} gives no numbers.", _overall(found, one))
    low, high = figure(float(found.low[number])), figure(float(found.high[number]))
    facts = f"{name}: {low} … {high}, mean {figure(float(found.means[number]))}"
    if found.silent[number]:
        facts += f", zero on {_percent(found.zero_share(number))} of the images"
    if len(best) < min(BEST, found.done):
        facts += f"; {'one image activates' if len(best) == 1 else f'only {len(best)} images activate'} it"
    return Words("images", "", " · ".join(part for part in (facts, _overall(found, one)) if part))


def seen(found: TopImages | None) -> str:
    """How many images a result is about: 2,300 of 10,000 images; after 10,000 images."""
    if found is None or not found.done:
        return ""
    if found.complete:
        return f"after {found.done:,} images" if found.done > 1 else "after one image"
    return f"{found.done:,} of {found.wanted:,} images"


def tile_sentence(split: Split, index: int, class_name: str, value: float, node: tuple[int, ...]) -> str:
    """Everything that is known of one of the images."""
    part = "training" if split == "train" else "test"
    where = f" at row {node[0]}, column {node[1]}" if len(node) > 1 else ""
    return f"Image {index:,} of the {part} part, class {class_name}: {figure(value)}{where}"


def _overall(found: TopImages, one: str) -> str:
    """Which maps say nothing on all images."""
    parts = []
    for marks, word in ((found.dead, "zero"), (found.constant, "constant")):
        numbers = np.flatnonzero(marks).tolist()
        if numbers and found.done > 1:
            parts.append(f"{len(numbers):,} of {found.maps:,} {one}s {word} on all images: {listed(numbers)}")
    return " · ".join(parts)


def _percent(share: float) -> str:
    return percent(share, 0 if 0.01 <= share <= 0.99 else 1)
