"""What the header says and allows, as a table of moments; and that its buttons do what they say."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import Device, DeviceReport
from cnn_explorer.core.network.inference import Problem
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import RuntimeOptions
from cnn_explorer.core.run.events import BatchEnded, Ended, EpochEnded, RunEvent, Started, ValidationEnded
from cnn_explorer.core.run.history import RunState, reduce
from cnn_explorer.text.runs import closing_question, ending, progress_words
from cnn_explorer.ui.session.runs.actions import RunMoment
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.header import Header
from cnn_explorer.ui.shell.header_state import Facts, header_state
from tests.ui.fakes import FakeEngine, digits

CPU = DeviceReport((Device("cpu", "CPU (2 threads)"),), "cpu", "No GPU is used: there is no driver.", ())
STARTED = Started(
    run="r", epochs=5, first_epoch=1, steps_per_epoch=100, batch_size=64, train_count=6400, validation_count=100,
    device="CPU",
)  # fmt: skip
BATCH = BatchEnded(epoch=2, step=50, loss=0.5, accuracy=0.8, learning_rate=0.001, seconds=5.0)
READY = Facts("net", 96_844, dataset=digits(), device=CPU)


def epoch(number: int, right: float = 0.9) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=0.1, accuracy=0.9, val_loss=0.1, val_accuracy=right, learning_rate=0.001, seconds=10.0,
        images_per_second=640.0,
    )  # fmt: skip


def state(*events: RunEvent) -> RunState:
    result = RunState()
    for event in events:
        result = reduce(result, event)
    return result


PREPARING = RunState(phase="preparing")
IN_EPOCH_2 = state(STARTED, epoch(1), BATCH)
COMPLETED = state(STARTED, epoch(1), Ended(status="completed", message="m", model="m.h5"))
RUNNING = replace(READY, moment=RunMoment(IN_EPOCH_2, is_running=True))


def running(**changes: Any) -> Facts:
    return replace(RUNNING, moment=replace(RUNNING.moment, **changes))


# moment -> which of Train, Pause and Stop can be pressed, what stands on Train and Pause, a part of Train's tooltip
TABLE: dict[str, tuple[Facts, tuple[bool, bool, bool], tuple[str, str], str]] = {
    "something in the way": (
        replace(READY, obstacle="The engine is still loading."), (False, False, False), ("Train", "Pause"),
        "The engine is still loading.",
    ),
    "ready": (READY, (True, False, False), ("Train", "Pause"), "Train net on MNIST"),
    "preparing": (
        replace(READY, moment=RunMoment(PREPARING, is_running=True)), (True, True, True), ("Queue", "Pause"),
        "after the current run",
    ),
    "training": (RUNNING, (True, True, True), ("Queue", "Pause"), "after the current run"),
    "training a network that was broken meanwhile": (
        replace(RUNNING, obstacle="There is no end."), (False, True, True), ("Queue", "Pause"), "There is no end."
    ),
    "paused": (running(is_paused=True), (True, True, True), ("Queue", "Continue"), "after the current run"),
    "stopping": (running(is_stopping=True), (True, False, False), ("Queue", "Pause"), "after the current run"),
    "stopping after the epoch": (
        running(after_epoch=True), (True, True, True), ("Queue", "Pause"), "after the current run"
    ),
    "completed": (
        replace(READY, moment=RunMoment(COMPLETED)),
        (True, False, False), ("Train", "Pause"), "Train net",
    ),
}  # fmt: skip


@pytest.mark.parametrize("moment", TABLE)
def test_that_exactly_the_sensible_buttons_can_be_pressed(moment: str) -> None:
    facts, enabled, texts, tooltip = TABLE[moment]
    shown = header_state(facts)
    assert (shown.train.enabled, shown.pause.enabled, shown.stop.enabled) == enabled
    assert (shown.train.short, shown.pause.text) == texts
    assert tooltip in shown.train.tooltip
    assert shown.progress_visible == facts.moment.is_running


def test_that_the_three_facts_are_told() -> None:
    shown = header_state(READY)
    assert (shown.dataset.title, shown.dataset.detail) == ("MNIST", "64 + 20 · 28×28×1")
    assert (shown.model.title, shown.model.detail) == ("net", "96,844 parameters")
    assert (shown.device.title, shown.device.busy) == ("CPU (2 threads)", False)
    assert CPU.gpu_note in shown.device.sentence
    loading = header_state(replace(READY, dataset=None, device=None))
    assert loading.dataset.detail == "loading…"
    assert f"{loading.device.title} {loading.device.detail}" == "Engine is loading…"
    assert loading.dataset.busy
    assert loading.device.busy


def test_that_a_gpu_which_is_there_and_not_used_is_seen_and_explained() -> None:
    shown = header_state(replace(READY, device=replace(CPU, idle_gpu=True))).device
    assert shown.detail == "the GPU is not used"
    assert shown.sentence == "Computes on CPU (2 threads). No GPU is used: there is no driver."


def test_that_a_gpu_in_use_is_named_once() -> None:
    gpu = Device("gpu:0", "GPU 0: Fast One")
    note = "TensorFlow computes on GPU 0: Fast One."
    shown = header_state(replace(READY, device=DeviceReport((*CPU.devices, gpu), "gpu:0", note, ()))).device
    assert (shown.title, shown.detail, shown.sentence) == ("GPU 0: Fast One", "ready", note)


def test_that_what_failed_to_load_is_no_longer_called_loading() -> None:
    shown = header_state(replace(READY, dataset=None, device=None, dataset_failure="Gone.", engine_failure="No AVX."))
    assert not shown.dataset.busy
    assert not shown.device.busy
    assert "Gone." in shown.dataset.sentence
    assert "No AVX." in shown.device.sentence


def test_that_problems_are_counted_in_a_badge() -> None:
    assert header_state(READY).badge == ""
    one = header_state(replace(READY, problems=(Problem("a", "a: b", 0),)))
    assert one.badge == "1 problem"
    two = header_state(replace(READY, problems=(Problem("a", "a: b", 0), Problem("", "c"))))
    assert two.badge == "2 problems"
    assert "a: b" in two.badge_tooltip


def test_that_progress_is_told_in_words() -> None:
    # 1.5 of 5 epochs; the first took 10 s, so 3.5 epochs of 10 s are left.
    assert progress_words(IN_EPOCH_2) == "Epoch 2/5 · 30 % · 0:35 left"
    assert progress_words(IN_EPOCH_2, paused=True) == "Epoch 2/5 · 30 % · paused"
    assert progress_words(IN_EPOCH_2, stopping=True) == "Stopping…"
    assert progress_words(PREPARING) == "Preparing…"
    assert progress_words(state(STARTED)) == "Epoch 1/5 · 0 %"
    validating = reduce(IN_EPOCH_2, ValidationEnded(epoch=2, done=10, count=100))
    assert progress_words(validating) == "Epoch 2/5 · 30 % · validating"
    assert progress_words(reduce(IN_EPOCH_2, Ended(status="stopped", message="", model=""))) == ""
    assert progress_words(RunState()) == ""
    assert progress_words(IN_EPOCH_2, after_epoch=True) == "Epoch 2/5 · 30 % · its last"
    assert progress_words(IN_EPOCH_2, waiting=12) == "Epoch 2/5 · 30 % · 0:35 left · +12"
    assert progress_words(PREPARING, waiting=1) == "Preparing… · +1"


def test_that_the_progress_explains_what_comes_after_it() -> None:
    assert header_state(RUNNING).progress_tooltip == "The current run."
    assert header_state(running(waiting=2)).progress_tooltip.endswith("2 runs wait in the queue.")
    assert "ends after this epoch" in header_state(running(after_epoch=True)).progress_tooltip


def test_that_an_ending_is_told_once_and_truly() -> None:
    epochs = [epoch(number, right) for number, right in enumerate((0.9, 0.95, 0.9894), start=1)]
    done = ending(state(STARTED, *epochs, Ended(status="completed", message="m", model="m.h5")))
    assert done is not None
    assert (done.level, done.text) == ("success", "Trained 3 epochs: 98.9 % of the test images right.")
    kept = msgspec.structs.replace(STARTED, validation_part="validation")
    of_the_training_part = ending(state(kept, epochs[0], Ended(status="completed", message="m", model="m.h5")))
    assert of_the_training_part is not None
    assert of_the_training_part.text == "Trained 1 epoch: 90.0 % of the validation images right."
    stopped = ending(state(STARTED, Ended(status="stopped", message="Stopped during epoch 1.", model="")))
    assert stopped is not None
    assert (stopped.level, stopped.text) == ("info", "Stopped during epoch 1.")
    assert ending(state(STARTED, Ended(status="failed", message="Out of memory.", model=""))) is None
    assert ending(IN_EPOCH_2) is None


def test_that_the_question_before_closing_says_what_is_kept() -> None:
    question, consequence = closing_question(IN_EPOCH_2)
    assert question == "Training is in epoch 2 of 5. Stop and close?"
    assert consequence == "The last whole epoch is kept."
    assert "none is kept" in closing_question(state(STARTED))[1]
    assert "prepared" in closing_question(PREPARING)[0]


def test_that_the_question_before_closing_counts_the_runs_that_wait() -> None:
    assert closing_question(IN_EPOCH_2, 1)[1] == "The last whole epoch is kept. 1 run waits and is forgotten."
    assert closing_question(PREPARING, 3)[1].endswith("3 runs wait and are forgotten.")
    question, consequence = closing_question(RunState(), 2)
    assert question == "The queue is not done. Close and forget it?"
    assert consequence == "2 runs wait and are forgotten."


def button(header: Header, name: str) -> QPushButton:
    found = header.findChild(QPushButton, f"header_{name}")
    assert isinstance(found, QPushButton)
    return found


@pytest.fixture
def header(session: Session, qtbot: QtBot) -> Header:
    header = Header(session)
    qtbot.addWidget(header)
    with qtbot.waitExposed(header):
        header.show()
    return header


def click(qtbot: QtBot, widget: QPushButton) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_that_train_pause_continue_and_stop_do_so(
    header: Header, session: Session, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.gate = threading.Event()
    train, pause, stop = (button(header, name) for name in ("train", "pause", "stop"))
    click(qtbot, train)
    qtbot.waitUntil(lambda: session.runs.state.started is not None)
    assert train.text() == "Queue"
    click(qtbot, train)
    assert len(session.runs.waiting) == 1
    assert header.progress.findChild(QLabel).text().endswith("+1")
    session.runs.clear()
    click(qtbot, pause)
    assert session.runs.is_paused
    assert pause.text() == "Continue"
    click(qtbot, pause)
    assert not session.runs.is_paused
    assert pause.text() == "Pause"
    click(qtbot, stop)
    assert header.progress.findChild(QLabel).text() == "Stopping…"
    engine.gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    assert session.runs.state.phase == "stopped"
    assert train.isEnabled()
    assert train.text() == "Train"
    assert not header.progress.isVisible()


def test_that_a_button_that_goes_off_hands_the_keys_to_the_next_run_control(
    header: Header, session: Session, engine: FakeEngine, qtbot: QtBot
) -> None:
    with qtbot.waitActive(header):
        header.activateWindow()
    engine.gate = threading.Event()
    train, stop = button(header, "train"), button(header, "stop")
    train.click()
    qtbot.waitUntil(lambda: session.runs.state.started is not None)
    stop.setFocus()
    qtbot.keyClick(stop, Qt.Key.Key_Space)
    assert train.hasFocus()
    engine.gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    assert train.hasFocus()


def test_that_a_broken_network_shows_a_badge_that_leads_to_build(
    header: Header, session: Session, qtbot: QtBot
) -> None:
    badge = button(header, "model_problems")
    assert not badge.isVisible()
    height = header.sizeHint().height()
    session.document.open(preset("fruits-18").architecture, None)  # for 100×100×3 images, MNIST has 28×28×1
    assert badge.isVisible()
    assert header.sizeHint().height() == height  # nothing below it jumps
    assert not button(header, "train").isEnabled()
    with qtbot.waitSignal(session.page_requested) as caught:
        click(qtbot, badge)
    assert caught.args == ["build"]


def test_that_a_failed_start_of_the_engine_is_told_and_ends_the_waiting(engine: FakeEngine, qtbot: QtBot) -> None:
    def fail(_options: RuntimeOptions) -> DeviceReport:
        raise ExplorerError("TensorFlow cannot be imported.", "Install CNN Explorer again.")

    session = Session(replace(engine.services(), start_engine=fail), preset("mnist-simple").architecture)
    header = Header(session)
    qtbot.addWidget(header)
    with qtbot.waitSignals([session.device_changed, session.message]):
        session.start(DatasetSpec())
    assert "TensorFlow cannot be imported." in button(header, "train").toolTip()
    assert "TensorFlow cannot be imported." in header.device.accessibleName()
    session.shut_down()
