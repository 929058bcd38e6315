"""The lines and points of one run in one plot, and the pyqtgraph view that they lie in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem

from cnn_explorer.ui.plots.data import Bounds, Quantity, Series, axis_heights
from cnn_explorer.ui.plots.points import Floats, Seen, columns_of, seen
from cnn_explorer.ui.session.runs.colors import DASHES
from cnn_explorer.ui.theme import theme

_MARK = 0.06
"""Height of the ticks at changes of the learning rate, as a share of the view."""
_FAINT = 0.65
"""How much of its colour the training line of a compared run has."""
_BAND = 0.35
"""How opaque the band of all batches is."""


class PlotBox(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph is untyped
    """A view that dragging moves, and that dragging with Shift zooms to a rectangle."""

    def mouseDragEvent(self, event: Any, axis: Any = None) -> None:
        """pyqtgraph's own, in the mode that the keyboard asks for."""
        if event.isStart():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.setMouseMode(self.RectMode if shift else self.PanMode)
            look, inside = theme(), theme().color("accent")
            inside.setAlphaF(0.15)
            self.rbScaleBox.setPen(pg.mkPen(look.color("accent"), width=1))
            self.rbScaleBox.setBrush(inside)
        super().mouseDragEvent(event, axis)


def series_color(series: Series, *, validation: bool = False) -> QColor:
    """The colour of a run's lines: its own in a comparison, else one for training and one for validation."""
    if series.style is not None:
        return QColor(theme().palette.series[series.style.color])
    return theme().color("second" if validation else "accent")


def _mixed(color: QColor, ground: QColor, share: float) -> QColor:
    def mix(one: float, other: float) -> float:
        return share * one + (1 - share) * other

    return QColor.fromRgbF(
        mix(color.redF(), ground.redF()), mix(color.greenF(), ground.greenF()), mix(color.blueF(), ground.blueF())
    )


