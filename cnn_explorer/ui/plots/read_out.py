"""The values under the cursor line of one plot with one run: a small card beside the line."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from cnn_explorer.ui.plots.curves import series_color
from cnn_explorer.ui.plots.data import PointNear, Quantity, Series
from cnn_explorer.ui.theme import theme


class ReadOut(QFrame):
    """A card with a rich text that the mouse does not notice."""

    def __init__(self, parent: QWidget | None = None) -> None:
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

    def say(self, text: str) -> None:
        """Show this rich text in a card that is just large enough."""
        self._text.setText(text)
        self.adjustSize()


def values_of_one(cursor: float, reach: float, series: Series, found: tuple[PointNear, ...], quantity: Quantity) -> str:
    """The card of one run in one plot; each name carries the colour of its curve. ``reach``: see below."""
    rows = []
    for point in found:
        if quantity.is_given and point.curve != "smoothed":
            continue
        is_validation = point.curve == "validation"
        name = f"validation, epoch {point.position:g}" if is_validation else point.curve
        if quantity.is_given:
            name = "rate"
        mark = "" if point.curve == "batch" else "●"
        rows.append(
            f'<tr><td style="color:{series_color(series, validation=is_validation).name()}">{mark}&nbsp;</td>'
            f"<td>{name}</td>"
            f'<td align="right">&nbsp;&nbsp;<b>{quantity.text(point.value)}</b></td></tr>'
        )
    notes = series.notes_at(cursor, reach) if quantity.is_given else ()
    extra = "<br>".join(html.escape(note) for note in notes)
    return f'{_head(cursor)}<table cellspacing="0">{"".join(rows)}</table>{extra}'


def _head(cursor: float) -> str:
    return f'<span style="color:{theme().palette.muted}">Epoch {cursor:.2f}</span>'
