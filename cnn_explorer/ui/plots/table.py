"""The values of all compared runs under the cursor line, as a table that lies beside the plots.

It is painted by hand: a label with a table in rich text takes a hundred milliseconds for twenty runs, and the mouse
moves faster than that.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from cnn_explorer.ui.plots.curves import series_pen
from cnn_explorer.ui.plots.data import Quantity, Series
from cnn_explorer.ui.theme import theme

Column = tuple[Quantity, tuple[Series, ...]]
"""A plot: what it shows, and of which runs."""

_MARGIN, _GAP, _LINE, _LEADING = 8, 16, 20, 2
_WIDEST_NAME = 220


class ValueTable(QFrame):
    """A row for each run: its line, its name, and for each quantity the training line's value and the validation's.

    Below stands what happened to a learning rate at the cursor. The mouse does not notice the table.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("plot_values")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._heads: tuple[str, ...] = ()
        self._rows: list[tuple[Series, str, tuple[str, ...]]] = []
        self._notes: list[str] = []
        self._widths: tuple[int, ...] = ()
        self.hide()

    def text(self) -> str:
        """What it says, a line each."""
        rows = [" ".join((series.name, *cells)) for series, _, cells in self._rows]
        return "\n".join((" ".join(self._heads), *rows, *self._notes))

    def show_values(self, cursor: float, reach: float, columns: Sequence[Column]) -> None:
        """Write the values at ``cursor``, and what happened to a learning rate within ``reach``, both in epochs."""
        heads = [f"Epoch {cursor:.2f}"]
        for quantity, _ in columns:
            title = quantity.title.lower()
            heads += [title] if quantity.is_given else [f"training {title}", f"validation {title}"]
        self._heads, self._rows, self._notes = tuple(heads), [], []
        metrics = self.fontMetrics()
        for series in columns[0][1]:
            self._notes += [f"{series.name}: learning rate {text}" for text in series.notes_at(cursor, reach)]
            name = metrics.elidedText(series.name, Qt.TextElideMode.ElideMiddle, _WIDEST_NAME)
            self._rows.append((series, name, _cells(series, cursor, columns)))
        names = [self._heads[0], *(name for _, name, _ in self._rows)]
        first = max(metrics.horizontalAdvance(name) for name in names) + _LINE + _GAP // 2
        rest = zip(self._heads[1:], *(cells for _, _, cells in self._rows), strict=True)
        # Widths never shrink, so that the table does not tremble under a cursor that moves.
        widths = (first, *(max(map(metrics.horizontalAdvance, column)) + _GAP for column in rest))
        same = len(widths) == len(self._widths)
        self._widths = tuple(map(max, widths, self._widths)) if same else widths
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        lines = 1 + len(self._rows) + len(self._notes)
        width = max((sum(self._widths), *map(self.fontMetrics().horizontalAdvance, self._notes)))
        return QSize(width + 2 * _MARGIN, lines * self._line_height() + _MARGIN)

    def place_beside(self, area: QRect) -> None:
        """Lie under ``area``, in the parent's coordinates, or above it where there is more room."""
        parent = self.parentWidget()
        assert parent is not None
        below, above = parent.height() - area.bottom(), area.top()
        fits_below = below >= self.height() or below >= above
        y = area.bottom() + 4 if fits_below else area.top() - 4 - self.height()
        x = min(area.left(), parent.width() - self.width())
        self.move(QPoint(max(0, x), max(0, min(y, parent.height() - self.height()))))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look = theme()
        painter = QPainter(self)
        painter.setPen(look.color("muted"))
        self._paint_row(painter, 0, 0, self._heads)
        for index, (series, name, cells) in enumerate(self._rows, start=1):
            middle = _MARGIN / 2 + (index + 0.5) * self._line_height()
            painter.setPen(series_pen(series, 2.0))
            painter.drawLine(QPointF(_MARGIN, middle), QPointF(_MARGIN + _LINE, middle))
            painter.setPen(look.color("text"))
            self._paint_row(painter, index, _LINE + _GAP // 2, (name, *cells))
        for index, note in enumerate(self._notes, start=1 + len(self._rows)):
            self._paint_row(painter, index, 0, (note,))
        painter.end()

    def _paint_row(self, painter: QPainter, index: int, indent: int, cells: tuple[str, ...]) -> None:
        height = self._line_height()
        x, y = float(_MARGIN), _MARGIN / 2 + index * height
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        for number, (cell, width) in enumerate(zip(cells, self._widths, strict=False)):
            place = QRectF(x + (0 if number else indent), y, width - (0 if number else indent), height)
            flags = (right if number else left) | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
            painter.drawText(place, flags, cell)
            x += width

    def _line_height(self) -> int:
        return self.fontMetrics().height() + _LEADING


def _cells(series: Series, cursor: float, columns: Sequence[Column]) -> tuple[str, ...]:
    cells = []
    for quantity, runs in columns:
        # Plots are drawn one after the other: one may not have the run yet.
        same = next((run for run in runs if run.key == series.key), None)
        found = {point.curve: point.value for point in same.data.near(cursor)} if same is not None else {}
        curves = ("smoothed",) if quantity.is_given else ("smoothed", "validation")
        cells += [quantity.text(found[curve]) if curve in found else "–" for curve in curves]
    return tuple(cells)
