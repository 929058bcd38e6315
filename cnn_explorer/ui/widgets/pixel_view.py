"""A picture whose nodes stay squares: never smoothed, zoomed by wheel or keys, moved by dragging."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from cnn_explorer.ui.theme import theme

_LARGEST_NODE = 96.0  # pixels of the screen; more shows nothing new
_KEY_STEP = 1.25


def colored(scaled: NDArray[np.float32], table: NDArray[np.uint8]) -> QImage:
    """Values 0…1 (rows, columns) as a picture, through a table (256, 3); NaN gets any of its colours.

    The same colours as ``core.imaging.colorize``, but Qt looks them up: five times as fast for large layers.
    """
    values = scaled * np.float32(255)
    values += np.float32(0.5)
    with np.errstate(invalid="ignore"):  # NaN stands in cells that are not used; those are painted over
        rows = np.ascontiguousarray(values.astype(np.uint8))
    height, width = rows.shape
    image = QImage(rows.data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable([0xFF000000 | red << 16 | green << 8 | blue for red, green, blue in table.tolist()])
    return image.convertToFormat(QImage.Format.Format_RGB32)


def photo(image: NDArray[Any], low: float, high: float) -> QImage:
    """An image (rows, columns, channels) as a picture: colours if it has three channels, else grey of the first."""
    span = high - low if high > low else 1.0
    scaled = np.clip((np.nan_to_num(image.astype(np.float32)) - low) / span, 0.0, 1.0)
    channels = scaled if image.shape[2] == 3 else np.repeat(scaled[..., :1], 3, axis=2)
    pixels = np.ascontiguousarray((channels * 255 + 0.5).astype(np.uint8))
    height, width = pixels.shape[:2]
    picture = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    # The conversion copies, so that the picture does not hang on the array; and 32 bits are painted fastest.
    return picture.convertToFormat(QImage.Format.Format_RGB32)


def paint_photo(painter: QPainter, picture: QImage, square: QRectF) -> None:
    """Paint a picture as a whole into the middle of ``square``, with an edge; only what gets smaller is smoothed."""
    size = picture.size().scaled(square.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    inner = QRectF(0, 0, size.width(), size.height())
    inner.moveCenter(square.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, size.width() < picture.width())
    painter.drawImage(inner, picture)
    painter.setPen(theme().color("line"))  # else a white image on white would have no edge
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(inner)


def readable_on(background: QColor) -> QColor:
    """The theme's text or surface colour, whichever differs more in lightness from ``background``."""
    candidates = (theme().color("text"), theme().color("surface"))
    return max(candidates, key=lambda color: abs(_lightness(color) - _lightness(background)))


def _lightness(color: QColor) -> float:
    return 0.299 * color.redF() + 0.587 * color.greenF() + 0.114 * color.blueF()


