"""Closing the window: what is asked, what ends, what is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from cnn_explorer.app import SystemSignals
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from tests.ui.fakes import FakeEngine
from tests.ui.shell.driver import small


@pytest.fixture
def slow(window: MainWindow, session: Session, engine: FakeEngine, qtbot: QtBot) -> Iterator[threading.Event]:
    """The window while a run goes, held at its first batch; setting the event lets it go on."""
    engine.gate = threading.Event()
    session.train()
    qtbot.waitUntil(lambda: session.runs.state.started is not None)
    yield engine.gate
    engine.gate.set()


def answer(qtbot: QtBot, name: str, asked: list[str]) -> None:
    """Press the button of that name in the question that will come up."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        qtbot.mouseClick(box.findChild(QPushButton, name), Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, press)


def test_that_closing_while_training_asks_and_can_be_called_off(
    window: MainWindow, session: Session, slow: threading.Event, kept: list[Settings], qtbot: QtBot
) -> None:
    asked: list[str] = []
    answer(qtbot, "question_keep", asked)
    assert not window.close()
    assert asked == ["Training is in epoch 1 of 5. Stop and close?"]
    assert window.isVisible()
    assert kept == []
    slow.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    assert session.runs.state.phase == "completed"


def test_that_escape_keeps_the_training(
    window: MainWindow, session: Session, slow: threading.Event, qtbot: QtBot
) -> None:
    QTimer.singleShot(0, lambda: qtbot.keyClick(QApplication.activeModalWidget(), Qt.Key.Key_Escape))
    assert not window.close()
    assert session.runs.is_running
    slow.set()


def test_that_stop_and_close_ends_the_run_its_thread_and_the_window(
    window: MainWindow, session: Session, engine: FakeEngine, slow: threading.Event, kept: list[Settings], qtbot: QtBot
) -> None:
    control = session.runs._job.control
    asked: list[str] = []
    answer(qtbot, "question_stop", asked)
    QTimer.singleShot(0, slow.set)
    assert window.close()
    assert len(asked) == 1
    assert not window.isVisible()
    assert control.stopped
    assert not session.runs.is_running
    assert len(kept) == 1
    # that no thread runs any more is watched in conftest


def test_that_one_question_is_asked_for_the_run_and_the_queue(
    window: MainWindow, session: Session, engine: FakeEngine, slow: threading.Event, qtbot: QtBot
) -> None:
    session.train()
    session.train()
    shown: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        shown.append(box.informativeText())
        qtbot.mouseClick(box.findChild(QPushButton, "question_stop"), Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, press)
    QTimer.singleShot(0, slow.set)
    assert window.close()
    assert shown == ["No epoch is finished yet, so none is kept. 2 runs wait and are forgotten."]
    assert len(engine.requests) == 1


def test_that_a_queue_that_is_held_is_asked_about_too(
    window: MainWindow, session: Session, slow: threading.Event, qtbot: QtBot
) -> None:
    session.train()
    session.runs.stop()
    slow.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    asked: list[str] = []
    answer(qtbot, "question_keep", asked)
    assert not window.close()
    assert asked == ["The queue is not done. Close and forget it?"]
    session.runs.clear()
    assert window.close()


def test_that_a_signal_of_the_system_closes_without_a_question(
    window: MainWindow, session: Session, slow: threading.Event, kept: list[Settings], qtbot: QtBot
) -> None:
    small(window, "build").answer = False
    signals = SystemSignals(window.close_now)
    slow.set()
    signal.raise_signal(signal.SIGTERM)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert signals.received == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert len(kept) == 1
    assert small(window, "build").asked == 0


def test_that_unsaved_work_keeps_the_window_open_if_its_page_says_so(window: MainWindow) -> None:
    small(window, "build").answer = False
    assert not window.close()
    assert window.isVisible()
    small(window, "build").answer = True
    assert window.close()
