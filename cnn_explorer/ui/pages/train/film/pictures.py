"""One frame of the film: the pinned image, the maps of the layer, and the kernels of the first one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnn_explorer.core.maps.dead_maps import QuietMaps
from cnn_explorer.core.maps.imaging import GridLayout, Limits, ScaleMode, finite_limits, scale_maps, tile
from cnn_explorer.core.maps.style import DEFAULT_STYLE, SIGNED_COLORS, MapStyle
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.store.probes import ProbeFrame
from cnn_explorer.text.legend import Legend, legend
from cnn_explorer.text.maps import node_text, quiet_reason
from cnn_explorer.text.numbers import figure, rough
from cnn_explorer.ui.maps.image_grid import ImageGrid
from cnn_explorer.ui.maps.picture_with_bar import PictureWithBar
from cnn_explorer.ui.maps.pixel_view import PixelView, photo
from cnn_explorer.ui.pages.train.film.reel import kernel_planes
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_IMAGE, _GAP = 96, 4  # pixels
_ROOM = 128 * 2**20
"""Bytes of finished pictures that are kept."""


@dataclass(frozen=True)
class FilmStyle:
    """How frames are shown. ``shared``: one scale for all epochs, so that one sees the values grow."""

    maps: MapStyle = DEFAULT_STYLE
    shared: bool = False


def best_columns(shape: tuple[int, int, int], room: tuple[int, int]) -> int:
    """In how many columns maps (height, width, count) become largest in ``room`` (height, width)."""
    height, width, count = shape

    def size(columns: int) -> float:
        rows = -(-count // columns)
        return min(room[1] / (columns * width), room[0] / (rows * height))

    # Of equally good ones the narrowest has the fewest empty places.
    return max(range(1, count + 1), key=lambda columns: (size(columns), -columns))


def film_legend(frame: ProbeFrame, map_style: FilmStyle, limits: Limits) -> Legend:
    """The texts of the colour bar; ``limits`` are those over all epochs."""
    scale, symmetric, many = map_style.maps.scale, map_style.maps.symmetric, frame.maps.shape[2] > 1
    if not map_style.shared or scale == "standardized":
        return legend(frame.maps, scale, symmetric, many)
    if scale == "map" and many:
        own = legend(frame.maps, "map", symmetric, many)
        return replace(own, note=f"{own.note}, over all epochs")
    whole = legend(np.array([limits[0].min(), limits[1].max()]), "layer", symmetric, many)
    return replace(whole, note="the same for all maps and epochs" if many else "the same for all epochs")


class FilmGrid(ImageGrid):
    """A grid that keeps the pictures it has made: large layers take longer to colour than a frame may last."""

    scrolls = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._made: dict[tuple[object, ...], tuple[QImage, GridLayout, QuietMaps]] = {}

    def forget(self) -> None:
        """Another film begins."""
        self._made = {}

    def show_frame(self, frame: ProbeFrame, choice: MapStyle, limits: Limits | None) -> None:
        """Show the frame's maps, between ``limits`` if given."""
        edges = b"" if limits is None else limits[0].tobytes() + limits[1].tobytes()
        key = (frame.epoch, choice, edges)
        if key in self._made:
            image, self.layout_, self.quiet = self._made[key]
            self._choice = choice
            self.set_image(image)
            return
        self.show_maps(frame.maps, choice, limits)
        if self.image is not None and self.layout_ is not None:
            self._made[key] = self.image, self.layout_, self.quiet
        while sum(image.sizeInBytes() for image, _, _ in self._made.values()) > _ROOM:
            del self._made[next(iter(self._made))]


class KernelGrid(ImageGrid):
    """The kernels of a layer: in colours around 0, or as they are if they weigh red, green and blue."""

    scrolls = False

    def show_kernels(self, kernels: NDArray[np.float32], columns: int, mode: ScaleMode, limits: Limits | None) -> None:
        """Show kernels (rows, columns, in, out); 0 is in the middle of the scale."""
        planes = kernel_planes(kernels)
        choice = MapStyle(columns, SIGNED_COLORS, mode)
        if kernels.shape[2] != 3:
            self.show_maps(planes, choice, limits)
            return
        self._choice, self.quiet = choice, QuietMaps((), (), kernels.shape[3])
        scaled = scale_maps(planes, mode, symmetric=True, limits=limits).reshape(kernels.shape)
        channels = [tile(np.ascontiguousarray(scaled[:, :, channel]), columns, line=0) for channel in range(3)]
        self.layout_ = channels[0][1]
        colors = np.nan_to_num(np.stack([picture for picture, _ in channels], axis=2), nan=0.5)
        pixels = np.ascontiguousarray((colors * 255 + 0.5).astype(np.uint8))
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self.set_image(image.convertToFormat(QImage.Format.Format_RGB32))


