"""What lies over the grid of maps: lines, marks, frames and numbers; of a large layer only what is in view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from cnn_explorer.core.maps.dead_maps import QuietMaps
from cnn_explorer.core.maps.imaging import GridLayout
from cnn_explorer.ui.maps.pixel_view import PixelView, readable_on
from cnn_explorer.ui.theme import theme

_SMALLEST_MARKED = 14.0  # pixels: a smaller map has no room for a mark or a number
_FAINT, _STRONG = 0.45, 1.0


MapNode = tuple[int, int, int]
"""Row, column and map, as ``core.nodes.steps.Node`` has it."""


class PaintedGrid(PixelView):
    """Knows which map stands where, and which map and node are chosen; ``ImageGrid`` sets it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layout_: GridLayout | None = None
        self.quiet = QuietMaps((), (), 0)
        self._lines = True
        self._order: NDArray[np.int64] | None = None
        self._places: NDArray[np.int64] | None = None
        self._chosen: int | None = None
        self._hovered: int | None = None
        self._cursor: MapNode | None = None
        self._marked: MapNode | None = None
        self._signs: dict[tuple[int, bool], tuple[QPixmap, float]] = {}
        self._signs_for: tuple[float, float, object] | None = None  # what all of them have in common

    @property
    def chosen(self) -> int | None:
        """The map with the frame around it."""
        return self._chosen

    @property
    def cursor_node(self) -> MapNode | None:
        """The node to which the keys have moved."""
        return self._cursor

    @property
    def marked(self) -> MapNode | None:
        """The node with the frame of ``mark``."""
        return self._marked

    @property
    def numbers(self) -> tuple[int, ...]:
        """The number of the map at each place."""
        count = self.layout_.count if self.layout_ else 0
        return tuple(range(count)) if self._order is None else tuple(self._order.tolist())

    def number_at(self, place: int) -> int:
        """The number of the map at that place."""
        return place if self._order is None else int(self._order[place])

    def place_of(self, number: int) -> int:
        """The place of map ``number``."""
        return number if self._places is None else int(self._places[number])

    def map_rectangle(self, number: int) -> QRectF:
        """Where a map lies on the screen."""
        assert self.layout_ is not None
        return self.screen_rectangle(*self.layout_.rectangle(self.place_of(number)))

    def node_rectangle(self, node: MapNode) -> QRectF:
        """Where a node lies on the screen."""
        assert self.layout_ is not None
        top, left, _, _ = self.layout_.rectangle(self.place_of(node[2]))
        return self.screen_rectangle(top + node[0], left + node[1], top + node[0] + 1, left + node[1] + 1)

    def paint_over(self, painter: QPainter) -> None:
        layout = self.layout_
        if layout is None or not layout.height or not layout.width:
            return
        size = self.node_size * min(layout.width, layout.height)
        top, left, bottom, right = self.nodes_in(QRectF(self.rect()))
        rows = range(top // layout.height, min(layout.rows, -(-bottom // layout.height)))
        columns = range(left // layout.width, min(layout.columns, -(-right // layout.width)))
        self._hide_unused(painter, layout)
        if self._lines and size >= 4:
            self._paint_lines(painter, layout, rows, columns, size)
        if size >= _SMALLEST_MARKED:
            self._paint_marks(painter, layout, rows, columns)
        hovered, chosen = self._hovered, self._chosen
        if hovered is not None and hovered != chosen:
            self._paint_frame(painter, self.map_rectangle(hovered), theme().color("text"), 1.0)
        if chosen is not None:
            self._paint_frame(painter, self.map_rectangle(chosen), theme().color("accent"), 3.0)
        for node, role in ((self._cursor, "accent"), (self._marked, "error")):
            if node is not None:
                self.paint_node_frame(painter, self.node_rectangle(node), role)
        for tagged in {hovered, chosen} - {None}:
            assert tagged is not None
            self._paint_number(painter, tagged, size)

    def _hide_unused(self, painter: QPainter, layout: GridLayout) -> None:
        used = layout.count - (layout.rows - 1) * layout.columns
        if used < layout.columns:
            high, wide = layout.size
            rest = self.screen_rectangle(high - layout.height, used * layout.width, high, wide)
            painter.fillRect(rest.adjusted(0, 0, 1, 1), theme().color("surface"))

    def _paint_lines(self, painter: QPainter, layout: GridLayout, rows: range, columns: range, size: float) -> None:
        # A pixel thin at any zoom; inside the picture they would be a node wide.
        painter.setPen(QPen(theme().color("surface"), 2.0 if size >= 24 else 1.0))
        node, (height, width) = self.node_size, layout.size
        corner, end = self.to_screen(0, 0), self.to_screen(width, height)
        down = [corner.y() + row * layout.height * node for row in rows if row]
        across = [corner.x() + column * layout.width * node for column in columns if column]
        lines = [QLineF(corner.x(), y, end.x(), y) for y in down]
        painter.drawLines(lines + [QLineF(x, corner.y(), x, end.y()) for x in across])

    def _paint_marks(self, painter: QPainter, layout: GridLayout, rows: range, columns: range) -> None:
        image, node = self.image, self.node_size
        if not (self.quiet.zero or self.quiet.constant) or image is None or not len(rows) or not len(columns):
            return
        dead_maps = self.quiet.dead_maps
        dead = {*dead_maps.zero, *dead_maps.constant} if dead_maps else set()
        radius = min(7.0, node * layout.width / 6, node * layout.height / 6)
        ratio = self.devicePixelRatioF()
        if self._signs_for != (drawn_for := (radius, ratio, theme().palette)):
            self._signs_for, self._signs = drawn_for, {}
        corner = self.to_screen(layout.width / 2, layout.height / 2)
        for number in (*self.quiet.zero, *self.quiet.constant):
            row, column = divmod(self.place_of(number), layout.columns)
            if row not in rows or column not in columns:
                continue
            top, left = row * layout.height, column * layout.width
            key = image.pixel(left, top), number in dead
            if key not in self._signs:
                self._signs[key] = self._sign(*key, radius, ratio)
            sign, half = self._signs[key]
            painter.drawPixmap(QPointF(corner.x() + left * node - half, corner.y() + top * node - half), sign)

    def _sign(self, background: int, dead: bool, radius: float, ratio: float) -> tuple[QPixmap, float]:
        """A small ring with a stroke, the sign of the empty set, and half its side; strong if the map is dead."""
        color = readable_on(QColor(background))
        color.setAlphaF(_STRONG if dead else _FAINT)
        sign = _ring(color, radius, 2.0 if dead else 1.2, ratio)
        return sign, sign.deviceIndependentSize().width() / 2

    def _paint_frame(self, painter: QPainter, place: QRectF, color: QColor, width: float) -> None:
        pen = QPen(color, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(width / 2, width / 2, -width / 2, -width / 2))

    def _paint_number(self, painter: QPainter, number: int, size: float) -> None:
        place = self.map_rectangle(number)
        if not place.intersects(QRectF(self.rect())):
            return
        text = str(number)
        metrics = painter.fontMetrics()
        tag = QRectF(place.left(), place.top(), metrics.horizontalAdvance(text) + 8.0, metrics.height() + 2.0)
        if size < tag.height() * 1.5:  # it would hide the map: beside it then
            tag.moveBottomLeft(place.topLeft())
        tag.moveLeft(min(max(tag.left(), 0.0), self.width() - tag.width()))
        tag.moveTop(min(max(tag.top(), 0.0), self.height() - tag.height()))
        chosen = number == self.chosen
        painter.fillRect(tag, theme().color("accent" if chosen else "surface"))
        painter.setPen(theme().color("on_accent" if chosen else "text"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)


def _ring(color: QColor, radius: float, width: float, ratio: float) -> QPixmap:
    side = 2 * (1.1 * radius + width)
    pixmap = QPixmap(round(side * ratio) + 1, round(side * ratio) + 1)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, width))
    middle, reach = QPointF(side / 2, side / 2), QPointF(1.1 * radius, -1.1 * radius)
    painter.drawEllipse(middle, radius, radius)
    painter.drawLine(middle - reach, middle + reach)
    painter.end()
    return pixmap
