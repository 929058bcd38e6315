"""What the parts of the microscope paint with: signed colours, grids of numbers, frames that show on anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from cnn_explorer.core.nodes.steps import Values
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.ui.maps.pixel_view import colored, readable_on
from cnn_explorer.ui.theme import theme

_SMALLEST_NUMBER = 9  # pixels of the font's height
_LARGEST_NUMBER = 22
_ROOM = 0.88  # of a cell for its number
_FEWEST, _MOST = 2, 5  # decimals of numbers that are 0.1 and larger, and of tiny ones


def signed_table() -> NDArray[np.uint8]:
    """Colours (256, 3) for signed values: the theme's second colour below 0, its surface at 0, its accent above."""
    palette = theme().palette
    return _blended(palette.second, palette.surface, palette.accent)


@dataclass(frozen=True)
class ValueColors:
    """The scale of values: from ``low`` to ``high`` in a colour map of that name; "" is the one of signed values."""

    name: str
    low: float
    high: float

    @property
    def table(self) -> NDArray[np.uint8]:
        """Its colours (256, 3), in the theme that is in force."""
        return colormap(self.name) if self.name else signed_table()


@lru_cache(maxsize=8)
def _blended(low: str, middle: str, high: str) -> NDArray[np.uint8]:
    ends = [np.array((tone.red(), tone.green(), tone.blue()), np.float64) for tone in map(QColor, (low, middle, high))]
    way = np.linspace(-1, 1, 256)[:, None]
    table = ends[1] + np.maximum(way, 0) * (ends[2] - ends[1]) + np.maximum(-way, 0) * (ends[0] - ends[1])
    return np.asarray(table + 0.5, np.uint8)


def picture(values: Values, low: float, high: float, table: NDArray[np.uint8]) -> QImage:
    """Values (rows, columns) as a picture of as many pixels, from ``low`` to ``high`` through ``table``."""
    span = high - low if high > low else 1.0
    scaled = np.clip((np.nan_to_num(values) - low) / span, 0.0, 1.0).astype(np.float32)
    return colored(scaled, table)


def paint_plate(
    painter: QPainter,
    rect: QRectF,
    values: Values,
    image: QImage,
    real: NDArray[np.bool_] | None,
    size: int,
    padding: str = "0",
) -> None:
    """A grid, with numbers ``size`` pixels high (0: without).

    Places that are not ``real`` are hatched, with ``padding`` for their number.
    """
    rows, columns = values.shape
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(rect, image)
    wide, high = rect.width() / columns, rect.height() / rows
    line = theme().color("line")
    if real is not None and not real.all():
        for row, column in np.argwhere(~real):
            cell = _cell(rect, wide, high, int(row), int(column))
            painter.fillRect(cell, theme().color("raised"))
            painter.fillRect(cell, QBrush(theme().color("muted"), Qt.BrushStyle.BDiagPattern))
    if min(wide, high) >= 5:
        painter.setPen(QPen(line, 1))
        for row in range(1, rows):
            down = rect.top() + row * high
            painter.drawLine(QPointF(rect.left(), down), QPointF(rect.right(), down))
        for column in range(1, columns):
            across = rect.left() + column * wide
            painter.drawLine(QPointF(across, rect.top()), QPointF(across, rect.bottom()))
    painter.setPen(QPen(theme().color("muted"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)
    if size:
        _paint_numbers(painter, rect, values, image, real, size, padding)


def _paint_numbers(
    painter: QPainter,
    rect: QRectF,
    values: Values,
    image: QImage,
    real: NDArray[np.bool_] | None,
    size: int,
    padding: str,
) -> None:
    rows, columns = values.shape
    wide, high = rect.width() / columns, rect.height() / rows
    font = QFont(painter.font())
    font.setPixelSize(size)
    most = decimals(values) + 1  # as many as find room
    digits = next((digits for digits in range(most, 1, -1) if _fits(font, values, digits, wide * _ROOM)), 1)
    painter.save()
    painter.setFont(font)
    for (row, column), value in np.ndenumerate(values):
        hidden = real is not None and not real[row, column]
        background = theme().color("raised") if hidden else image.pixelColor(column, row)
        painter.setPen(readable_on(background))
        cell = _cell(rect, wide, high, row, column)
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, padding if hidden else number_text(value, digits))
    painter.restore()


def number_size(base: QFont, plates: Sequence[Values], wide: float, high: float) -> int:
    """The largest size in pixels in which the numbers of all plates find room in cells; 0 if there is none."""
    for fewest in (_MOST, _FEWEST):  # rather less exact numbers than none
        for size in range(int(min(_LARGEST_NUMBER, high / 2)), _SMALLEST_NUMBER - 1, -1):
            font = QFont(base)
            font.setPixelSize(size)
            if all(_fits(font, values, min(decimals(values), fewest), wide * _ROOM) for values in plates):
                return size
    return 0


def decimals(values: Values) -> int:
    """Decimals that show at least two digits of the largest number: 0.27, 0.051, 0.0040."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return min(max(1 - math.floor(math.log10(largest)), _FEWEST), _MOST) if largest > 0 else _FEWEST


def _fits(font: QFont, values: Values, digits: int, wide: float) -> bool:
    metrics = QFontMetricsF(font)
    return all(metrics.horizontalAdvance(number_text(value, digits)) <= wide for value in (values.min(), values.max()))


def number_text(value: float, digits: int) -> str:
    """A number in a cell: 0.12, −1.50; a whole 0 for nothing at all."""
    if value == 0:
        return "0"
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−", 1)


def _cell(rect: QRectF, wide: float, high: float, row: int, column: int) -> QRectF:
    return QRectF(rect.left() + column * wide, rect.top() + row * high, wide, high)


def cell_of(rect: QRectF, shape: tuple[int, int], row: int, column: int) -> QRectF:
    """Where a cell of a grid of ``shape`` lies in ``rect``."""
    return _cell(rect, rect.width() / shape[1], rect.height() / shape[0], row, column)


def paint_scale(painter: QPainter, bar: QRectF, table: NDArray[np.uint8], texts: tuple[str, str, str]) -> None:
    """A bar of colours with what its left end, its middle and its right end stand for, below it."""
    ramp = colored(np.linspace(0, 1, 256, dtype=np.float32)[np.newaxis], table)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(bar, ramp)
    painter.setPen(QPen(theme().color("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar)
    painter.setPen(theme().color("muted"))
    below = QRectF(bar.left() - 16, bar.bottom() + 2, bar.width() + 32, painter.fontMetrics().height())
    left, middle, right = texts
    inner = below.adjusted(16, 0, -16, 0)
    painter.drawText(inner, Qt.AlignmentFlag.AlignLeft, left)
    painter.drawText(inner, Qt.AlignmentFlag.AlignRight, right)
    if painter.fontMetrics().horizontalAdvance(f"{left}  {middle}  {right}") < inner.width():
        painter.drawText(inner, Qt.AlignmentFlag.AlignHCenter, middle)


def bold(font: QFont, scale: float = 1.0) -> QFont:
    """The same font, bold, ``scale`` times as large."""
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    made.setPointSizeF(font.pointSizeF() * scale)
    return made
