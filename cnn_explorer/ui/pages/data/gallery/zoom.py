"""The slider for the size of the gallery's tiles."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from cnn_explorer.core.sizes import shape_text
from cnn_explorer.ui.forms.editor_base import tip
from cnn_explorer.ui.pages.data.gallery.layout import TileSize
from cnn_explorer.ui.pages.data.gallery.plane import TilePlane
from cnn_explorer.ui.theme import theme


def size_words(size: TileSize) -> str:
    """What a tile's size is to the image: 2 points for each pixel, or made smaller."""
    if size.scale:
        return "1 point for each pixel" if size.scale == 1 else f"{size.scale} points for each pixel"
    return f"made smaller, to {shape_text((size.width, size.height))} points"


class ZoomSlider(QWidget):
    """Shows and sets the zoom of a plane of tiles."""

    def __init__(self, plane: TilePlane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plane = plane
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("gallery_zoom")
        self.slider.setAccessibleName("Size of the tiles")
        self.slider.setPageStep(1)
        self.slider.setFixedSize(72, 28)
        self._icon = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._icon)
        row.addWidget(self.slider)
        self.slider.valueChanged.connect(plane.set_zoom)
        plane.zoom_changed.connect(self._show)
        theme().changed.connect(self._paint_icon)
        self._paint_icon()
        self._show()

    def _paint_icon(self) -> None:
        self._icon.setPixmap(theme().icon("zoom-in", "muted").pixmap(16, 16))

    def _show(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setRange(0, len(self._plane.sizes) - 1)
        self.slider.setValue(self._plane.zoom)
        self.slider.blockSignals(False)
        words = size_words(self._plane.sizes[self._plane.zoom])
        self.slider.setToolTip(tip(f"Size of the tiles: {words}. Or with Ctrl and the wheel, Ctrl+plus, Ctrl+minus."))
