"""The message bar: newest first, nothing important lost, everything within reach of the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.shell import message_bar
from cnn_explorer.ui.shell.message_bar import MessageBar


@pytest.fixture
def stays_for() -> int:
    """Milliseconds that a message stays which needs no answer: longer than any test by default."""
    return 3_600_000


@pytest.fixture
def bar(qtbot: QtBot, stays_for: int) -> Iterator[MessageBar]:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    bar = MessageBar(stays_for=stays_for)
    layout.addWidget(bar)
    layout.addStretch(1)
    window.resize(900, 400)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.mouseMove(window, window.rect().bottomRight())  # an earlier test may have left the mouse on the bar
    yield bar
    window.close()


def part(bar: MessageBar, kind: type[QWidget], name: str) -> QWidget:
    found = bar.findChild(kind, name)
    assert isinstance(found, kind)
    return found


def shown(bar: MessageBar) -> tuple[str, str]:
    return part(bar, QLabel, "message_text").text(), part(bar, QLabel, "message_hint").text()


def let_time_pass(qtbot: QtBot) -> None:
    """Some turns of the event loop, many times as long as a message with ``stays_for`` 1 would stay."""
    timer = QTimer(interval=10)
    timer.start()
    for _ in range(5):
        with qtbot.waitSignal(timer.timeout):
            pass


def test_that_it_is_not_there_until_something_is_said(bar: MessageBar) -> None:
    assert not bar.isVisible()
    bar.show_message("info", "Saved.", "Open it again at any time.")
    assert bar.isVisible()
    assert shown(bar) == ("Saved.", "Open it again at any time.")
    assert bar.accessibleName() == "info: Saved. Open it again at any time."


def test_that_closing_the_newest_error_brings_back_the_one_before(bar: MessageBar, qtbot: QtBot) -> None:
    for text in ("first", "second", "third"):
        bar.show_message("error", text)
    assert shown(bar)[0] == "third"
    assert part(bar, QLabel, "message_waiting").text() == "2 more"
    close = part(bar, QToolButton, "message_close")
    seen = []
    while bar.isVisible():
        seen.append(shown(bar)[0])
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert seen == ["third", "second", "first"]


@pytest.mark.parametrize("stays_for", [1])
def test_that_a_success_goes_by_itself_and_an_error_stays(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message("error", "The disk is full.")
    bar.show_message("success", "Trained 5 epochs.")
    assert shown(bar)[0] == "Trained 5 epochs."
    qtbot.waitUntil(lambda: shown(bar)[0] == "The disk is full.")
    let_time_pass(qtbot)
    assert bar.isVisible()


@pytest.mark.parametrize("stays_for", [1])
def test_that_a_message_waits_while_its_details_are_read(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message("info", "Versions", details="keras: 3")
    button = part(bar, QPushButton, "message_details")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    let_time_pass(qtbot)
    assert bar.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    button.clearFocus()
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_that_newer_successes_replace_older_ones(bar: MessageBar) -> None:
    for number in range(5):
        bar.show_message("success", f"Saved {number}")
    assert bar.waiting == 0
    bar.close_message()
    assert not bar.isVisible()


def test_that_the_same_error_again_does_not_pile_up(bar: MessageBar) -> None:
    bar.show_message("error", "a")
    bar.show_message("error", "b")
    for _ in range(100):
        bar.show_message("error", "a")
    assert shown(bar)[0] == "a"
    assert bar.waiting == 1


def test_that_details_open_on_demand_and_are_closed_for_the_next_message(bar: MessageBar, qtbot: QtBot) -> None:
    details, button = part(bar, QPlainTextEdit, "message_details_text"), part(bar, QPushButton, "message_details")
    bar.show_message("error", "a", details="Traceback …\nValueError: no")
    assert not details.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert details.isVisible()
    assert details.toPlainText() == "Traceback …\nValueError: no"
    assert details.isReadOnly()
    bar.show_message("error", "b", details="other")
    assert not details.isVisible()
    bar.show_message("error", "c")
    assert not button.isVisible()


def test_that_copy_takes_everything(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message("error", "It broke.", "Try again.", "Traceback …\nValueError: no\n")
    qtbot.mouseClick(part(bar, QPushButton, "message_copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "It broke. Try again.\n\nTraceback …\nValueError: no"


def test_that_escape_closes_it_when_it_has_the_focus(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message("error", "a", details="x")
    button = part(bar, QPushButton, "message_details")
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    qtbot.keyClick(button, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_that_text_is_shown_as_it_is_and_not_as_markup(bar: MessageBar) -> None:
    bar.show_message("error", "<b>no</b>", "<img src='x'>")
    for name in ("message_text", "message_hint"):
        label = part(bar, QLabel, name)
        assert isinstance(label, QLabel)
        assert label.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize("level", message_bar._ICONS)
def test_that_every_level_has_a_look_of_its_own(bar: MessageBar, level: message_bar.Level) -> None:
    bar.show_message(level, "text")
    colors = {level: bar.grab().toImage().pixelColor(bar.width() // 2, bar.height() - 1).name()}
    for other in message_bar._ICONS:
        if other != level:
            bar.show_message(other, "text")
            colors[other] = bar.grab().toImage().pixelColor(bar.width() // 2, bar.height() - 1).name()
    assert len(set(colors.values())) == 4
