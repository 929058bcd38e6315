"""What a report says of the weights of a layer: figures, how they are distributed, kernels as pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.model.info import LayerWeight
from cnn_explorer.core.model.weight_pictures import Histogram, WeightDigest, digest, is_depthwise, kernels_of
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.export.report.markup import Markup, element, joined
from cnn_explorer.export.report.pictures import Painted, colored_kernels, grid
from cnn_explorer.text.numbers import figure, percent

_MOST_KERNELS = 256
_MOST_NODES = 60_000  # of all kernels in one picture
_WIDE, _HIGH = 320, 84  # points
_FEWEST = 16  # values of which a distribution says something


def weights_section(weights: tuple[LayerWeight, ...]) -> Markup:
    """A table of figures, and a histogram of each array of some size; empty without weights."""
    if not weights:
        return Markup("")
    heads = ("Weights", "Shape", "Smallest", "Mean", "Largest", "Deviation", "Zeros")
    head = element("tr", *(element("th", text, scope="col", class_="n" if text != "Weights" else "") for text in heads))
    digests = [digest(weight) for weight in weights]
    rows = joined(_row(each) for each in digests)
    table = element("table", element("thead", head), element("tbody", rows), class_="small")
    drawn = [
        _histogram(each.weight.name, each.histogram)
        for each in digests
        if each.histogram is not None and each.figures.count >= _FEWEST
    ]
    return joined((element("div", table, class_="wide"), element("div", *drawn, class_="row")))


def kernel_section(kind: str, weights: tuple[LayerWeight, ...]) -> Markup:
    """The kernels of a convolution as pictures, and in words which of them are not there; empty if there are none.

    ``kind`` is the layer's type.
    """
    kernel = next((weight for weight in weights if "kernel" in weight.name and weight.values.ndim == 4), None)
    if kernel is None:
        return Markup("")
    values = kernels_of(kernel, kind)
    if values is None:
        return element("p", "Its kernels have one weight for each input map: too small for pictures.", class_="muted")
    rows, columns, inputs, total = values.shape
    size = shape_text((rows, columns))
    if inputs == 3:
        shown, words = values[..., :_MOST_KERNELS], f"Kernels of {shape_text((rows, columns, 3))}, as colours"
    else:
        shown, words = values[:, :, 0, :_MOST_KERNELS], f"Kernels of {size}"
        if is_depthwise(kernel, kind):
            words += ", one for each input map"
        elif inputs > 1:
            words += f" for input map 0; the {inputs - 1:,} others are not shown"
    painted = _painted(shown, words)
    left = f" The first {_MOST_KERNELS} of {total:,}." if total > _MOST_KERNELS else ""
    scale = "Grey is 0." if shown.ndim == 4 else "Blue is negative, red is positive; one scale for all."
    return element("figure", painted.image, element("figcaption", f"{words}. {scale}{left} {painted.note}".strip()))


def _painted(kernels: NDArray[np.float32], words: str) -> Painted:
    if kernels.ndim == 4:
        return colored_kernels(kernels, words)
    return grid(kernels, _MOST_NODES, signed=True, words=words, shared=True, cell=44)


def _row(weights: WeightDigest) -> Markup:
    weight, found = weights.weight, weights.figures
    name = weight.name if weight.trainable else f"{weight.name} (not trained)"
    figures: tuple[str, ...] = ("–",) * 4
    if found.count > found.not_finite:
        figures = tuple(figure(value) for value in (found.low, found.mean, found.high, found.deviation))
    if found.not_finite:
        name += f", {found.not_finite:,} not finite"
    zeros = percent(found.zeros, 1) if found.count else "–"
    cells = (shape_text(weight.values.shape) or "1", *figures, zeros)
    return element("tr", element("td", name), *(element("td", text, class_="n") for text in cells))


def _histogram(name: str, shown: Histogram) -> Markup:
    low, high, counts = shown.low, shown.high, shown.counts
    if low == high:
        return element("p", f"{name}: all values are {figure(low)}.", class_="muted")
    step, most, total = _WIDE / len(counts), max(counts), sum(counts)
    path = "".join(
        f"M{number * step:.1f} {_HIGH}v{-_HIGH * count / most:.1f}h{step - 1:.1f}V{_HIGH}z"
        for number, count in enumerate(counts)
        if count
    )
    parts = [element("path", d=path, class_="bars")]
    if low < 0 < high:
        x = -low / (high - low) * _WIDE
        parts.append(element("line", x1=x, x2=x, y1=0, y2=_HIGH, class_="zero"))
    words = f"Histogram of {name}: {total:,} values from {figure(low)} to {figure(high)}"
    drawing = element(
        "svg", *parts, viewBox=f"0 0 {_WIDE} {_HIGH}", width=_WIDE, height=_HIGH, role="img", aria_label=words
    )
    ends = element("div", element("span", figure(low)), element("span", figure(high)), class_="ends")
    return element("figure", drawing, ends, element("figcaption", f"{name}: {total:,} values"))
