"""A plot that grows while a run goes: raw and smoothed batches, validation per epoch, values under the cursor."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPixmapCache, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnn_explorer.ui.plots.axis import PlotAxis
from cnn_explorer.ui.plots.curves import Backdrop, PlotBox, RunItems, heights_of, series_color
from cnn_explorer.ui.plots.data import Bounds, CurveData, Quantity, Series, round_range, span_of
from cnn_explorer.ui.plots.read_out import ReadOut, values_of_one
from cnn_explorer.ui.theme import set_role, theme

_AXIS_WIDTH, _AXIS_WITHOUT_TITLE = 62, 50
_PADDING = 0.02
"""Room between the curves and the frame, as a share of the view."""
_CACHE = 96 * 1024
"""Kilobytes for what is painted once and shown often: axes with grids and compared runs, a picture as large as the
plot each. In Qt's own 10 MB the pictures of three large plots throw each other out at every movement of the mouse."""
_MARK_REACH = 5
"""Pixels from the cursor to a mark that is described."""


class LivePlot(QWidget):
    """One quantity of one or more runs over the epochs. Give it ``show_series`` some ten times a second at most.

    It follows the growing curves until someone zooms or pans; ``reset_view`` lets it follow again. While only the
    epochs were chosen (in another plot, with ``show_epochs``), the heights still follow. The arrow keys move the
    cursor line, + and - zoom, 0 shows everything again.
    """

    cursor_moved = Signal(object)
    """Position of the cursor line in epochs, or ``None`` when it goes."""
    epochs_chosen = Signal(float, float)
    """Someone zoomed or moved the view to these epochs."""
    following_changed = Signal(bool)
    resized = Signal()
    """The curves are drawn for another size: they fit, and ``show_series`` makes them fine when there is time."""

    def __init__(self, quantity: Quantity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quantity = quantity
        self.series: tuple[Series, ...] = ()
        self.is_following = True
        self.is_log = False
        self.cursor_position: float | None = None
        self._resolution = 1.0
        self._span: Bounds = (0.0, 1.0)
        self._heights_follow = True
        self._items: dict[str, RunItems] = {}
        self._bounds: dict[str, tuple[tuple[object, ...], Bounds | None]] = {}
        self.setObjectName(f"plot_{quantity.key}")
        self.setAccessibleName(f"{quantity.title} over the epochs")
        self.setToolTip(
            "Turn the wheel to zoom, drag to move, drag with Shift to zoom to a part, double-click to show everything."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(150, 120)
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE))
        self._axes = {"left": PlotAxis("left"), "bottom": PlotAxis("bottom", whole=True)}
        # pyqtgraph is untyped; whatever comes from it is Any.
        self._box: Any = PlotBox(enableMenu=False)  # pyqtgraph would make a menu, to be thrown away
        self._view: Any = pg.PlotWidget(axisItems=self._axes, viewBox=self._box)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._prepare(self._view.getPlotItem())
        self._backdrop = Backdrop(quantity)
        self._box.addItem(self._backdrop, ignoreBounds=True)
        self._line: Any = pg.InfiniteLine(angle=90, movable=False)
        self._dots: Any = pg.ScatterPlotItem(pxMode=True, size=9)
        for mark in (self._line, self._dots):
            mark.setZValue(10)
            self._view.addItem(mark, ignoreBounds=True)
        self._empty = QLabel(quantity.empty, self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        set_role(self._empty, "muted")
        self._read_out = ReadOut(self)
        self._box.sigRangeChangedManually.connect(self._on_moved)
        self._box.sigRangeChanged.connect(self._draw)  # at once: Qt paints before anything that waits in its queue
        self._box.sigResized.connect(self._place)
        self._box.sigResized.connect(self.resized)
        theme().changed.connect(self._take_colours)
        self._take_colours()
        self.show_series(())

    def _prepare(self, item: Any) -> None:
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setContentsMargins(0, 4, 8, 0)
        item.disableAutoRange()
        item.showGrid(x=True, y=True, alpha=0.7)
        for axis in self._axes.values():
            axis.setStyle(tickTextOffset=6, hideOverlappingLabels=False)  # PlotAxis spaces them well
            axis.setZValue(-10)  # the grid behind the curves
            axis.enableAutoSIPrefix(False)
            # An axis changes rarely, the curves ten times a second; its texts are half of the painting.
            axis.setCacheMode(pg.QtWidgets.QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._axes["left"].setWidth(_AXIS_WIDTH if self.quantity.axis else _AXIS_WITHOUT_TITLE)

    @property
    def data(self) -> CurveData:
        """The points of the first run."""
        return self.series[0].data if self.series else CurveData.empty()

    @property
    def is_alone(self) -> bool:
        """Whether it shows no comparison."""
        return all(one.style is None for one in self.series)

    def show_series(self, series: tuple[Series, ...], span: Bounds | None = None) -> None:
        """Draw these runs, the first one on top; ``span`` are the epochs to reach over if nobody chose others.

        What has not changed is not drawn again: an unchanged run must come with the same ``data`` object.
        """
        self.series = series
        self._span = span or span_of([one.data for one in series], 1)
        own = {one.key for one in series if one.has_items}
        for key in [key for key in self._items if key not in own]:
            self._items.pop(key).remove()
        for key in own - self._items.keys():
            self._items[key] = RunItems(self._box, self.quantity)
        self._bounds = {one.key: self._bounds[one.key] for one in series if one.key in self._bounds}
        self._empty.setVisible(all(one.data.is_empty for one in series))
        self._fit()
        self._draw()
        self._show_cursor()

    def set_resolution(self, resolution: float) -> None:
        """Draw for a picture with ``resolution`` points per pixel of the screen; 1 is for the screen."""
        self._resolution = resolution
        modes = pg.QtWidgets.QGraphicsItem.CacheMode
        items: tuple[Any, ...] = (*self._axes.values(), self._backdrop)
        for item in items:
            item.setCacheMode(modes.DeviceCoordinateCache if resolution == 1 else modes.NoCache)

    def set_log(self, log: bool) -> None:
        """Show the values on a logarithmic axis, or on a linear one."""
        if log != self.is_log:
            self.is_log = log
            self._axes["left"].setLogMode(y=log)
            self._heights_follow = True
            self._fit()
            self._draw()
            self._show_cursor()

    def reset_view(self) -> None:
        """Show all curves and follow them again."""
        self._heights_follow = True
        self._set_following(True)
        self._fit()
        self._show_cursor()

    def show_epochs(self, left: float, right: float) -> None:
        """Show these epochs, as another plot does."""
        self._set_following(False)
        self._fit((left, right))
        self._show_cursor()

    def set_cursor(self, position: float | None) -> None:
        """Move the line with the values under it to ``position`` in epochs; ``None`` takes it away."""
        if position != self.cursor_position:
            self.cursor_position = position
            self._show_cursor()
            self.cursor_moved.emit(position)

    def view_range(self) -> tuple[Bounds, Bounds]:
        """What is seen: epochs from and to, shown values from and to (their log10 on a logarithmic axis)."""
        (left, right), (low, high) = self._box.viewRange()
        return (left, right), (low, high)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Watch the mouse over pyqtgraph's viewport, which goes on to handle it."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            inside = self._box.sceneBoundingRect().contains(self._view.mapToScene(event.position().toPoint()))
            wanted = inside and not self._empty.isVisible() and not event.buttons()
            self.set_cursor(self._position_of(event.position()) if wanted else None)
        elif event.type() == QEvent.Type.Leave:
            self.set_cursor(None)
        elif event.type() == QEvent.Type.MouseButtonPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.reset_view()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Reach with the keyboard what the mouse can do."""
        left, right = self.view_range()[0]
        middle = (left + right) / 2 if self.cursor_position is None else self.cursor_position
        match event.key():
            case Qt.Key.Key_Left:
                self.set_cursor(max(left, middle - (right - left) / 100))
            case Qt.Key.Key_Right:
                self.set_cursor(min(right, middle + (right - left) / 100))
            case Qt.Key.Key_Escape if self.cursor_position is not None:
                self.set_cursor(None)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._zoom(middle, 0.8)
            case Qt.Key.Key_Minus:
                self._zoom(middle, 1.25)
            case Qt.Key.Key_0:
                self.reset_view()
            case _:
                super().keyPressEvent(event)

    def _zoom(self, middle: float, factor: float) -> None:
        left, right = self.view_range()[0]
        self.show_epochs(middle - (middle - left) * factor, middle + (right - middle) * factor)
        self.epochs_chosen.emit(*self.view_range()[0])

    def _position_of(self, point: QPointF) -> float:
        return float(self._box.mapSceneToView(self._view.mapToScene(point.toPoint())).x())

    def _fit(self, epochs: Bounds | None = None) -> None:
        """Bring the view to ``epochs``, or to what should be seen, as far as nobody chose something else."""
        left, right = self._span
        followed = (left, right + _PADDING * (right - left)) if self.is_following else self.view_range()[0]
        x = epochs or followed
        if self._heights_follow:
            found = [self._bounds_of(one, x) for one in self.series]
            low, high = round_range(found, self.quantity, log=self.is_log)
            if self.is_log:
                low, high = math.log10(low), math.log10(high)
            margin = _PADDING * (high - low)
            self._box.setRange(xRange=x, yRange=(low - margin, high + margin), padding=0, disableAutoRange=True)
        else:
            self._box.setXRange(*x, padding=0)

    def _bounds_of(self, series: Series, x: Bounds) -> Bounds | None:
        key = (series.data, x, self.is_log)
        known = self._bounds.get(series.key)
        if known is None or known[0] != key:
            found = series.data.bounds(self.quantity, x, log=self.is_log, with_raw=series.style is None)
            self._bounds[series.key] = known = (key, found)
        return known[1]

    def _on_moved(self, *_: object) -> None:
        self._heights_follow = False
        self._set_following(False)
        self._show_cursor()
        self.epochs_chosen.emit(*self.view_range()[0])

    def _set_following(self, following: bool) -> None:
        if following != self.is_following:
            self.is_following = following
            self.following_changed.emit(following)

    def _draw(self, *_: object) -> None:
        """Draw what has changed, or what is seen otherwise now."""
        x, y = self.view_range()
        scale = self.devicePixelRatioF() * self._resolution
        shape = max(1, round(self._box.height() * scale)), max(1, round(self._box.width() * scale))
        others = tuple(one for one in self.series if not one.has_items)
        self._backdrop.draw(others, x, y, shape[1], self._resolution, log=self.is_log)
        for one in self.series:
            if one.has_items:
                self._items[one.key].draw(one, x, y, shape, self._resolution, log=self.is_log)

    def _show_cursor(self) -> None:
        cursor = self.cursor_position
        shown = [] if cursor is None else [(one, one.data.near(cursor)) for one in self.series if not one.data.is_empty]
        for part in (self._line, self._dots):
            part.setVisible(bool(shown))
        self._read_out.setVisible(bool(shown) and self.is_alone)
        if cursor is None or not shown:
            return
        self._line.setPos(cursor)
        points = [(one, point) for one, found in shown for point in found if point.curve != "batch"]
        heights = heights_of([point.value for _, point in points], self.quantity, log=self.is_log)
        self._dots.setData(
            [
                {
                    "pos": (point.position, float(height)),
                    "brush": series_color(one, validation=point.curve == "validation"),
                    "pen": self._rim,
                }
                for (one, point), height in zip(points, heights, strict=True)
                if math.isfinite(height)
            ]
        )
        if self.is_alone:
            one, found = shown[0]
            self._read_out.say(values_of_one(cursor, self.reach, one, found, self.quantity))
        self._place()

    @property
    def reach(self) -> float:
        """How far from the cursor a mark is still meant, in epochs."""
        (left, right), _ = self.view_range()
        return _MARK_REACH * (right - left) / max(1.0, float(self._box.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Put the labels that lie over the plot in their places."""
        frame = self._view.mapFromScene(self._box.sceneBoundingRect()).boundingRect()
        self._empty.setGeometry(frame)
        if self.cursor_position is None:
            return
        x = self._view.mapFromScene(self._box.mapViewToScene(QPointF(self.cursor_position, 0))).x()
        width = self._read_out.width()
        place = x + 12 if x + 12 + width <= frame.right() else x - 12 - width
        # Accuracies crowd at the top, losses at the bottom: the values stand where the curves are not.
        top = frame.bottom() - 8 - self._read_out.height() if self.quantity.is_share else frame.top() + 8
        self._read_out.move(max(0, min(max(frame.left(), place), self.width() - width)), top)

    def _take_colours(self) -> None:
        look = theme()
        self._view.setBackground(look.color("surface"))
        self._rim: Any = pg.mkPen(look.color("surface"), width=1.5)
        self._line.setPen(pg.mkPen(look.color("muted"), width=1, style=Qt.PenStyle.DashLine))
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        for axis in self._axes.values():
            axis.setPen(pg.mkPen(look.color("line"), width=1))
            axis.setTextPen(look.color("muted"))
            axis.setTickFont(font)
        if self.quantity.axis:
            self._axes["left"].setLabel(self.quantity.axis, color=look.palette.muted)
        self._axes["bottom"].setLabel("Epoch", color=look.palette.muted)
        self._draw()
        self._show_cursor()
