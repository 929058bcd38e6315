"""A plane of tiles that scrolls: any number of images, of which only what can be seen is painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygon, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from cnn_explorer.ui.pages.data.gallery.blocks import BlockStore, Size
from cnn_explorer.ui.pages.data.gallery.layout import USUAL_SIDE, Layout, TileSize, nearest_size, tile_sizes
from cnn_explorer.ui.session.jobs import JobRunner
from cnn_explorer.ui.theme import theme

_PIN = 18  # the largest badge of the pinned image
_MARK = 12  # the largest mark of a wrong answer, in points


@dataclass(frozen=True)
class Tile:
    """The words of one image: under its tile, there where room is short, and all of them."""

    caption: str
    short: str
    sentence: str


class TilePlane(QAbstractScrollArea):
    """Shows images by their *number* in the list that it was given. Sub-classes paint over the tiles."""

    zoom_changed = Signal(int)

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # or the columns would jump
        self.store = BlockStore(runner)
        self.describe: Callable[[int], Tile] = lambda number: Tile("", "", str(number))
        self.wrong = np.zeros(0, np.bool_)
        """Of each image, whether it is marked as a mistake of the model."""
        self.pinned = -1
        """Number of the image that the next run films; -1 if it is not among them."""
        self._shape: tuple[int, ...] = (1, 1, 1)
        self._sizes: tuple[TileSize, ...] = (TileSize(1, 1, 1),)
        self._side = USUAL_SIDE
        self._zoom = 0
        self._pin_icon = theme().icon("pin", "on_accent")
        self._before: Size | None = None  # the size of the thumbnails at the last zoom: better than empty tiles
        self._layout = Layout(0, 1, self._sizes[0], 1)
        self.store.loaded.connect(self.viewport().update)
        theme().changed.connect(self._arrange)

    def show_images(self, source: NDArray[np.uint8], places: NDArray[np.int64]) -> None:
        """Show the images of ``source`` at ``places``, from the upper end on."""
        if source.shape[1:] != self._shape:
            self._shape = source.shape[1:]
            self._sizes = tile_sizes(*self._shape[:2])
            self._zoom = nearest_size(self._sizes, self._side)
            self.zoom_changed.emit(self._zoom)
        self._before = None
        self.wrong, self.pinned = np.zeros(len(places), np.bool_), -1
        self.store.set_images(source, places)
        self._layout = self._new_layout(len(places))
        self._set_range()
        self.verticalScrollBar().setValue(0)
        self.viewport().update()

    @property
    def count(self) -> int:
        """How many images there are to scroll through."""
        return self._layout.count

    @property
    def layout_(self) -> Layout:
        """Where the tiles lie."""
        return self._layout

    @property
    def zoom(self) -> int:
        """Which of the sizes the tiles have."""
        return self._zoom

    @property
    def sizes(self) -> tuple[TileSize, ...]:
        """The sizes that the tiles can have."""
        return self._sizes

    def set_zoom(self, zoom: int) -> None:
        """Show the tiles in another size; what is in the middle stays there."""
        self.zoom_at(zoom, self.viewport().rect().center())

    def zoom_at(self, zoom: int, point: QPoint) -> None:
        """Show the tiles in another size; the image at this point of the viewport stays at its height."""
        zoom = max(0, min(zoom, len(self._sizes) - 1))
        if zoom == self._zoom:
            return
        self._before = self._thumbnail_size()
        bar = self.verticalScrollBar()
        at_top = bar.value() == 0
        number, share = self._layout.nearest(point.x(), point.y() + bar.value())
        self._zoom, self._side = zoom, self._sizes[zoom].side
        self._arrange()
        if not at_top:
            bar.setValue(round(self._layout.corner(number)[1] + share * self._layout.step[1]) - point.y())
        self.zoom_changed.emit(zoom)

    def rectangle(self, number: int) -> QRect:
        """Where a tile's picture lies in the viewport."""
        left, top = self._layout.corner(number)
        return QRect(left, top - self.verticalScrollBar().value(), self._layout.size.width, self._layout.size.height)

    def visible(self) -> range:
        """The images that can be seen."""
        top = self.verticalScrollBar().value()
        return self._layout.visible(top, top + self.viewport().height())

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def paint_over(self, painter: QPainter, numbers: range) -> None:
        """Paint what lies over the tiles ``numbers``, all that can be seen."""

    def at(self, point: QPoint) -> int:
        """The image at a point of the viewport; -1 if there is none."""
        found = self._layout.at(point.x(), point.y() + self.verticalScrollBar().value())
        return -1 if found is None else found

    def scroll_to(self, number: int) -> None:
        """Have an image in sight."""
        bar = self.verticalScrollBar()
        bar.setValue(self._layout.scrolled_to(number, bar.value(), self.viewport().height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), colors.color("surface"))
        numbers = self.visible()
        if numbers:
            self._paint_pictures(painter, numbers, colors.color("raised"))
            if self._layout.caption:
                self._paint_edges(painter, numbers, colors.color("line"))
                self._paint_words(painter, numbers)
            self._paint_marks(painter, numbers)
            self.paint_over(painter, numbers)
        painter.end()

    def _places(self, numbers: range) -> Iterator[tuple[int, QRect]]:
        """Each tile with its picture's rectangle in the viewport, which is the same object every time.

        A list of a thousand of them in each frame would call the garbage collector for all objects that there are.
        """
        top, size = self.verticalScrollBar().value(), self._layout.size
        place = QRect(0, 0, size.width, size.height)
        for number in numbers:
            x, y = self._layout.corner(number)
            place.moveTo(x, y - top)
            yield number, place

    def _paint_pictures(self, painter: QPainter, numbers: range, empty: QColor) -> None:
        """The thumbnails that are there; asks for those that are not, and for what comes when one scrolls on."""
        size = self._thumbnail_size()
        length = self.store.length(size)
        blocks = range(numbers.start // length, (numbers.stop - 1) // length + 1)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._layout.size.scale == 0)
        missing = False
        for number in blocks:
            part = range(max(numbers.start, number * length), min(numbers.stop, (number + 1) * length))
            block = self.store.block(self.store.key(size, number))
            missing = missing or block is None
            source = QRect(0, 0, *size)
            for tile, place in self._places(part):
                if block is not None:
                    source.moveTo(*block.corner(tile - number * length))
                    painter.drawImage(place, block.picture, source)
                elif not self._paint_older(painter, tile, place):
                    painter.fillRect(place, empty)
        before = range(max(0, blocks.start - len(blocks)), blocks.start)
        after = range(blocks.stop, min(blocks.stop + len(blocks), -(-self.count // length)))
        self.store.want([self.store.key(size, number) for number in (*blocks, *after, *before)])
        if not missing:
            self._before = None

    def _paint_older(self, painter: QPainter, tile: int, place: QRect) -> bool:
        """The thumbnail of the last size, until that of this one is there."""
        if self._before is None:
            return False
        number, rest = divmod(tile, self.store.length(self._before))
        block = self.store.block(self.store.key(self._before, number))
        if block is None:
            return False
        painter.drawImage(place, block.picture, block.source(rest))
        return True

    def _paint_edges(self, painter: QPainter, numbers: range, color: QColor) -> None:
        """A line around each picture, or one could not tell where those end that have the ground's colour."""
        painter.setPen(color)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for _, place in self._places(numbers):
            painter.drawRect(place.adjusted(-1, -1, 0, 0))

    def _paint_marks(self, painter: QPainter, numbers: range) -> None:
        error, surface = theme().color("error"), theme().color("surface")
        side = min(_MARK, self._layout.size.side // 3)
        for seen in np.flatnonzero(self.wrong[numbers.start : numbers.stop]).tolist():
            self._paint_mark(painter, self.rectangle(numbers.start + seen), side, error, surface)
        if self.pinned in numbers:
            self._paint_pin(painter, self.rectangle(self.pinned))

    def _paint_words(self, painter: QPainter, numbers: range) -> None:
        width, height, metrics = self._layout.size.width, self._layout.caption, painter.fontMetrics()
        text, error = theme().color("muted"), theme().color("error")
        cut: dict[str, str] = {}
        for number, place in self._places(numbers):
            tile = self.describe(number)
            shown = cut.get(tile.caption)
            if shown is None:
                words = tile.caption if metrics.horizontalAdvance(tile.caption) <= width else tile.short
                shown = cut[tile.caption] = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)
            painter.setPen(error if self.wrong[number] else text)
            below = QRect(place.left(), place.bottom() + 2, width, height)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_mark(self, painter: QPainter, place: QRect, side: int, color: QColor, edge: QColor) -> None:
        """A small corner of the tile, with an edge that keeps it apart from pictures of its colour."""
        right, top = place.right() + 1, place.top()
        painter.setPen(Qt.PenStyle.NoPen)
        for length, brush in ((side + 2, edge), (side, color)):
            painter.setBrush(brush)
            corner = [QPoint(right - length, top), QPoint(right, top), QPoint(right, top + length)]
            painter.drawPolygon(QPolygon(corner))

    def _paint_pin(self, painter: QPainter, place: QRect) -> None:
        """A badge in the corner of the image that the next run films."""
        side = min(_PIN, place.width() // 2)
        badge = QRect(place.left() + 2, place.top() + 2, side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("accent"))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        inner = side // 6
        self._pin_icon.paint(painter, badge.adjusted(inner, inner, -inner, -inner))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()  # painting all of it costs less than finding out what of it moved

    def _thumbnail_size(self) -> Size:
        """Size of the thumbnails in pixels: the images' own, or that of the tiles on this screen if it is less."""
        rows, columns = self._shape[:2]
        tile, ratio = self._sizes[self._zoom], self.devicePixelRatioF()
        if tile.scale:
            return columns, rows
        return min(columns, round(tile.width * ratio)), min(rows, round(tile.height * ratio))

    def _new_layout(self, count: int) -> Layout:
        return Layout(count, self.viewport().width(), self._sizes[self._zoom], self.fontMetrics().height())

    def _arrange(self) -> None:
        """Lay the tiles out anew; what was at the upper end stays there."""
        old, bar = self._layout, self.verticalScrollBar()
        self._layout = self._new_layout(old.count)
        row, rest = divmod(bar.value(), old.step[1])
        first = min(row * old.columns, max(0, old.count - 1))
        self._set_range()
        if old.columns != self._layout.columns and row:
            bar.setValue(first // self._layout.columns * self._layout.step[1] + rest)
        self.viewport().update()

    def _set_range(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._layout.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(20, self._layout.step[1] // 3))
