"""One map, large: its values as numbers where the nodes have room for them, and what they range over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cnn_explorer.data.colormaps import colormap
from cnn_explorer.ui.readings import Legend, figure, finite_limits
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.picture_with_bar import PictureWithBar
from cnn_explorer.ui.widgets.pixel_view import PixelView, colored, readable_on
from cnn_explorer.ui.widgets.tool_button import tool_button

_ROOM_FOR_NUMBERS = 36.0  # pixels of the screen for one node


@dataclass(frozen=True)
class EnlargedMap:
    """What the panel shows: a map's own values (rows, columns), the same brought to 0…1, and how they are coloured."""

    number: int
    values: NDArray[Any]
    scaled: NDArray[np.float32]
    colormap: str
    legend: Legend
    reason: str


class MapDetail(QWidget):
    """The panel beside the grid. A click into the map, or the button, closes it."""

    closed = Signal()
    stepped = Signal(int)
    """-1 or +1: the map before or behind this one is wanted."""
    node_hovered = Signal(int, int)
    hover_ended = Signal()
    key_pressed = Signal(QKeyEvent)
    """A key for the grid: arrows and Enter mean the same here as there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_map_detail")
        self.title = QLabel()
        set_role(self.title, "title")
        self.reason = QLabel()
        set_role(self.reason, "muted")
        self.view = _ValueView(self)
        self.picture = PictureWithBar(self.view)
        self._figures = {name: QLabel() for name in ("min", "mean", "max")}
        before = tool_button("chevron-left", "inspect_map_before", "Show the map before this one.", flat=True)
        behind = tool_button("chevron-right", "inspect_map_behind", "Show the map behind this one.", flat=True)
        close = tool_button("x", "inspect_map_close", "Go back to the grid (Esc, or a click into the map).", flat=True)
        before.clicked.connect(lambda: self.stepped.emit(-1))
        behind.clicked.connect(lambda: self.stepped.emit(1))
        close.clicked.connect(self.closed)
        self.view.node_clicked.connect(self.closed)
        self.view.node_hovered.connect(self.node_hovered)
        self.view.hover_ended.connect(self.hover_ended)
        self.view.key_pressed.connect(self.key_pressed)
        self._lay_out(before, behind, close)

    @property
    def figures(self) -> dict[str, str]:
        """The texts of min, mean and max."""
        return {name: label.text() for name, label in self._figures.items()}

    def show_map(self, shown: EnlargedMap) -> None:
        """Show one map."""
        self.title.setText(f"Map {shown.number}")
        self.reason.setText(shown.reason)
        low, high = finite_limits(shown.values)
        finite = shown.values[np.isfinite(shown.values)]
        mean = float(finite.mean(dtype=np.float64)) if finite.size else 0.0
        for name, value in (("min", low), ("mean", mean), ("max", high)):
            self._figures[name].setText(figure(value))
        self.view.show_values(shown)
        self.picture.show_legend(shown.legend, shown.colormap)
        self.view.setAccessibleName(f"Map {shown.number}, enlarged")

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
        foot = QHBoxLayout()
        foot.setSpacing(6)
        for name, label in self._figures.items():
            caption = QLabel(name)
            set_role(caption, "muted")
            foot.addWidget(caption)
            foot.addWidget(label)
            foot.addSpacing(12)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.picture, 1)
        layout.addLayout(foot)


class _ValueView(PixelView):
    key_pressed = Signal(QKeyEvent)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_enlarged_map")
        self.setToolTip("Click or press Esc to go back to the grid; the arrow keys move over the maps.")
        self._values: NDArray[Any] = np.zeros((0, 0), np.float32)

    def show_values(self, shown: EnlargedMap) -> None:
        self._values = shown.values
        self.set_image(colored(shown.scaled, colormap(shown.colormap)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 120)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.key_pressed.emit(event)

    def paint_over(self, painter: QPainter) -> None:
        if self.image is None or self.node_size < _ROOM_FOR_NUMBERS:
            return
        digits = 2 if self.node_size >= 48 else 1
        font = QFont(self.font())
        font.setPixelSize(min(15, int(self.node_size / 3.4)))
        painter.setFont(font)
        seen = QRectF(self.rect())
        for (row, column), value in np.ndenumerate(self._values):
            cell = self.screen_rectangle(row, column, row + 1, column + 1)
            if cell.intersects(seen):
                painter.setPen(readable_on(self.image.pixelColor(column, row)))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, f"{value:.{digits}f}".replace("-", "−"))
