"""What a report says of the weights of a layer: figures, how they are distributed, kernels as pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.figures import figure, finite_limits, shape_text
from cnn_explorer.core.model_info import LayerWeight
from cnn_explorer.data.markup import Markup, element, joined
from cnn_explorer.data.report_pictures import Painted, colored_kernels, grid

_MOST_KERNELS = 256
_BLOCK = 1_000_000  # weights that are counted at a time
_MOST_NODES = 60_000  # of all kernels in one picture
_COLUMNS = 48  # of a histogram
_WIDE, _HIGH = 320, 84  # points
_FEWEST = 16  # values of which a distribution says something


def weights_section(weights: tuple[LayerWeight, ...]) -> Markup:
    """A table of figures, and a histogram of each array of some size; empty without weights."""
    if not weights:
        return Markup("")
    heads = ("Weights", "Shape", "Smallest", "Mean", "Largest", "Deviation", "Zeros")
    head = element("tr", *(element("th", text, scope="col", class_="n" if text != "Weights" else "") for text in heads))
    figures = [_figures(weight.values) for weight in weights]
    rows = joined(_row(weight, found) for weight, found in zip(weights, figures, strict=True))
    table = element("table", element("thead", head), element("tbody", rows), class_="small")
    drawn = [
        _histogram(weight, found)
        for weight, found in zip(weights, figures, strict=True)
        if weight.values.size >= _FEWEST
    ]
    return joined((element("div", table, class_="wide"), element("div", *drawn, class_="row")))


def kernel_section(kind: str, weights: tuple[LayerWeight, ...]) -> Markup:
    """The kernels of a convolution as pictures, and in words which of them are not there; empty if there are none.

    ``kind`` is the layer's type.
    """
    kernel = next((weight for weight in weights if weight.values.ndim == 4), None)
    if kernel is None:
        return Markup("")
    # Those of a transposed convolution are (rows, columns, output maps, input maps).
    values = kernel.values.swapaxes(2, 3) if "Transpose" in kind else kernel.values
    rows, columns, inputs, outputs = values.shape
    size = shape_text((rows, columns))
    if rows * columns == 1:
        return element("p", "Its kernels have one weight for each input map: too small for pictures.", class_="muted")
    if "Depthwise" in kind or "depthwise" in kernel.name:
        each = values.reshape(rows, columns, inputs * outputs)
        shown, words = each[..., :_MOST_KERNELS], f"Kernels of {size}, one for each input map"
        total = each.shape[2]
    elif inputs == 3:
        shown, total = values[..., :_MOST_KERNELS], outputs
        words = f"Kernels of {size}×3, as colours"
    else:
        shown, total = values[:, :, 0, :_MOST_KERNELS], outputs
        others = f"; the {inputs - 1:,} others are not shown" if inputs > 1 else ""
        words = f"Kernels of {size} for input map 0{others}" if inputs > 1 else f"Kernels of {size}"
    painted = _painted(shown, words)
    left = f" The first {_MOST_KERNELS} of {total:,}." if total > _MOST_KERNELS else ""
    scale = "Grey is 0." if shown.ndim == 4 else "Blue is negative, red is positive; one scale for all."
    return element("figure", painted.image, element("figcaption", f"{words}. {scale}{left} {painted.note}".strip()))


def _painted(kernels: NDArray[np.float32], words: str) -> Painted:
    if kernels.ndim == 4:
        return colored_kernels(kernels, words)
    return grid(kernels, _MOST_NODES, signed=True, words=words, shared=True, cell=44)


@dataclass(frozen=True, eq=False)
class _Figures:
    """What the finite values of an array amount to; ``counts``: how many lie in each column of the histogram."""

    count: int
    low: float
    mean: float
    high: float
    deviation: float
    counts: NDArray[np.int64]


def _figures(values: NDArray[np.float32]) -> _Figures:
    """A part at a time: layers may have a hundred million weights."""
    flat = values.reshape(-1)
    parts = [flat[begin : begin + _BLOCK] for begin in range(0, flat.size, _BLOCK)]
    low, high = finite_limits(values)
    count, total, squares = 0, 0.0, 0.0
    counts = np.zeros(_COLUMNS, np.int64)
    for part in parts:
        # From the smallest: so nothing is lost of large values that differ little.
        known = part[np.isfinite(part)].astype(np.float64) - low
        count += known.size
        total += float(known.sum())
        squares += float(known @ known)
        if high > low:
            places = np.minimum((known * (_COLUMNS / (high - low))).astype(np.int64), _COLUMNS - 1)
            counts += np.bincount(places, minlength=_COLUMNS)
    mean = total / max(count, 1)
    deviation = math.sqrt(max(squares / max(count, 1) - mean * mean, 0.0))
    return _Figures(count, low, mean + low, high, deviation, counts)


def _row(weight: LayerWeight, found: _Figures) -> Markup:
    values = weight.values
    name = weight.name if weight.trainable else f"{weight.name} (not trained)"
    figures: tuple[str, ...] = ("–",) * 4
    if found.count:
        figures = tuple(figure(value) for value in (found.low, found.mean, found.high, found.deviation))
    if found.count < values.size:
        name += f", {values.size - found.count:,} not finite"
    zeros = f"{100 * (1 - np.count_nonzero(values) / values.size):.1f} %" if values.size else "–"
    cells = (shape_text(values.shape) or "1", *figures, zeros)
    return element("tr", element("td", name), *(element("td", text, class_="n") for text in cells))


def _histogram(weight: LayerWeight, found: _Figures) -> Markup:
    low, high, counts = found.low, found.high, found.counts
    if not found.count:
        return Markup("")
    if low == high:
        return element("p", f"{weight.name}: all values are {figure(low)}.", class_="muted")
    step, most = _WIDE / _COLUMNS, counts.max()
    path = "".join(
        f"M{number * step:.1f} {_HIGH}v{-_HIGH * count / most:.1f}h{step - 1:.1f}V{_HIGH}z"
        for number, count in enumerate(counts.tolist())
        if count
    )
    parts = [element("path", d=path, class_="bars")]
    if low < 0 < high:
        x = -low / (high - low) * _WIDE
        parts.append(element("line", x1=x, x2=x, y1=0, y2=_HIGH, class_="zero"))
    words = f"Histogram of {weight.name}: {found.count:,} values from {figure(low)} to {figure(high)}"
    drawing = element(
        "svg", *parts, viewBox=f"0 0 {_WIDE} {_HIGH}", width=_WIDE, height=_HIGH, role="img", aria_label=words
    )
    ends = element("div", element("span", figure(low)), element("span", figure(high)), class_="ends")
    return element("figure", drawing, ends, element("figcaption", f"{weight.name}: {found.count:,} values"))
