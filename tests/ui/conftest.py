"""Fixtures for the pages: a session on a fake engine, and a watch on threads that outlive their window."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from cnn_explorer.app import PAGES
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.pages.data.page import DataPage
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.theme import theme
from tests.ui.fakes import FakeEngine, Turnstile
from tests.ui.pages.data import driver as data_page_driver
from tests.ui.pages.inspect.driver import Message, listen, load, open_page
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
def train_page(qtbot: QtBot, session: Session) -> Iterator[TrainPage]:
    """The Train page in a window of 1280 × 800 points."""
    page = TrainPage(session)
    qtbot.addWidget(page)
    page.resize(1190, 660)
    with qtbot.waitExposed(page):
        page.show()
    yield page
    if theme().mode != "system":  # that would style the whole page anew
        theme().set_mode("system")


@pytest.fixture
def gate(engine: FakeEngine) -> Iterator[Turnstile]:
    """Holds the run at every batch until it lets some through; opened at the end of the test whatever happens."""
    gate = engine.gate = Turnstile()
    yield gate
    gate.set()


# The main window, with small pages.


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
def whole_window(qtbot: QtBot, session: Session) -> MainWindow:
    """The window with the real Inspect page alone."""
    pages = [entry for entry in PAGES if entry.key == "inspect"]
    window = MainWindow(session, pages, Settings(), lambda _: None)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    with qtbot.waitSignal(window.ready), qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


# The Data page.


@pytest.fixture
def data_page(qtbot: QtBot, session: Session) -> Iterator[DataPage]:
    """The page with 64 training and 20 test images of digits."""
    page = data_page_driver.open_page(qtbot, session)
    qtbot.waitUntil(lambda: page.gallery.grid.count == 84)
    yield page
    qtbot.waitUntil(lambda: not (session.measures.busy or session.thumbnails.busy))


@pytest.fixture
def checked(qtbot: QtBot, data_page: DataPage, session: Session) -> DataPage:
    """The page after the fake model was asked about all images: every third one of a part is wrong."""
    session.model_ready.emit(data_page_driver.MODEL)
    data_page_driver.click(qtbot, data_page, "gallery_check")
    qtbot.waitUntil(lambda: not data_page.gallery.check.running)
    return data_page


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
