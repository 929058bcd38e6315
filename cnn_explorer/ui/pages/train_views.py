"""Curves, film or queue: a switch between three views, with the run's controls in the same row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from cnn_explorer.ui.theme import set_role, theme

_VIEWS = (
    ("curves", "Curves", "Loss, accuracy and learning rate while the network learns."),
    ("film", "Film", "How the maps of a pinned image change from epoch to epoch."),
    ("queue", "Queue", "All runs of this session: those that wait, that go, that are done."),
)


_AROUND = 26  # padding and border at both sides


class Views(QWidget):
    """Three widgets, one of which is shown."""

    def __init__(self, widgets: tuple[QWidget, QWidget, QWidget], controls: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._stack = QStackedWidget(self)
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(0)
        for number, ((key, title, tooltip), widget) in enumerate(zip(_VIEWS, widgets, strict=True)):
            self._stack.addWidget(widget)
            button = QPushButton(title, self)
            button.setObjectName(f"train_view_{key}")
            button.setAccessibleName(title)
            button.setToolTip(tooltip)
            button.setCheckable(True)
            set_role(button, "segment")
            self._group.addButton(button, number)
            row.addWidget(button)
            row.addSpacing(4)
        self._keep_widths()
        theme().changed.connect(self._keep_widths)
        self._group.button(0).setChecked(True)
        self._group.idToggled.connect(self._on_toggled)
        row.addStretch(1)
        row.addWidget(controls)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._stack, 1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def current(self) -> str:
        """The key of the view that is shown."""
        return _VIEWS[self._stack.currentIndex()][0]

    def show_view(self, key: str) -> None:
        """Show a view: ``curves``, ``film`` or ``queue``."""
        self._group.button([view[0] for view in _VIEWS].index(key)).setChecked(True)

    def show_queue_length(self, waiting: int) -> None:
        """How many runs wait stands on the switch."""
        button = self._group.button(2)
        text = f"Queue ({waiting:,})" if waiting else "Queue"
        if text != button.text():
            button.setText(text)
            button.setAccessibleName(text)
            self._keep_widths()

    def _keep_widths(self) -> None:
        """Room for the bold text of the one that is chosen, which Qt does not count in."""
        for button in self._group.buttons():
            button.ensurePolished()
            bold = QFont(button.font())
            bold.setWeight(QFont.Weight.DemiBold)
            button.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(button.text()) + _AROUND)

    def _on_toggled(self, number: int, checked: bool) -> None:
        if checked:
            self._stack.setCurrentIndex(number)
