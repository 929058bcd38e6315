"""Fixtures for the pages: a session on a fake engine, and a watch on threads that outlive their window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import FakeEngine
from inspect_page_driver import Message, listen, load, open_page
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from cnn_explorer.core.presets import preset
from cnn_explorer.ui.pages.inspect import InspectPage
from cnn_explorer.ui.session import Session


@pytest.fixture(autouse=True)
def _no_thread_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test whose QThreads still run at its end: they would abort the process (napari's idea)."""
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
def engine() -> FakeEngine:
    """A fake engine; tests steer and question it."""
    return FakeEngine()


@pytest.fixture
def session(qtbot: QtBot, engine: FakeEngine) -> Iterator[Session]:
    """A started session: data set and device are there, ``mnist-simple`` is the network."""
    session = Session(engine.services(), preset("mnist-simple").architecture)
    with qtbot.waitSignals([session.dataset_changed, session.device_changed]):
        session.start("mnist")
    yield session
    session.shut_down()


# The Inspect page; other files have a page and messages of their own.


@pytest.fixture
def messages(session: Session) -> list[Message]:
    """What the message bar is told."""
    return listen(session)


@pytest.fixture
def page(qtbot: QtBot, session: Session, messages: list[Message]) -> InspectPage:
    """The page as it is before there is a model."""
    return open_page(qtbot, session)


@pytest.fixture
def loaded(qtbot: QtBot, page: InspectPage) -> InspectPage:
    """The page with the fake model: image i of the test part has the value i in its corner."""
    load(qtbot, page)
    return page
