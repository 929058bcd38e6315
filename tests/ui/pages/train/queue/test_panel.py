"""The queue of the Train page: a sweep is planned, its runs are one table, and that can be sorted, cut and copied."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store.sweeps import SweepFolder
from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.session.services import TrainRequest
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, Turnstile
from tests.ui.pages.train.driver import button, click, text


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    """The page with the queue and the sweep panel; runs have one epoch."""
    train_page.session.config = TrainingConfig(epochs=1)
    click(train_page, "train_view_queue")
    click(train_page, "queue_sweep")
    return train_page


def choose(page: TrainPage, row: int, name: str, values: str) -> None:
    choice, line = page.findChild(QComboBox, f"sweep_setting_{row}"), page.findChild(QLineEdit, f"sweep_values_{row}")
    assert isinstance(choice, QComboBox)
    assert isinstance(line, QLineEdit)
    choice.setCurrentIndex(choice.findData(name))
    line.setText(values)


def table(page: TrainPage) -> list[list[str]]:
    model = page.queue.model
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def titles(page: TrainPage) -> list[str]:
    return [column.title for column in page.queue.model.columns]


def select(page: TrainPage, *rows: int) -> None:
    selection = page.queue.view.selectionModel()
    selection.clearSelection()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in rows:
        selection.select(page.queue.model.index(row, 0), flags)


def all_done(page: TrainPage) -> bool:
    return not page.session.runs.is_running and not page.session.runs.waiting


def test_that_a_sweep_says_live_how_many_runs_it_is(page: TrainPage) -> None:
    assert text(page, "sweep_caption") == "3 runs"  # of the seed, as it is proposed
    choose(page, 1, "learning_rate", "0.01, 0.001")
    assert text(page, "sweep_caption") == "6 runs = 3 × 2"
    assert button(page, "sweep_add").text() == "Add 6 runs to the queue"
    choose(page, 1, "learning_rate", "0.01, fast")
    assert text(page, "sweep_caption").startswith("learning_rate: expected a number")
    assert not button(page, "sweep_add").isEnabled()
    line = page.findChild(QLineEdit, "sweep_values_1")
    assert line is not None
    assert line.property("invalid") is True
    choose(page, 1, "", "")
    assert not line.isEnabled()
    assert button(page, "sweep_add").text() == "Add 3 runs to the queue"


def test_that_a_sweep_trains_each_combination_in_a_folder_of_its_own(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine
) -> None:
    choose(page, 0, "seed", "0, 1")
    choose(page, 1, "learning_rate", "0.01, 0.001")
    click(page, "sweep_add")
    qtbot.waitUntil(lambda: all_done(page))
    wanted = [(0, 0.01), (0, 0.001), (1, 0.01), (1, 0.001)]
    assert [(r.config.seed, r.config.learning_rate) for r in engine.requests] == wanted
    folders = [request.folder for request in engine.requests]
    assert len(set(folders)) == 4
    (sweep,) = {folder.parent for folder in folders}
    record = SweepFolder(sweep).read()
    assert [entry.folder for entry in record.runs] == [folder.name for folder in folders]
    for request, (seed, rate) in zip(engine.requests, wanted, strict=True):
        assert isinstance(request, TrainRequest)
        assert request.sweep is not None
        assert (request.sweep.sweep, request.sweep.settings) == (sweep.name, {"seed": seed, "learning_rate": rate})
    assert titles(page) == [
        "#", "Run", "Seed", "Learning rate", "Status", "Best", "Final loss", "Epochs", "Time",
    ]  # fmt: skip
    qtbot.waitUntil(
        lambda: table(page)[3] == ["4", "mnist-simple", "1", "0.001", "Completed", "40.00 % (1)", "1", "1/1", "0:00"]
    )


def test_that_the_table_follows_the_run_that_goes(qtbot: QtBot, page: TrainPage, gate: Turnstile) -> None:
    click(page, "sweep_add")
    gate.let_through(5)
    qtbot.waitUntil(lambda: table(page)[0][3] == "Trains · 50 %")
    assert [row[3] for row in table(page)[1:]] == ["Waits", "Waits"]
    label = page.findChild(QLabel, "queue_count")
    assert label is not None
    assert label.text() == "2 runs wait · 0 done"


def test_that_the_table_is_sorted_by_any_column_and_keeps_its_selection(
    qtbot: QtBot, page: TrainPage, gate: Turnstile
) -> None:
    choose(page, 0, "seed", "9, 10, 2")
    click(page, "sweep_add")
    select(page, 1)
    header = page.queue.view.horizontalHeader()
    column = titles(page).index("Seed")
    place = QPoint(header.sectionViewportPosition(column) + 10, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [row[column] for row in table(page)] == ["2", "9", "10"]
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [row[column] for row in table(page)] == ["10", "9", "2"]
    assert [index.row() for index in page.queue.view.selectionModel().selectedRows()] == [0]


def test_that_waiting_runs_are_removed_or_cleared(qtbot: QtBot, page: TrainPage, gate: Turnstile) -> None:
    choose(page, 0, "seed", "0, 1, 2, 3")
    click(page, "sweep_add")
    assert not button(page, "queue_remove").isEnabled()
    select(page, 0)
    assert not button(page, "queue_remove").isEnabled()  # that one goes
    select(page, 0, 2)
    click(page, "queue_remove")
    assert [row[2] for row in table(page)] == ["0", "1", "3"]
    click(page, "queue_clear")
    assert [row[2] for row in table(page)] == ["0"]
    assert not button(page, "queue_clear").isEnabled()


def test_that_a_sweep_of_which_nothing_began_leaves_nothing_on_the_disk(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine, gate: Turnstile
) -> None:
    page.session.train()
    click(page, "sweep_add")
    (folder,) = (path for path in engine.home.iterdir() if SweepFolder(path).sweep_json.is_file())
    click(page, "queue_clear")
    assert not folder.exists()


def test_that_a_double_click_opens_the_model_in_inspect(
    qtbot: QtBot, page: TrainPage, session: Session, engine: FakeEngine
) -> None:
    choose(page, 0, "seed", "5")
    click(page, "sweep_add")
    qtbot.waitUntil(lambda: all_done(page))
    view = page.queue.view
    place = view.visualRect(page.queue.model.index(0, 1)).center()

    def open_it() -> None:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    with qtbot.waitSignal(session.message) as said:
        open_it()
    assert said.args[:2] == ["info", "This run has no model yet."]  # the fake engine writes none
    model = engine.requests[0].folder / "model.h5"
    model.touch()
    asked: list[object] = []
    session.page_requested.connect(asked.append)
    session.model_ready.connect(asked.append)
    open_it()
    assert asked == ["inspect", model]
    select(page, 0)
    with qtbot.waitSignal(session.model_ready):
        click(page, "queue_inspect")


def test_that_the_table_is_copied_and_saved(
    qtbot: QtBot, page: TrainPage, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    click(page, "sweep_add")
    qtbot.waitUntil(lambda: all_done(page))
    click(page, "queue_copy")
    copied = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text()), delimiter="\t"))
    assert [row["seed"] for row in copied] == ["0", "1", "2"]
    assert float(copied[0]["best_val_accuracy"]) == pytest.approx(0.4)
    monkeypatch.setattr(page.files, "ask_save_path", lambda *_: tmp_path / "runs")
    click(page, "queue_export")
    assert list(csv.DictReader(io.StringIO((tmp_path / "runs.csv").read_text()))) == copied


def test_that_an_obstacle_keeps_a_sweep_from_being_added(page: TrainPage, session: Session) -> None:
    session.config = TrainingConfig(intra_op_threads=4)
    assert not button(page, "sweep_add").isEnabled()
    assert "restart" in text(page, "sweep_caption")


def test_that_a_sweep_that_cannot_be_written_is_reported_and_not_begun(
    qtbot: QtBot, page: TrainPage, session: Session, engine: FakeEngine
) -> None:
    engine.home.touch()  # a file in the place of the folder of runs
    with qtbot.waitSignal(session.message) as said:
        click(page, "sweep_add")
    assert said.args[0] == "error"
    assert session.runs.queue == ()


def test_that_an_empty_queue_says_what_it_is_for(page: TrainPage) -> None:
    click(page, "sweep_close")
    assert not page.queue.sweep.isVisible()
    assert not page.queue.view.isVisible()
    assert any("plan a sweep" in label.text() for label in page.queue.findChildren(QLabel) if label.isVisible())
