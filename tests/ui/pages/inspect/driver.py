"""How tests drive the Inspect page: open a model, click a control, wait for an image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeModel

MODEL = Path("runs/1-mnist-simple/model.h5")
Message = tuple[str, str, str, str]


def listen(session: Session) -> list[Message]:
    """What the message bar is told from now on: level, text, hint, details."""
    told: list[Message] = []
    session.message.connect(lambda *words: told.append(words))
    return told


def open_page(qtbot: QtBot, session: Session) -> InspectPage:
    """The page in an active window, as it is before there is a model."""
    page = InspectPage(session)
    qtbot.addWidget(page)
    page.resize(1190, 700)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    return page


def load(qtbot: QtBot, page: InspectPage, path: Path = MODEL) -> None:
    """Open a model and wait for its first look."""
    before = page.model
    page.session.model_ready.emit(path)
    qtbot.waitUntil(lambda: page.model is not before and page.forward is not None)


def model_of(page: InspectPage) -> FakeModel:
    """The fake model that is shown."""
    assert isinstance(page.model, FakeModel)
    return page.model


def child(page: InspectPage, name: str) -> QWidget:
    """The control of that object name."""
    found = page.findChild(QWidget, name)
    assert isinstance(found, QWidget), name
    return found


def click(qtbot: QtBot, page: InspectPage, name: str) -> None:
    """Click the control of that object name."""
    qtbot.mouseClick(child(page, name), Qt.MouseButton.LeftButton)


def press(page: InspectPage, name: str) -> None:
    """Press a button of the Save menu, which is closed."""
    found = child(page, name)
    assert isinstance(found, QPushButton), name
    assert found.isEnabled(), name
    found.click()


def wait_for_image(qtbot: QtBot, page: InspectPage, index: int) -> None:
    """The fake network's input shows which image it was."""
    qtbot.waitUntil(lambda: page.forward is not None and round(float(page.forward.image[0, 0, 0]) * 255) == index)


def said(page: InspectPage) -> str:
    """The sentence beside the image."""
    return page.picker.said.text()


def network_input(page: InspectPage) -> NDArray[np.uint8]:
    """The bytes that the fake network got."""
    assert page.forward is not None
    return np.rint(page.forward.image * 255).astype(np.uint8)


def shows(page: InspectPage, expected: NDArray[np.uint8]) -> bool:
    """Whether the network has answered to that image."""
    return page.forward is not None and np.array_equal(network_input(page)[..., 0], expected)


def node(page: InspectPage, number: int, row: int, column: int) -> QPoint:
    """Where a node of a map lies in the grid."""
    place = page.view.grid.map_rectangle(number)
    side = page.view.grid.node_size
    return QPoint(int(place.left() + (column + 0.5) * side), int(place.top() + (row + 0.5) * side))
