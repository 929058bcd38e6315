"""Some images in a row, each as large as there is room; pixels stay squares where they are enlarged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.ui.maps.pixel_view import photo
from cnn_explorer.ui.theme import theme

_GAP = 4  # pixels


class SampleStrip(QWidget):
    """Room for ``count`` images of ``side`` pixels; it stays when there are fewer."""

    def __init__(self, count: int, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count, self._side = count, side
        self.pictures: tuple[QImage, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_images(self, images: NDArray[np.uint8]) -> None:
        """Show images (count, rows, columns, channels)."""
        self.pictures = tuple(photo(image, 0.0, 255.0) for image in images[: self._count])
        self.update()

    def clear(self) -> None:
        """Show none."""
        self.pictures = ()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._count * (self._side + _GAP) - _GAP, self._side)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = min(self._side, (self.width() + _GAP) / self._count - _GAP)
        painter.setPen(Qt.PenStyle.NoPen)
        for number in range(self._count):
            cell = QRectF(number * (side + _GAP), 0, side, side)
            if number >= len(self.pictures):
                painter.setBrush(theme().color("raised"))
                painter.drawRoundedRect(cell, 4, 4)
                continue
            picture = self.pictures[number]
            size = picture.size().scaled(cell.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(cell.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, size.width() < picture.width())
            painter.drawImage(place, picture)
        painter.end()
