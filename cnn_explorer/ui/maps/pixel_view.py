"""A picture whose nodes stay squares: never smoothed, zoomed by wheel or keys, moved by dragging."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from cnn_explorer.ui.maps.frames import enlarged, paint_frame
from cnn_explorer.ui.theme import theme

_LARGE = 200_000  # nodes
_LARGEST_NODE = 96.0  # pixels of the screen; more shows nothing new
_KEY_STEP = 1.25
_NOTCH = 120  # as Qt counts a notch of the wheel


def colored(scaled: NDArray[np.float32], table: NDArray[np.uint8]) -> QImage:
    """Values 0…1 (rows, columns) as a picture, through a table (256, 3); NaN gets any of its colours.

    The same colours as ``core.maps.imaging.colorize``, but Qt looks them up: five times as fast for large layers.
    """
    values = scaled * np.float32(255)
    values += np.float32(0.5)
    with np.errstate(invalid="ignore"):  # NaN stands in cells that are not used; those are painted over
        return painted(np.ascontiguousarray(values.astype(np.uint8)), table)


def painted(rows: NDArray[np.uint8], table: NDArray[np.uint8]) -> QImage:
    """A contiguous picture of rows of a table (256, 3) as colours."""
    height, width = rows.shape
    colors = _color_table(table.tobytes())
    if rows.size < _LARGE:
        pixels = colors[rows]
        return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
    # Qt looks colours up faster than numpy, but it takes a while to take the table over.
    image = QImage(rows.data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable(colors.tolist())
    # The conversion copies, so that the picture does not hang on the array; and 32 bits are painted fastest.
    return image.convertToFormat(QImage.Format.Format_RGB32)


@lru_cache(maxsize=16)
def _color_table(table: bytes) -> NDArray[np.uint32]:
    """The table's colours as Qt keeps them."""
    red, green, blue = np.frombuffer(table, np.uint8).reshape(-1, 3).astype(np.uint32).T
    return np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue


def photo(image: NDArray[Any], low: float, high: float) -> QImage:
    """An image (rows, columns, channels) as a picture: colours if it has three channels, else grey of the first."""
    span = high - low if high > low else 1.0
    scaled = np.clip((np.nan_to_num(image.astype(np.float32)) - low) / span, 0.0, 1.0)
    channels = scaled if image.shape[2] == 3 else np.repeat(scaled[..., :1], 3, axis=2)
    pixels = np.ascontiguousarray((channels * 255 + 0.5).astype(np.uint8))
    height, width = pixels.shape[:2]
    picture = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
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


@dataclass(frozen=True)
class View:
    """What part of a picture is shown: its zoom (1: as it is at first) and its middle, in columns and rows."""

    zoom: float
    x: float
    y: float


