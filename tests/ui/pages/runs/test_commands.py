"""What one can do with runs on their page, by mouse and keyboard: rename, go on, look into, delete, open others."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.runs.page import RunsPage
from cnn_explorer.ui.session.services import ContinueRequest
from cnn_explorer.ui.session.session import Session
from tests.store.run_makers import make_run
from tests.ui.fakes import FakeEngine
from tests.ui.pages.inspect.driver import Message
from tests.ui.pages.runs.driver import cell, click, open_page, select, selected, three, titles, trigger

Key, Button = Qt.Key, Qt.MouseButton


@pytest.fixture
def home(engine: FakeEngine, tmp_path: Path) -> Path:
    """Where the engine keeps runs: empty."""
    engine.home = tmp_path / "runs"
    return engine.home


# Renaming


def editor(page: RunsPage) -> QLineEdit:
    (found,) = page.table.viewport().findChildren(QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def test_that_a_name_is_edited_in_place(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    trigger(page, "rename")
    edit = editor(page)
    assert edit.text() == "a"
    edit.selectAll()
    qtbot.keyClicks(edit, "the best")
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.waitUntil(lambda: titles(page)[0] == "the best")
    assert RunFolder(paths[0]).annotation().title == "the best"
    assert selected(page) == ["the best"]


def test_that_escape_leaves_the_name_and_a_refresh_meanwhile_is_shown_then(
    qtbot: QtBot, session: Session, home: Path
) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    trigger(page, "rename")
    edit = editor(page)
    qtbot.keyClicks(edit, "nonsense")
    make_run(home / "new", title="d")
    page.refresh()
    qtbot.waitUntil(lambda: page.parts.count.text() == "4 runs")
    assert edit.text() == "nonsense"
    qtbot.keyClick(edit, Key.Key_Escape)
    qtbot.waitUntil(lambda: len(titles(page)) == 4)
    assert RunFolder(paths[0]).annotation().title == "a"


def test_that_an_empty_name_is_that_of_the_network_again(qtbot: QtBot, session: Session, home: Path) -> None:
    make_run(home / "r", title="mine")
    page = open_page(qtbot, session, 1)
    trigger(page, "rename")
    edit = editor(page)
    edit.clear()
    qtbot.keyClick(edit, Key.Key_Return)
    qtbot.waitUntil(lambda: titles(page) == ["mnist-simple"])


# Going on with runs


def test_that_a_double_click_opens_the_model_in_inspect(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    with qtbot.waitSignals([session.page_requested, session.model_ready]):
        click(qtbot, page, "b")
        qtbot.mouseDClick(page.table.viewport(), Button.LeftButton, pos=cell(page, "b", "name"))
    assert session.model_path == paths[1] / "model.h5"


def test_that_the_best_epoch_can_be_opened_too(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    with qtbot.waitSignal(session.model_ready) as opened:
        trigger(page, "inspect_best")
    assert opened.args == [paths[0] / "best.h5"]


def test_that_runs_go_on_for_as_many_epochs_as_the_card_says(
    qtbot: QtBot, session: Session, engine: FakeEngine, home: Path
) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    select(page, "b", "c")
    page.card.epochs.setValue(4)
    with qtbot.waitSignal(session.page_requested) as asked:
        trigger(page, "continue")
    assert asked.args == ["train"]
    qtbot.waitUntil(lambda: len(engine.requests) == 2 and not session.runs.is_running)
    continued = [request for request in engine.requests if isinstance(request, ContinueRequest)]
    assert [(request.folder, request.epochs) for request in continued] == [(paths[1], 6), (paths[2], 7)]


def test_that_the_card_says_why_a_run_cannot_go_on_and_the_way_out(qtbot: QtBot, session: Session, home: Path) -> None:
    make_run(home / "own", title="own")
    make_run(home / "other", title="other", dataset="fruits", fingerprint="f" * 64, created="2024-01-01T00:00:00+00:00")
    page = open_page(qtbot, session, 2)
    why = page.card.why_not
    select(page, "own")
    assert not why.isVisible()
    select(page, "other")
    qtbot.waitUntil(why.isVisible)
    assert why.text() == "other was trained on other images: choose fruits on the Data page to train on."


def test_that_the_settings_come_into_train_as_one_step_of_undo(
    qtbot: QtBot, session: Session, home: Path, tmp_path: Path
) -> None:
    other = preset("mnist-regularized").architecture
    make_run(home / "r", architecture=other, learning_rate=0.007, title="the run")
    page = open_page(qtbot, session, 1)
    network, config = session.document.architecture, session.config
    session.document.path = tmp_path / "network.json"
    with qtbot.waitSignal(session.page_requested) as asked:
        trigger(page, "duplicate")
    assert asked.args == ["train"]
    assert session.document.architecture == other
    assert session.config.learning_rate == 0.007
    assert session.document.path is None
    stack = session.document.undo_stack
    assert stack.undoText() == "Take the settings of the run"
    stack.undo()
    assert (session.document.architecture, session.config) == (network, config)
    assert not stack.canUndo()
    stack.redo()
    assert (session.document.architecture, session.config.learning_rate) == (other, 0.007)


def test_that_undo_keeps_settings_that_were_changed_afterwards_for_redo(
    qtbot: QtBot, session: Session, home: Path
) -> None:
    make_run(home / "r", architecture=session.document.architecture, batch_size=7)
    page = open_page(qtbot, session, 1)
    trigger(page, "duplicate")
    session.config = TrainingConfig(batch_size=8)
    session.document.undo_stack.undo()
    assert session.config == TrainingConfig()
    session.document.undo_stack.redo()
    assert session.config.batch_size == 8


def test_that_the_folder_is_shown_in_the_file_manager(
    qtbot: QtBot, session: Session, home: Path, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    shown: list[Path] = []
    monkeypatch.setattr(page.commands, "_show_folder", lambda path: bool(shown.append(path)) or len(shown) == 1)
    trigger(page, "reveal")
    assert shown == [paths[0]]
    assert messages == []
    trigger(page, "reveal")  # no file manager answers now
    assert str(paths[0]) in messages[-1][1]


# Deleting


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trash of the system's own kind, in the test's folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "Trash" / "files"


def test_that_runs_go_to_the_trash_whole_and_the_next_one_is_selected(
    qtbot: QtBot, session: Session, home: Path, messages: list[Message], trash: Path
) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    session.compare((paths[0], paths[2]))
    trigger(page, "delete")
    qtbot.waitUntil(lambda: titles(page) == ["b", "c"])
    assert not paths[0].exists()
    assert (trash / paths[0].name / "run.json").is_file()
    assert session.compared == (paths[2],)
    assert selected(page) == ["b"]
    assert messages[-1][:2] == ("success", "Moved folder-a to the trash.")
    assert str(trash) in messages[-1][2]


def test_that_nothing_is_lost_where_there_is_no_trash(
    qtbot: QtBot, session: Session, home: Path, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    monkeypatch.setattr(page.commands, "_move_to_trash", lambda _path: None)
    page.table.selectAll()
    with qtbot.waitSignal(session.message):
        trigger(page, "delete")
    assert messages[-1][0] == "error"
    assert all(path.exists() for path in paths)
    assert session.compared == ()


def test_that_a_run_that_another_process_has_taken_up_meanwhile_is_not_deleted(
    qtbot: QtBot, session: Session, home: Path, messages: list[Message], trash: Path
) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    with RunFolder(paths[0]).working(), qtbot.waitSignal(session.message):
        trigger(page, "delete")
    assert paths[0].exists()
    assert "stop it first" in messages[-1][1]


# Runs from elsewhere


def test_that_a_run_folder_from_elsewhere_is_listed_and_selected(
    qtbot: QtBot, session: Session, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(home)
    other = make_run(tmp_path / "elsewhere" / "r", title="far")
    page = open_page(qtbot, session, 3)
    qtbot.keyClicks(page.parts.search, "folder-a")
    monkeypatch.setattr(page.commands, "_ask_folder", lambda: other)
    trigger(page, "open")
    qtbot.waitUntil(lambda: selected(page) == ["far"])
    assert len(titles(page)) == 4


def test_that_a_folder_that_is_opened_from_another_page_brings_the_page_to_the_front(
    qtbot: QtBot, session: Session, home: Path, tmp_path: Path
) -> None:
    page = open_page(qtbot, session, 0)
    page.hide()
    with qtbot.waitSignal(session.page_requested) as asked:
        page.add_folder(make_run(tmp_path / "r"))
    assert asked.args == ["runs"]


def test_that_a_folder_without_runs_is_answered(
    qtbot: QtBot, session: Session, home: Path, tmp_path: Path, messages: list[Message]
) -> None:
    page = open_page(qtbot, session, 0)
    page.add_folder(tmp_path)
    assert messages[-1][1] == f"There is no run in {tmp_path}."


def drag(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_that_a_dropped_run_is_listed_and_anything_else_is_left_to_the_window(
    qtbot: QtBot, session: Session, home: Path, tmp_path: Path
) -> None:
    three(home)
    other, model = make_run(tmp_path / "elsewhere" / "r", title="far"), tmp_path / "model.h5"
    page = open_page(qtbot, session, 3)
    both = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for path, taken in ((model, False), (tmp_path, False), (other, True), (tmp_path / "elsewhere", True)):
        data = drag(path)
        event = QDragEnterEvent(QPoint(5, 5), both[0], data, both[1], both[2])
        QApplication.sendEvent(page, event)
        assert event.isAccepted() == taken
    data = drag(other)
    QApplication.sendEvent(page, QDropEvent(QPointF(5, 5), both[0], data, both[1], both[2]))
    qtbot.waitUntil(lambda: selected(page) == ["far"])
