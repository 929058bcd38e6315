"""Clicks that wait a moment for a second one, so that a double click does not do first what a single one does."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from cnn_explorer.core.nodes.steps import Node

_DELAY = 250
"""Milliseconds in which most people have made their second click."""


class LoneClicks(QObject):
    """Tells single clicks from double ones."""

    clicked = Signal(object)
    """The node of a click that stayed alone."""
    opened = Signal(object)
    """The node of a double click."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._node: Node | None = None
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(lambda: self.clicked.emit(self._node))

    @property
    def waiting(self) -> bool:
        """Whether a click may still become a double click."""
        return self._timer.isActive()

    def click(self, node: Node | None) -> None:
        """There was a click, the first of a double click or not."""
        self._node = node
        self._since.start()
        self._timer.start(min(_DELAY, QApplication.doubleClickInterval()))

    def double_click(self, node: Node) -> None:
        """There was a double click; what counts is where its first half was.

        After a slow first half its click has been obeyed already, which may have moved the picture under the cursor.
        """
        self._timer.stop()
        soon = self._since.isValid() and self._since.elapsed() <= QApplication.doubleClickInterval()
        self.opened.emit(self._node if soon and self._node is not None else node)

    def forget(self) -> None:
        """What was clicked is not there any more."""
        self._timer.stop()
        self._since.invalidate()
