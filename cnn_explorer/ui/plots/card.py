"""A plot under its heading, which says what the lines are, the newest values, and has the button for the axis."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cnn_explorer.ui.plots.data import Bounds, Floats, Quantity, Series
from cnn_explorer.ui.plots.live_plot import LivePlot
from cnn_explorer.ui.theme import set_role, theme

_LEFT, _RIGHT = 12, 8  # pixels beside everything
_GAP = "&nbsp;&nbsp; "
_LONG = (0.8888,)
"""A value that takes as many letters as most of them: 0.8888, or 88.88 %."""


class PlotCard(QFrame):
    """One quantity. Object names begin with ``name``."""

    def __init__(self, quantity: Quantity, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.plot = LivePlot(quantity, self)
        self.plot.setObjectName(f"{name}_plot_{quantity.key}")
        title = QLabel(quantity.title, self)
        set_role(title, "title")
        # Its text changes ten times a second. In a place of its own, without a layout, it does not make the whole
        # window lay itself out again each time, as a rich text of several lines would.
        self._place = QWidget(self)
        self.legend = QLabel(self._place)
        self.legend.setObjectName(f"{name}_legend_{quantity.key}")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)  # in a small window it has two lines
        self._fullest = QLabel(self._place)  # never seen: it says how high the legend can get
        self._fullest.setTextFormat(Qt.TextFormat.RichText)
        self._fullest.setWordWrap(True)
        self._fullest.hide()
        self.log = QToolButton(self)
        self.log.setText("log")
        self.log.setObjectName(f"{name}_log_{quantity.key}")
        self.log.setAccessibleName(f"Logarithmic axis for the {quantity.title.lower()}")
        self.log.setToolTip(f"Show the {quantity.title.lower()} on a logarithmic axis.")
        self.log.setCheckable(True)
        self.log.toggled.connect(self.plot.set_log)
        set_role(self.log, "small")
        policy = self.log.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # so that all headings are equally high
        self.log.setSizePolicy(policy)
        self.log.setVisible(quantity.can_be_log)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.log)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_LEFT, 8, _RIGHT, 8)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._place)
        layout.addWidget(self.plot, 1)
        theme().changed.connect(self._on_theme)
        self._show_fullest()
        self._show_legend()

    def show_series(self, series: tuple[Series, ...], span: Bounds) -> None:
        """Draw these runs and write the newest values."""
        self.plot.show_series(series, span)
        self._show_legend()

    def set_resolution(self, resolution: float) -> None:
        """Get ready for a picture with ``resolution`` points per pixel; 1 is for the screen."""
        self.plot.set_resolution(resolution)
        self.log.setVisible(resolution == 1 and self.plot.quantity.can_be_log)

    def _on_theme(self) -> None:
        self._show_fullest()
        self._show_legend()
        self._place_legend()

    def _show_fullest(self) -> None:
        quantity = self.plot.quantity
        if not quantity.is_given:
            self._fullest.setText(
                _GAP.join((self._words("▬", "", "training", _LONG), self._words("●", "", "validation", _LONG)))
            )

    def _show_legend(self) -> None:
        plot, colors = self.plot, theme().palette
        if plot.quantity.is_given:
            parts = self._rate_words()
            tip = "The learning rate of every step. Ticks: here it was changed during the run."
        elif plot.is_alone:
            parts = [
                self._words("▬", colors.accent, "training", plot.data.smooth),
                self._words("●", colors.second, "validation", plot.data.validation),
            ]
            tip = "Pale: every batch. Bold: smoothed. Points: on images that it does not learn from, after each epoch."
        else:
            parts = [self._words("─", colors.muted, "training", ()), self._words("●", colors.muted, "validation", ())]
            tip = "Thin: training, smoothed. Bold: on images that the network does not learn from, after each epoch."
        text = _GAP.join(parts)
        if text != self.legend.text():
            self.legend.setText(text)
            self.legend.setToolTip(tip)
            self._place_legend()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_legend()

    def _place_legend(self) -> None:
        """As high as its lines need at this width, and as they will need when it says all: the plot keeps its place."""
        width = self.contentsRect().width() - _LEFT - _RIGHT  # the layout gives it this width afterwards
        height = max(self.legend.heightForWidth(width), self._fullest.heightForWidth(width))
        self._place.setFixedHeight(height)
        self.legend.setGeometry(0, 0, width, height)

    def _rate_words(self) -> list[str]:
        plot, colors = self.plot, theme().palette
        parts = [self._words("▬", colors.accent, "", plot.data.smooth)] if plot.is_alone and plot.series else []
        if any(one.marks for one in plot.series):
            parts.append(self._words("❘", colors.text, "changed", ()))
        return parts or ["&nbsp;"]

    def _words(self, mark: str, color: str, name: str, values: Sequence[float] | Floats) -> str:
        newest = f"&nbsp;<b>{self.plot.quantity.text(float(values[-1]))}</b>" if len(values) else ""
        muted = theme().palette.muted
        return f'<span style="color:{color}">{mark}</span>&nbsp;<span style="color:{muted}">{name}</span>{newest}'
