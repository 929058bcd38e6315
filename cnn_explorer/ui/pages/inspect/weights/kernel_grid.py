"""The grid of maps, for kernels: also in the colours of three input maps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from cnn_explorer.core.maps.arrangement import AUTOMATIC
from cnn_explorer.core.maps.rows import tile_rows
from cnn_explorer.core.maps.style import PLAIN_COLORS, SIGNED_COLORS, MapStyle
from cnn_explorer.core.model.weight_pictures import WeightPicture, color_rows
from cnn_explorer.ui.maps.image_grid import ImageGrid


def choice_for(picture: WeightPicture, together: bool) -> MapStyle:
    """How a picture is shown; ``together``: one scale for all its maps."""
    return MapStyle(AUTOMATIC, SIGNED_COLORS if picture.signed else PLAIN_COLORS, "layer" if together else "map")


class KernelGrid(ImageGrid):
    """Shows any picture of weights but vectors."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_kernels")
        self.setAccessibleName("Kernels of the layer")
        self._colors: NDArray[np.uint8] | None = None

    def show_picture(self, picture: WeightPicture, together: bool) -> None:
        """Show kernels, or a matrix as one map. Colours have one scale for all kernels, and their places the rest."""
        if picture.way == "colors":
            self._colors = color_rows(picture.values)
            # What is marked as zero is so in all three.
            strength = np.abs(picture.values).sum(axis=2, dtype=np.float32)
            self.show_maps(strength, choice_for(picture, together=True))
        else:
            self._colors = None
            self.show_maps(picture.values, choice_for(picture, together))

    def _tile(self) -> None:
        super()._tile()
        if self._colors is not None and self.layout_ is not None:
            parts = [tile_rows(self._colors[:, :, number], self.layout_.columns)[0] for number in range(3)]
            pixels = np.ascontiguousarray(np.stack(parts, axis=2))
            height, width = pixels.shape[:2]
            picture = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            self.set_image(picture.convertToFormat(QImage.Format.Format_RGB32))  # a copy, without the array
