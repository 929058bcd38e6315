"""A small picture, crisp, with a line below that says its range."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.ui.maps.frames import enlarged, paint_frame
from cnn_explorer.ui.maps.pixel_view import PixelView, photo
from cnn_explorer.ui.theme import set_role

_SIDE = 112  # pixels
_LONGEST = "input −0.00…0.000"
"""A range as long as most, so that what stands beside the picture does not move with every image."""


class SmallPicture(QWidget):
    """Shows one image of any size."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.view = _FramedView(self)
        self.view.setObjectName(name)
        self.view.zoomable = False
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setFixedSize(QSize(_SIDE, _SIDE))
        self.explain(tooltip)
        self.range = QLabel()
        self.range.setMinimumWidth(self.range.fontMetrics().horizontalAdvance(_LONGEST))
        set_role(self.range, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.view)
        layout.addWidget(self.range)
        layout.addStretch(1)

    def explain(self, tooltip: str) -> None:
        """What the picture is, in a sentence."""
        self.view.setAccessibleName(tooltip)
        self.view.setToolTip(tooltip)

    def show_photo(self, image: NDArray[np.uint8] | NDArray[np.float32], low: float, high: float, text: str) -> None:
        """Show an image, black at ``low`` and white at ``high``."""
        self.view.set_image(photo(image, low, high))
        self.range.setText(text)

    def show_frame(self, rectangle: Rectangle | None) -> None:
        """Frame a part of the image: (top, left, bottom, right) in its pixels; ``None`` takes the frame away."""
        if rectangle != self.view.frame:
            self.view.frame = rectangle
            self.view.update()

    def clear(self) -> None:
        """Show nothing."""
        self.view.set_image(None)
        self.range.clear()


class _FramedView(PixelView):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.frame: Rectangle | None = None

    def paint_over(self, painter: QPainter) -> None:
        if self.frame is not None:
            paint_frame(painter, enlarged(self.screen_rectangle(*self.frame), QRectF(self.rect())))
