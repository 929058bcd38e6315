"""The values of a vector: bars side by side, or a wrapped strip of colours where there are too many for bars."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QStackedWidget, QWidget

from cnn_explorer.core.maps.arrangement import MOST_BARS, wrapped_columns
from cnn_explorer.core.maps.imaging import Limits, finite_limits
from cnn_explorer.core.maps.rows import map_rows
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.text.legend import legend
from cnn_explorer.ui.maps.picture_with_bar import PictureWithBar
from cnn_explorer.ui.maps.pixel_view import PixelView, painted
from cnn_explorer.ui.pages.inspect.maps.vector_bars import VectorBars
from cnn_explorer.ui.theme import theme

_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class VectorView(QStackedWidget):
    """A vector of any length; ``value_hovered`` tells the index under the cursor, or under that of the arrow keys."""

    value_hovered = Signal(int)
    value_opened = Signal(int)
    """By double click."""
    hover_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_vector")
        self.setAccessibleName("Values of the layer")
        self.bars = VectorBars(self)
        self.strip = _Strip()
        self.strip.setAccessibleName("Values of the layer")
        self._picture = PictureWithBar(self.strip)
        self._count = 0
        self._columns = 1
        self._cursor: int | None = None
        self._marked: int | None = None
        self.addWidget(self.bars)
        self.addWidget(self._picture)
        for view in (self.bars, self.strip):
            view.hover_ended.connect(self.hover_ended)
        self.bars.value_hovered.connect(self._on_value_hovered)
        self.bars.value_opened.connect(self.value_opened)
        self.strip.node_hovered.connect(self._on_node_hovered)
        self.strip.node_double_clicked.connect(self._on_node_double_clicked)

    @property
    def shows_bars(self) -> bool:
        """Whether the vector is short enough for bars."""
        return self.currentWidget() is self.bars

    @property
    def cursor_index(self) -> int | None:
        """The value to which the arrow keys have moved."""
        return self._cursor

    def show_vector(
        self, values: NDArray[Any], names: tuple[str, ...], choice: MapStyle, everywhere: Limits | None = None
    ) -> None:
        """Show ``values`` (count,). ``names`` stand under the bars if there is one for each value.

        ``everywhere``: limits instead of the vector's own.
        """
        if values.size != self._count:
            self._cursor = self._marked = None
        self._count = values.size
        if values.size <= MOST_BARS:
            self._columns = max(values.size, 1)
            self.setCurrentWidget(self.bars)
            self.bars.show_values(values, names if len(names) == values.size else ())
        else:
            self.setCurrentWidget(self._picture)
            self._show_strip(values, choice, everywhere)
        self._show_marks()

    def mark(self, index: int | None) -> None:
        """Put a frame around one value, or around none."""
        self._marked = index if index is not None and 0 <= index < self._count else None
        self._show_marks()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = 0 if self.shows_bars else self._columns
        ways = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -row, Qt.Key.Key_Down: row,
            Qt.Key.Key_Home: -self._count, Qt.Key.Key_End: self._count,
        }  # fmt: skip
        by = ways.get(Qt.Key(event.key()), 0)
        if not by or not self._count or event.modifiers() & ~(_KEYPAD | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
            return
        at_end = abs(by) == self._count
        if self._cursor is None:
            index = self._count - 1 if at_end and by > 0 else 0
        else:
            index = self._cursor + by
            if at_end:
                index = min(max(index, 0), self._count - 1)
        if 0 <= index < self._count:
            self._cursor = index
            self._show_marks()
            self.value_hovered.emit(index)

    def _show_strip(self, values: NDArray[Any], choice: MapStyle, everywhere: Limits | None) -> None:
        choice = choice.with_colors(signed=finite_limits(values)[0] < 0)
        symmetric = choice.symmetric
        self._columns = wrapped_columns(values.size)
        rows = np.zeros(-(-values.size // self._columns) * self._columns, np.uint8)
        rows[: values.size] = map_rows(values.reshape(-1, 1, 1), choice.scale, symmetric, everywhere).reshape(-1)
        self.strip.used = values.size
        self.strip.set_image(painted(rows.reshape(-1, self._columns), colormap(choice.colormap)))
        words = legend(values, choice.scale, symmetric, many=False, everywhere=everywhere)
        self._picture.show_legend(words, choice.colormap)

    def _show_marks(self) -> None:
        if self.shows_bars:
            self.bars.show_marks(self._cursor, self._marked)
        else:
            self.strip.show_marks(self._cursor, self._marked)

    def _on_value_hovered(self, index: int) -> None:
        if self._cursor is not None:
            self._cursor = None
            self._show_marks()
        self.value_hovered.emit(index)

    def _on_node_hovered(self, row: int, column: int) -> None:
        index = row * self._columns + column
        if index < self._count:
            self._on_value_hovered(index)
        else:
            self.hover_ended.emit()

    def _on_node_double_clicked(self, row: int, column: int) -> None:
        index = row * self._columns + column
        if index < self._count:
            self.value_opened.emit(index)


class _Strip(PixelView):
    """Values row by row; the cells behind the last value are not shown."""

    used = 0
    _framed: tuple[int | None, int | None] = (None, None)

    def show_marks(self, cursor: int | None, marked: int | None) -> None:
        self._framed = cursor, marked
        self.update()

    def paint_over(self, painter: QPainter) -> None:
        if self.image is None:
            return
        row, column = divmod(self.used, self.image.width())
        if column:
            rest = self.screen_rectangle(row, column, row + 1, self.image.width())
            painter.fillRect(rest.adjusted(0, 0, 1, 1), theme().color("surface"))
        for index, role in zip(self._framed, ("accent", "error"), strict=True):
            if index is not None:
                row, column = divmod(index, self.image.width())
                place = self.screen_rectangle(row, column, row + 1, column + 1)
                self.paint_node_frame(painter, place, role)
