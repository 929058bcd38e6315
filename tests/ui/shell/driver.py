"""A main window with small pages in the place of the real ones, and hands for its tests."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter

from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.shell.page import Page
from cnn_explorer.ui.shell.page_table import PageEntry


class SmallPage(Page):
    """A page with a splitter; ``answer`` is what it says when it is asked whether the window may close."""

    def __init__(self, session: Session, key: str) -> None:
        super().__init__(session)
        self.answer, self.asked = True, 0
        self.opened: list[Path] = []
        self.models: list[Path] = []
        session.model_ready.connect(self.models.append)
        self.save = QAction(f"Save {key}", self, shortcut=QKeySequence.StandardKey.Save)
        self.save.setEnabled(key == "build")
        self.splitter = QSplitter()
        self.splitter.setObjectName(f"{key}_splitter")
        self.splitter.addWidget(QLineEdit())
        self.splitter.addWidget(QLineEdit())
        QHBoxLayout(self).addWidget(self.splitter)

    def file_actions(self) -> tuple[QAction, ...]:
        return (self.save,) if self.save.isEnabled() else ()

    def open_path(self, path: Path) -> bool:
        self.opened.append(path)
        return True

    def confirm_leaving(self) -> bool:
        self.asked += 1
        return self.answer


SMALL_PAGES = tuple(
    PageEntry(key, key.title(), "box", f"The page {key}.", lambda session, key=key: SmallPage(session, key), first)
    for key, first in (("build", True), ("train", False), ("inspect", False))
)


def small(window: MainWindow, key: str) -> SmallPage:
    page = window.page(key)
    assert isinstance(page, SmallPage)
    return page


def action(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, f"action_{name}")
    assert isinstance(found, QAction)
    return found


def text_of(window: MainWindow) -> str:
    message = window.message_bar.current
    return message.text if message else ""
