"""A window beside the main one: it stays in front of it, closes with Esc, and comes back where it was."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


class SideWindow(QWidget):
    """Hidden until it is needed. The main window keeps its geometry under ``name``, which is its object name."""

    went = Signal()
    """It is no longer to be seen."""

    def __init__(self, name: str, title: str, size: QSize, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.resize(size)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.close)

    def come(self) -> None:
        """Show the window, with the keys; it is in front of its parent always."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.activateWindow()
        self.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.went.emit()
