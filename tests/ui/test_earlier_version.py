"""The settings that the window of the version before this one has written: today's window comes back as they say."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QByteArray, QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QHeaderView, QSplitter
from pytestqt.qtbot import QtBot

from cnn_explorer import app
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store.paths import HOME_VARIABLE, settings_file
from cnn_explorer.ui.session.settings import load
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.side_window import SideWindow
from tests.ui.fakes import FakeEngine

FILE = Path(__file__).parents[1] / "fixtures" / "earlier_version" / "settings.json"
FRUITS = DatasetSpec(source="/pictures/fruits", image_size=(64, 64), color="rgb", test_part=0.25)
CONFIG = TrainingConfig(epochs=7, optimizer="sgd", momentum=0.9, schedule="cosine", decay_steps=500)


def test_that_the_file_is_read_value_by_value() -> None:
    remembered = load(FILE)
    assert (remembered.theme, remembered.text_scale, remembered.page) == ("dark", 125, "train")
    assert remembered.dataset == DatasetSpec(source="mnist", test_part=0.2)
    assert remembered.own_sources == (FRUITS,)
    assert remembered.recent == ("/models/first.h5", "/networks/second.json")
    assert remembered.network == preset("lenet-5").architecture
    assert remembered.config == CONFIG
    raw = msgspec.json.decode(FILE.read_bytes())
    for kind in ("splitters", "columns", "windows"):
        assert getattr(remembered, kind) == msgspec.convert(raw[kind], dict[str, bytes]), kind
    assert remembered.geometry == msgspec.convert(raw["geometry"], bytes)


@pytest.fixture
def look_at(
    qtbot: QtBot, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Callable[[MainWindow], None]], None]]:
    """Opens the program's own window, on a fake engine and a copy of the file, for a function that looks at it."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(app, "services", engine.services)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    shutil.copy(FILE, settings_file())

    def look(at: Callable[[MainWindow], None]) -> None:
        failures: list[Exception] = []

        def in_the_place_of_the_event_loop() -> int:
            (window,) = (
                each for each in application.topLevelWidgets() if isinstance(each, MainWindow) and each.isVisible()
            )
            try:  # whatever happens, the program has to end as it does when someone closes its window
                with qtbot.waitSignal(window.session.dataset_changed):
                    pass
                at(window)
            except Exception as failure:
                failures.append(failure)
            application.aboutToQuit.disconnect(window.session.shut_down)
            window.close_now()
            window.session.shut_down()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
            return 0

        monkeypatch.setattr(QApplication, "exec", staticmethod(in_the_place_of_the_event_loop))
        app.run_window()
        for failure in failures:
            raise failure

    yield look
    theme().set_mode("system")
    theme().set_text_scale(100)


def test_that_the_window_comes_back_as_it_was_left(look_at: Callable[[Callable[[MainWindow], None]], None]) -> None:
    def look(window: MainWindow) -> None:
        assert window.current_page == "train"
        assert (theme().mode, theme().text_scale) == ("dark", 125)
        assert window.session.document.architecture == preset("lenet-5").architecture
        assert window.session.config == CONFIG
        assert window.session.own_sources == (FRUITS,)
        assert window.session.recent.paths == (Path("/models/first.h5"), Path("/networks/second.json"))

    look_at(look)
    before, kept = load(FILE), load(settings_file())
    assert (kept.theme, kept.text_scale, kept.page) == (before.theme, before.text_scale, before.page)
    assert (kept.network, kept.config) == (before.network, before.config)
    assert (kept.own_sources, kept.recent) == (before.own_sources, before.recent)


def test_that_everything_that_has_a_layout_in_the_file_is_there_and_takes_it(
    look_at: Callable[[Callable[[MainWindow], None]], None],
) -> None:
    remembered = load(FILE)

    def look(window: MainWindow) -> None:
        for name, state in remembered.splitters.items():
            (splitter,) = window.findChildren(QSplitter, name)
            assert splitter.restoreState(QByteArray(state)), name
        for name, state in remembered.columns.items():
            (header,) = window.findChildren(QHeaderView, name)
            assert header.restoreState(QByteArray(state)), name
        for name, state in remembered.windows.items():
            (side,) = window.findChildren(SideWindow, name)
            assert side.restoreGeometry(QByteArray(state)), name

    look_at(look)
    assert remembered.splitters.keys() == load(settings_file()).splitters.keys()
    assert remembered.columns.keys() == load(settings_file()).columns.keys()
    assert remembered.windows.keys() == load(settings_file()).windows.keys()
