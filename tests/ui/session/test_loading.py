"""Another data set in the background: the current one stays until it is there, or for good."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.header import Header
from tests.ui.fakes import FakeEngine, digits

MNIST, FRUITS, GONE = DatasetSpec(), DatasetSpec(source="/pictures/fruits"), DatasetSpec(source="/pictures/gone")


class Shelf:
    """Data sets by source: one that waits for its gate and asks its watch, and one that is gone."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.loaded: list[DatasetSpec] = []

    def load(self, spec: DatasetSpec, watch: Watch) -> Dataset:
        if spec == GONE:
            raise ExplorerError("/pictures/gone is not there.", "Choose a folder.")
        if spec == FRUITS:
            for done in range(10_000):
                watch("Reading fruits", min(done, 43), 100)
                if self.gate.wait(0.01):
                    break
        self.loaded.append(spec)
        return replace(digits(), title=spec.source, spec=spec)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def session(shelf: Shelf, qtbot: QtBot) -> Iterator[Session]:
    services = replace(FakeEngine().services(), load_dataset=shelf.load)
    session = Session(services, preset("mnist-simple").architecture)
    yield session
    shelf.gate.set()
    session.shut_down()


def _start(session: Session, qtbot: QtBot, spec: DatasetSpec = MNIST) -> None:
    with qtbot.waitSignals([session.dataset_changed, session.device_changed]):
        session.start(spec)


def test_that_the_current_data_set_stays_until_the_other_is_there(session: Session, shelf: Shelf, qtbot: QtBot) -> None:
    _start(session, qtbot)
    header = Header(session)
    qtbot.addWidget(header)
    with qtbot.waitSignal(session.dataset_progress, check_params_cb=lambda _what, done, _total: done == 43):
        session.load_dataset(FRUITS)
    assert session.dataset is not None
    assert (session.dataset.spec, session.dataset_loading) == (MNIST, FRUITS)
    assert session.obstacle == ""
    assert "Reading fruits · 43 %" in header.dataset.accessibleName()
    with qtbot.waitSignal(session.dataset_changed):
        shelf.gate.set()
    assert session.dataset.spec == FRUITS
    assert (session.dataset_loading, session.loading_words) == (None, "")
    assert header.dataset.accessibleName().startswith("Data set /pictures/fruits: ")


def test_that_a_loading_can_be_cancelled_and_nothing_changes(session: Session, shelf: Shelf, qtbot: QtBot) -> None:
    _start(session, qtbot)
    with qtbot.waitSignal(session.dataset_progress, check_params_cb=lambda _what, done, _total: done == 43):
        session.load_dataset(FRUITS)
    said: list[tuple[str, ...]] = []
    session.message.connect(lambda *words: said.append(words))
    with qtbot.waitSignal(session.dataset_changed):
        session.cancel_loading()
    assert session.dataset is not None
    assert (session.dataset.spec, session.dataset_loading) == (MNIST, None)
    assert shelf.loaded == [MNIST]
    assert said == [("info", "Reading fruits was cancelled.", "", "")]


def test_that_choosing_another_one_ends_the_loading_of_the_first(session: Session, shelf: Shelf, qtbot: QtBot) -> None:
    _start(session, qtbot)
    session.load_dataset(FRUITS)
    with qtbot.waitSignal(session.dataset_changed):
        session.load_dataset(MNIST)
    assert session.dataset is not None
    assert session.dataset.spec == MNIST
    assert shelf.loaded == [MNIST, MNIST]


def test_that_a_source_that_fails_leaves_the_current_one(session: Session, qtbot: QtBot) -> None:
    _start(session, qtbot)
    said: list[tuple[str, ...]] = []
    session.message.connect(lambda *words: said.append(words[:3]))
    with qtbot.waitSignal(session.dataset_changed):
        session.load_dataset(GONE)
    assert said == [("error", "/pictures/gone is not there.", "Choose a folder.")]
    assert session.dataset is not None
    assert session.dataset.spec == MNIST
    assert (session.dataset_failure, session.obstacle) == ("", "")


def test_that_the_bundled_data_set_is_taken_where_that_of_the_last_session_is_gone(
    session: Session, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.message) as heard:
        session.start(GONE)
    assert heard.args is not None
    assert heard.args[1] == "/pictures/gone is not there."
    qtbot.waitUntil(lambda: session.dataset is not None)
    assert session.dataset is not None
    assert (session.dataset.spec, session.dataset_failure) == (MNIST, "")
