"""What one layer makes of one image, with the controls for how it is shown: the heart of the Inspect page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from cnn_explorer.core.maps.dead_maps import DeadMaps
from cnn_explorer.core.maps.imaging import Limits, as_maps
from cnn_explorer.core.maps.order import MapOrder, map_order
from cnn_explorer.core.maps.statistics import MapFigures, map_statistics
from cnn_explorer.core.maps.style import AUTOMATIC_COLORS, MapStyle
from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.text.layers import too_many_axes
from cnn_explorer.text.legend import legend
from cnn_explorer.text.maps import figures_text, node_text, quiet_reason, quiet_summary, value_text, zero_values
from cnn_explorer.ui.maps.image_grid import ImageGrid
from cnn_explorer.ui.maps.picture_with_bar import PictureWithBar
from cnn_explorer.ui.pages.inspect.maps.grid_controls import GridControls
from cnn_explorer.ui.pages.inspect.maps.lone_clicks import LoneClicks
from cnn_explorer.ui.pages.inspect.maps.map_detail import EnlargedMap, MapDetail
from cnn_explorer.ui.pages.inspect.maps.vector_view import VectorView
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class LayerView(QWidget):
    """Maps as a grid, one of them enlarged on demand, or a vector; the status line tells the value under the cursor."""

    enlarged_changed = Signal(bool)
    """Whether a map stands beside the grid."""
    map_changed = Signal(object)
    """The number of the map that is chosen now, or ``None``."""
    node_pointed = Signal(object)
    """The node under the cursor, (row, column, map) or (index,); ``None`` once there is none."""
    node_opened = Signal(object)
    """The node that was double-clicked, or chosen with the key M."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: LayerInfo | None = None
        self._activation: NDArray[Any] = np.zeros(0, np.float32)
        self._maps: NDArray[Any] | None = None
        self._names: tuple[str, ...] = ()
        self._everywhere: Callable[[], Limits] | None = None
        self._signed, self._reference = False, 0
        self._dead_maps: tuple[str, DeadMaps | None] = "", None
        self._figures: dict[int, MapFigures] = {}
        self._order_by: MapOrder = "number"
        self._pointed: Node | None = None
        self._clicks = LoneClicks(self)
        self.enlarged: int | None = None
        self.waits = self._stale = False  # waits: it is hidden behind something else, and need not be painted
        self.status, self.figures = ElidedLabel(), QLabel()
        self.controls = GridControls()
        self.grid, self.detail, self.vector = ImageGrid(), MapDetail(), VectorView()
        self.picture = PictureWithBar(self.grid)
        self._too_many = QLabel()
        self._lay_out()
        self._connect()
        self.enlarge(None)

    @property
    def choice(self) -> MapStyle:
        """Columns, colours, scale and lines as they are chosen; ``grid.choice`` has those that are in force."""
        return self.controls.choice

    @property
    def chosen(self) -> int | None:
        """The number of the chosen map."""
        return self.grid.chosen if self._maps is not None else None

    @property
    def shown_numbers(self) -> tuple[int, ...]:
        """The number of the map at each place of the grid."""
        return self.grid.numbers if self._maps is not None else ()

    @property
    def order(self) -> MapOrder:
        """What the maps are sorted by."""
        return self._order_by

    def show_activation(
        self, layer: LayerInfo, activation: NDArray[Any], names: tuple[str, ...],
        everywhere: Callable[[], Limits] | None = None,
    ) -> None:  # fmt: skip
        """Show a layer's output for one image; ``names`` are those of the classes if this is the last layer.

        ``everywhere`` finds the limits over all layers, which is asked only if the scale needs them.
        """
        if self._layer is None or layer.name != self._layer.name:
            self._clicks.forget()
            self.enlarge(None)
            self.grid.choose(None)
            self._signed, self._reference = False, 0
            self._set_pointed(None)
        self._layer, self._activation, self._names, self._everywhere = layer, activation, names, everywhere
        self._maps = as_maps(activation)
        self._figures = {}
        # Once signed, it stays so while one steps through images: else colours would change from one to the next.
        self._signed = self._signed or bool(activation.size and activation.min() < 0)
        self.refresh()

    def show_dead_maps(self, dead_maps: DeadMaps | None, layer: str = "") -> None:
        """What is known of the maps of ``layer`` (the one in view, if it is not named) on other images."""
        self._dead_maps = layer or (self._layer.name if self._layer else ""), dead_maps
        if self._maps is not None:
            self.refresh()

    def refresh(self) -> None:
        """Paint what is there with the choice as it is now; later, while it ``waits``."""
        self._stale = self.waits
        if not self.waits:
            self._paint()

    def catch_up(self) -> None:
        """Paint what was left while it waited."""
        if self._stale:
            self._stale = False
            self._paint()

    def _paint(self) -> None:
        maps = self._maps
        if self._activation.ndim > 3:
            self.enlarge(None)
            self._too_many.setText(too_many_axes(self._activation.shape))
            self._body.setCurrentWidget(self._too_many)
        elif maps is None:
            self.enlarge(None)
            self._body.setCurrentWidget(self.vector)
            self.vector.show_vector(self._activation.reshape(-1), self._names, *self._colored())
        else:
            self._body.setCurrentWidget(self._maps_page)
            self._show_maps(maps)
        in_bars = maps is None and (self._activation.ndim > 3 or self.vector.shows_bars)
        self.controls.show_for(maps=maps is not None, colors=not in_bars)
        self._show_status()

    def enlarge(self, number: int | None) -> None:
        """Show one map large beside the grid; ``None`` goes back to the grid alone."""
        changed = number != self.enlarged
        self.enlarged = number
        self.detail.setVisible(number is not None)
        if changed or number is None:
            self.picture.show_bar(number is None)
        if number is not None:
            self.grid.choose(number)
        self._show_enlarged()
        self.enlarged_changed.emit(number is not None)
        if number is None and self.detail.isAncestorOf(self.focusWidget() or self):
            self.grid.setFocus()
        self._show_status()

    def mark(self, node: Node | None) -> None:
        """Put a small frame around one node of what is in view, or around none."""
        vector = node is not None and len(node) == 1
        self.vector.mark(node[0] if node is not None and vector else None)
        self.grid.mark((node[0], node[1], node[2]) if node is not None and len(node) == 3 else None)
        self._show_nodes()

    def sort_by(self, order: MapOrder) -> None:
        """Sort the maps; by likeness: to the chosen map, or the first one."""
        if self._maps is None:
            return
        self._order_by = order
        self.controls.show_order(order)
        if order == "similarity":
            self._reference = self.grid.chosen if self.grid.chosen is not None else self.grid.number_at(0)
        self.refresh()
        if order == "similarity":
            self.grid.choose(self._reference)
        elif self.grid.chosen is not None:
            self.grid.choose(self.grid.chosen)  # has it in view

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.modifiers() & _MODIFIERS:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_M:
            self._open_pointed()
        elif key == Qt.Key.Key_S and self._maps is not None:
            self.sort_by("similarity")
        else:
            super().keyPressEvent(event)

    # What is shown

    def _colored(self) -> tuple[MapStyle, Limits | None]:
        """The choice with its colours, and the limits of all layers if the scale has these."""
        choice = self.choice
        limits = self._everywhere() if choice.everywhere and self._everywhere is not None else None
        signed = self._signed if limits is None else bool(limits[0].min() < 0)
        self.controls.show_colors(replace(choice, colormap=AUTOMATIC_COLORS).with_colors(signed).colormap)
        return choice.with_colors(signed), limits

    def _show_maps(self, maps: NDArray[Any]) -> None:
        count = maps.shape[2]
        self.controls.suggest_columns(count)
        choice, limits = self._colored()
        order = None
        if self._order_by != "number" and count:
            order = map_order(maps, self._order_by, min(self._reference, count - 1))
        layer, dead_maps = self._dead_maps
        known = dead_maps if self._layer is not None and layer == self._layer.name else None
        self.grid.show_maps(maps, choice, limits, order, known)
        if self.enlarged is not None and self.enlarged >= count:
            self.enlarge(None)
        words = legend(maps, choice.scale, choice.symmetric, count > 1, limits)
        self.picture.show_legend(words, choice.colormap)
        self._show_enlarged()

    def _show_enlarged(self) -> None:
        if self.enlarged is None or self._maps is None:
            return
        number, (choice, limits) = self.enlarged, self._colored()
        values = self._maps[..., number]
        whole = self._maps if choice.scale == "layer" else values
        words = legend(whole, choice.scale, choice.symmetric, many=False, everywhere=limits)
        self.detail.show_map(
            EnlargedMap(
                number, values, self.grid.rows[..., number], choice.colormap, words,
                quiet_reason(self.grid.quiet, number), self._figures_of(number),
            )
        )  # fmt: skip
        self._show_nodes()

    def _show_nodes(self) -> None:
        """The cursor of the keys and the mark, in the enlarged map."""
        places = [
            node[:2] if node is not None and node[2] == self.enlarged else None
            for node in (self.grid.cursor_node, self.grid.marked)
        ]
        self.detail.show_nodes(*places)

    def _figures_of(self, number: int) -> MapFigures:
        if number not in self._figures:
            assert self._maps is not None
            self._figures[number] = map_statistics(self._maps[..., number : number + 1]).of(0)
        return self._figures[number]

    def _show_status(self) -> None:
        """What there is to say while the cursor is on no node."""
        self.figures.setText("")
        if self._activation.ndim > 3:
            self.status.setText("")
        elif self._maps is None:
            self.status.setText(zero_values(self._activation) or "Point at a value to read it.")
        elif self.grid.cursor_node is not None:
            row, column, number = self.grid.cursor_node
            self._say_node(number, row, column)
        else:
            hint = "Point at a node to read its value; click a map to enlarge it; a double click opens the node."
            sorted_ = f"Sorted by similarity to map {self._reference} (S: to the chosen one)"
            said = (sorted_ if self._order_by == "similarity" else "", quiet_summary(self.grid.quiet))
            self.status.setText(" · ".join(filter(None, said)) or hint)

    def _say_node(self, number: int, row: int, column: int) -> None:
        assert self._maps is not None
        value = float(self._maps[row, column, number])
        self.status.setText(node_text(number, row, column, value, quiet_reason(self.grid.quiet, number)))
        self.figures.setText("" if self.enlarged == number else figures_text(self._figures_of(number)))

    # Hands

    def _set_pointed(self, node: Node | None) -> None:
        if node != self._pointed:
            self._pointed = node
            self.node_pointed.emit(node)

    def _on_node_hovered(self, number: int, row: int, column: int) -> None:
        if self._maps is not None:
            self._say_node(number, row, column)
            self._show_nodes()
            self._set_pointed((row, column, number))

    def _on_value_hovered(self, index: int) -> None:
        name = self._names[index] if len(self._names) == self._activation.size else ""
        self.status.setText(value_text(index, float(self._activation.reshape(-1)[index]), name))
        self._set_pointed((index,))

    def _on_hover_ended(self) -> None:
        self._show_status()
        self._set_pointed(self.grid.cursor_node if self._maps is not None else None)

    def _on_detail_hovered(self, row: int, column: int) -> None:
        if self.enlarged is not None:
            self._on_node_hovered(self.enlarged, row, column)

    def _on_clicked(self, number: int | None) -> None:
        """A click on a map of the grid, or into the enlarged one: the frame moves at once."""
        if number is not None:
            self.grid.choose(number)
        self._clicks.click(self._pointed)

    def _on_click_alone(self, node: Node | None) -> None:
        if node is not None and len(node) == 3:
            self._toggle(node[2])

    def _toggle(self, number: int | None) -> None:
        self.enlarge(None if number == self.enlarged else number)

    def _open_pointed(self) -> None:
        node = self._pointed
        if node is None and self._maps is not None:
            self.grid.move_cursor(0, 0)
            node = self.grid.cursor_node
        elif node is None and self._activation.ndim == 1 and self._activation.size:
            node = (self.vector.cursor_index or 0,)
        if node is not None:
            self.node_opened.emit(node)

    def _on_map_chosen(self, number: int) -> None:
        if self.enlarged is not None:
            self.enlarge(number)
        else:
            self.status.setText(f"map {number} · Enter enlarges it, Shift and the arrows move over its nodes")
            self.figures.setText(figures_text(self._figures_of(number)))

    def _on_stepped(self, by: int) -> None:
        """To the map that stands before or behind the enlarged one."""
        if self.enlarged is not None and self._maps is not None:
            place = self.grid.place_of(self.enlarged) + by
            if 0 <= place < self._maps.shape[2]:
                self.enlarge(self.grid.number_at(place))

    def _connect(self) -> None:
        self._clicks.clicked.connect(self._on_click_alone)
        self._clicks.opened.connect(self.node_opened)
        self.controls.changed.connect(self.refresh)
        self.controls.order_chosen.connect(self.sort_by)
        self.controls.fit_requested.connect(self.grid.fit)
        self.controls.fit_requested.connect(self.vector.strip.fit)
        self.grid.map_hovered.connect(self._on_node_hovered)
        self.grid.map_clicked.connect(self._on_clicked)
        self.grid.map_entered.connect(self._toggle)
        self.grid.map_chosen.connect(self._on_map_chosen)
        self.grid.chosen_changed.connect(self.map_changed)
        self.grid.node_opened.connect(lambda number, row, column: self._clicks.double_click((row, column, number)))
        self.detail.node_hovered.connect(self._on_detail_hovered)
        self.detail.stepped.connect(self._on_stepped)
        self.detail.closed.connect(lambda: self.enlarge(None))
        self.detail.node_clicked.connect(lambda: self._on_clicked(None))
        self.detail.node_double_clicked.connect(self._on_detail_opened)
        self.detail.key_pressed.connect(self.grid.keyPressEvent)
        self.vector.value_hovered.connect(self._on_value_hovered)
        self.vector.value_opened.connect(lambda index: self.node_opened.emit((index,)))
        for view in (self.grid, self.detail, self.vector):
            view.hover_ended.connect(self._on_hover_ended)
        for picture in (self.grid, self.vector.strip):
            picture.zoomed.connect(self.controls.show_zoomed)

    def _on_detail_opened(self, row: int, column: int) -> None:
        if self.enlarged is not None:
            self._clicks.double_click((row, column, self.enlarged))

    def _lay_out(self) -> None:
        names = "inspect_status", "inspect_map_figures", "inspect_too_many_axes"
        for label, name in zip((self.status, self.figures, self._too_many), names, strict=True):
            label.setObjectName(name)
            set_role(label, "muted")
        self._too_many.setWordWrap(True)
        self._too_many.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._maps_page = QWidget()
        maps = QHBoxLayout(self._maps_page)
        maps.setContentsMargins(0, 0, 0, 0)
        maps.setSpacing(16)
        maps.addWidget(self.picture, 11)
        maps.addWidget(self.detail, 10)
        self._body = QStackedWidget()
        for page in (self._maps_page, self.vector, self._too_many):
            self._body.addWidget(page)
        foot = QHBoxLayout()
        foot.setSpacing(16)
        foot.addWidget(self.status, 1)
        foot.addWidget(self.figures)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.controls)
        layout.addWidget(self._body, 1)
        layout.addLayout(foot)
