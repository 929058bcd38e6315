"""The Train page on a fake engine: a run from its start to its end, in the page's own words."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QProgressBar, QSlider, QSpinBox, QTableView
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.pages.train.epoch_table import EpochTable
from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.pages.train.state import Status
from cnn_explorer.ui.pages.train.status import StatusCard
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme
from tests.ui.fakes import FakeEngine, Turnstile
from tests.ui.pages.train.driver import DiesInEpoch2, button, cells, click, epoch_ended, text, train_to_the_end


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    return train_page


def test_that_a_click_trains_and_fills_curves_and_table(qtbot: QtBot, page: TrainPage, engine: FakeEngine) -> None:
    train_to_the_end(qtbot, page, epochs=3)
    assert len(engine.requests) == 1
    loss, accuracy = page.plots.loss.data, page.plots.accuracy.data
    assert loss.position[[0, 9, 29]].tolist() == pytest.approx([0.1, 1.0, 3.0])
    assert loss.raw[0] == pytest.approx(1 / 1.1)
    assert accuracy.raw[-1] == pytest.approx(1 - 1 / 4 / 2)
    assert loss.validation.tolist() == pytest.approx([1.1, 0.55, 1.1 / 3])
    assert accuracy.epoch.tolist() == [1, 2, 3]
    assert cells(page)[2] == ["3", "0.3333", "83.33 %", "0.3667", "80.00 %", "0.001", "0.1", "6,400"]
    assert text(page, "train_phase") == "Completed"
    assert text(page, "train_best") == "80.00 %"
    assert "0.3667" in text(page, "train_legend_loss")


def test_that_the_idle_page_says_what_to_do(page: TrainPage) -> None:
    assert text(page, "train_phase") == "Not started"
    assert text(page, "train_message").startswith("Press Start training")
    assert text(page, "train_summary") == "1 batch an epoch · 5 in all"
    progress = page.findChild(QProgressBar, "train_progress")
    assert progress is not None
    assert not progress.isVisible()
    assert not button(page, "train_restart").isEnabled()
    for name in ("train_pause", "train_stop", "train_stop_epoch", "train_continue", "train_go_on"):
        assert not button(page, name).isVisible(), name


@pytest.mark.parametrize("engine", [DiesInEpoch2], indirect=True)
def test_that_a_failed_run_says_why_and_keeps_its_curves(qtbot: QtBot, page: TrainPage) -> None:
    click(page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Failed")
    assert text(page, "train_message") == "The loss is not a number. Learn more slowly."
    qtbot.waitUntil(lambda: len(page.plots.loss.data.position) == 13)
    assert len(cells(page)) == 1
    assert page.settings.start.isEnabled()


def test_that_a_long_reason_is_not_cut_off_where_there_is_little_room(qtbot: QtBot, tmp_path: Path) -> None:
    card = StatusCard()
    qtbot.addWidget(card)
    reason = "The loss became NaN (not a number) in epoch 1, batch 4. Use a lower learning rate. No epoch was whole."
    facts = (("Trained for", "0:10"), ("Speed", "214 images/s"))
    card.show_status(Status("Failed", "error", "circle-alert", 2 * reason, facts=facts), tmp_path)
    card.resize(248, 10)
    card.show()
    card.resize(248, card.minimumSizeHint().height())
    card.grab()
    assert card.message.height() >= card.message.heightForWidth(card.message.width())
    assert card.findChild(QLabel, "train_fact_0").y() > card.message.geometry().bottom()


def test_that_a_run_that_cannot_start_says_why_and_leaves_the_last_curves(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine
) -> None:
    train_to_the_end(qtbot, page)
    engine.fail_training = ExplorerError("The disk is full.", "Free some space.")
    click(page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Failed")
    assert text(page, "train_message") == "The disk is full. Free some space."
    assert len(page.plots.loss.data.position) == 20
    assert len(cells(page)) == 2
    engine.fail_training = None
    click(page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed")


def test_that_start_again_takes_the_initial_weights_of_the_last_run(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine
) -> None:
    train_to_the_end(qtbot, page)
    click(page, "train_restart")
    qtbot.waitUntil(lambda: len(engine.requests) == 2)
    assert engine.requests[1].initial_weights == engine.requests[0].folder / "initial.weights.h5"
    assert engine.requests[1].folder != engine.requests[0].folder
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed")


def test_that_another_network_cannot_start_from_these_weights(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    train_to_the_end(qtbot, page)
    session.document.edit(preset("mnist-mlp").architecture, "Preset")
    assert not page.settings.restart.isEnabled()
    assert "has changed" in page.settings.restart.toolTip()
    assert page.controls.resume.isEnabled()  # the last run keeps its own network
    session.document.undo_stack.undo()
    assert page.settings.restart.isEnabled()


def test_that_a_new_run_begins_with_empty_curves(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine, session: Session
) -> None:
    train_to_the_end(qtbot, page)
    engine.gate = threading.Event()
    click(page, "train_start")
    qtbot.waitUntil(lambda: session.runs.state.started is not None)
    qtbot.waitUntil(lambda: page.plots.loss.data.is_empty)
    assert cells(page) == []
    engine.gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)


def test_that_a_network_with_problems_cannot_be_trained(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    session.document.edit(Architecture(name="nothing", input_shape=(28, 28, 1), layers=()), "Clear")
    assert not page.settings.start.isEnabled()
    assert page.settings.start.toolTip() == text(page, "train_message")
    session.document.undo_stack.undo()
    assert page.settings.start.isEnabled()
    train_to_the_end(qtbot, page)
    session.document.undo_stack.redo()
    assert text(page, "train_obstacle") == page.settings.start.toolTip()
    assert page.settings.reason.isVisible()


def test_that_nothing_can_be_trained_before_data_and_engine_are_there(qtbot: QtBot, engine: FakeEngine) -> None:
    session = Session(engine.services(), preset("mnist-simple").architecture)
    page = TrainPage(session)
    qtbot.addWidget(page)
    assert not page.settings.start.isEnabled()
    assert page.settings.start.toolTip() == "The data set is still loading."
    with qtbot.waitSignals([session.dataset_changed, session.device_changed]):
        session.start(DatasetSpec())
    assert page.settings.start.isEnabled()
    assert text(page, "train_summary").endswith("in all")
    session.shut_down()


def test_that_a_page_made_during_a_run_shows_its_epochs(qtbot: QtBot, session: Session) -> None:
    session.train()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    page = TrainPage(session)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    assert len(cells(page)) == 5
    qtbot.waitUntil(lambda: page.plots.loss.data.validation.tolist() == pytest.approx([1.1 / n for n in range(1, 6)]))
    assert page.settings.restart.isEnabled()


def test_that_the_table_marks_the_best_epoch_and_shows_the_newest(qtbot: QtBot, page: TrainPage) -> None:
    train_to_the_end(qtbot, page, epochs=30)
    view = page.findChild(QTableView, "train_epochs")
    assert view is not None
    assert view.rowAt(view.viewport().height() - 3) in (28, 29)
    assert view.horizontalScrollBar().maximum() == 0
    marked = [row for row in range(30) if "best" in str(view.model().index(row, 0).data(3))]
    assert marked == [29]


@pytest.mark.parametrize(("loss", "shown"), [(0.91324, "0.9132"), (145.351, "145"), (3.0151e16, "3.02e+16")])
def test_that_the_table_shows_losses_of_any_size_in_few_letters(qtbot: QtBot, loss: float, shown: str) -> None:
    table = EpochTable()
    qtbot.addWidget(table)
    table.set_epochs((msgspec.structs.replace(epoch_ended(1), loss=loss, val_loss=loss),), None)
    assert [table.model.index(0, column).data() for column in (1, 3)] == [shown, shown]


def test_that_the_run_s_folder_can_be_copied_and_opened(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to_the_end(qtbot, page)
    folder = engine.requests[0].folder
    assert text(page, "train_folder") == folder.name
    click(page, "train_copy_folder")
    assert QGuiApplication.clipboard().text() == str(folder)
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url)))
    with qtbot.waitSignal(session.message) as said:
        click(page, "train_open_folder")
    assert opened[0].toLocalFile() == str(folder)
    assert said.args[0] == "warning"


def test_that_the_views_are_switched_by_a_click(page: TrainPage) -> None:
    for key, widget in (("film", page.film), ("queue", page.queue), ("curves", page.plots)):
        click(page, f"train_view_{key}")
        assert page.views.current == key
        assert widget.isVisible()


@pytest.mark.parametrize("view", ["curves", "film", "queue"])
def test_that_every_control_has_names_and_a_tooltip(qtbot: QtBot, page: TrainPage, gate: Turnstile, view: str) -> None:
    click(page, "train_start")
    gate.let_through(13)
    qtbot.waitUntil(lambda: len(page.session.runs.state.epochs) == 1)
    page.views.show_view(view)
    page.queue.open_sweep()
    kinds = (QAbstractButton, QSlider, QComboBox, QSpinBox, QTableView)
    controls = [widget for kind in kinds for widget in page.findChildren(kind) if widget.isVisible()]
    own = [widget for widget in controls if not widget.objectName().startswith("qt_") and widget.objectName()]
    assert len(own) > 12
    for widget in own:
        assert widget.accessibleName(), widget.objectName()
        assert widget.toolTip() or isinstance(widget, QTableView), widget.objectName()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("view", ["curves", "queue"])
def test_that_nothing_is_cut_off_in_a_small_window(qtbot: QtBot, page: TrainPage, mode: str, view: str) -> None:
    theme().set_mode(mode)  # type: ignore[arg-type]
    train_to_the_end(qtbot, page)
    page.views.show_view(view)
    page.resize(1190, 612)
    page.grab()
    assert page.height() == 612
    for label in page.findChildren(QLabel):
        if label.isVisible() and label.objectName() != "train_folder" and not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
    for shown in page.findChildren(QAbstractButton):
        if shown.isVisible() and shown.text():
            assert shown.width() >= shown.minimumSizeHint().width(), shown.text()


def test_that_a_run_that_was_thrown_away_is_not_offered_any_more(
    qtbot: QtBot, page: TrainPage, session: Session
) -> None:
    train_to_the_end(qtbot, page, epochs=1)
    assert page.controls.resume.isVisible()
    assert page.settings.restart.isEnabled()
    folder = session.runs.last_folder
    assert folder is not None
    folder.rename(folder.with_name("elsewhere"))
    session.runs_changed.emit()
    assert not page.controls.resume.isVisible()
    assert not page.settings.restart.isEnabled()