class FilmPictures(QWidget):
    """Image, maps and kernels side by side; tells the value under the cursor."""

    pointed = Signal(str)
    """What is under the cursor, in words; "" if nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: ProbeFrame | None = None
        self._map_style = FilmStyle()
        self._limits: tuple[Limits, Limits | None] | None = None
        self.image, self.grid, self.kernels = PixelView(self), FilmGrid(self), KernelGrid(self)
        self.maps = PictureWithBar(self.grid)
        self._image_text, self._kernel_text, self._kernel_scale = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self._kernel_part = QWidget(self)
        self._set_up()
        self._lay_out()

    def show_frame(
        self, frame: ProbeFrame, map_style: FilmStyle, map_limits: Limits, kernel_limits: Limits | None
    ) -> None:
        """Show a frame; the limits are those over all epochs."""
        self._frame, self._map_style, self._limits = frame, map_style, (map_limits, kernel_limits)
        low, high = finite_limits(frame.image)
        self.image.set_image(photo(frame.image, low, high))
        self._image_text.setText(f"{rough(low)} … {rough(high)}")
        self._kernel_part.setVisible(frame.kernels is not None)
        self._paint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._row.activate()
        self._paint()

    def _paint(self) -> None:
        frame, map_style = self._frame, self._map_style
        if frame is None or self._limits is None:
            return
        map_limits, kernel_limits = self._limits
        rows, columns, count = frame.maps.shape
        room = (self.maps.height(), self.maps.width() - self.maps.bar.sizeHint().width() - 12)
        choice = replace(map_style.maps, columns=best_columns((rows, columns, count), room))
        self.grid.show_frame(frame, choice, map_limits if map_style.shared else None)
        self.maps.show_legend(film_legend(frame, map_style, map_limits), map_style.maps.colormap)
        if frame.kernels is not None:
            self._paint_kernels(frame, frame.kernels, kernel_limits)

    def _paint_kernels(self, frame: ProbeFrame, kernels: NDArray[np.float32], limits: Limits | None) -> None:
        rows, columns, inputs, count = kernels.shape
        mode: ScaleMode = "layer" if self._map_style.maps.scale == "layer" else "map"
        part = self._kernel_part
        words_high = 2 * (self._kernel_text.sizeHint().height() + _GAP)
        room = (max(part.height() - words_high, 40), part.width())
        in_row = best_columns((rows, columns, count), room)
        self.kernels.show_kernels(kernels, in_row, mode, limits if self._map_style.shared else None)
        high, wide = self.kernels.layout_.size if self.kernels.layout_ else (1, 1)
        self.kernels.setMaximumHeight(int(min(room[0], room[1] * high / wide)))  # so that the words stand close to it
        words = f"{count:,} kernels of {frame.kernel_layer}"
        if inputs not in (1, 3):
            words += f", mean of {inputs:,} inputs"
        self._kernel_text.setText(words)
        size = f"{count:,} kernels of {shape_text((rows, columns, inputs))} weights in {frame.kernel_layer}"
        how = "as red, green and blue around grey for 0" if inputs == 3 else "blue below 0, red above"
        self.kernels.setToolTip(f"{size}; {how}.")
        self._kernel_scale.setText(" … ".join(map(figure, finite_limits(kernels))))

    def _on_map_pointed(self, number: int, row: int, column: int) -> None:
        if self._frame is not None:
            value = float(self._frame.maps[row, column, number])
            self.pointed.emit(node_text(number, row, column, value, quiet_reason(self.grid.quiet, number)))

    def _on_kernel_pointed(self, number: int, row: int, column: int) -> None:
        if self._frame is not None and self._frame.kernels is not None:
            weights = self._frame.kernels[row, column, :, number]
            shown = ", ".join(map(figure, weights[:4].tolist())) + (" …" if len(weights) > 4 else "")
            self.pointed.emit(f"kernel {number} · row {row}, column {column} · {shown}")

    def _set_up(self) -> None:
        for view, name, spoken in (
            (self.image, "film_image", "The pinned image as the network gets it, after preprocessing."),
            (self.grid, "film_maps", "Maps of the layer for the pinned image"),
            (self.kernels, "film_kernels", "Kernels of the first layer"),
        ):
            view.setObjectName(name)
            view.setAccessibleName(spoken)
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrows are the film's
            view.hover_ended.connect(lambda: self.pointed.emit(""))
        self.image.setToolTip(self.image.accessibleName())
        self.image.zoomable = self.kernels.zoomable = False
        self.image.setFixedSize(QSize(_IMAGE, _IMAGE))
        self.kernels.setMinimumSize(QSize(80, 40))
        self.grid.map_hovered.connect(self._on_map_pointed)
        self.kernels.map_hovered.connect(self._on_kernel_pointed)
        for label in (self._image_text, self._kernel_text, self._kernel_scale):
            set_role(label, "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)

    def _lay_out(self) -> None:
        image = QVBoxLayout()
        image.setSpacing(_GAP)
        image.addStretch(1)
        image.addWidget(self.image)
        image.addWidget(self._image_text)
        image.addStretch(1)
        kernels = QVBoxLayout(self._kernel_part)
        kernels.setContentsMargins(0, 0, 0, 0)
        kernels.setSpacing(_GAP)
        kernels.addStretch(1)
        for widget, stretch in ((self._kernel_text, 0), (self.kernels, 100), (self._kernel_scale, 0)):
            kernels.addWidget(widget, stretch)
        kernels.addStretch(1)
        self._kernel_part.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(16)
        self._row.addLayout(image)
        self._row.addWidget(self.maps, 7)
        self._row.addWidget(self._kernel_part, 3)
