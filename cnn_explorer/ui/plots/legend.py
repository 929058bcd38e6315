"""The names of compared runs with their colours: a click hides or shows a run, a cross takes it away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QWidget

from cnn_explorer.ui.plots.curves import series_color, series_pen
from cnn_explorer.ui.plots.data import Series
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.flow_layout import FlowLayout
from cnn_explorer.ui.widgets.tool_button import tool_button

_SWATCH, _GAP = QSize(22, 12), QSize(4, 0)
_LONGEST_NAME = 190  # pixels
_MOST_LINES = 2
"""Lines of names before they scroll: the plots need the room."""
_SPACING = 6


@dataclass(frozen=True)
class LegendEntry:
    """A run in the legend. ``series`` says name and look; ``can_go``: it can be taken away here."""

    path: Path
    series: Series
    is_shown: bool = True
    can_go: bool = True


class PlotLegend(QScrollArea):
    """Shows ``LegendEntry``s, in as many lines as they need, up to two; more scroll."""

    toggled = Signal(object, bool)
    """``Path`` of a run, and whether it shall be shown."""
    removed = Signal(object)
    """``Path`` of a run that shall go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plot_legend")
        self.setAccessibleName("Compared runs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.entries: tuple[LegendEntry, ...] = ()
        self._shown: tuple[object, ...] = ()
        self._inside = QWidget()
        self._flow = FlowLayout(self._inside)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._flow.setSpacing(_SPACING)
        self.setWidget(self._inside)
        theme().changed.connect(self._rebuild)

    def set_entries(self, entries: tuple[LegendEntry, ...]) -> None:
        """Show these runs, in this order."""
        self.entries = entries
        shown = tuple((e.path, e.series.name, e.series.style, e.is_shown, e.can_go) for e in entries)
        if shown != self._shown:
            self._shown = shown
            self._rebuild()

    def _rebuild(self) -> None:
        focused = self._inside.focusWidget()
        name = focused.objectName() if focused is not None and focused.hasFocus() else ""
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for entry in self.entries:
            holder = self._entry(entry)
            self._flow.addWidget(holder)
            holder.show()
            if name:
                again = holder.findChild(QToolButton, name)
                if isinstance(again, QToolButton):
                    again.setFocus()
        self._fit()

    def _entry(self, entry: LegendEntry) -> QWidget:
        holder = QWidget(self._inside)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        name = entry.series.name
        button = QToolButton(holder)
        set_role(button, "legend")
        button.setObjectName(f"legend_{entry.path.name}")
        button.setAccessibleName(f"Show {name}")
        button.setToolTip(f"{name}\n{entry.path}\nClick to {'hide' if entry.is_shown else 'show'} its curves.")
        button.setCheckable(True)
        button.setChecked(entry.is_shown)
        button.setIcon(QIcon(swatch(entry.series, entry.is_shown, self.devicePixelRatioF())))
        button.setIconSize(_SWATCH + _GAP)
        button.setText(button.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(lambda shown, path=entry.path: self.toggled.emit(path, shown))
        row.addWidget(button)
        if entry.can_go:
            cross = tool_button("x", f"legend_remove_{entry.path.name}", f"Take {name} out of the plots.")
            set_role(cross, "cross")
            cross.setIconSize(QSize(12, 12))
            cross.clicked.connect(lambda _checked, path=entry.path: self.removed.emit(path))
            row.addWidget(cross)
        return holder

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._rebuild()

    def _fit(self) -> None:
        """Be as high as the lines, up to two of them."""
        first = self._flow.itemAt(0)
        if first is None:
            return
        line = first.sizeHint().height()
        most = _MOST_LINES * line + (_MOST_LINES - 1) * _SPACING
        self.setFixedHeight(min(most, self._flow.heightForWidth(self.viewport().width())))


def swatch(series: Series, is_shown: bool, scale: float) -> QPixmap:
    """A short piece of the run's line, with a point on it; grey for a run that is hidden."""
    pixmap = QPixmap((_SWATCH + _GAP) * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_swatch(painter, QPointF(0, _SWATCH.height() / 2), series, is_shown)
    painter.end()
    return pixmap


def paint_swatch(painter: QPainter, left: QPointF, series: Series, is_shown: bool = True) -> None:
    """Paint the piece of line, from the middle of its left end."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen, color = series_pen(series, 2.0), series_color(series)
    if not is_shown:
        color = theme().color("muted")
        pen.setColor(color)
    painter.setPen(pen)
    painter.drawLine(left, left + QPointF(_SWATCH.width(), 0))
    if is_shown:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(left + QPointF(_SWATCH.width() / 2, 0), 3.5, 3.5)


def paint_legend(painter: QPainter, entries: tuple[LegendEntry, ...], width: int) -> int:
    """Paint the whole names of the runs that are shown, for a picture; returns the height that they take."""
    painter.save()
    metrics = painter.fontMetrics()
    line, x, y = metrics.height() + 8, 0, 0
    for entry in entries:
        if not entry.is_shown:
            continue
        text = metrics.elidedText(entry.series.name, Qt.TextElideMode.ElideMiddle, width - _SWATCH.width() - 8)
        needed = _SWATCH.width() + 6 + metrics.horizontalAdvance(text) + 20
        if x and x + needed > width:
            x, y = 0, y + line
        paint_swatch(painter, QPointF(x, y + line / 2), entry.series)
        painter.setPen(theme().color("text"))
        baseline = y + (line + metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(x + _SWATCH.width() + 6, baseline), text)
        x += needed
    painter.restore()
    return y + line
