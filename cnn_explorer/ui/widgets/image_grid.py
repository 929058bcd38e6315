"""All maps of a layer as one picture: thin lines, marks on maps that show nothing, a map chosen by click or arrows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from cnn_explorer.core.imaging import GridLayout, Limits, scale_maps, tile
from cnn_explorer.data.colormaps import DIVERGING, colormap
from cnn_explorer.ui.readings import GridChoice, QuietMaps, quiet_maps
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.pixel_view import PixelView, colored, readable_on

_SMALLEST_MARKED = 14.0  # pixels: a smaller map has no room for a mark or a number
_ARROWS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class ImageGrid(PixelView):
    """The grid of maps. The values under the cursor are those of the layer, not those of the picture."""

    map_hovered = Signal(int, int, int)
    """Map, row and column under the cursor."""
    map_clicked = Signal(int)
    map_chosen = Signal(int)
    """The map to which the arrow keys have moved."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_grid")
        self.setAccessibleName("Maps of the layer")
        self.layout_: GridLayout | None = None
        self.quiet = QuietMaps((), (), 0)
        self.scaled = np.zeros((0, 0, 0), np.float32)
        self._choice = GridChoice()
        self._chosen: int | None = None
        self._hovered: int | None = None
        self.node_hovered.connect(self._on_node_hovered)
        self.hover_ended.connect(self._on_hover_ended)
        self.node_clicked.connect(self._on_node_clicked)

    def show_maps(self, maps: NDArray[Any], choice: GridChoice, limits: Limits | None = None) -> None:
        """Show maps (rows, columns, maps) in the chosen columns, colours and scale, between ``limits`` if given."""
        self.scaled = scale_maps(maps, choice.scale, choice.colormap in DIVERGING, limits)
        # Lines are painted over the picture, a pixel thin at any zoom; inside it they would be a node wide.
        picture, self.layout_ = tile(self.scaled, choice.columns, line=0)
        self.quiet = quiet_maps(maps)
        self._choice = choice
        count = maps.shape[2]
        self._chosen = self._chosen if self._chosen is not None and self._chosen < count else None
        self._hovered = self._hovered if self._hovered is not None and self._hovered < count else None
        self.set_image(colored(picture, colormap(choice.colormap)))

    @property
    def chosen(self) -> int | None:
        """The map with the frame around it."""
        return self._chosen

    def choose(self, number: int | None) -> None:
        """Put the frame around a map, or around none."""
        self._chosen = number
        self.update()

    def map_rectangle(self, number: int) -> QRectF:
        """Where a map lies on the screen."""
        assert self.layout_ is not None
        return self.screen_rectangle(*self.layout_.rectangle(number))

    def sizeHint(self) -> QSize:
        return QSize(640, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def paint_over(self, painter: QPainter) -> None:
        layout = self.layout_
        if layout is None:
            return
        size = self.node_size * min(layout.width, layout.height)
        surface = theme().color("surface")
        for number in range(layout.count, layout.rows * layout.columns):
            row, column = divmod(number, layout.columns)
            top, left = row * layout.height, column * layout.width
            rectangle = self.screen_rectangle(top, left, top + layout.height, left + layout.width)
            painter.fillRect(rectangle.adjusted(0, 0, 1, 1), surface)
        if self._choice.lines and size >= 4:
            self._paint_lines(painter, layout, QPen(surface, 2.0 if size >= 24 else 1.0))
        if size >= _SMALLEST_MARKED:
            for number in (*self.quiet.zero, *self.quiet.constant):
                self._paint_mark(painter, number)
        if self._hovered is not None and self._hovered != self._chosen:
            self._paint_frame(painter, self.map_rectangle(self._hovered), theme().color("text"), 1.0)
        if self._chosen is not None:
            self._paint_frame(painter, self.map_rectangle(self._chosen), theme().color("accent"), 3.0)
        for tagged in {self._hovered, self._chosen} - {None}:
            assert tagged is not None
            self._paint_number(painter, tagged, size)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.choose(self._chosen or 0)  # who comes by keyboard must see where the arrows start
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        layout = self.layout_
        key = Qt.Key(event.key())
        if layout is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            down, right = _ARROWS[key]
            current = self._chosen
            moved = 0 if current is None else current + down * layout.columns + right
            if 0 <= moved < layout.count:
                self.choose(moved)
                self.map_chosen.emit(moved)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.map_clicked.emit(self._chosen or 0)
        else:
            super().keyPressEvent(event)

    def _paint_lines(self, painter: QPainter, layout: GridLayout, pen: QPen) -> None:
        painter.setPen(pen)
        height, width = layout.size
        for row in range(1, layout.rows):
            y = row * layout.height
            painter.drawLine(self.to_screen(0, y), self.to_screen(width, y))
        for column in range(1, layout.columns):
            x = column * layout.width
            painter.drawLine(self.to_screen(x, 0), self.to_screen(x, height))

    def _paint_mark(self, painter: QPainter, number: int) -> None:
        """A small ring with a stroke, the sign of the empty set, in the middle of a map that shows nothing."""
        if self.layout_ is None or self.image is None:
            return
        place = self.map_rectangle(number)
        radius = min(7.0, place.width() / 6, place.height() / 6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, left, _, _ = self.layout_.rectangle(number)
        color = readable_on(self.image.pixelColor(left, top))
        color.setAlphaF(0.45)
        painter.setPen(QPen(color, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        middle = place.center()
        painter.drawEllipse(middle, radius, radius)
        reach = QPointF(radius * 1.1, -radius * 1.1)
        painter.drawLine(middle - reach, middle + reach)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_frame(self, painter: QPainter, place: QRectF, color: QColor, width: float) -> None:
        pen = QPen(color, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(width / 2, width / 2, -width / 2, -width / 2))

    def _paint_number(self, painter: QPainter, number: int, size: float) -> None:
        place = self.map_rectangle(number)
        text = str(number)
        metrics = painter.fontMetrics()
        tag = QRectF(place.left(), place.top(), metrics.horizontalAdvance(text) + 8.0, metrics.height() + 2.0)
        if size < tag.height() * 1.5:  # it would hide the map: beside it then
            tag.moveBottomLeft(place.topLeft())
        tag.moveLeft(min(max(tag.left(), 0.0), self.width() - tag.width()))
        tag.moveTop(min(max(tag.top(), 0.0), self.height() - tag.height()))
        chosen = number == self._chosen
        painter.fillRect(tag, theme().color("accent" if chosen else "surface"))
        painter.setPen(theme().color("on_accent" if chosen else "text"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)

    def _on_node_hovered(self, row: int, column: int) -> None:
        found = self.layout_.map_at(row, column) if self.layout_ else None
        self._set_hovered(found[0] if found else None)
        if found:
            self.map_hovered.emit(*found)

    def _on_hover_ended(self) -> None:
        self._set_hovered(None)

    def _on_node_clicked(self, row: int, column: int) -> None:
        found = self.layout_.map_at(row, column) if self.layout_ else None
        if found:
            self.map_clicked.emit(found[0])

    def _set_hovered(self, number: int | None) -> None:
        if number != self._hovered:
            self._hovered = number
            self.update()