class PixelView(QWidget):
    """Shows one picture as large as fits. Sub-classes paint over it in ``paint_over``."""

    node_hovered = Signal(int, int)
    """Row and column of the picture's node under the cursor."""
    hover_ended = Signal()
    node_clicked = Signal(int, int)
    node_double_clicked = Signal(int, int)
    zoomed = Signal(bool)
    """Whether another part is shown than at first."""
    part_changed = Signal()
    """Zoom or place are others."""
    view_changed = Signal()
    """They are, and not by ``set_view``: ``view`` can be given to another picture of the same size."""
    size_changed = Signal()
    """The picture has other numbers of rows and columns than the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._zoom = 1.0  # relative to the scale that the picture has at first
        self._centre = QPointF()  # the picture's point in the middle of the widget
        self._pressed: QPointF | None = None
        self._dragged = self._follows = False
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
        """Show what is shown at first: the whole picture, or the upper end of one that scrolls."""
        self._set_view(1.0, QPointF(self._middle().x(), 0.0 if self.scrolls_at_first else self._middle().y()))

    @property
    def view(self) -> View:
        """What part is shown."""
        return View(self._zoom, self._centre.x(), self._centre.y())

    def set_view(self, view: View) -> None:
        """Show the same part as another picture; ``view_changed`` stays silent."""
        self._follows = True
        self._set_view(view.zoom, QPointF(view.x, view.y))
        self._follows = False

    @property
    def scrolls_at_first(self) -> bool:
        """Whether the picture is higher than the widget before anyone has zoomed; then the wheel scrolls."""
        return False

    @property
    def first_size(self) -> float:
        """Pixels of the screen for a node before anyone has zoomed: all fits."""
        return self._fitting()

    @property
    def node_size(self) -> float:
        """Length of a node's side on the screen, in pixels."""
        return max(self.first_size, 1e-6) * self._zoom

    def size_in(self, room: QSizeF) -> QSizeF:
        """How much of ``room`` the picture fills."""
        image = self._image
        if image is None:
            return room
        scale = min(room.width() / max(image.width(), 1), room.height() / max(image.height(), 1))
        return QSizeF(image.width() * scale, image.height() * scale)

    def whole_size(self) -> QSizeF:
        """The size of the whole picture on the screen, as it is zoomed now."""
        return QSizeF(self._image.size()) * self.node_size if self._image else QSizeF()

    def offset(self) -> QPointF:
        """Which point of the whole picture, in pixels of the screen, lies in the widget's upper left corner."""
        return self._centre * self.node_size - QPointF(self.width(), self.height()) / 2

    def scroll_to(self, offset: QPointF) -> None:
        """Bring a point of the whole picture into the upper left corner, as far as the picture reaches."""
        self._set_view(self._zoom, (offset + QPointF(self.width(), self.height()) / 2) / self.node_size)

    def show_part(self, part: QRectF) -> None:
        """Scroll as little as it needs to have ``part`` of the widget in view."""
        way_x = min(part.left(), max(0.0, part.right() - self.width()))
        way_y = min(part.top(), max(0.0, part.bottom() - self.height()))
        if way_x or way_y:
            self.scroll_to(self.offset() + QPointF(way_x, way_y))

    def to_screen(self, x: float, y: float) -> QPointF:
        """The widget's point for a point of the picture."""
        return (QPointF(x, y) - self._centre) * self.node_size + QPointF(self.width(), self.height()) / 2

    def to_picture(self, point: QPointF) -> QPointF:
        """The picture's point (columns, rows) for a point of the widget."""
        return (point - QPointF(self.width(), self.height()) / 2) / self.node_size + self._centre

    def screen_rectangle(self, top: float, left: float, bottom: float, right: float) -> QRectF:
        """A rectangle of the picture on the screen."""
        return QRectF(self.to_screen(left, top), self.to_screen(right, bottom))

    def nodes_in(self, area: QRectF) -> tuple[int, int, int, int]:
        """Top, left, bottom and right of the nodes that an area of the widget shows, bottom and right excluded."""
        if self._image is None:
            return 0, 0, 0, 0
        corner, end = self.to_picture(area.topLeft()), self.to_picture(area.bottomRight())
        left, top = max(0, math.floor(corner.x())), max(0, math.floor(corner.y()))
        right, bottom = min(self._image.width(), math.ceil(end.x())), min(self._image.height(), math.ceil(end.y()))
        return top, left, max(top, bottom), max(left, right)

    def paint_over(self, painter: QPainter) -> None:
        """Paint what lies over the picture."""

    def paint_node_frame(self, painter: QPainter, place: QRectF, role: str) -> None:
        """A frame around a node at ``place``, in the theme's colour of that role; never smaller than a dot."""
        if place.intersects(QRectF(self.rect())):
            paint_frame(painter, enlarged(place, QRectF(self.rect())), role)

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter = QPainter(self)
        top, left, bottom, right = self.nodes_in(QRectF(self.rect()))
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
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) or not self.scrolls_at_first
        if zooms:
            held = self.to_picture(point)  # stays under the cursor
            self._set_view(self._zoom * 1.0015 ** event.angleDelta().y(), self._centre)
            self._set_view(self._zoom, self._centre + held - self.to_picture(point))
        else:
            way = QPointF(event.pixelDelta())
            if way.isNull():
                way = QPointF(event.angleDelta()) / _NOTCH * self.wheel_way()
            self.scroll_to(self.offset() - way)
        event.accept()

    def wheel_way(self) -> float:
        """Pixels to scroll for one notch of the wheel."""
        return 60.0

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

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed = None  # so that letting the button go is no click
        node = self._node_at(event.position())
        if node is not None and event.button() == Qt.MouseButton.LeftButton:
            self.node_double_clicked.emit(*node)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            way = point - self._pressed
            if self._dragged or way.manhattanLength() >= QApplication.startDragDistance():
                self._dragged = True
                if self.zoomable:
                    self.scroll_to(self.offset() - way)
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
            self.node_hovered.emit(*node)  # a finger points nowhere before it presses
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

    def _fitting(self) -> float:
        """Pixels of the screen for a node if the whole picture is in view."""
        if self._image is None:
            return 1.0
        return min(self.width() / self._image.width(), self.height() / self._image.height())

    def _set_view(self, zoom: float, centre: QPointF) -> None:
        """Zoom to ``zoom``, kept between the whole picture and large nodes, with no part of the widget wasted."""
        if self._image is None:
            return
        before = self.view
        first = max(self.first_size, 1e-6)
        smallest = min(1.0, self._fitting() / first)
        self._zoom = min(max(zoom, smallest), max(1.0, _LARGEST_NODE / first))
        middle = self._middle()
        slack_x = max(0.0, middle.x() - self.width() / 2 / self.node_size)
        slack_y = max(0.0, middle.y() - self.height() / 2 / self.node_size)
        self._centre = QPointF(
            min(max(centre.x(), middle.x() - slack_x), middle.x() + slack_x),
            min(max(centre.y(), middle.y() - slack_y), middle.y() + slack_y),
        )
        self.update()
        if (before.zoom != 1.0) != (self._zoom != 1.0):
            self.zoomed.emit(self._zoom != 1.0)
        if self.view != before:
            self.part_changed.emit()
            if not self._follows:
                self.view_changed.emit()
