"""One map, large: its values as numbers where the nodes have room for them, and what they range over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cnn_explorer.core.maps.statistics import MapFigures
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.text.legend import Legend
from cnn_explorer.text.numbers import figure, share_text
from cnn_explorer.ui.maps.picture_with_bar import PictureWithBar
from cnn_explorer.ui.maps.pixel_view import PixelView, painted, readable_on
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.flow_layout import FlowLayout
from cnn_explorer.ui.widgets.tool_button import tool_button

_ROOM_FOR_NUMBERS = 36.0  # pixels of the screen for one node
_FIGURES = {
    "min": "The smallest value of the map.",
    "mean": "The mean of all nodes.",
    "max": "The largest value of the map.",
    "σ": "The standard deviation of the nodes from their mean.",
    "zeros": "The share of nodes that are exactly 0.",
}
"""What stands below the map, and what it means."""
_ZOOM_KEYS = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0)


@dataclass(frozen=True)
class EnlargedMap:
    """What the panel shows: a map's own values and their rows of the colour map (rows, columns), and its figures."""

    number: int
    values: NDArray[Any]
    rows: NDArray[np.uint8]
    colormap: str
    legend: Legend
    reason: str
    figures: MapFigures


class MapDetail(QWidget):
    """The panel beside the grid."""

    closed = Signal()
    """By the button."""
    stepped = Signal(int)
    """-1 or +1: the map before or behind this one is wanted."""
    node_hovered = Signal(int, int)
    hover_ended = Signal()
    node_clicked = Signal()
    node_double_clicked = Signal(int, int)
    key_pressed = Signal(QKeyEvent)
    """A key for the grid: arrows and Enter mean the same here as there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_map_detail")
        self.title = QLabel()
        set_role(self.title, "title")
        self.reason = ElidedLabel()
        set_role(self.reason, "muted")
        self.view = _ValueView(self)
        self.picture = PictureWithBar(self.view)
        self._figures = {name: QLabel() for name in _FIGURES}
        before = tool_button("chevron-left", "inspect_map_before", "Show the map before this one.", flat=True)
        behind = tool_button("chevron-right", "inspect_map_behind", "Show the map behind this one.", flat=True)
        close = tool_button("x", "inspect_map_close", "Go back to the grid (Esc, or a click into the map).", flat=True)
        before.clicked.connect(lambda: self.stepped.emit(-1))
        behind.clicked.connect(lambda: self.stepped.emit(1))
        close.clicked.connect(self.closed)
        self.view.node_clicked.connect(lambda _row, _column: self.node_clicked.emit())
        self.view.node_double_clicked.connect(self.node_double_clicked)
        self.view.node_hovered.connect(self.node_hovered)
        self.view.hover_ended.connect(self.hover_ended)
        self.view.key_pressed.connect(self.key_pressed)
        self._lay_out(before, behind, close)

    @property
    def figures(self) -> dict[str, str]:
        """The texts of the figures by their names."""
        return {name: label.text() for name, label in self._figures.items()}

    def show_map(self, shown: EnlargedMap) -> None:
        """Show one map."""
        self.title.setText(f"Map {shown.number}")
        self.reason.setText(shown.reason)
        self.reason.setToolTip(shown.reason)
        found = shown.figures
        texts = *map(figure, (found.low, found.mean, found.high, found.deviation)), share_text(found.zeros)
        for label, text in zip(self._figures.values(), texts, strict=True):
            label.setText(text)
        self.view.show_values(shown)
        self.picture.show_legend(shown.legend, shown.colormap)
        self.view.setAccessibleName(f"Map {shown.number}, enlarged")

    def show_nodes(self, cursor: tuple[int, int] | None, marked: tuple[int, int] | None) -> None:
        """Frame the node of the keys' cursor and the one that is marked, by row and column."""
        self.view.show_nodes(cursor, marked)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)

    def _lay_out(self, *buttons: QToolButton) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.title)
        head.addSpacing(8)
        head.addWidget(self.reason, 1)
        for button in buttons:
            head.addWidget(button)
        figures = QWidget()
        foot = FlowLayout(figures)
        foot.setSpacing(8)
        for name, label in self._figures.items():
            foot.addWidget(_captioned(name, label))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.picture, 1)
        layout.addWidget(figures)


def _captioned(name: str, label: QLabel) -> QWidget:
    """A figure behind its name; the two stay together where the line is full."""
    pair, caption = QWidget(), QLabel(name)
    set_role(caption, "muted")
    pair.setToolTip(_FIGURES[name])
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(caption)
    row.addWidget(label)
    return pair


class _ValueView(PixelView):
    key_pressed = Signal(QKeyEvent)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_enlarged_map")
        self.setToolTip(
            "<qt>Click or press Esc to go back to the grid. The arrow keys move over the maps, with Shift over the "
            "nodes; a double click or M opens a node.</qt>"
        )
        self._values: NDArray[Any] = np.zeros((0, 0), np.float32)
        self._cursor: tuple[int, int] | None = None
        self._marked: tuple[int, int] | None = None

    def show_values(self, shown: EnlargedMap) -> None:
        self._values = shown.values
        self.set_image(painted(np.ascontiguousarray(shown.rows), colormap(shown.colormap)))

    def show_nodes(self, cursor: tuple[int, int] | None, marked: tuple[int, int] | None) -> None:
        if (cursor, marked) != (self._cursor, self._marked):
            for node in {cursor, marked} - {None, self._cursor, self._marked}:
                assert node is not None
                self.show_part(self.screen_rectangle(node[0], node[1], node[0] + 1, node[1] + 1))
            self._cursor, self._marked = cursor, marked
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 120)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ZOOM_KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()  # so that what the grid does not want goes on to the parent
            self.key_pressed.emit(event)

    def paint_over(self, painter: QPainter) -> None:
        if self.image is not None and self.node_size >= _ROOM_FOR_NUMBERS:
            self._paint_numbers(painter, self.image)
        for node, role in ((self._cursor, "accent"), (self._marked, "error")):
            if node is not None:
                place = self.screen_rectangle(node[0], node[1], node[0] + 1, node[1] + 1)
                self.paint_node_frame(painter, place, role)

    def _paint_numbers(self, painter: QPainter, image: QImage) -> None:
        digits = 2 if self.node_size >= 48 else 1
        font = QFont(self.font())
        font.setPixelSize(min(15, int(self.node_size / 3.4)))
        painter.setFont(font)
        top, left, bottom, right = self.nodes_in(QRectF(self.rect()))
        for row in range(top, bottom):
            for column in range(left, right):
                cell = self.screen_rectangle(row, column, row + 1, column + 1)
                painter.setPen(readable_on(image.pixelColor(column, row)))
                text = f"{self._values[row, column]:.{digits}f}".replace("-", "−")
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
