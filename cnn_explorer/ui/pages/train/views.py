"""Curves, film or queue: a switch between three views, with the run's controls in the same row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnn_explorer.ui.widgets.segments import Segments

_VIEWS = (
    ("curves", "Curves", "Loss, accuracy and learning rate while the network learns."),
    ("film", "Film", "How the maps of a pinned image change from epoch to epoch."),
    ("queue", "Queue", "All runs of this session: those that wait, that go, that are done."),
)


class Views(QWidget):
    """Three widgets, one of which is shown."""

    def __init__(self, widgets: tuple[QWidget, QWidget, QWidget], controls: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._switch = Segments(_VIEWS, "train_view", self)
        self._switch.chosen.connect(self.show_view)
        self._stack = QStackedWidget(self)
        for widget in widgets:
            self._stack.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._switch, 1)
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
        return self._switch.key

    def show_view(self, key: str) -> None:
        """Show a view: ``curves``, ``film`` or ``queue``."""
        self._switch.choose(key)
        self._stack.setCurrentIndex([view[0] for view in _VIEWS].index(key))

    def show_queue_length(self, waiting: int) -> None:
        """How many runs wait stands on the switch."""
        self._switch.set_title("queue", f"Queue ({waiting:,})" if waiting else "Queue")
