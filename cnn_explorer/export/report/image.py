"""The section of a report on the image: as it was, as the network got it, and what the network says of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import finite_limits
from cnn_explorer.core.model.info import ForwardPass, ModelInfo
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.export.report.markup import Markup, element
from cnn_explorer.export.report.pictures import Painted, grid, photograph
from cnn_explorer.text.numbers import figure
from cnn_explorer.text.verdicts import prediction_bars

RawImage = NDArray[np.uint8] | NDArray[np.float32]
"""(rows, columns, channels), bytes or 0…255."""

_MOST_NODES = 200_000


def image_section(
    info: ModelInfo,
    forward: ForwardPass,
    images: tuple[tuple[str, RawImage], ...],
    names: tuple[str, ...],
    true_name: str,
) -> Markup:
    """Pictures of all inputs, and the prediction as bars."""
    pictures = [_raw(name, image) for name, image in images]
    for number, values in enumerate(forward.inputs):
        name = info.inputs[number].name if len(forward.inputs) > 1 and number < len(info.inputs) else ""
        pictures.append(_prepared(name, values))
    answer = _prediction(forward.prediction, names, true_name)
    return element("section", element("div", *pictures, answer, class_="row"))


def _raw(name: str, image: RawImage) -> Markup:
    words = f"Image {name}, as it is"
    size = f"{words}, {shape_text(image.shape)}."
    return _figure(photograph(image, words, bytes_=True) or grid(image, _MOST_NODES, False, words, shared=True), size)


def _prepared(name: str, values: NDArray[np.float32]) -> Markup:
    low, high = finite_limits(values)
    what = f"Input {name}" if name else "As the network gets it"
    ends = f"all {figure(low)}" if low == high else f"{figure(low)} to {figure(high)}"
    if values.ndim != 3:
        return element("p", f"{what}: values of shape {shape_text(values.shape)}, {ends}.", class_="muted")
    painted = photograph(values, what, bytes_=False) or grid(values, _MOST_NODES, low < 0, what, shared=True)
    return _figure(painted, f"{what}: {ends}.")


def _figure(painted: Painted, words: str) -> Markup:
    return element("figure", painted.image, element("figcaption", f"{words} {painted.note}".strip()))


def _prediction(prediction: NDArray[np.float32] | None, names: tuple[str, ...], true_name: str) -> Markup:
    if prediction is None or not prediction.size:
        return element("p", "The model gives no vector as its first output.", class_="muted")
    values = prediction.astype(np.float64).reshape(-1)
    if not np.isfinite(values).all():
        return element("p", "The answer contains values that are not numbers.", class_="answer")
    best = int(values.argmax())
    rows = []
    for shown in prediction_bars(values, names, true_name):
        bar = element("td", element("div", style=f"width: {100 * shown.length:.1f}%"), class_="bar")
        label = f"{shown.name} (true class)" if shown.true else shown.name
        cells = (element("td", label), bar, element("td", shown.text, class_="n"))
        rows.append(element("tr", *cells, class_="best" if shown.predicted and values.size > 1 else ""))
    more = f"The {len(rows)} largest of {values.size:,} outputs." if len(rows) < values.size else ""
    said = f"Predicted {names[best] if best < len(names) else best}" if values.size > 1 else "Output"
    if true_name and values.size > 1 and true_name in names:
        said += ", which is right" if names[best] == true_name else f"; the true class is {true_name}"
    table = element("table", element("tbody", *rows), class_="small")
    return element("div", element("h3", said), table, element("p", more, class_="muted"), class_="answer")
