"""What the weights of a layer say, in words for people; no Qt in here."""

from __future__ import annotations

from cnn_explorer.core.model.info import LayerInfo, LayerWeight, ModelInfo
from cnn_explorer.core.model.weight_pictures import Way, WeightFigures, WeightPicture
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.text.numbers import figure, share_text

WAYS: dict[Way, tuple[str, str]] = {
    "colors": ("as colours", "The three input maps as red, green and blue; grey is 0."),
    "input": ("input map", "The part of each kernel that slides over one of the input maps."),
    "mean": ("mean over input maps", "The mean of each kernel over all its input maps."),
    "strength": ("strength over input maps", "The length (Euclidean norm) of each kernel's weights, place by place."),
    "matrix": ("all weights", "A row for each input, a column for each output."),
    "unit": ("one unit, as maps", "What one unit takes from each node of the maps that were flattened before it."),
    "values": ("values", "One number after another."),
}
"""Title and explanation of each way to look at an array."""

_COLORS = ("red", "green", "blue")


def array_title(weight: LayerWeight) -> str:
    """Name and shape, and whether training leaves it alone."""
    shape = shape_text(weight.values.shape) or "one number"
    return f"{weight.name} · {shape}" + ("" if weight.trainable else " · not trained")


def figure_rows(figures: WeightFigures) -> tuple[tuple[str, str], ...]:
    """The statistics of an array, by name."""
    rows = (
        ("count", f"{figures.count:,}"),
        ("min", figure(figures.low)),
        ("mean", figure(figures.mean)),
        ("max", figure(figures.high)),
        ("std", figure(figures.deviation)),
        ("zeros", share_text(figures.zeros)),
    )
    return (*rows, ("no numbers", f"{figures.not_finite:,}")) if figures.not_finite else rows


def layer_rows(info: ModelInfo, layer: LayerInfo) -> tuple[tuple[str, str], ...]:
    """What is known of a layer apart from its settings."""
    shapes = [_shape_of(info, layer, source) for source in layer.sources]
    rows = [("type", layer.type), ("shape in", " and ".join(shapes) or "not known")]
    rows += [("shape out", shape_text(layer.output_shape) or "one number"), ("parameters", f"{layer.params:,}")]
    if layer.receptive_field is not None:
        rows.append(("receptive field", f"{shape_text(layer.receptive_field)} pixels"))
    if layer.jump is not None:
        rows.append(("jump", f"{shape_text(layer.jump)} pixels"))
    if layer.sources:
        inputs = " and ".join(one.name for one in info.taken(layer)) or "the input"
        rows.append(("takes", " and ".join(source or inputs for source in dict.fromkeys(layer.sources))))
    return tuple(rows)


def picture_note(picture: WeightPicture) -> str:
    """What has to be known to read a picture; "" if it is plain."""
    if picture.block != (1, 1):
        return f"Each pixel stands for {shape_text(picture.block)} weights, and shows the strongest of them."
    return ""


def cell_text(picture: WeightPicture, number: int, row: int, column: int) -> str:
    """Place and value of one weight of a picture, for the status line; ``number`` is the kernel or the map."""
    values = picture.values
    if picture.way == "matrix":
        high, wide = picture.block
        rows, columns = _range(row, high), _range(column, wide)
        return f"input {rows} · output {columns} · {figure(float(values[row, column, 0]))}"
    place = f"row {row}, column {column}"
    if picture.way == "colors":
        each = (f"{name} {figure(float(values[row, column, at, number]))}" for at, name in enumerate(_COLORS))
        return f"kernel {number} · {place} · {', '.join(each)}"
    what = "map" if picture.way == "unit" else "kernel"
    return f"{what} {number} · {place} · {figure(float(values[row, column, number]))}"


def _range(index: int, side: int) -> str:
    return str(index) if side == 1 else f"{index * side}…{index * side + side - 1}"


def _shape_of(info: ModelInfo, layer: LayerInfo, source: str) -> str:
    before = info.layer(source) if source else None
    if before is not None:
        return shape_text(before.output_shape)
    shapes = {shape_text(one.shape) for one in info.taken(layer) or info.inputs} or {shape_text(info.input_shape)}
    return shapes.pop() if len(shapes) == 1 else "an input of the model"