def series_pen(series: Series, width: float, *, validation: bool = False, faint: bool = False) -> QPen:
    """The pen of a run's lines, ``width`` in pixels."""
    color = series_color(series, validation=validation)
    if faint:  # mixed by hand: Qt takes four times as long for lines that let shine through
        color = _mixed(color, theme().color("surface"), _FAINT)
    pen: QPen = pg.mkPen(color, width=width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if series.style is not None and series.style.dash:
        pen.setDashPattern([part * 2 / width for part in DASHES[series.style.dash]])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


class _Band(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph is untyped
    """Every batch of a long run, as a pale band. As a picture: filling a jagged path takes Qt ten times as long."""

    def __init__(self) -> None:
        super().__init__()
        self._rect = QRectF()
        self._image: QImage | None = None

    def show_band(self, band: Seen, x: Bounds, y: Bounds, shape: tuple[int, int], color: QColor) -> None:
        """Show ``band`` in the view from ``x[0]`` to ``x[1]`` and ``y[0]`` to ``y[1]``, of ``shape`` pixels."""
        covered = columns_of(band, *x, *y, shape)
        opaque = color.alphaF()
        premultiplied = QColor.fromRgbF(opaque * color.redF(), opaque * color.greenF(), opaque * color.blueF(), opaque)
        pixels = np.where(covered, np.uint32(premultiplied.rgba()), np.uint32(0))
        self.prepareGeometryChange()
        self._rect = QRectF(x[0], y[0], x[1] - x[0], y[1] - y[0])
        stride = 4 * shape[1]
        image = QImage(pixels.tobytes(), shape[1], shape[0], stride, QImage.Format.Format_ARGB32_Premultiplied)
        self._image = image.copy()  # Qt does not keep the bytes
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        if self._image is not None:
            self.prepareGeometryChange()
            self._image, self._rect = None, QRectF()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, *_: object) -> None:
        if self._image is not None:
            place = painter.worldTransform().mapRect(self._rect)
            painter.resetTransform()
            painter.drawImage(place, self._image)


class _Curves:
    """The lines of one run: pyqtgraph's curves, which also paint themselves into a picture of several."""

    def __init__(self) -> None:
        # One point a pixel: long antialiased paths that cross themselves take Qt 100s of milliseconds.
        self.lines = tuple(pg.PlotCurveItem(antialias=True) for _ in range(4))
        self.raw, self.smooth, self.validation, self.marks = self.lines
        self.raw.setSegmentedLineMode("on")
        self.points = Seen.of_nothing()

    def set_lines(self, series: Series, quantity: Quantity, x: Bounds, places: int, scale: float, *, log: bool) -> None:
        """Training and validation from ``x[0]`` to ``x[1]``, ``places`` pixels wide, in lines wider by ``scale``."""
        data, alone = series.data, series.style is None
        line = _placed(seen(data.position, data.smooth, *x, places), quantity, log)
        bold = alone or quantity.is_given
        pen = series_pen(series, scale * (2.0 if bold else 1.2), faint=not bold)
        self.smooth.setData(line.position, line.middle, pen=pen)
        self.points = _placed(seen(data.epoch, data.validation, *x, places), quantity, log)
        pen = series_pen(series, 2.0 * scale, validation=True)
        self.validation.setData(self.points.position, self.points.middle, pen=pen)
        # Qt draws single pieces four times as fast as a path, but only a path can be dashed.
        for curve in (self.smooth, self.validation):
            curve.setSegmentedLineMode("on" if pen.style() == Qt.PenStyle.SolidLine else "off")

    def set_marks(self, series: Series, y: Bounds, scale: float) -> None:
        """Ticks at the bottom of the view, where the learning rate was changed."""
        if not series.marks and not len(self.marks.getData()[0]):
            return
        places = np.repeat(np.array([position for position, _ in series.marks]), 2)
        heights = np.tile((y[0], y[0] + _MARK * (y[1] - y[0])), len(series.marks))
        color = series_color(series) if series.style is not None else theme().color("text")
        self.marks.setData(places, heights, pen=pg.mkPen(color, width=2 * scale), connect="pairs")


class RunItems:
    """The items of one run that may grow: every batch, the calm line, validation, and ticks for changed rates.

    Alone, a run shows all of them; in a comparison training is a thin line and validation a bold one.
    """

    def __init__(self, box: Any, quantity: Quantity) -> None:
        self._box, self._quantity = box, quantity
        self._band = _Band()
        self._curves = _Curves()
        self._dots: Any = pg.ScatterPlotItem(pxMode=True, antialias=True)
        curves = self._curves
        self._items = (self._band, curves.raw, curves.smooth, curves.validation, self._dots, curves.marks)
        for item in self._items:
            box.addItem(item, ignoreBounds=True)
        self._drawn: tuple[object, ...] = ()

    def draw(self, series: Series, x: Bounds, y: Bounds, shape: tuple[int, int], scale: float, *, log: bool) -> None:
        """Draw what lies in a view of ``shape`` pixels (rows, columns), in lines wider by ``scale``."""
        wanted = (series.data, series.style, series.marks, x, y, shape, scale, log, theme().palette)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        self._draw_batches(series, x, y, shape, log)
        self._curves.set_lines(series, self._quantity, x, shape[1], scale, log=log)
        self._curves.set_marks(series, y, scale)
        points = self._curves.points
        size = _dot_size(points, series)
        shown = slice(None) if size else slice(0)
        self._dots.setData(
            points.position[shown], points.middle[shown], size=max(size, 1), symbol="o",
            brush=series_color(series, validation=True),
            pen=pg.mkPen(theme().color("surface"), width=1.5) if series.style is None else None,
        )  # fmt: skip

    def _draw_batches(self, series: Series, x: Bounds, y: Bounds, shape: tuple[int, int], log: bool) -> None:
        self._band.clear()
        self._curves.raw.setData([], [])
        if series.style is not None or self._quantity.is_given:
            return
        band = _placed(seen(series.data.position, series.data.raw, *x, shape[1]), self._quantity, log)
        faint = theme().color("accent")
        faint.setAlphaF(_BAND)
        if band.is_whole:
            pale = _mixed(theme().color("accent"), theme().color("surface"), _BAND)
            self._curves.raw.setData(band.position, band.middle, pen=pg.mkPen(pale, width=1))
        else:
            self._band.show_band(band, x, y, shape, faint)

    def shown_points(self) -> tuple[int, int]:
        """How many points are drawn of single batches and of the calm line."""
        return len(self._curves.raw.getData()[0]), len(self._curves.smooth.getData()[0])

    def pens(self) -> tuple[QPen, QPen]:
        """The pens of training and validation."""
        return self._curves.smooth.opts["pen"], self._curves.validation.opts["pen"]

    def remove(self) -> None:
        """Take everything out of the view."""
        for item in self._items:
            self._box.removeItem(item)


class Backdrop(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph is untyped
    """All runs of a comparison that do not grow, painted once and kept as a picture until the view changes."""

    def __init__(self, quantity: Quantity) -> None:
        super().__init__()
        self._quantity = quantity
        self._rect = QRectF()
        self._runs: list[tuple[Series, _Curves]] = []
        self._drawn: tuple[object, ...] = ()
        self._scale = 1.0
        self.setZValue(-1)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def draw(self, runs: tuple[Series, ...], x: Bounds, y: Bounds, places: int, scale: float, *, log: bool) -> None:
        """Draw these runs, the first one on top, in a view ``places`` pixels wide."""
        what = tuple((one.data, one.style, one.marks) for one in runs)
        wanted = (what, x, y, places, scale, log, theme().palette)
        if wanted == self._drawn:
            return
        if (wanted[:2], wanted[3:]) != (self._drawn[:2], self._drawn[3:]):
            # Made once: to make the items takes as long as to fill them.
            known = {series.key: curves for series, curves in self._runs}
            self._runs = [(one, known.get(one.key) or _Curves()) for one in reversed(runs)]
            for series, curves in self._runs:
                # Thin lines among many lose nothing at a point every other pixel, and zooming gets twice as fast.
                curves.set_lines(series, self._quantity, x, max(1, places // 2), scale, log=log)
        for series, curves in self._runs:
            curves.set_marks(series, y, scale)
        self._drawn, self._scale = wanted, scale
        self.prepareGeometryChange()
        self._rect = QRectF(x[0], y[0], x[1] - x[0], y[1] - y[0])
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        for series, curves in self._runs:
            for line in curves.lines:
                line.paint(painter, option, widget)
            size = _dot_size(curves.points, series)
            if size:
                pen = QPen(series_color(series), size * self._scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
                pen.setCosmetic(True)
                painter.setPen(pen)
                places = zip(curves.points.position.tolist(), curves.points.middle.tolist(), strict=True)
                painter.drawPoints(QPolygonF([QPointF(*place) for place in places]))


def _placed(curve: Seen, quantity: Quantity, log: bool) -> Seen:
    """The curve in the axis' own numbers, without what has no place there."""
    middle, low, high = (axis_heights(row, quantity, log=log) for row in (curve.middle, curve.low, curve.high))
    if log:  # a band that begins at 0 or below begins where its middle is
        low = np.where(np.isfinite(low), low, middle)
    # pyqtgraph 0.14 warns in the middle of painting where it finds no number at all among its points.
    inside = np.isfinite(middle)
    return Seen(curve.position[inside], middle[inside], low[inside], high[inside], curve.is_whole)


def _dot_size(points: Seen, series: Series) -> int:
    """Pixels of each point: where they would crowd, the line is enough."""
    count = len(points.position)
    if not points.is_whole:
        return 0
    if series.style is not None:
        return 5 if count <= 30 else 0
    return 8 if count <= 30 else 6 if count <= 60 else 0


def heights_of(values: list[float], quantity: Quantity, *, log: bool) -> Floats:
    """Where these stored values lie on the axis; NaN for those without a place."""
    return axis_heights(np.array(values, np.float64), quantity, log=log)
