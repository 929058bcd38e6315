"""Where the keys are in the window: a page has them when it comes to the front."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.shell.page import Page
from tests.ui.shell.driver import action, small


def rail_button(window: MainWindow, key: str) -> QToolButton:
    found = window.rail.findChild(QToolButton, f"rail_{key}")
    assert isinstance(found, QToolButton)
    return found


def has_keys(page: Page) -> bool:
    focus = QApplication.focusWidget()
    return focus is not None and (focus is page or page.isAncestorOf(focus))


@pytest.fixture
def active(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with the keyboard."""
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


def test_that_a_page_has_the_keys_when_it_comes_to_the_front(active: MainWindow, qtbot: QtBot) -> None:
    assert has_keys(active.page("build"))
    active.header.setFocus()
    action(active, "page_train").trigger()
    assert active.page("train").hasFocus()  # and not its first control
    active.header.setFocus()
    qtbot.mouseClick(rail_button(active, "inspect"), Qt.MouseButton.LeftButton)
    assert has_keys(active.page("inspect"))


def test_that_a_page_has_the_keys_where_it_had_them_last(active: MainWindow) -> None:
    line = small(active, "build").splitter.widget(1)
    line.setFocus()
    action(active, "page_train").trigger()
    active.header.setFocus()
    action(active, "page_build").trigger()
    assert line.hasFocus()


def test_that_a_message_that_is_closed_gives_the_keys_to_the_page(active: MainWindow, qtbot: QtBot) -> None:
    active.session.say("error", "It broke.")
    close = active.message_bar.findChild(QToolButton, "message_close")
    assert isinstance(close, QToolButton)
    close.setFocus()
    qtbot.keyClick(close, Qt.Key.Key_Space)
    assert not active.message_bar.isVisible()
    assert has_keys(active.page("build"))
