"""Mean image and deviation of a class side by side, with the values of the pixel under the cursor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from cnn_explorer.ui.maps.pixel_view import PixelView, photo
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_SIDE = 120  # pixels
_MOST_DEVIATION = 127.5
"""The largest deviation that bytes can have: half of them 0, half of them 255."""


def pixel_text(row: int, column: int, mean: NDArray[np.float32], deviation: NDArray[np.float32], step: int = 1) -> str:
    """The values of one pixel of a class, a number for each channel; ``step`` pixels of the images are one of these."""

    def values(image: NDArray[np.float32]) -> str:
        return ", ".join(f"{value:.1f}" for value in image[row, column])

    return f"row {step * row}, column {step * column} · mean {values(mean)} · deviation {values(deviation)}"


class MeanPictures(QWidget):
    """Shows one class at a time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._step = "", 1
        self._images: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self.mean = _Picture("data_mean", "Mean of the training images of this class, pixel by pixel.")
        self.deviation = _Picture(
            "data_deviation", "Standard deviation of each pixel: bright where the images of the class differ."
        )
        self.values = ElidedLabel()
        self.values.setObjectName("data_pixel_values")
        set_role(self.values, "muted")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(4)
        for column, (title, picture) in enumerate((("Mean", self.mean), ("Deviation", self.deviation))):
            caption = ElidedLabel(title)
            set_role(caption, "section")
            layout.addWidget(caption, 0, column)
            layout.addWidget(picture, 1, column)
            layout.setColumnStretch(column, 1)
            picture.node_hovered.connect(self._on_hovered)
            picture.hover_ended.connect(self._on_left)
        layout.addWidget(self.values, 2, 0, 1, 2)
        self._on_left()

    def show_class(self, name: str, mean: NDArray[np.float32], deviation: NDArray[np.float32], step: int = 1) -> None:
        """Show a class; ``mean`` and ``deviation`` (rows, columns, channels) are NaN for one without images.

        They are of every ``step``-th row and column of the images.
        """
        self._name, self._step, self._images = name, step, (mean, deviation)
        empty = bool(np.isnan(mean).all())
        self.mean.set_image(None if empty else photo(mean, 0.0, 255.0))
        self.deviation.set_image(None if empty else photo(deviation, 0.0, _MOST_DEVIATION))
        if empty:
            self._images = None
        self._on_left()

    def clear(self) -> None:
        """Show nothing."""
        self._name, self._images = "", None
        self.mean.set_image(None)
        self.deviation.set_image(None)
        self._on_left()

    def _on_hovered(self, row: int, column: int) -> None:
        if self._images is not None:
            text = pixel_text(row, column, *self._images, self._step)
            self.values.setText(text)
            self.values.setToolTip(text)
            self.mean.point_at(row, column)
            self.deviation.point_at(row, column)

    def _on_left(self) -> None:
        if self._images is not None:
            self.values.setText(f"Class {self._name} · point at a pixel for its values")
        else:
            self.values.setText(f"Class {self._name} has no training images" if self._name else "")
        self.mean.point_at(None)
        self.deviation.point_at(None)


class _Picture(PixelView):
    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(tooltip)
        self.setToolTip(tooltip)
        self.zoomable = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._node: tuple[int, int] | None = None

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        return QSize(_SIDE // 2, _SIDE)

    def point_at(self, row: int | None, column: int = 0) -> None:
        """Mark a pixel, the same one in both pictures."""
        self._node = None if row is None else (row, column)
        self.update()

    def paint_over(self, painter: QPainter) -> None:
        assert self.image is not None
        painter.setPen(theme().color("line"))
        painter.drawRect(self.screen_rectangle(0, 0, self.image.height(), self.image.width()).adjusted(0, 0, -1, -1))
        if self._node is not None:
            row, column = self._node
            painter.setPen(theme().color("second"))
            painter.drawRect(self.screen_rectangle(row, column, row + 1, column + 1))

    def to_screen(self, x: float, y: float) -> QPointF:
        # At the left edge, under its caption, and not in the middle of the room that it has.
        spare = self.width() - (self.image.width() * self.node_size if self.image else 0)
        return super().to_screen(x, y) - QPointF(max(0.0, spare) / 2, 0)

    def to_picture(self, point: QPointF) -> QPointF:
        spare = self.width() - (self.image.width() * self.node_size if self.image else 0)
        return super().to_picture(point + QPointF(max(0.0, spare) / 2, 0))