class PixelView(QWidget):
    """Shows one picture as large as fits. Sub-classes paint over it in ``paint_over``."""

    node_hovered = Signal(int, int)
    """Row and column of the picture's node under the cursor."""
    hover_ended = Signal()
    node_clicked = Signal(int, int)
    zoomed = Signal(bool)
    """Whether another part than the whole picture is shown."""
    size_changed = Signal()
    """The picture has other numbers of rows and columns than the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._zoom = 1.0  # relative to the scale at which all fits
        self._centre = QPointF()  # the picture's point in the middle of the widget
        self._pressed: QPointF | None = None
        self._dragged = False
        self.zoomable = True
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def set_image(self, image: QImage | None) -> None:
        """Show another picture; the zoom stays if its size does."""
        same = image is not None and self._image is not None and image.size() == self._image.size()
        self._image = image
        if not same:
            self.size_changed.emit()
            self.fit()
        self.update()

    @property
    def image(self) -> QImage | None:
        """The picture that is shown."""
        return self._image

    def fit(self) -> None:
        """Show the whole picture."""
        self._set_view(1.0, self._middle())

    @property
    def node_size(self) -> float:
        """Length of a node's side on the screen, in pixels."""
        if self._image is None:
            return 1.0
        fitting = min(self.width() / self._image.width(), self.height() / self._image.height())
        return max(fitting, 1e-6) * self._zoom

    def to_screen(self, x: float, y: float) -> QPointF:
        """The widget's point for a point of the picture."""
        return (QPointF(x, y) - self._centre) * self.node_size + QPointF(self.width(), self.height()) / 2

    def to_picture(self, point: QPointF) -> QPointF:
        """The picture's point (columns, rows) for a point of the widget."""
        return (point - QPointF(self.width(), self.height()) / 2) / self.node_size + self._centre

    def screen_rectangle(self, top: float, left: float, bottom: float, right: float) -> QRectF:
        """A rectangle of the picture on the screen."""
        return QRectF(self.to_screen(left, top), self.to_screen(right, bottom))

    def paint_over(self, painter: QPainter) -> None:
        """Paint what lies over the picture."""

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter = QPainter(self)
        corner, end = self.to_picture(QPointF(0, 0)), self.to_picture(QPointF(self.width(), self.height()))
        left, top = max(0, math.floor(corner.x())), max(0, math.floor(corner.y()))
        right, bottom = min(self._image.width(), math.ceil(end.x())), min(self._image.height(), math.ceil(end.y()))
        source = QRectF(left, top, right - left, bottom - top)
        painter.drawImage(self.screen_rectangle(top, left, bottom, right), self._image, source)
        self.paint_over(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._set_view(self._zoom, self._centre)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.zoomable or self._image is None:
            event.ignore()
            return
        point = event.position()
        held = self.to_picture(point)  # stays under the cursor
        self._set_view(self._zoom * 1.0015 ** event.angleDelta().y(), self._centre)
        self._set_view(self._zoom, self._centre + held - self.to_picture(point))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.zoomable and event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._set_view(self._zoom * _KEY_STEP, self._centre)
        elif self.zoomable and event.key() == Qt.Key.Key_Minus:
            self._set_view(self._zoom / _KEY_STEP, self._centre)
        elif self.zoomable and event.key() == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            way = point - self._pressed
            if self._dragged or way.manhattanLength() >= QApplication.startDragDistance():
                self._dragged = True
                if self._zoom > 1.0:
                    self._set_view(self._zoom, self._centre - way / self.node_size)
                    self._pressed = point
            return
        node = self._node_at(point)
        if node is None:
            self.hover_ended.emit()
        else:
            self.node_hovered.emit(*node)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        node = self._node_at(event.position())
        if node is not None and not self._dragged:
            self.node_clicked.emit(*node)

    def leaveEvent(self, event: QEvent) -> None:
        self.hover_ended.emit()

    def _node_at(self, point: QPointF) -> tuple[int, int] | None:
        if self._image is None:
            return None
        inside = self.to_picture(point)
        row, column = math.floor(inside.y()), math.floor(inside.x())
        if 0 <= row < self._image.height() and 0 <= column < self._image.width():
            return row, column
        return None

    def _middle(self) -> QPointF:
        return QPointF(self._image.width(), self._image.height()) / 2 if self._image else QPointF()

    def _set_view(self, zoom: float, centre: QPointF) -> None:
        """Zoom to ``zoom``, kept between the whole picture and large nodes, with no part of the widget wasted."""
        if self._image is None:
            return
        was = self._zoom
        self._zoom = 1.0
        largest = max(1.0, _LARGEST_NODE / self.node_size)
        self._zoom = min(max(zoom, 1.0), largest)
        middle = self._middle()
        slack_x = max(0.0, middle.x() - self.width() / 2 / self.node_size)
        slack_y = max(0.0, middle.y() - self.height() / 2 / self.node_size)
        self._centre = QPointF(
            min(max(centre.x(), middle.x() - slack_x), middle.x() + slack_x),
            min(max(centre.y(), middle.y() - slack_y), middle.y() + slack_y),
        )
        self.update()
        if (was > 1.0) != (self._zoom > 1.0):
            self.zoomed.emit(self._zoom > 1.0)
