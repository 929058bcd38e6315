"""The hero of the Train page: loss and accuracy side by side, with one tool bar for both."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QImage, QPainter, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSlider, QToolButton, QVBoxLayout, QWidget

from cnn_explorer.core.events import BatchEnded, EpochEnded, Started
from cnn_explorer.core.history import Curves
from cnn_explorer.core.smoothing import smoothed
from cnn_explorer.ui.pages.train_state import SMOOTHING, default_smoothing, smoothing_text
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.live_plot import LivePlot
from cnn_explorer.ui.widgets.plot_data import ACCURACY, LOSS, CurveData, Floats, Quantity
from cnn_explorer.ui.widgets.tool_button import tool_button

_INTERVAL = 100
"""Milliseconds between two drawings."""
_LONGEST_INTERVAL = 1000
_SHARE = 5
"""Drawing gets one part in so many of the window's time, however long the curves are."""
_PICTURE_SCALE = 2.0


class TrainPlots(QWidget):
    """Collects the points of one run and draws them now and then.

    ``begin``, ``add`` and ``set_epochs`` are cheap and may come as often as they like.
    """

    def __init__(self, exports: tuple[QAction, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._started: Started | None = None
        self._curves = Curves()
        self._epochs: tuple[EpochEnded, ...] = ()
        self._planned = 1
        self._smoothing_chosen = False
        self.cards = (PlotCard(LOSS, self), PlotCard(ACCURACY, self))
        self.loss, self.accuracy = (card.plot for card in self.cards)
        self._wanted = False
        self._turn = 0
        self._spent = 0.0
        self._interval = _INTERVAL
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        plots = QHBoxLayout()
        plots.setSpacing(12)
        for card in self.cards:
            plots.addWidget(card, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._tools(exports))
        layout.addLayout(plots, 1)
        self.loss.cursor_moved.connect(self.accuracy.set_cursor)
        self.accuracy.cursor_moved.connect(self.loss.set_cursor)
        for plot in (self.loss, self.accuracy):
            plot.following_changed.connect(self._show_reset)
        self._show_reset()

    def _tools(self, exports: tuple[QAction, ...]) -> QHBoxLayout:
        name = QLabel("Smoothing", self)
        set_role(name, "muted")
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setObjectName("train_smoothing")
        self._slider.setAccessibleName("Smoothing of the training curves")
        self._slider.setToolTip("Over how many batches the bold line averages; it forgets older ones gradually.")
        self._slider.setRange(0, len(SMOOTHING) - 1)
        self._slider.setPageStep(1)
        self._slider.setFixedWidth(120)
        self._slider.setValue(SMOOTHING.index(50))
        self._slider.valueChanged.connect(self._on_smoothing)
        name.setBuddy(self._slider)
        self._window = QLabel(self)
        self._window.setText(smoothing_text(self.window_of_batches))
        set_role(self._window, "muted")
        self._window.setMinimumWidth(self._window.fontMetrics().horizontalAdvance(smoothing_text(SMOOTHING[-1])) + 8)
        self.log = QToolButton(self)
        self.log.setText("Logarithmic loss")
        self.log.setObjectName("train_log")
        self.log.setAccessibleName("Logarithmic loss")
        self.log.setToolTip("Show the loss on a logarithmic axis.")
        self.log.setCheckable(True)
        self.log.toggled.connect(self.loss.set_log)
        self.reset = tool_button(
            "maximize", "train_reset_view", "Show the whole curves again and follow them.", "Show all"
        )
        self.reset.clicked.connect(self.loss.reset_view)
        self.reset.clicked.connect(self.accuracy.reset_view)
        self.export = tool_button(
            "file-down", "train_export", "Save the table of epochs or the plots to a file.", "Export"
        )
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.export)
        menu.addActions(exports)
        self.export.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (name, self._slider, self._window):
            row.addWidget(widget)
        row.addStretch(1)
        for button in (self.reset, self.log, self.export):
            row.addWidget(button)
        return row

    @property
    def window_of_batches(self) -> int:
        """Over how many batches the smoothed line averages; 0 is no smoothing."""
        return SMOOTHING[self._slider.value()]

    def plan(self, epochs: int) -> None:
        """Leave room for ``epochs`` while there are no curves."""
        if epochs != self._planned:
            self._planned = epochs
            if self._started is None:
                self.request_drawing()

    def begin(self, started: Started) -> None:
        """Forget the last run's curves: another one begins."""
        self._started = started
        self._curves = Curves()
        self._epochs = ()
        if not self._smoothing_chosen:
            steps = started.steps_per_epoch * (started.epochs - started.first_epoch + 1)
            self._slider.blockSignals(True)
            self._slider.setValue(default_smoothing(steps))
            self._slider.blockSignals(False)
            self._window.setText(smoothing_text(self.window_of_batches))
        for plot in (self.loss, self.accuracy):
            plot.set_cursor(None)
            plot.reset_view()
        self.request_drawing()

    def add(self, event: BatchEnded) -> None:
        """One more batch call of the run."""
        if self._started is not None:
            self._curves.add(self._started, event)
            self.request_drawing()

    def set_epochs(self, epochs: tuple[EpochEnded, ...]) -> None:
        """All whole epochs of the run until now."""
        if epochs is not self._epochs:
            self._epochs = epochs
            self.request_drawing()

    def request_drawing(self) -> None:
        """Draw soon, with all that comes until then; what nobody sees is drawn when it comes into view."""
        self._wanted = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start(self._interval)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._wanted:
            self.request_drawing()

    def picture(self) -> QImage:
        """Both plots with their headings, in twice the screen's resolution."""
        for card in self.cards:
            card.show_data(self._data(card.plot.quantity))
        area = self.cards[0].geometry().united(self.cards[1].geometry())
        image = QImage(area.size() * _PICTURE_SCALE, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_PICTURE_SCALE)
        image.fill(theme().color("background"))
        painter = QPainter(image)
        for card in self.cards:
            card.render(painter, card.geometry().topLeft() - area.topLeft())
        painter.end()
        return image

    def _on_smoothing(self) -> None:
        self._smoothing_chosen = True
        self._window.setText(smoothing_text(self.window_of_batches))
        self.request_drawing()

    def _draw(self) -> None:
        """Draw one plot after the other, with room for clicks and keys between them."""
        if not self.isVisible():
            self._wanted = True
            return
        begin = perf_counter()
        if self._turn == 0:
            self._wanted, self._spent = False, 0.0
        card = self.cards[self._turn]
        card.show_data(self._data(card.plot.quantity))
        self._spent += perf_counter() - begin
        self._turn = (self._turn + 1) % len(self.cards)
        if self._turn:
            self._timer.start(self._interval // 2)
            return
        self._interval = min(_LONGEST_INTERVAL, max(_INTERVAL, round(1000 * _SHARE * self._spent)))
        if self._wanted:
            self.request_drawing()

    def _data(self, quantity: Quantity) -> CurveData:
        if self._started is None:
            return CurveData.empty(self._planned)
        curves = self._curves
        raw: Floats = curves.loss if quantity is LOSS else curves.accuracy
        # An exponential mean remembers half as long to be as old, on average, as a plain mean over the window.
        window = self.window_of_batches / 2 / self._started.steps_per_epoch
        validation = [epoch.val_loss if quantity is LOSS else epoch.val_accuracy for epoch in self._epochs]
        return CurveData(
            position=curves.position,
            raw=raw,
            smooth=smoothed(curves.position, raw, window),
            epoch=np.array([epoch.epoch for epoch in self._epochs], np.float64),
            validation=np.array(validation, np.float64),
            first=self._started.first_epoch - 1,
            planned=self._started.epochs,
        )

    def _show_reset(self) -> None:
        self.reset.setVisible(not (self.loss.is_following and self.accuracy.is_following))


class PlotCard(QFrame):
    """A plot under its heading, which is the legend too and says the newest values."""

    def __init__(self, quantity: Quantity, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.plot = LivePlot(quantity, self)
        title = QLabel(quantity.title, self)
        set_role(title, "title")
        self.legend = QLabel(self)
        self.legend.setObjectName(f"train_legend_{quantity.key}")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setToolTip("Thin: every batch. Bold: smoothed. Points: on the test images after each epoch.")
        row = QHBoxLayout()
        row.addWidget(title)
        row.addStretch(1)
        row.addWidget(self.legend)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.plot, 1)
        theme().changed.connect(self._show_legend)
        self._show_legend()

    def show_data(self, data: CurveData) -> None:
        """Draw ``data`` and write its newest values."""
        self.plot.show_data(data)
        self._show_legend()

    def _show_legend(self) -> None:
        colors, data, text = theme().palette, self.plot.data, self.plot.quantity.text
        parts = []
        for name, mark, color, values in (
            ("training", "▬", colors.accent, data.smooth),
            ("validation", "●", colors.second, data.validation),
        ):
            newest = f" <b>{text(float(values[-1]))}</b>" if len(values) else ""
            parts.append(
                f'<span style="color:{color}">{mark}</span> <span style="color:{colors.muted}">{name}</span>{newest}'
            )
        self.legend.setText("&nbsp;&nbsp;&nbsp;".join(parts))
