"""What the main window knows of a page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from cnn_explorer.ui.session.session import Session


class Page(QWidget):
    """A page of the navigation rail; how it is called and shown there says its ``PageEntry``."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName("page")

    def file_actions(self) -> tuple[QAction, ...]:
        """Actions for the File menu, in its order."""
        return ()

    def open_path(self, path: Path) -> bool:
        """Open a file of the page's kind that someone dropped on the window; whether it is open now."""
        return False

    def open_paths(self, paths: list[Path]) -> bool:
        """Open several files of the page's kind; whether all are open now."""
        opened = [self.open_path(path) for path in paths]  # all of them, also after one that could not be
        return all(opened)

    def confirm_leaving(self) -> bool:
        """Ask what to do with unsaved work, if there is any; whether the window may close."""
        return True
