"""Loss, accuracy and learning rate of one run, or of many in comparison, with one tool bar and one cursor for all."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QPoint, QRect, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from cnn_explorer.ui.plots.card import PlotCard
from cnn_explorer.ui.plots.data import QUANTITIES, Bounds, CurveData, Quantity, Series, span_of
from cnn_explorer.ui.plots.legend import LegendEntry, PlotLegend, paint_legend
from cnn_explorer.ui.plots.lines import SMOOTHING, RunLines, default_smoothing, smoothing_text
from cnn_explorer.ui.plots.live_plot import LivePlot
from cnn_explorer.ui.plots.stored_curves import RunCurves
from cnn_explorer.ui.plots.table import ValueTable
from cnn_explorer.ui.session.runs.colors import ColorBook, CurveStyle
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.tool_button import tool_button

_INTERVAL = 100
"""Milliseconds between two drawings."""
_LONGEST_INTERVAL = 1000
_SHARE = 20
"""Drawing gets one part in so many of the window's time, however long the curves are."""
_FRAME = 16
"""Milliseconds between the plots that take over the epochs that were chosen in another one."""
_PICTURE_SCALE = 2.0
_WIDTHS = (3, 3, 2)
_SLIDER = 48, 120
"""From and to how many pixels the slider is wide."""


