"""Fixtures for the pages: a session on a fake engine, and a watch on threads that outlive their window."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.theme import theme
from tests.ui.fakes import FakeEngine, Turnstile
from tests.ui.pages.inspect.driver import Message, listen
from tests.ui.shell.driver import SMALL_PAGES


@pytest.fixture(autouse=True)
def _no_thread_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test whose QThreads still run at its end: they would abort the process (napari's idea).

    What the test before has left is collected here: another thread that happens to do it, such as that on which the
    test runner listens, would take widgets apart.
    """
    gc.collect(1)
    started: list[QThread] = []
    start = QThread.start

    def remember(thread: QThread, *args: object) -> None:
        started.append(thread)
        start(thread, *args)  # type: ignore[call-overload]

    monkeypatch.setattr(QThread, "start", remember)
    yield
    running = [thread.objectName() for thread in started if thread.isRunning()]
    assert not running, f"threads still running: {running}"


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> FakeEngine:
    """A fake engine, of the class that is the test's parameter if there is one; tests steer and question it."""
    made: FakeEngine = getattr(request, "param", FakeEngine)(home=tmp_path / "runs")
    return made


@pytest.fixture
def session(qtbot: QtBot, engine: FakeEngine) -> Iterator[Session]:
    """A started session: data set and device are there, ``mnist-simple`` is the network."""
    session = Session(engine.services(), preset("mnist-simple").architecture)
    with qtbot.waitSignals([session.dataset_changed, session.device_changed]):
        session.start(DatasetSpec())
    yield session
    session.shut_down()


@pytest.fixture
def gate(engine: FakeEngine) -> Iterator[Turnstile]:
    """Holds the run at every batch until it lets some through; opened at the end of the test whatever happens."""
    gate = engine.gate = Turnstile()
    yield gate
    gate.set()


@pytest.fixture
def kept() -> list[Settings]:
    """The settings that the window has handed over."""
    return []


@pytest.fixture
def window(qtbot: QtBot, session: Session, kept: list[Settings]) -> Iterator[MainWindow]:
    """The window with three small pages."""
    window = MainWindow(session, SMALL_PAGES, Settings(), kept.append)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    with qtbot.waitSignal(window.ready):
        window.show()
    yield window
    if theme().mode != "system":
        theme().set_mode("system")
    if theme().text_scale != 100:
        theme().set_text_scale(100)


@pytest.fixture
def messages(session: Session) -> list[Message]:
    """What the message bar is told."""
    return listen(session)
