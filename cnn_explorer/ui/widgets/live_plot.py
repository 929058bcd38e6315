"""A plot that grows while a run goes: raw and smoothed batches, validation per epoch, values under the cursor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.plot_axis import PlotAxis
from cnn_explorer.ui.widgets.plot_data import CurveData, PointNear, Quantity, axis_heights, calm_range

_AXIS_WIDTH = 62
_PADDING = 0.02
"""Room between the curves and the frame, as a share of the view."""


class LivePlot(QWidget):
    """One quantity over the epochs. Give it ``show_data`` about ten times a second, not once a batch.

    It follows the growing curves until someone zooms or pans; ``reset_view`` lets it follow again. The arrow
    keys move the cursor line, + and - zoom, 0 shows everything again.
    """

    cursor_moved = Signal(object)
    """Position of the cursor line in epochs, or ``None`` when it goes."""
    following_changed = Signal(bool)

    def __init__(self, quantity: Quantity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quantity = quantity
        self.data = CurveData.empty()
        self.is_following = True
        self.is_log = False
        self.cursor_position: float | None = None
        self._drawn_validation: tuple[bytes, bytes, bool] | None = None
        self.setObjectName(f"train_plot_{quantity.key}")
        self.setAccessibleName(f"{quantity.title} over the epochs")
        self.setToolTip("Turn the wheel to zoom, drag to move, double-click to show everything again.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 140)
        self._axes = {"left": PlotAxis("left"), "bottom": PlotAxis("bottom", whole=True)}
        # pyqtgraph is untyped; whatever comes from it is Any.
        self._view: Any = pg.PlotWidget(axisItems=self._axes)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._box: Any = self._view.getViewBox()
        self._prepare(self._view.getPlotItem())
        self._raw, self._smooth, self._validation = self._curve("peak"), self._curve("mean"), self._curve("peak")
        self._line: Any = pg.InfiniteLine(angle=90, movable=False)
        self._dots: Any = pg.ScatterPlotItem(pxMode=True, size=9)
        for mark in (self._line, self._dots):
            mark.setZValue(10)
            self._view.addItem(mark, ignoreBounds=True)
        self._empty = QLabel(quantity.empty, self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        set_role(self._empty, "muted")
        self._read_out = _ReadOut(self)
        self._box.sigRangeChangedManually.connect(self._on_zoomed)
        self._box.sigResized.connect(self._place)
        theme().changed.connect(self._take_colours)
        self._take_colours()
        self.show_data(self.data)

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
        self._axes["left"].setWidth(_AXIS_WIDTH)

    def _curve(self, downsampling: str) -> Any:
        # One point a pixel: long antialiased paths that cross themselves take Qt 100s of milliseconds.
        curve = self._view.plot(antialias=True, autoDownsampleFactor=1.0)
        curve.setClipToView(True)
        curve.setDownsampling(auto=True, method=downsampling)
        return curve

    def show_data(self, data: CurveData) -> None:
        """Draw ``data``."""
        self.data = data
        self._draw_curves()
        self._empty.setVisible(data.is_empty)
        if self.is_following:
            self._follow()
        self._show_cursor()

    def _draw_curves(self) -> None:
        data = self.data
        curves = [(self._raw, data.position, data.raw), (self._smooth, data.position, data.smooth)]
        drawn = (data.epoch.tobytes(), data.validation.tobytes(), self.is_log)
        if drawn != self._drawn_validation:  # once an epoch, not ten times a second
            self._drawn_validation = drawn
            curves.append((self._validation, data.epoch, data.validation))
            self._validation.setSymbolSize(_dot_size(len(data.epoch)))
        for curve, position, values in curves:
            heights = axis_heights(values, self.quantity, log=self.is_log)
            # pyqtgraph 0.14 warns in the middle of painting where it finds no number at all among its points.
            placed = np.isfinite(heights)
            curve.setData(position[placed], heights[placed])

    def set_log(self, log: bool) -> None:
        """Show the values on a logarithmic axis, or on a linear one."""
        self.is_log = log
        self._axes["left"].setLogMode(y=log)
        self._draw_curves()
        self.reset_view()

    def reset_view(self) -> None:
        """Show all curves and follow them again."""
        self._set_following(True)
        self._follow()
        self._show_cursor()

    def set_cursor(self, position: float | None) -> None:
        """Move the line with the values under it to ``position`` in epochs; ``None`` takes it away."""
        if position != self.cursor_position:
            self.cursor_position = position
            self._show_cursor()
            self.cursor_moved.emit(position)

    def view_range(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """What is seen: epochs from and to, shown values from and to (their log10 on a logarithmic axis)."""
        (left, right), (low, high) = self._box.viewRange()
        return (left, right), (low, high)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Watch the mouse over pyqtgraph's viewport, which goes on to handle it."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            inside = self._box.sceneBoundingRect().contains(self._view.mapToScene(event.position().toPoint()))
            wanted = inside and not self.data.is_empty and not event.buttons()
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
        self._box.setXRange(middle - (middle - left) * factor, middle + (right - middle) * factor, padding=0)
        self._on_zoomed()

    def _position_of(self, point: QPointF) -> float:
        return float(self._box.mapSceneToView(self._view.mapToScene(point.toPoint())).x())

    def _follow(self) -> None:
        left, right = self.data.first, self.data.right
        low, high = calm_range(self.data, self.quantity, log=self.is_log)
        if self.is_log:
            low, high = math.log10(low), math.log10(high)
        margin = _PADDING * (high - low)
        self._box.setRange(
            xRange=(left, right + _PADDING * (right - left)),
            yRange=(low - margin, high + margin),
            padding=0,
            disableAutoRange=True,
        )

    def _on_zoomed(self, *_: object) -> None:
        self._set_following(False)
        self._show_cursor()

    def _set_following(self, following: bool) -> None:
        if following != self.is_following:
            self.is_following = following
            self.following_changed.emit(following)

    def _show_cursor(self) -> None:
        cursor = self.cursor_position
        found = () if cursor is None else self.data.near(cursor)
        for part in (self._line, self._dots, self._read_out):
            part.setVisible(bool(found))
        if cursor is None or not found:
            return
        self._line.setPos(cursor)
        heights = axis_heights(np.array([point.value for point in found]), self.quantity, log=self.is_log)
        self._dots.setData(
            [
                {"pos": (point.position, float(height)), "brush": self._color(point), "pen": self._rim}
                for point, height in zip(found, heights, strict=True)
                if point.curve != "batch" and math.isfinite(height)
            ]
        )
        self._read_out.show_values(cursor, found, self.quantity)
        self._place()

    def _color(self, point: PointNear) -> Any:
        return theme().color("second" if point.curve == "validation" else "accent")

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
        self._read_out.move(max(frame.left(), place), top)

    def _take_colours(self) -> None:
        look = theme()
        self._view.setBackground(look.color("surface"))
        faint = look.color("accent")
        faint.setAlphaF(0.35)
        self._rim: Any = pg.mkPen(look.color("surface"), width=1.5)
        self._raw.setPen(pg.mkPen(faint, width=1))
        self._smooth.setPen(pg.mkPen(look.color("accent"), width=2))
        self._validation.setPen(pg.mkPen(look.color("second"), width=2))
        self._validation.setSymbol("o")
        self._validation.setSymbolBrush(look.color("second"))
        self._validation.setSymbolPen(self._rim)
        self._line.setPen(pg.mkPen(look.color("muted"), width=1, style=Qt.PenStyle.DashLine))
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        for axis in self._axes.values():
            axis.setPen(pg.mkPen(look.color("line"), width=1))
            axis.setTextPen(look.color("muted"))
            axis.setTickFont(font)
        self._axes["left"].setLabel(self.quantity.axis, color=look.palette.muted)
        self._axes["bottom"].setLabel("Epoch", color=look.palette.muted)
        self._show_cursor()


def _dot_size(count: int) -> int:
    """Pixels of each of ``count`` points: where they would crowd, the line is enough."""
    return 8 if count <= 30 else 6 if count <= 60 else 0


class _ReadOut(QFrame):
    """The small card beside the cursor line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self._text)
        self.hide()

    def text(self) -> str:
        """What it says, as rich text."""
        return self._text.text()

    def show_values(self, cursor: float, found: tuple[PointNear, ...], quantity: Quantity) -> None:
        """Write the values of all curves; each name carries the colour of its curve."""
        colors = theme().palette
        rows = []
        for point in found:
            is_validation = point.curve == "validation"
            where = f", epoch {point.position:g}" if is_validation else ""
            mark = "" if point.curve == "batch" else "●"
            rows.append(
                f'<tr><td style="color:{colors.second if is_validation else colors.accent}">{mark}&nbsp;</td>'
                f"<td>{point.curve}{where}</td>"
                f'<td align="right">&nbsp;&nbsp;<b>{quantity.text(point.value)}</b></td></tr>'
            )
        head = f'<span style="color:{colors.muted}">Epoch {cursor:.2f}</span>'
        self._text.setText(f'{head}<table cellspacing="0">{"".join(rows)}</table>')
        self.adjustSize()
