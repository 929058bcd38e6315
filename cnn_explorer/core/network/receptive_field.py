"""Which part of the image a node of a layer sees: size of the field, jump, and the rectangle of any node."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.geometry import View
from cnn_explorer.core.network.layers.rules import AxisSteps, Flow, MisfitError, Shape, effect_of
from cnn_explorer.core.sizes import shape_text


@dataclass(frozen=True)
class Sight:
    """What the nodes of a layer see of the image, along its rows and along its columns."""

    rows: View = field(default_factory=View)
    columns: View = field(default_factory=View)

    def through(self, steps: AxisSteps | None) -> Sight | None:
        """The sight of the next layer; ``None`` where its values have no place on the image."""
        if steps is None:
            return None
        rows, columns = self.rows.through(steps[0]), self.columns.through(steps[1])
        return Sight(rows, columns) if rows and columns else None

    def largest(self, shape: Shape) -> tuple[int, int]:
        """The receptive field of a map of this shape (rows, columns, maps): its largest, where nodes differ."""
        return self.rows.largest(shape[0]), self.columns.largest(shape[1])

    @property
    def jump(self) -> tuple[float, float]:
        """How many pixels further the neighbouring node looks, down and across."""
        return float(self.rows.jump), float(self.columns.jump)


def input_rectangle(
    architecture: Architecture, layer_index: int, row: int, column: int
) -> tuple[int, int, int, int] | None:
    """The part of the image that a node of a layer sees: (top, left, bottom, right) in pixels.

    ``bottom`` and ``right`` are exclusive: ``right - left`` is the width. The rectangle is not clipped: a node
    near the border also sees zeros of padding, so that values may be negative or exceed the image. Its part
    inside the image holds every pixel that the node sees. (At the lower and right border it may hold a few more,
    if a ``valid`` window left pixels over and a later layer pads: the padding is drawn as if the map went on.)

    ``None`` where an output has no place on the image (a vector), where the node sees nothing of it (between those that
    a transposed convolution reaches), and where the network has a problem.
    Raises ``IndexError`` for a layer or a node that does not exist.
    """
    if not 0 <= layer_index < len(architecture.layers):
        raise IndexError(f"layer {layer_index} of {len(architecture.layers)}")
    flow, sight = Flow(architecture.input_shape), Sight()
    for layer in architecture.layers[: layer_index + 1]:
        try:
            effect = effect_of(layer, flow)
        except MisfitError:
            return None
        seen = sight.through(effect.steps)
        if seen is None:
            return None
        flow, sight = flow.after(layer, effect), seen
    rows, columns = flow.shape[:2]
    if not (0 <= row < rows and 0 <= column < columns):
        raise IndexError(f"node {row}, {column} of a map of {shape_text((rows, columns))}")
    top, bottom = sight.rows.pixels(row)
    left, right = sight.columns.pixels(column)
    return (top, left, bottom + 1, right + 1) if top <= bottom and left <= right else None
