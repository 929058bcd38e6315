"""A few images side by side, as large as they fit, each with a caption, and one of them the current one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.ui.theme import theme

_GAP = 12  # pixels
_AROUND = 3  # between an image and the mark of the current tile
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


@dataclass(frozen=True)
class Tile:
    """``picture``: the whole image. ``field``: what of it is framed, or shown alone. ``sentence``: all that is
    known."""

    picture: QImage
    title: str
    figure: str
    sentence: str
    field: Rectangle | None = None


class TopImageTiles(QWidget):
    """``most`` is the number of tiles that there is room for, so that the size does not change with their number."""

    opened = Signal(int)
    """Number of the tile that was clicked, or chosen with Enter."""

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self._current = self._hovered = -1
        self.tiles: tuple[Tile, ...] = ()
        self.cropped = False
        """Whether only the fields are shown, and not the images around them."""
        self.setObjectName("inspect_top_images_tiles")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)
        self._tell_name()

    @property
    def current(self) -> int:
        """Number of the current tile; -1 if there is none."""
        return self._current

    def show_tiles(self, tiles: tuple[Tile, ...], keep: bool) -> None:
        """Show other tiles; the current one is the same place again if ``keep``, else none."""
        self.tiles = tiles
        self._current = min(self._current, len(tiles) - 1) if keep else -1
        self._hovered = min(self._hovered, len(tiles) - 1)
        self._tell_name()
        self.update()

    def show_cropped(self, cropped: bool) -> None:
        """Show the fields alone, or the images with their fields framed."""
        self.cropped = cropped
        self.update()

    def rectangle(self, number: int) -> QRectF:
        """Where tile ``number`` lies, with its caption."""
        columns, side = self._plan()
        row, column = divmod(number, columns)
        high = side + self._caption() + _GAP
        return QRectF(_AROUND + column * (side + _GAP), _AROUND + row * high, side, side + self._caption())

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 160)

    def sizeHint(self) -> QSize:
        return QSize(640, 320)

    # Hands

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns, _ = self._plan()
        key, last = event.key(), len(self.tiles) - 1
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if last < 0 or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in steps:
            moved = max(self._current, 0) + (steps[Qt.Key(key)] if self._current >= 0 else 0)
            self._choose(moved if 0 <= moved <= last else self._current)
        elif key in ends:
            self._choose(ends[Qt.Key(key)])
        elif key in _ENTER and self._current >= 0:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if number >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._choose(number)
            self.opened.emit(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self._current < 0 and self.tiles:
            self._choose(0)  # who comes by keyboard must see where the arrows start
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self._at(QPointF(event.pos()))
            if number >= 0:
                QToolTip.showText(event.globalPos(), self.tiles[number].sentence, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    # Paint

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for number, tile in enumerate(self.tiles):
            place = self.rectangle(number)
            square = QRectF(place.left(), place.top(), place.width(), place.width())
            self._paint_picture(painter, tile, square)
            self._paint_caption(painter, tile, QRectF(place.left(), square.bottom(), place.width(), self._caption()))
            if number in (self._current, self._hovered):
                self._paint_mark(painter, place, number == self._current)
        painter.end()

    def _paint_picture(self, painter: QPainter, tile: Tile, square: QRectF) -> None:
        part = tile.picture.rect()
        if self.cropped and tile.field is not None:
            top, left, bottom, right = tile.field
            part = QRect(left, top, right - left, bottom - top)
        size = part.size().scaled(square.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        inner = QRectF(0, 0, size.width(), size.height())
        inner.moveCenter(square.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, size.width() < part.width())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawImage(inner, tile.picture, QRectF(part))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme().color("line"))  # else a white image on white would have no edge
        painter.drawRect(inner)
        if tile.field is not None and not self.cropped:
            self._paint_receptive_field(painter, tile, inner)

    def _paint_receptive_field(self, painter: QPainter, tile: Tile, inner: QRectF) -> None:
        """The frame stands around the pixels, and is seen on dark and on bright ones."""
        assert tile.field is not None
        top, left, bottom, right = tile.field
        each = inner.width() / tile.picture.width()
        frame = QRectF(left * each, top * each, (right - left) * each, (bottom - top) * each).translated(
            inner.topLeft()
        )
        for color, width in (("surface", 4.0), ("second", 2.0)):
            pen = QPen(theme().color(color), width)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(frame)

    def _paint_caption(self, painter: QPainter, tile: Tile, place: QRectF) -> None:
        metrics = painter.fontMetrics()
        room = place.width() - metrics.horizontalAdvance(tile.figure) - 8
        if room > 0:
            title = metrics.elidedText(tile.title, Qt.TextElideMode.ElideRight, int(room))
            painter.setPen(theme().color("text"))
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        painter.setPen(theme().color("muted"))
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tile.figure)

    def _paint_mark(self, painter: QPainter, place: QRectF, current: bool) -> None:
        strong = current and self.hasFocus()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("accent" if strong else "muted"), 2.0 if current else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        reach = _AROUND - 1
        painter.drawRoundedRect(place.adjusted(-reach, -reach, reach, 0), 4, 4)

    # Within

    def _caption(self) -> float:
        return self.fontMetrics().height() + 6.0

    def _plan(self) -> tuple[int, float]:
        """How many columns make the images largest, and how large they are then."""
        wide, high = self.width() - 2 * _AROUND + _GAP, self.height() - 2 * _AROUND + _GAP
        sides = {}
        for columns in range(1, self._most + 1):
            rows = math.ceil(self._most / columns)
            sides[columns] = min(wide / columns - _GAP, high / rows - _GAP - self._caption())
        best = max(sides, key=lambda columns: sides[columns])
        return best, max(16.0, math.floor(sides[best]))

    def _at(self, point: QPointF) -> int:
        return next((number for number in range(len(self.tiles)) if self.rectangle(number).contains(point)), -1)

    def _choose(self, number: int) -> None:
        if number != self._current:
            self._current = number
            self._tell_name()
            self.update()

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self.setCursor(Qt.CursorShape.PointingHandCursor if number >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def _tell_name(self) -> None:
        """A screen reader reads the name of what has the focus: it is that of the current image."""
        said = self.tiles[self._current].sentence if 0 <= self._current < len(self.tiles) else "no image is chosen"
        self.setAccessibleName(f"Images that activate the map most: {said}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
