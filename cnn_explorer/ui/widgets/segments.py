"""A few choices side by side, of which one is in force."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from cnn_explorer.ui.theme import set_role, theme

_AROUND = 26  # padding and border at both sides


class Segments(QWidget):
    """``choices``: key, title and tooltip of each. ``name`` begins the object names of the buttons."""

    chosen = Signal(str)
    """The key of what a person chose."""

    def __init__(self, choices: tuple[tuple[str, str, str], ...], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = tuple(key for key, _, _ in choices)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for number, (key, title, tooltip) in enumerate(choices):
            button = QPushButton(title, self)
            button.setObjectName(f"{name}_{key}")
            button.setAccessibleName(title)
            button.setToolTip(tooltip)
            button.setCheckable(True)
            set_role(button, "segment")
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(lambda number: self.chosen.emit(self._keys[number]))
        self._keep_widths()
        theme().changed.connect(self._keep_widths)

    @property
    def key(self) -> str:
        """What is in force."""
        return self._keys[self._group.checkedId()]

    def choose(self, key: str) -> None:
        """Put a choice in force; ``chosen`` stays silent."""
        self._group.button(self._keys.index(key)).setChecked(True)

    def set_available(self, key: str, available: bool) -> None:
        """Let a choice be made, or not."""
        self._group.button(self._keys.index(key)).setEnabled(available)

    def set_title(self, key: str, title: str) -> None:
        """Call a choice otherwise."""
        button = self._group.button(self._keys.index(key))
        if title != button.text():
            button.setText(title)
            button.setAccessibleName(title)
            self._keep_widths()

    def _keep_widths(self) -> None:
        """Room for the bold text of the one that is in force, which Qt does not count in."""
        for button in self._group.buttons():
            button.ensurePolished()
            bold = QFont(button.font())
            bold.setWeight(QFont.Weight.DemiBold)
            button.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(button.text()) + _AROUND)
