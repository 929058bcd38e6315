"""All maps of a layer as one picture: marks on maps that show nothing, a map and a node chosen by mouse or keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from cnn_explorer.core.maps.arrangement import AUTOMATIC, Arrangement, arranged
from cnn_explorer.core.maps.dead_maps import DeadMaps
from cnn_explorer.core.maps.imaging import Limits
from cnn_explorer.core.maps.rows import tile_rows
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.ui.maps.grid_painting import MapNode, PaintedGrid
from cnn_explorer.ui.maps.pixel_view import painted
from cnn_explorer.ui.maps.ready_maps import ReadyMaps, ready_maps

_ARROWS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip
_SHIFT, _KEYPAD = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier


class ImageGrid(PaintedGrid):
    """The grid of maps. Numbers of maps are always their own, wherever a map stands.

    The arrow keys move over the maps, with Shift over the nodes of the chosen map; Home and End go to the first and
    the last map. Where not all maps have room, the wheel scrolls, and zooms with Ctrl.
    """

    map_hovered = Signal(int, int, int)
    """Map, row and column under the cursor, or under the cursor of the keys."""
    map_clicked = Signal(int)
    map_entered = Signal(int)
    """The chosen map, after Enter or the space bar."""
    map_chosen = Signal(int)
    """The map to which the arrow keys have moved."""
    chosen_changed = Signal(object)
    """The map that has the frame now, or ``None``."""
    node_opened = Signal(int, int, int)
    """Map, row and column of a double click."""

    scrolls = True
    """Whether rows of maps may lie outside of the view at first; else all are made to fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_grid")
        self.setAccessibleName("Maps of the layer")
        self.rows: NDArray[np.uint8] = np.zeros((0, 0, 0), np.uint8)
        self._wanted_mark: MapNode | None = None
        self._room: QSizeF | None = None
        self._arrangement: Arrangement | None = None
        self._choice = MapStyle()
        self.node_hovered.connect(self._on_node_hovered)
        self.hover_ended.connect(self._on_hover_ended)
        self.node_clicked.connect(self._on_node_clicked)
        self.node_double_clicked.connect(self._on_node_double_clicked)

    # What is shown

    def show_maps(
        self, maps: NDArray[Any], choice: MapStyle, limits: Limits | None = None,
        order: NDArray[np.int64] | None = None, dead_maps: DeadMaps | None = None,
    ) -> None:  # fmt: skip
        """Show maps (rows, columns, maps) in the chosen columns, colours and scale, between ``limits`` if given.

        ``order``: the number of the map at each place, ``core.maps.order``. ``dead_maps``: what is known of the maps on
        other images.
        """
        self.show_ready(ready_maps(maps, choice, limits, dead_maps), order=order)

    def show_ready(
        self, ready: ReadyMaps, choice: MapStyle | None = None, order: NDArray[np.int64] | None = None
    ) -> None:
        """Show maps that were made ready elsewhere; ``choice``: in other columns, lines or colours of the same kind."""
        choice = choice or ready.choice
        self.rows, self.quiet = ready.rows, ready.quiet
        count = self.rows.shape[2]
        self._choice, self._lines = choice, choice.lines
        self._order = order
        self._places = None if order is None else np.argsort(order)
        self._hovered = self._hovered if self._hovered is not None and self._hovered < count else None
        self._cursor, self._marked = self._inside(self._cursor), self._inside(self._wanted_mark)
        if self._chosen is not None and self._chosen >= count:
            self.choose(None)
        self._arrange()
        self._tile()

    @property
    def choice(self) -> MapStyle:
        """How the maps are shown: with the colour map and the columns that are in force."""
        columns = self.layout_.columns if self.layout_ else self._choice.columns
        return replace(self._choice, columns=columns)

    def choose(self, number: int | None) -> None:
        """Put the frame around a map, or around none, and have it in view."""
        changed = number != self._chosen
        self._chosen = number
        if self._cursor is not None and self._cursor[2] != number:
            self._cursor = None
        if number is not None and self.layout_ is not None and number < self.layout_.count:
            self.show_part(self.map_rectangle(number))
        self.update()
        if changed:
            self.chosen_changed.emit(number)

    def mark(self, node: MapNode | None) -> None:
        """Put a small frame around one node, or around none, and have it in view.

        A node that is not there gets its frame as soon as maps are shown that have it.
        """
        self._wanted_mark = node
        self._marked = self._inside(node)
        if self._marked is not None:
            self.show_part(self.node_rectangle(self._marked))
        self.update()

    # Room

    @property
    def scrolls_at_first(self) -> bool:
        return self._arrangement is not None and self._arrangement.scrolls

    @property
    def first_size(self) -> float:
        return self._arrangement.node if self._arrangement is not None and self.scrolls else self._fitting()

    def size_in(self, room: QSizeF) -> QSizeF:
        if self._room != room:
            self._room = room
            self._arrange_anew()
        if not self.scrolls or self._arrangement is None or self.layout_ is None:
            return super().size_in(room)
        high, wide = self.layout_.size
        node = self._arrangement.node
        return QSizeF(min(wide * node, room.width()), min(high * node, room.height()))

    def sizeHint(self) -> QSize:
        return QSize(640, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def wheel_way(self) -> float:
        rows = self.layout_.height * self.node_size if self.layout_ else 60.0
        return min(max(rows, 60.0), self.height() / 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        before = self.node_size
        top = self._centre.y() - event.oldSize().height() / 2 / before
        if self._room is None:
            self._arrange_anew()
        if self.scrolls_at_first and event.oldSize().height() > 0:
            self._centre.setY(top + self.height() / 2 / self.node_size)  # the upper end stays, not the middle
        super().resizeEvent(event)

    # Hands

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            # Who comes by keyboard must see where the arrows start.
            self.choose(self._chosen if self._chosen is not None else self._first())
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        layout, key, modifiers = self.layout_, Qt.Key(event.key()), event.modifiers() & ~_KEYPAD
        if layout is None or not layout.count or modifiers & ~_SHIFT:
            super().keyPressEvent(event)
        elif key in _ARROWS and modifiers & _SHIFT:
            self.move_cursor(*_ARROWS[key])
        elif key in _ARROWS:
            down, right = _ARROWS[key]
            place = 0 if self._chosen is None else self.place_of(self._chosen) + down * layout.columns + right
            self._walk_to(place)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._walk_to(0 if key == Qt.Key.Key_Home else layout.count - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.map_entered.emit(self._chosen if self._chosen is not None else self._first())
        else:
            super().keyPressEvent(event)

    def move_cursor(self, down: int, right: int) -> None:
        """Move the cursor of the keys over the nodes of the chosen map; it starts in the middle."""
        layout = self.layout_
        if layout is None or not layout.count:
            return
        if self._chosen is None:
            self.choose(self._first())
        assert self._chosen is not None
        if self._cursor is None:
            row, column = layout.height // 2, layout.width // 2
        else:
            row = min(max(self._cursor[0] + down, 0), layout.height - 1)
            column = min(max(self._cursor[1] + right, 0), layout.width - 1)
        self._cursor = (row, column, self._chosen)
        self.show_part(self.node_rectangle(self._cursor))
        self.update()
        self.map_hovered.emit(self._chosen, row, column)

    def _walk_to(self, place: int) -> None:
        if self.layout_ is not None and 0 <= place < self.layout_.count:
            self.choose(self.number_at(place))
            self.map_chosen.emit(self.number_at(place))

    def _first(self) -> int:
        return self.number_at(0)

    def _inside(self, node: MapNode | None) -> MapNode | None:
        """The node, if there is such a one."""
        inside = node is not None and all(0 <= at < side for at, side in zip(node, self.rows.shape, strict=True))
        return node if inside else None

    def _node(self, row: int, column: int) -> MapNode | None:
        """Map, row and column under a node of the picture."""
        found = self.layout_.map_at(row, column) if self.layout_ else None
        return None if found is None else (self.number_at(found[0]), found[1], found[2])

    def _on_node_hovered(self, row: int, column: int) -> None:
        found = self._node(row, column)
        self._set_hovered(found[0] if found else None)
        if found:
            if self._cursor is not None:
                self._cursor = None
                self.update()
            self.map_hovered.emit(*found)

    def _on_hover_ended(self) -> None:
        self._set_hovered(None)

    def _on_node_clicked(self, row: int, column: int) -> None:
        if found := self._node(row, column):
            self.map_clicked.emit(found[0])

    def _on_node_double_clicked(self, row: int, column: int) -> None:
        if found := self._node(row, column):
            self.node_opened.emit(*found)

    def _set_hovered(self, number: int | None) -> None:
        if number != self._hovered:
            self._hovered = number
            self.update()

    # Making the picture

    def _arrange(self) -> None:
        """Find columns and size for the room."""
        room = self._room or QSizeF(self.size())
        high, wide, count = self.rows.shape
        self._arrangement = arranged((high, wide, count), (room.height(), room.width()), self._choice.columns)

    def _arrange_anew(self) -> None:
        """The room is another one."""
        before = self._arrangement
        if before is None:
            return
        self._arrange()
        assert self._arrangement is not None
        if self._choice.columns == AUTOMATIC and self._arrangement.columns != before.columns:
            self._tile()

    def _tile(self) -> None:
        if self._arrangement is None:
            return
        picture, self.layout_ = tile_rows(self.rows, self._arrangement.columns, self._order)
        self.set_image(painted(picture, colormap(self._choice.colormap)))
