"""What can be done with a run: pause, stop now or after the epoch, another learning rate, more epochs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.train.controls import RateEditor
from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.session.services import ContinueRequest
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, Turnstile
from tests.ui.pages.train.driver import button, cells, click, text, train_to_the_end


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    return train_page


def reach(qtbot: QtBot, session: Session, epoch: int, step: int) -> None:
    """Wait for that batch, the last one that was let through."""
    wanted = (epoch, step)
    qtbot.waitUntil(lambda: (b := session.runs.state.batch) is not None and (b.epoch, b.step) == wanted)


def test_that_a_run_pauses_continues_and_ends(qtbot: QtBot, page: TrainPage, session: Session, gate: Turnstile) -> None:
    click(page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Training epoch 1 of 5")
    click(page, "train_pause")
    assert text(page, "train_phase") == "Paused in epoch 1 of 5"
    gate.set()
    qtbot.waitUntil(lambda: session.runs.state.batch is not None)
    assert session.runs.is_running
    assert button(page, "train_pause").text() == "Continue"
    click(page, "train_pause")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed")
    assert len(cells(page)) == 5


def test_that_stop_ends_a_run_and_keeps_its_curves_and_its_time(
    qtbot: QtBot, page: TrainPage, session: Session, gate: Turnstile
) -> None:
    click(page, "train_start")
    gate.let_through(7)
    reach(qtbot, session, 1, 7)
    click(page, "train_stop")
    assert text(page, "train_phase") == "Stopping after this batch"
    for name in ("train_stop", "train_stop_epoch", "train_pause"):
        assert not button(page, name).isEnabled()
    gate.set()
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Stopped")
    assert "the model is that of epoch 0" in text(page, "train_message")
    qtbot.waitUntil(lambda: len(page.plots.loss.data.position) == 8)
    assert button(page, "train_continue").isVisible()


def test_that_a_run_stops_after_its_epoch_or_at_once_after_all(
    qtbot: QtBot, page: TrainPage, session: Session, gate: Turnstile
) -> None:
    click(page, "train_start")
    gate.let_through(12)
    reach(qtbot, session, 2, 2)
    click(page, "train_stop_epoch")
    assert text(page, "train_phase") == "Stops after this epoch"
    assert not button(page, "train_stop_epoch").isEnabled()
    assert button(page, "train_stop").isEnabled()
    gate.let_through(8)
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Stopped")
    assert len(cells(page)) == 2
    more = page.findChild(QSpinBox, "train_continue_epochs")
    assert more is not None
    assert more.value() == 3  # what the run still lacks of its 5

    click(page, "train_start")
    gate.let_through(3)
    reach(qtbot, session, 1, 3)
    click(page, "train_stop_epoch")
    click(page, "train_stop")
    assert text(page, "train_phase") == "Stopping after this batch"
    gate.let_through(1)
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Stopped")
    assert cells(page) == []


def test_that_the_learning_rate_of_the_run_is_shown_and_can_be_changed(
    qtbot: QtBot, page: TrainPage, session: Session, gate: Turnstile
) -> None:
    rate = page.status.rate
    assert not rate.isVisible()
    click(page, "train_start")
    gate.let_through(3)
    reach(qtbot, session, 1, 3)
    qtbot.waitUntil(lambda: rate.box.isEnabled() and rate.box.lineEdit().text() == "0.001")
    assert not rate.set.isEnabled()
    rate.box.selectAll()
    qtbot.keyClicks(rate.box, "0.02")
    assert rate.set.isEnabled()
    gate.let_through(2)
    reach(qtbot, session, 1, 5)
    assert rate.box.lineEdit().text() == "0.02"  # a batch does not take away what is being typed
    qtbot.keyClick(rate.box, Qt.Key.Key_Return)
    assert not rate.set.isEnabled()
    gate.let_through(2)
    reach(qtbot, session, 1, 7)
    assert session.runs.state.batch is not None
    assert session.runs.state.batch.learning_rate == 0.02
    assert [change.learning_rate for change in session.runs.state.rate_changes] == [0.02]


def test_that_escape_and_nonsense_leave_the_learning_rate_as_it_is(qtbot: QtBot) -> None:
    editor = RateEditor()
    qtbot.addWidget(editor)
    told: list[float] = []
    editor.rate_set.connect(told.append)
    editor.show_rate(0.001, True)
    editor.box.selectAll()
    qtbot.keyClicks(editor.box, "0.5")
    qtbot.keyClick(editor.box, Qt.Key.Key_Escape)
    assert editor.box.lineEdit().text() == "0.001"
    editor.box.selectAll()
    qtbot.keyClicks(editor.box, "fast")
    assert "Expected" in editor.box.toolTip()
    assert not editor.set.isEnabled()
    qtbot.keyClick(editor.box, Qt.Key.Key_Return)
    assert told == []
    editor.show_rate(None, False)
    assert not editor.editor.isEnabled()


def test_that_the_rate_that_was_set_is_shown_until_the_run_has_it(qtbot: QtBot) -> None:
    editor = RateEditor()
    qtbot.addWidget(editor)
    editor.show_rate(0.001, True)
    editor.box.selectAll()
    qtbot.keyClicks(editor.box, "0.01")
    with qtbot.waitSignal(editor.rate_set) as told:
        editor.set.click()
    assert told.args == [0.01]
    editor.show_rate(0.001, True)
    assert editor.box.lineEdit().text() == "0.01"
    editor.show_rate(0.00999, True)
    assert editor.box.lineEdit().text() == "0.00999"


def test_that_the_last_run_goes_on_for_as_many_epochs_as_it_had_or_as_one_says(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine, session: Session
) -> None:
    train_to_the_end(qtbot, page, epochs=2)
    epochs = page.findChild(QSpinBox, "train_continue_epochs")
    assert epochs is not None
    assert epochs.value() == 2
    epochs.setValue(3)
    click(page, "train_continue")
    qtbot.waitUntil(lambda: len(engine.requests) == 2 and not session.runs.is_running)
    request = engine.requests[1]
    assert isinstance(request, ContinueRequest)
    assert (request.folder, request.epochs) == (engine.requests[0].folder, 5)
    assert [row[0] for row in cells(page)] == ["1", "2", "3", "4", "5"]
    assert text(page, "train_phase") == "Completed"


def test_that_a_run_goes_on_with_its_own_images_only(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    train_to_the_end(qtbot, page, epochs=2)
    own = session.dataset
    assert own is not None
    for dataset, may_go_on in ((replace(own, title="Fruits", fingerprint="1" * 64), False), (own, True)):
        session.dataset = dataset
        session.dataset_changed.emit()
        assert button(page, "train_continue").isEnabled() == may_go_on
    session.dataset = replace(own, title="Fruits", fingerprint="1" * 64)
    session.dataset_changed.emit()
    assert "This run learns from MNIST" in button(page, "train_continue").toolTip()


def test_that_the_form_is_for_the_next_run_while_one_goes(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine, session: Session, gate: Turnstile
) -> None:
    assert text(page, "train_settings_caption") == ""
    click(page, "train_start")
    assert text(page, "train_settings_caption") == "for the next run"
    assert button(page, "train_start").text() == "Add to the queue"
    epochs = page.findChild(QSpinBox, "field_epochs")
    assert epochs is not None
    assert epochs.isEnabled()
    epochs.setValue(1)
    click(page, "train_start")
    assert button(page, "train_view_queue").text() == "Queue (1)"
    gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    assert [request.config.epochs for request in engine.requests] == [5, 1]
    assert button(page, "train_view_queue").text() == "Queue"
    assert button(page, "train_start").text() == "Start training"


def test_that_a_queue_held_by_a_stop_goes_on_with_a_click(
    qtbot: QtBot, page: TrainPage, session: Session, gate: Turnstile
) -> None:
    click(page, "train_start")
    click(page, "train_start")
    click(page, "train_stop")
    gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    assert "1 run" in button(page, "train_go_on").toolTip()
    click(page, "train_go_on")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed")
    assert not button(page, "train_go_on").isVisible()


def test_that_the_keys_go_on_to_a_button_that_is_there(
    qtbot: QtBot, page: TrainPage, session: Session, gate: Turnstile
) -> None:
    with qtbot.waitActive(page):
        page.activateWindow()
    click(page, "train_start")
    qtbot.waitUntil(lambda: session.runs.state.started is not None)
    button(page, "train_stop").setFocus()
    qtbot.keyClick(button(page, "train_stop"), Qt.Key.Key_Space)
    gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    assert button(page, "train_continue").hasFocus()


def test_that_news_of_the_run_do_not_write_over_a_rate_that_is_being_typed(qtbot: QtBot) -> None:
    editor = RateEditor()
    qtbot.addWidget(editor)
    editor.show_rate(0.001, True)
    told: list[float] = []
    editor.rate_set.connect(told.append)
    editor.box.lineEdit().selectAll()
    for key in "0.0001":  # its beginnings, 0 and 0.0, are no learning rates
        qtbot.keyClicks(editor.box.lineEdit(), key)
        editor.show_rate(0.0011, True)
        editor.show_rate(0.001, True)
    qtbot.keyClick(editor.box, Qt.Key.Key_Return)
    assert told == [0.0001]
