"""Where one is: a map with the node marked on it, or the window that a node looks through."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.nodes.steps import Values
from cnn_explorer.ui.maps.frames import enlarged, paint_frame
from cnn_explorer.ui.maps.pixel_view import PixelView
from cnn_explorer.ui.pages.inspect.microscope.paint import ValueColors, picture
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel


@dataclass(frozen=True, eq=False)
class ShownMap:
    """One map (rows, columns) in its ``colors``, with a node or a window marked: (top, left, bottom, right).

    ``caption`` says which map it is, ``of`` whose.
    """

    caption: str
    of: str
    values: Values
    colors: ValueColors
    mark: Rectangle | None


class MapPicture(QWidget):
    """A caption and the map below it. A click says which node was meant."""

    node_clicked = Signal(int, int)

    def __init__(self, name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: ShownMap | None = None
        theme().changed.connect(self._draw)
        self.caption, self.of = ElidedLabel(), ElidedLabel()
        set_role(self.of, "muted")
        self.view = _MarkedView(self)
        self.view.setObjectName(name)
        self.view.setToolTip(tooltip)
        self.view.node_clicked.connect(self.node_clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.caption)
        layout.addWidget(self.of)
        layout.addSpacing(4)
        layout.addWidget(self.view, 1)

    def show_map(self, shown: ShownMap) -> None:
        """Show another map."""
        self.caption.setText(shown.caption)
        self.of.setText(shown.of)
        words = f"{shown.caption} {shown.of}".strip()
        for label in (self.caption, self.of):
            label.setToolTip(words)
        self.of.setVisible(bool(shown.of))
        self.view.setAccessibleName(words)
        self._shown = shown
        self.view.mark = shown.mark
        self._draw()
        self.fit(self.width())

    def _draw(self) -> None:
        if self._shown is not None:
            colors = self._shown.colors
            self.view.set_image(picture(self._shown.values, colors.low, colors.high, colors.table))

    def fit(self, width: int) -> None:
        """Give the map the height that it needs at that width."""
        rows, columns = (self.view.image.height(), self.view.image.width()) if self.view.image else (1, 1)
        self.view.setFixedHeight(min(round(width * rows / columns), width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit(event.size().width())


class _MarkedView(PixelView):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.zoomable = False
        self.mark: Rectangle | None = None

    def sizeHint(self) -> QSize:
        return QSize(176, 176)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 1)

    def paint_over(self, painter: QPainter) -> None:
        if self.mark is not None:
            paint_frame(painter, enlarged(self.screen_rectangle(*self.mark), QRectF(self.rect())), "text")