class RunPlots(QWidget):
    """Plots of runs. Give it ``set_runs``; everything else works by itself.

    One run alone shows every batch, the smoothed line and validation in the colours of training and validation.
    Several are a comparison: each run has its colour from ``colors``, training is a thin smoothed line, validation a
    bold one with points; the legend above names them, hides a run on a click, and asks to remove one (``removed``;
    the owner then calls ``set_runs`` without it). All plots share the epochs that are seen and the cursor.

    ``name`` begins the object names. ``set_runs`` is cheap and may come as often as it likes: drawing follows on a
    timer, one plot after the other, and only while the widget is visible.
    """

    removed = Signal(object)
    """``Path`` of the run whose cross was pressed."""

    def __init__(self, colors: ColorBook, name: str = "runs", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = colors
        self._runs: tuple[RunCurves, ...] = ()
        self._fixed: tuple[Path, ...] = ()
        self._hidden: set[Path] = set()
        self._lines: dict[Path, RunLines] = {}
        self._planned = 1
        self._smoothing_chosen = False
        self.cards = tuple(PlotCard(quantity, name, self) for quantity in QUANTITIES)
        self.loss, self.accuracy, self.learning_rate = self.plots = tuple(card.plot for card in self.cards)
        self._wanted = False
        self._turn = 0
        self._spent = 0.0
        self._interval = _INTERVAL
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        self._chosen: Bounds = (0.0, 1.0)
        self._behind: list[LivePlot] = []
        self._follow_timer = QTimer(self)
        self._follow_timer.setInterval(_FRAME)
        self._follow_timer.timeout.connect(self._follow)
        self.legend = PlotLegend(self)
        self.legend.toggled.connect(self._on_toggled)
        self.legend.removed.connect(self.removed)
        self.legend.hide()
        self._table: ValueTable | None = None
        self.tools = QHBoxLayout()
        """The tool bar; owners add their buttons at its end."""
        self._fill_tools(name)
        row = QHBoxLayout()
        row.setSpacing(12)
        for card, width in zip(self.cards, _WIDTHS, strict=True):
            row.addWidget(card, width)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self.tools)
        layout.addWidget(self.legend)
        layout.addLayout(row, 1)
        for plot in self.plots:
            plot.cursor_moved.connect(self._on_cursor)
            plot.epochs_chosen.connect(self._on_epochs)
            plot.following_changed.connect(self._on_following)
            plot.resized.connect(self.request_drawing)
        self._show_reset()

    def _fill_tools(self, name: str) -> None:
        title = QLabel("Smoothing", self)
        set_role(title, "muted")
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setObjectName(f"{name}_smoothing")
        self._slider.setAccessibleName("Smoothing of the training curves")
        self._slider.setToolTip("Over how many batches the training line averages; it forgets older ones gradually.")
        self._slider.setRange(0, len(SMOOTHING) - 1)
        self._slider.setPageStep(1)
        self._slider.setMinimumWidth(_SLIDER[0])
        self._slider.setMaximumWidth(_SLIDER[1])
        self._slider.setValue(SMOOTHING.index(50))
        self._slider.valueChanged.connect(self._on_smoothing)
        title.setBuddy(self._slider)
        self._window = QLabel(smoothing_text(self.window_of_batches), self)
        set_role(self._window, "muted")
        self._window.setMinimumWidth(self._window.fontMetrics().horizontalAdvance(smoothing_text(SMOOTHING[-1])) + 8)
        self.reset = tool_button(
            "maximize", f"{name}_reset_view", "Show the whole curves again and follow them.", "Show all"
        )
        self.reset.clicked.connect(self.reset_view)
        self.tools.setSpacing(8)
        for widget in (title, self._slider, self._window):
            self.tools.addWidget(widget)
        self.tools.addStretch(1)
        self.tools.addWidget(self.reset)

    @property
    def window_of_batches(self) -> int:
        """Over how many batches the smoothed line averages; 0 is no smoothing."""
        return SMOOTHING[self._slider.value()]

    @property
    def runs(self) -> tuple[RunCurves, ...]:
        """The runs in the plots, those that are hidden included."""
        return self._runs

    def set_runs(self, runs: tuple[RunCurves, ...], fixed: tuple[Path, ...] = ()) -> None:
        """Show these runs, the first one on top; those in ``fixed`` have no cross in the legend."""
        self._runs, self._fixed = runs, fixed
        paths = {run.path for run in runs}
        self._hidden &= paths
        self._lines = {path: self._lines.get(path) or RunLines() for path in paths}
        if not self._smoothing_chosen and runs:
            self._suggest_smoothing(max(run.steps_per_epoch * (run.planned - run.first) for run in runs))
        self._show_entries()
        self.request_drawing()

    def plan(self, epochs: int) -> None:
        """Leave room for ``epochs`` while there are no curves."""
        if epochs != self._planned:
            self._planned = epochs
            if not self._runs:
                self.request_drawing()

    def reset_view(self) -> None:
        """Show all curves and follow them again."""
        self._forget_chosen()
        for plot in self.plots:
            plot.reset_view()
        self._show_reset()

    def request_drawing(self) -> None:
        """Draw soon, with all that comes until then; what nobody sees is drawn when it comes into view."""
        self._wanted = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start(self._interval)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._wanted:
            self.request_drawing()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._on_cursor(None)

    def picture(self) -> QImage:
        """All plots with their headings and the legend, in twice the screen's resolution."""
        self._on_cursor(None)
        while self._behind:
            self._follow()
        self._collect()
        area = QRect()
        for card in self.cards:
            card.set_resolution(_PICTURE_SCALE)
            self._show(card)
            area = area.united(card.geometry())
        image = self._blank(area.width(), area.height())
        head = 0
        if not self.legend.isHidden():
            painter = self._painter(image)
            head = paint_legend(painter, self.legend.entries, area.width()) + 8
            painter.end()
            image = self._blank(area.width(), area.height() + head)
        painter = self._painter(image)
        if head:
            paint_legend(painter, self.legend.entries, area.width())
        for card in self.cards:
            card.render(painter, card.geometry().topLeft() - area.topLeft() + QPoint(0, head))
            card.set_resolution(1.0)
        painter.end()
        self.request_drawing()
        return image

    def _blank(self, width: int, height: int) -> QImage:
        image = QImage(round(width * _PICTURE_SCALE), round(height * _PICTURE_SCALE), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_PICTURE_SCALE)
        image.fill(theme().color("background"))
        return image

    def _painter(self, image: QImage) -> QPainter:
        painter = QPainter(image)
        painter.setFont(self.font())
        return painter

    def _suggest_smoothing(self, steps: int) -> None:
        """Smooth so that the curve of a run of ``steps`` batches is calm, until someone chooses."""
        self._slider.blockSignals(True)
        self._slider.setValue(default_smoothing(steps))
        self._slider.blockSignals(False)
        self._window.setText(smoothing_text(self.window_of_batches))

    def _on_smoothing(self) -> None:
        self._smoothing_chosen = True
        self._window.setText(smoothing_text(self.window_of_batches))
        self.request_drawing()

    def _on_toggled(self, path: Path, shown: bool) -> None:
        (self._hidden.discard if shown else self._hidden.add)(path)
        self._show_entries()
        self.request_drawing()

    def _show_entries(self) -> None:
        entries = tuple(
            LegendEntry(
                run.path, Series(str(run.path), run.title, CurveData.empty(), self._style(run)),
                run.path not in self._hidden, run.path not in self._fixed,
            )
            for run in self._runs
        )  # fmt: skip
        self.legend.setVisible(len(entries) > 1 or any(entry.can_go for entry in entries))
        self.legend.set_entries(entries)

    def _style(self, run: RunCurves) -> CurveStyle | None:
        return self._colors.style(run.path) if len(self._runs) > 1 else None

    def _series(self, run: RunCurves, quantity: Quantity) -> Series:
        lines, alone = self._lines[run.path], len(self._runs) == 1
        data = lines.data(run, quantity, self.window_of_batches, alone=alone)
        grows = run.grows_from is not None
        return Series(str(run.path), run.title, data, self._style(run), lines.marks(run), grows)

    def _draw(self) -> None:
        """Draw one plot after the other, with room for clicks and keys between them."""
        if not self.isVisible():
            self._wanted = True
            return
        begin = perf_counter()
        if self._turn == 0:
            self._wanted, self._spent = False, 0.0
            self._collect()
        self._show(self.cards[self._turn])
        self._spent += perf_counter() - begin
        self._turn = (self._turn + 1) % len(self.cards)
        if self._turn:
            self._timer.start(self._interval // len(self.cards))
            return
        self._show_values()
        self._interval = min(_LONGEST_INTERVAL, max(_INTERVAL, round(1000 * _SHARE * self._spent)))
        if self._wanted:
            self.request_drawing()

    def _collect(self) -> None:
        """Bring the runs up to date before they are drawn."""

    def _show(self, card: PlotCard) -> None:
        shown = [run for run in self._runs if run.path not in self._hidden]
        series = tuple(self._series(run, card.plot.quantity) for run in shown)
        card.show_series(series, span_of([one.data for one in series], self._planned))

    def _on_cursor(self, position: float | None) -> None:
        for plot in self.plots:
            with QSignalBlocker(plot):
                plot.set_cursor(position)
        self._show_values()

    def _show_values(self) -> None:
        """Show the table of values, if there is a cursor in a comparison."""
        position = self.loss.cursor_position
        if position is None or self.loss.is_alone:
            if self._table is not None:
                self._table.hide()
            return
        if self._table is None or self._table.parentWidget() is not self.window():
            self._table = ValueTable(self.window())
        self._table.show_values(position, self.loss.reach, [(plot.quantity, plot.series) for plot in self.plots])
        area = self.cards[0].geometry().united(self.cards[-1].geometry())
        self._table.place_beside(QRect(self.mapTo(self.window(), area.topLeft()), area.size()))
        self._table.show()
        self._table.raise_()

    def _on_epochs(self, left: float, right: float) -> None:
        """Let the other plots take over the epochs, one a frame: with many runs each takes its time."""
        self._chosen = left, right
        chooser = self.sender()
        waiting = [plot for plot in self._behind if plot is not chooser]
        self._behind = [*waiting, *(plot for plot in self.plots if plot is not chooser and plot not in waiting)]
        if not self._follow_timer.isActive():
            self._follow_timer.start()

    def _follow(self) -> None:
        self._behind.pop(0).show_epochs(*self._chosen)
        if not self._behind:
            self._follow_timer.stop()

    def _forget_chosen(self) -> None:
        self._behind = []
        self._follow_timer.stop()

    def _on_following(self, following: bool) -> None:
        if following:
            self._forget_chosen()
            for plot in self.plots:
                if not plot.is_following:
                    plot.reset_view()
        self._show_reset()

    def _show_reset(self) -> None:
        self.reset.setVisible(not all(plot.is_following for plot in self.plots))
