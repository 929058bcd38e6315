"""Three grids of the same layout that move together: two sides and their difference, and the bars of both scales."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from cnn_explorer.core.maps.arrangement import AUTOMATIC
from cnn_explorer.core.maps.style import SIGNED_COLORS, MapStyle
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.ui.maps.color_bar import ColorBar
from cnn_explorer.ui.maps.image_grid import ImageGrid
from cnn_explorer.ui.maps.pixel_view import View
from cnn_explorer.ui.maps.ready_maps import ReadyMaps
from cnn_explorer.ui.pages.inspect.compare.difference import SideBySide, fitting_columns, legends
from cnn_explorer.ui.pages.inspect.maps.lone_clicks import LoneClicks
from cnn_explorer.ui.theme import set_role, theme

GAP = 16  # pixels between the columns
_BAR_GAP = 8
_SMALLEST = 165  # pixels: three narrower grids show less than one at a time
SIDES = ("a", "b", "difference")


class CompareGrid(ImageGrid):
    """One of the grids; a vector is one map of wrapped rows."""

    def __init__(self, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setToolTip("Click a map, or press Enter, to enlarge it on all sides.")
        self._used = 0

    def show_side(
        self, ready: ReadyMaps, choice: MapStyle, order: NDArray[np.int64] | None = None, used: int = 0
    ) -> None:
        """Show maps as chosen, in that order; ``used``: of a vector, how many values it has."""
        self._used = used
        self.show_ready(ready, replace(choice, scale="map", everywhere=False), order)

    def show_large(self, number: int) -> None:
        """Zoom so that one map fills the view."""
        if self.layout_ is None:
            return
        top, left, bottom, right = self.layout_.rectangle(self.place_of(number))
        wanted = min(self.width() / (right - left), self.height() / (bottom - top))
        self.set_view(View(wanted / max(self.first_size, 1e-6), (left + right) / 2, (top + bottom) / 2))

    def paint_over(self, painter: QPainter) -> None:
        super().paint_over(painter)
        row, column = divmod(self._used, self.layout_.width) if self.layout_ else (0, 0)
        if self._used and column and self.layout_:
            rest = self.screen_rectangle(row, column, row + 1, self.layout_.width)
            painter.fillRect(rest.adjusted(0, 0, 1, 1), theme().color("surface"))


class CompareGrids(QWidget):
    """A, B and the difference of maps, or of vectors as strips; one of them where there is no room for three."""

    node_pointed = Signal(object)
    """The node under the cursor, (row, column, map) or (index,) of a vector; ``None`` once there is none."""
    node_opened = Signal(object)
    """The node that was double-clicked, on whichever side, or is pointed at when M is pressed."""
    map_enlarged = Signal(object)
    """Its number, or ``None`` for all of them."""
    map_stepped = Signal(int)
    """The map to which the arrow keys have moved."""
    placed = Signal()
    """The columns have other places."""
    zoomed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        titles = ("Maps of A", "Maps of B", "Difference of the maps, A − B")
        self.grids = tuple(CompareGrid(f"compare_{s}", t, self) for s, t in zip(SIDES, titles, strict=True))
        self.bars = ColorBar(self), ColorBar(self)
        self.why = QLabel(self)
        self.why.setObjectName("compare_why")
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        set_role(self.why, "muted")
        self.enlarged: int | None = None
        self.single: str | None = None
        """The one side that is shown where there is no room for three; ``None``: all of them."""
        self._chosen_side = "difference"
        self._places: tuple[QRect, ...] = (QRect(), QRect(), QRect())
        self._pair: SideBySide | None = None
        self._choice = MapStyle()
        self._sorted = False
        self._pointed: Node | None = None
        self._clicks = LoneClicks(self)
        self._columns: int | None = None  # as they were painted; None: not yet
        for grid in self.grids:
            grid.view_changed.connect(partial(self._on_view, grid))
            grid.map_hovered.connect(self._on_hovered)
            grid.hover_ended.connect(lambda: self.point_at(None))
            grid.map_clicked.connect(lambda _: self._clicks.click(self._pointed))
            grid.node_opened.connect(lambda n, row, column: self._clicks.double_click(self._node(n, row, column)))
            grid.map_entered.connect(self._toggle)
            grid.map_chosen.connect(self._on_chosen)
        self._clicks.clicked.connect(self._on_click)
        self._clicks.opened.connect(self.node_opened)
        self.grids[0].zoomed.connect(self.zoomed)

    @property
    def columns(self) -> tuple[QRect, ...]:
        """The places of A, B and the difference with their bars; those that are not shown are empty."""
        return self._places

    def show_pair(self, pair: SideBySide, choice: MapStyle, sorted_: bool) -> None:
        """Show another pair, or the same one otherwise. ``sorted_``: the maps that differ most stand first."""
        if self._pair is None or pair.painted[0].values.shape != self._pair.painted[0].values.shape:
            self.enlarged = None
            self._clicks.forget()
            for grid in self.grids:
                grid.choose(None)
                grid.mark(None)
        self._pair, self._sorted = pair, sorted_
        self._choice = choice = choice.with_colors(pair.is_signed)
        self._show_legends()
        self.why.setText(pair.why)
        self._columns = None
        self._place()

    def show_side(self, side: str) -> None:
        """Which side to show where there is room for one only."""
        self._chosen_side = side
        self._place()

    def enlarge(self, number: int | None) -> None:
        """Show one map large on all sides; ``None`` shows all maps again."""
        changed = number != self.enlarged
        self.enlarged = number
        self._show_legends()
        if number is not None:
            self._choose(number)
        self._place()
        if changed:
            self.fit()
            self.map_enlarged.emit(number)

    def fit(self) -> None:
        """Show everything again: all maps, or the whole of the enlarged one."""
        for grid in self.grids:
            if self.enlarged is None:
                grid.fit()
            else:
                grid.show_large(self.enlarged)

    def point_at(self, node: Node | None) -> None:
        """Mark a node on all sides, and tell of it."""
        self._pointed = shown = node
        if node is not None and len(node) == 1 and self._pair is not None:
            shown = (*divmod(node[0], self._pair.painted[0].values.shape[1]), 0)
        for grid in self.grids:
            grid.mark(shown if shown is not None and len(shown) == 3 else None)
        self.node_pointed.emit(node)

    def sizeHint(self) -> QSize:
        return QSize(640, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.enlarged is not None:
            self.enlarge(None)
        elif event.key() == Qt.Key.Key_M and not event.modifiers() and self._pointed is not None:
            self.node_opened.emit(self._pointed)
        else:
            super().keyPressEvent(event)

    def _on_hovered(self, number: int, row: int, column: int) -> None:
        node = self._node(number, row, column)
        beyond = len(node) == 1 and self._pair is not None and node[0] >= self._pair.a.size
        self.point_at(None if beyond else node)

    def _node(self, number: int, row: int, column: int) -> Node:
        """The node of the layer at a node of a grid."""
        pair = self._pair
        if pair is None or not pair.is_vector:
            return row, column, number
        return (row * pair.painted[0].values.shape[1] + column,)

    def _on_click(self, node: Node | None) -> None:
        if node is not None and len(node) == 3:
            self._toggle(node[2])

    def _toggle(self, number: int) -> None:
        if self._pair is not None and not self._pair.is_vector:
            self.enlarge(None if self.enlarged == number else number)

    def _on_chosen(self, number: int) -> None:
        self._choose(number)
        if self.enlarged is not None:
            self.enlarge(number)
        self.map_stepped.emit(number)

    def _choose(self, number: int) -> None:
        for grid in self.grids:
            grid.choose(number)

    def _on_view(self, moved: CompareGrid) -> None:
        for grid in self.grids:
            if grid is not moved:
                grid.set_view(moved.view)

    def _place(self) -> None:
        """Give every part its place."""
        pair = self._pair
        if pair is None:
            return
        beside = [_BAR_GAP + bar.sizeHint().width() for bar in self.bars]
        room = (self.width() - 2 * GAP - sum(beside)) // 3
        self.single = None if room >= _SMALLEST else self._chosen_side
        if self.single:
            room = self.width() - max(beside)
        columns = fitting_columns(pair.painted[0].values.shape, max(room, 1), max(self.height(), 1))
        if columns != self._columns:
            self._columns = columns
            self._paint(pair, columns)
        resized = self._put(pair, max(room, 1), beside)
        if self.enlarged is not None and resized:
            self.fit()
        self.placed.emit()

    def _show_legends(self) -> None:
        if self._pair is not None:
            both, apart = legends(self._pair, self._choice.symmetric, self.enlarged)
            self.bars[0].show_legend(both, self._choice.colormap)
            self.bars[1].show_legend(apart, SIGNED_COLORS)

    def _paint(self, pair: SideBySide, columns: int) -> None:
        sorts = self._sorted and pair.comparison is not None and not pair.is_vector
        order = pair.comparison.order if sorts and pair.comparison is not None else None
        used = pair.a.size if pair.is_vector else 0
        for grid, ready, side in zip(self.grids, pair.ready(self._choice), SIDES, strict=True):
            colors = SIGNED_COLORS if side == "difference" else self._choice.colormap
            if ready is not None:
                # Either all maps are in view, or as many as can be seen and the rest by scrolling.
                grid.scrolls = columns == AUTOMATIC
                grid.show_side(ready, replace(self._choice, columns=columns, colormap=colors), order, used)

    def _put(self, pair: SideBySide, room: int, beside: list[int]) -> bool:
        """Place grids and bars; whether a grid has another size now."""
        left, places = 0, []
        sizes = [grid.size() for grid in self.grids]
        for number, (grid, painted, side) in enumerate(zip(self.grids, pair.painted, SIDES, strict=True)):
            shown = self.single in (None, side)
            width, height = self._size(grid, room)
            grid.setVisible(shown and painted is not None)
            grid.setGeometry(left, 0, width, height)
            # A and B have one bar, behind B; alone, each of them has it.
            own = 1 if side == "difference" else 0 if side == "b" or self.single else None
            wide = room
            if own is not None:
                self.bars[own].setGeometry(left + width + _BAR_GAP, 0, beside[own] - _BAR_GAP, height)
                wide += beside[own]
            places.append(QRect(left, 0, wide if shown else 0, self.height()))
            if number == 2:
                self.why.setGeometry(left, 0, wide, self.height())
            if shown:
                left += wide + GAP
        self._places = tuple(places)
        both = pair.painted[1] is not None
        self.bars[0].setVisible(self.single == "a" or (self.single in (None, "b") and both))
        self.bars[1].setVisible(pair.painted[2] is not None and self.single in (None, "difference"))
        self.why.setVisible(bool(pair.why) and self.single in (None, "difference"))
        return sizes != [grid.size() for grid in self.grids]

    def _size(self, grid: CompareGrid, room: int) -> tuple[int, int]:
        """What a grid takes of its room: the shape of its picture, or of the map that is enlarged."""
        if self.enlarged is None or grid.layout_ is None:
            size = grid.size_in(QSizeF(room, self.height()))
            return max(1, round(size.width())), max(1, round(size.height()))
        high, wide = grid.layout_.height, grid.layout_.width
        scale = min(room / max(wide, 1), self.height() / max(high, 1))
        return max(1, round(wide * scale)), max(1, round(high * scale))
