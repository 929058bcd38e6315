"""What stands above one side of a comparison: its letter, its image, what it is, and what the network says of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnn_explorer.core.maps.style import SIGNED_COLORS
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.ui.maps.pixel_view import colored, paint_photo, photo
from cnn_explorer.ui.pages.inspect.compare.values import Head
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

SIDE = 56  # pixels


class CompareHead(QWidget):
    """``letter`` is A or B, or "" for the difference; its colour ``role`` is that of the side's bars."""

    def __init__(self, name: str, letter: str, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.picture = _Thumb(letter, role)
        self.title, self.words = ElidedLabel(), ElidedLabel()
        self.title.setObjectName(f"{name}_title")
        self.words.setObjectName(f"{name}_words")
        set_role(self.title, "strong")
        set_role(self.words, "muted")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self._lines.addStretch(1)
        self._lines.addWidget(self.title)
        self._lines.addWidget(self.words)
        self._lines.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.picture)
        layout.addLayout(self._lines, 1)

    def put_in_place_of_title(self, widget: QWidget) -> None:
        """Let controls stand where the title is when they are shown."""
        self._lines.insertWidget(1, widget, 0, Qt.AlignmentFlag.AlignLeft)

    def show_head(self, head: Head) -> None:
        """Show a side."""
        self._say(head.title, head.words, head.tooltip or head.words, head.wrong)
        self.picture.show_image(None if head.picture is None else photo(head.picture, *head.limits))

    def show_difference(self, words: str, tooltip: str, picture: NDArray[np.float32] | None) -> None:
        """Show the figures of a difference, and that of the images (rows, columns), -1…1."""
        self._say("Difference A − B", words, tooltip, wrong=False)
        shown = None if picture is None else colored((picture + np.float32(1)) / np.float32(2), colormap(SIGNED_COLORS))
        self.picture.show_image(shown)

    def _say(self, title: str, words: str, tooltip: str, wrong: bool) -> None:
        self.title.setText(title)
        self.title.setToolTip(title)
        self.words.setText(words)
        self.words.setToolTip(tooltip)
        role = "error" if wrong else "muted"
        if role != self.words.property("role"):
            set_role(self.words, role)
            self.words.style().polish(self.words)


class _Thumb(QWidget):
    """A small picture with the letter of the side in its corner."""

    def __init__(self, letter: str, role: str) -> None:
        super().__init__()
        self._letter, self._role = letter, role
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_image(self, image: QImage | None) -> None:
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme()
        place = QRectF(0, 0, SIDE - 1, SIDE - 1)
        if self._image is not None:
            paint_photo(painter, self._image, place)
        else:
            painter.fillRect(place, colors.color("raised"))
        if self._letter:
            self._paint_letter(painter)
        painter.end()

    def _paint_letter(self, painter: QPainter) -> None:
        colors, font = theme(), QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        tag = QRectF(0, 0, metrics.horizontalAdvance(self._letter) + 8.0, metrics.height() + 1.0)
        painter.fillRect(tag, colors.color(self._role))
        painter.setPen(colors.color("surface"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self._letter)
