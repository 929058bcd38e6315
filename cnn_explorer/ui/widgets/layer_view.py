"""What one layer makes of one image, with the controls for how it is shown: the heart of the Inspect page."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnn_explorer.core.model_info import LayerInfo
from cnn_explorer.data.colormaps import DIVERGING
from cnn_explorer.ui.readings import (
    GridChoice,
    as_maps,
    legend,
    node_text,
    value_text,
    zero_values,
)
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.grid_controls import GridControls
from cnn_explorer.ui.widgets.image_grid import ImageGrid
from cnn_explorer.ui.widgets.map_detail import EnlargedMap, MapDetail
from cnn_explorer.ui.widgets.picture_with_bar import PictureWithBar
from cnn_explorer.ui.widgets.vector_view import VectorView


class LayerView(QWidget):
    """Maps as a grid, one of them enlarged on demand, or a vector; the status line tells the value under the cursor."""

    save_requested = Signal(str)
    """``png`` or ``npz``."""
    enlarged_changed = Signal(bool)
    """Whether a map stands beside the grid."""
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
        self.enlarged: int | None = None
        self.status = ElidedLabel()
        self.controls = GridControls()
        self.grid, self.detail, self.vector = ImageGrid(), MapDetail(), VectorView()
        self.picture = PictureWithBar(self.grid)
        self._lay_out()
        self._connect()
        self.enlarge(None)

    @property
    def choice(self) -> GridChoice:
        """Columns, colours, scale and lines."""
        return self.controls.choice

    def show_activation(self, layer: LayerInfo, activation: NDArray[Any], names: tuple[str, ...]) -> None:
        """Show a layer's output for one image; ``names`` are those of the classes if this is the last layer."""
        if self._layer is None or layer.name != self._layer.name:
            self.enlarge(None)
            self.grid.choose(None)
        self._layer, self._activation, self._names = layer, activation, names
        self._maps = as_maps(activation)
        self.refresh()

    def refresh(self) -> None:
        """Paint what is there with the choice as it is now."""
        choice = self.choice
        symmetric = choice.colormap in DIVERGING
        if self._maps is None:
            self.enlarge(None)
            self._body.setCurrentWidget(self.vector)
            self.vector.show_vector(self._activation.reshape(-1), self._names, choice)
        else:
            self._body.setCurrentWidget(self._maps_page)
            self.grid.show_maps(self._maps, choice)
            if self.enlarged is not None and self.enlarged >= self._maps.shape[2]:
                self.enlarge(None)
            many = self._maps.shape[2] > 1
            self.picture.show_legend(legend(self._maps, choice.scale, symmetric, many), choice.colormap)
            self._show_enlarged()
        self.controls.show_for(maps=self._maps is not None, colors=self._maps is not None or not self.vector.shows_bars)
        self._show_status()

    def enlarge(self, number: int | None) -> None:
        """Show one map large beside the grid; ``None`` goes back to the grid alone."""
        self.enlarged = number
        if number is not None:
            self.grid.choose(number)
        self.detail.setVisible(number is not None)
        self.picture.show_bar(number is None)
        self._show_enlarged()
        self.enlarged_changed.emit(number is not None)
        if number is None and self.detail.isAncestorOf(self.focusWidget() or self):
            self.grid.setFocus()
        self._show_status()

    def _show_enlarged(self) -> None:
        if self.enlarged is None or self._maps is None:
            return
        number, choice = self.enlarged, self.choice
        symmetric = choice.colormap in DIVERGING
        values = self._maps[..., number]
        shown = EnlargedMap(
            number, values, np.ascontiguousarray(self.grid.scaled[..., number]), choice.colormap,
            legend(self._maps if choice.scale == "layer" else values, choice.scale, symmetric, many=False),
            self.grid.quiet.reason(number),
        )  # fmt: skip
        self.detail.show_map(shown)

    def _show_status(self) -> None:
        """What there is to say while the cursor is on no node."""
        if self._maps is None:
            self.status.setText(zero_values(self._activation) or "Point at a value to read it.")
        else:
            hint = "Point at a node to read its value; click a map to enlarge it."
            self.status.setText(self.grid.quiet.summary or hint)

    def _on_node_hovered(self, number: int, row: int, column: int) -> None:
        if self._maps is not None:
            value = float(self._maps[row, column, number])
            self.status.setText(node_text(number, row, column, value, self.grid.quiet.reason(number)))

    def _on_value_hovered(self, index: int) -> None:
        name = self._names[index] if len(self._names) == self._activation.size else ""
        self.status.setText(value_text(index, float(self._activation.reshape(-1)[index]), name))

    def _on_detail_hovered(self, row: int, column: int) -> None:
        if self.enlarged is not None:
            self._on_node_hovered(self.enlarged, row, column)

    def _on_map_clicked(self, number: int) -> None:
        self.enlarge(None if number == self.enlarged else number)

    def _on_map_chosen(self, number: int) -> None:
        if self.enlarged is not None:
            self.enlarge(number)
        else:
            self.status.setText(f"map {number} · Enter enlarges it")

    def _on_stepped(self, by: int) -> None:
        if self.enlarged is not None and self._maps is not None and 0 <= self.enlarged + by < self._maps.shape[2]:
            self.enlarge(self.enlarged + by)

    def _connect(self) -> None:
        self.controls.changed.connect(self.refresh)
        self.controls.fit_requested.connect(self._fit)
        self.controls.save_requested.connect(self.save_requested)
        self.grid.map_hovered.connect(self._on_node_hovered)
        self.grid.map_clicked.connect(self._on_map_clicked)
        self.grid.map_chosen.connect(self._on_map_chosen)
        self.detail.node_hovered.connect(self._on_detail_hovered)
        self.detail.stepped.connect(self._on_stepped)
        self.detail.closed.connect(lambda: self.enlarge(None))
        self.detail.key_pressed.connect(self.grid.keyPressEvent)
        self.vector.value_hovered.connect(self._on_value_hovered)
        for view in (self.grid, self.detail, self.vector):
            view.hover_ended.connect(self._show_status)
        for picture in (self.grid, self.vector.strip):
            picture.zoomed.connect(self.controls.show_zoomed)

    def _fit(self) -> None:
        self.grid.fit()
        self.vector.strip.fit()

    def _lay_out(self) -> None:
        set_role(self.status, "muted")
        self.status.setObjectName("inspect_status")
        self._maps_page = QWidget()
        maps = QHBoxLayout(self._maps_page)
        maps.setContentsMargins(0, 0, 0, 0)
        maps.setSpacing(16)
        maps.addWidget(self.picture, 11)
        maps.addWidget(self.detail, 10)
        self._body = QStackedWidget()
        self._body.addWidget(self._maps_page)
        self._body.addWidget(self.vector)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.controls)
        layout.addWidget(self._body, 1)
        layout.addWidget(self.status)
