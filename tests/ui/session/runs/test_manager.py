"""The queue of runs: one after another, whatever becomes of each."""

from __future__ import annotations

import weakref
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.ui.session.runs.manager import RunManager
from cnn_explorer.ui.session.runs.queue import free_folder
from cnn_explorer.ui.session.services import ContinueRequest, TrainRequest
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, Turnstile, digits


class FailsTheSecond(FakeEngine):
    """The second run cannot start."""

    def train(self, *arguments: object) -> None:
        self.fail_training = ExplorerError("The disk is full.") if len(self.requests) == 1 else None
        super().train(*arguments)  # type: ignore[arg-type]


@pytest.fixture
def runs(session: Session) -> RunManager:
    return session.runs


def ask(session: Session, seed: int, epochs: int = 2) -> bool:
    architecture = session.document.architecture
    request = TrainRequest(
        architecture, TrainingConfig(epochs=epochs, seed=seed), session.runs.new_folder(architecture.name)
    )
    return session.runs.start(request, digits())


def statuses(runs: RunManager) -> list[str]:
    return [entry.status for entry in runs.queue]


def all_done(runs: RunManager) -> bool:
    return not runs.is_running and not runs.waiting


def test_that_runs_are_done_one_after_another_in_the_order_of_asking(
    qtbot: QtBot, session: Session, runs: RunManager, engine: FakeEngine, gate: Turnstile
) -> None:
    assert [ask(session, seed) for seed in (0, 1, 2)] == [True, False, False]
    assert statuses(runs) == ["running", "waiting", "waiting"]
    gate.set()
    qtbot.waitUntil(lambda: all_done(runs))
    assert [request.config.seed for request in engine.requests] == [0, 1, 2]
    assert statuses(runs) == ["completed"] * 3
    entry = runs.queue[1]
    assert (entry.number, entry.planned, len(entry.epochs)) == (2, 2, 2)
    assert entry.best is not None
    assert entry.best.epoch == 2
    assert entry.seconds == pytest.approx(0.2)


def test_that_no_two_runs_are_promised_the_same_folder(
    session: Session, runs: RunManager, gate: Turnstile, tmp_path: Path
) -> None:
    ask(session, 0)
    wanted = runs.queue[0].request.folder
    wanted.with_name(f"{wanted.name}-2").mkdir(parents=True)
    assert free_folder(wanted, runs.queue).name == f"{wanted.name}-3"
    assert free_folder(tmp_path / "other", runs.queue) == tmp_path / "other"


@pytest.mark.parametrize("engine", [FailsTheSecond], indirect=True)
def test_that_a_failed_run_is_reported_and_the_queue_goes_on(
    qtbot: QtBot, session: Session, runs: RunManager, gate: Turnstile
) -> None:
    for seed in range(3):
        ask(session, seed)
    with qtbot.waitSignal(runs.failed) as failed:
        gate.set()
    qtbot.waitUntil(lambda: all_done(runs))
    assert failed.args[0].message == "The disk is full."
    assert statuses(runs) == ["completed", "failed", "completed"]
    assert runs.queue[1].message == "The disk is full."
    assert not runs.held


@pytest.mark.parametrize("after_epoch", [False, True])
def test_that_a_stop_by_hand_holds_the_queue_until_someone_goes_on(
    qtbot: QtBot, session: Session, runs: RunManager, engine: FakeEngine, gate: Turnstile, after_epoch: bool
) -> None:
    ask(session, 0)
    ask(session, 1)
    qtbot.waitUntil(lambda: runs.state.started is not None)
    if after_epoch:
        runs.stop_after_epoch()
        assert runs.stops_after_epoch
    else:
        runs.stop()
        assert runs.is_stopping
    gate.set()
    qtbot.waitUntil(lambda: not runs.is_running)
    assert runs.held
    assert statuses(runs) == ["stopped", "waiting"]
    assert len(runs.queue[0].epochs) == int(after_epoch)
    runs.go_on()
    qtbot.waitUntil(lambda: all_done(runs))
    assert not runs.held
    assert statuses(runs) == ["stopped", "completed"]


def test_that_a_run_asked_for_while_the_queue_is_held_begins_at_once_and_leaves_it_held(
    qtbot: QtBot, session: Session, runs: RunManager, gate: Turnstile
) -> None:
    ask(session, 0)
    ask(session, 1)
    qtbot.waitUntil(lambda: runs.state.started is not None)
    runs.stop()
    gate.set()
    qtbot.waitUntil(lambda: not runs.is_running)
    assert ask(session, 2)
    qtbot.waitUntil(lambda: not runs.is_running)
    assert statuses(runs) == ["stopped", "waiting", "completed"]
    assert runs.held


def test_that_waiting_runs_can_be_taken_off_and_the_one_that_goes_cannot(
    qtbot: QtBot, session: Session, runs: RunManager, engine: FakeEngine, gate: Turnstile
) -> None:
    for seed in range(4):
        ask(session, seed)
    runs.remove({1, 2})
    assert [entry.number for entry in runs.queue] == [1, 3, 4]
    runs.clear()
    assert [entry.number for entry in runs.queue] == [1]
    gate.set()
    qtbot.waitUntil(lambda: all_done(runs))
    assert len(engine.requests) == 1
    runs.remove({1})
    assert runs.queue == ()


