"""How tests drive the Data page: open it, find and click a control, choose an image."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.data.page import DataPage
from cnn_explorer.ui.session.session import Session

MODEL = Path("runs/1-mnist-simple/model.h5")
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


def open_page(qtbot: QtBot, session: Session) -> DataPage:
    """The page in an active window."""
    page = DataPage(session)
    qtbot.addWidget(page)
    page.resize(1190, 660)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    return page


def child(page: DataPage, name: str) -> QWidget:
    """The control of that object name."""
    found = page.findChild(QWidget, name)
    assert isinstance(found, QWidget), name
    return found


def click(qtbot: QtBot, page: DataPage, name: str) -> None:
    """Click the control of that object name."""
    qtbot.mouseClick(child(page, name), LEFT)


def choose(qtbot: QtBot, page: DataPage, number: int) -> None:
    """Click an image of the gallery."""
    grid = page.gallery.grid
    grid.choose(number)  # so that it is in sight
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.rectangle(number).center())


def told(session: Session) -> list[str]:
    """What the message bar is told from now on."""
    said: list[str] = []
    session.message.connect(lambda _level, text, *_: said.append(text))
    return said
