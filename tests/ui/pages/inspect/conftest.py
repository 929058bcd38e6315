"""The Inspect page, before and after it has a model; other pages have a ``page`` of their own."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.app import PAGES
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from tests.ui.pages.inspect.driver import Message, load, open_page


@pytest.fixture
def page(qtbot: QtBot, session: Session, messages: list[Message]) -> InspectPage:
    """The page as it is before there is a model."""
    return open_page(qtbot, session)


@pytest.fixture
def loaded(qtbot: QtBot, page: InspectPage) -> InspectPage:
    """The page with the fake model: image i of the test part has the value i in its corner."""
    load(qtbot, page)
    return page


@pytest.fixture
def whole_window(qtbot: QtBot, session: Session) -> MainWindow:
    """The window with the real Inspect page alone."""
    pages = [entry for entry in PAGES if entry.key == "inspect"]
    window = MainWindow(session, pages, Settings(), lambda _: None)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    with qtbot.waitSignal(window.ready), qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window