def test_that_an_emptied_queue_is_not_held(qtbot: QtBot, session: Session, runs: RunManager, gate: Turnstile) -> None:
    ask(session, 0)
    ask(session, 1)
    runs.stop()
    gate.set()
    qtbot.waitUntil(lambda: not runs.is_running)
    assert runs.held
    runs.clear()
    assert not runs.held


def test_that_a_stop_without_a_queue_holds_nothing(
    qtbot: QtBot, session: Session, runs: RunManager, gate: Turnstile
) -> None:
    ask(session, 0)
    runs.stop()
    gate.set()
    qtbot.waitUntil(lambda: not runs.is_running)
    assert not runs.held


def test_that_a_run_goes_on_with_what_it_has_behind_it(
    qtbot: QtBot, session: Session, runs: RunManager, engine: FakeEngine
) -> None:
    ask(session, 0)
    qtbot.waitUntil(lambda: not runs.is_running)
    first = runs.queue[0].request
    runs.start(ContinueRequest(first.architecture, first.config, first.folder, 5), digits())
    qtbot.waitUntil(lambda: not runs.is_running)
    assert [epoch.epoch for epoch in runs.state.epochs] == [1, 2, 3, 4, 5]
    assert runs.state.started is not None
    assert runs.state.started.first_epoch == 3
    assert (runs.queue[1].planned, len(runs.queue[1].epochs)) == (5, 5)


def test_that_another_learning_rate_reaches_the_run_and_its_record(
    qtbot: QtBot, session: Session, runs: RunManager, gate: Turnstile
) -> None:
    ask(session, 0)
    gate.let_through(3)
    qtbot.waitUntil(lambda: runs.state.batch is not None and runs.state.batch.step == 3)
    runs.set_learning_rate(0.01)
    gate.set()
    qtbot.waitUntil(lambda: not runs.is_running)
    (change,) = runs.state.rate_changes
    assert (change.epoch, change.learning_rate, change.reason) == (1, 0.01, "asked")
    assert change.step > 3
    assert runs.state.epochs[-1].learning_rate == 0.01


def test_that_the_session_hears_when_a_run_s_folder_is_there_and_when_it_is_complete(
    qtbot: QtBot, session: Session
) -> None:
    heard: list[str] = []
    session.runs_changed.connect(lambda: heard.append(session.runs.state.phase))
    ask(session, 0)
    qtbot.waitUntil(lambda: not session.runs.is_running)
    assert heard == ["training", "completed"]


class LeavesACircle(FakeEngine):
    """An engine whose runs leave something behind that refers to itself, as models do."""

    left: weakref.ref[object]

    def train(self, *arguments: object) -> None:
        class Circle:
            pass

        circle = Circle()
        circle.itself = circle
        self.left = weakref.ref(circle)
        super().train(*arguments)


@pytest.mark.parametrize("engine", [LeavesACircle], indirect=True)
def test_that_what_a_run_leaves_is_freed_soon_after_its_end(
    qtbot: QtBot, session: Session, engine: LeavesACircle, runs: RunManager
) -> None:
    ask(session, 1)
    qtbot.waitUntil(lambda: all_done(runs) and bool(engine.cleared))
    assert engine.left() is None
    assert engine.cleared == [1]


def test_that_nothing_begins_after_the_shut_down(session: Session, runs: RunManager, gate: Turnstile) -> None:
    ask(session, 0)
    ask(session, 1)
    gate.set()
    runs.shut_down()
    assert not runs.is_running
    assert statuses(runs)[1] == "waiting"


def test_that_a_second_train_is_queued_politely(
    qtbot: QtBot, session: Session, engine: FakeEngine, gate: Turnstile
) -> None:
    session.train()
    session.config = msgspec.structs.replace(session.config, seed=7)
    with qtbot.waitSignal(session.message) as said:
        session.train(initial_weights=Path("run") / "initial.weights.h5")
    assert said.args[:2] == ["info", "1 run was added to the queue."]
    gate.set()
    qtbot.waitUntil(lambda: all_done(session.runs))
    assert engine.requests[1].config.seed == 7
    assert engine.requests[1].initial_weights == Path("run") / "initial.weights.h5"


def test_that_of_several_runs_it_is_said_how_many_begin_and_how_many_wait(
    qtbot: QtBot, session: Session, gate: Turnstile
) -> None:
    architecture, folder = session.document.architecture, session.runs.new_folder("sweep")
    requests = [TrainRequest(architecture, TrainingConfig(seed=seed), folder / str(seed)) for seed in range(4)]
    with qtbot.waitSignal(session.message) as said:
        session.enqueue(*requests)
    assert said.args[:2] == ["info", "The first of 4 runs begins, 3 wait."]
    gate.set()
    qtbot.waitUntil(lambda: all_done(session.runs))
