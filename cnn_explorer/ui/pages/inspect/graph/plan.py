"""Where the boxes and curves of a layer graph lie, in points at zoom 1: lying in columns, or standing in rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainterPath

from cnn_explorer.ui.pages.inspect.graph.layout import Edge, GraphLayout, Group, Place

MARGIN = 20.0
_BESIDE, _BETWEEN = 14.0, 34.0  # from box to box across the flow, and along it


@dataclass(frozen=True)
class GraphPlan:
    """A layout drawn with boxes of one size, and marks for inputs. ``lying``: the flow runs to the right, not down."""

    layout: GraphLayout
    box: QSizeF
    mark: QSizeF
    lying: bool
    boxes: dict[str, QRectF] = field(init=False)
    inputs: dict[str, QRectF] = field(init=False)
    """The marks of the model's inputs, by the layer that takes each."""

    def __post_init__(self) -> None:
        boxes = {name: self._around(place, self.box) for name, place in self.layout.places.items()}
        inputs = {name: self._around(place, self.mark) for name, place in self.layout.inputs.items()}
        object.__setattr__(self, "boxes", boxes)
        object.__setattr__(self, "inputs", inputs)

    @property
    def size(self) -> QSizeF:
        """Of the whole drawing, with margins."""
        low, high = self.layout.rows
        along, across = self._steps
        length = max(self.layout.columns, 1) * along - _BETWEEN + 2 * MARGIN
        breadth = (high - low) * across - _BESIDE + 2 * MARGIN
        return QSizeF(length, breadth) if self.lying else QSizeF(breadth, length)

    def frame(self, group: Group, inner: int) -> QRectF:
        """The frame around a nested model with ``inner`` levels of models within it."""
        first = self._around(Place(group.first_column, group.first_row), self.box)
        last = self._around(Place(group.last_column, group.last_row), self.box)
        room = 6.0 + 5.0 * inner
        title = 8.0 + 4.0 * inner
        return first.united(last).adjusted(-room, -room - title, room, room)

    @cached_property
    def curves(self) -> tuple[tuple[Edge, QPainterPath, QRectF], ...]:
        """The way of each edge, soft, from the side of one box to that of the other, and where it lies."""
        drawn = ((edge, self._curve(edge)) for edge in self.layout.edges)
        return tuple((edge, path, path.controlPointRect().adjusted(-4, -4, 4, 4)) for edge, path in drawn)

    def _curve(self, edge: Edge) -> QPainterPath:
        start, *_, end = edge.way
        path = QPainterPath(self._port(start, self.box if edge.source else self.mark, ahead=True))
        for place in edge.way[1:-1]:
            self._bend(path, self._port(place, self.box, ahead=False))
            path.lineTo(self._port(place, self.box, ahead=True))
        self._bend(path, self._port(end, self.box, ahead=False))
        return path

    @property
    def _steps(self) -> tuple[float, float]:
        """From middle to middle, along the flow and across it."""
        long, broad = (self.box.width(), self.box.height()) if self.lying else (self.box.height(), self.box.width())
        return long + _BETWEEN, broad + _BESIDE

    def _middle(self, place: Place) -> QPointF:
        along, across = self._steps
        low, _ = self.layout.rows
        x = MARGIN + (place.column + 0.5) * along - _BETWEEN / 2
        y = MARGIN + (place.row - low) * across - _BESIDE / 2
        return QPointF(x, y) if self.lying else QPointF(y, x)

    def _around(self, place: Place, size: QSizeF) -> QRectF:
        rectangle = QRectF(QPointF(), size)
        rectangle.moveCenter(self._middle(place))
        return rectangle

    def _port(self, place: Place, size: QSizeF, ahead: bool) -> QPointF:
        """The middle of the side where edges leave (``ahead``) or arrive."""
        away = 0.5 if ahead else -0.5
        step = QPointF(size.width() * away, 0.0) if self.lying else QPointF(0.0, size.height() * away)
        return self._middle(place) + step

    def _bend(self, path: QPainterPath, end: QPointF) -> None:
        start = path.currentPosition()
        half = (end - start) / 2
        half = QPointF(half.x(), 0.0) if self.lying else QPointF(0.0, half.y())
        path.cubicTo(start + half, end - half, end)
