"""The box with the number of an image, and three buttons: the one before, the next one, any other."""

from __future__ import annotations

import random
from typing import NamedTuple

from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from cnn_explorer.ui.widgets.tool_button import tool_button

_REPEAT = 40
"""Milliseconds from image to image while a button is kept pressed."""


class StepNames(NamedTuple):
    """Object name and tooltip of each of the buttons."""

    before: tuple[str, str]
    behind: tuple[str, str]
    any_one: tuple[str, str]


class ImageSteps(QWidget):
    """Goes through the numbers that ``index`` allows, from 0 to its maximum; ``valueChanged`` of that box tells."""

    def __init__(self, index: QSpinBox, names: StepNames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = index
        before = tool_button("chevron-left", *names.before)
        behind = tool_button("chevron-right", *names.behind)
        any_one = tool_button("shuffle", *names.any_one)
        for button in (before, behind):  # kept pressed, they run through the images
            button.setAutoRepeat(True)
            button.setAutoRepeatInterval(_REPEAT)
        before.clicked.connect(lambda: self.step(-1))
        behind.clicked.connect(lambda: self.step(1))
        any_one.clicked.connect(self.shuffle)
        self.buttons = before, behind, any_one
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (before, index, behind, any_one):
            layout.addWidget(widget, int(widget is index))

    def step(self, by: int) -> None:
        """Go to a neighbouring image, not past the ends."""
        self._index.setValue(self._index.value() + by)

    def shuffle(self) -> None:
        """Go to another image, any."""
        others = self._index.maximum()
        if others > 0:
            drawn = random.randrange(others)
            self._index.setValue(drawn + (drawn >= self._index.value()))
