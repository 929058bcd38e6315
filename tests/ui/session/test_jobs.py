"""The thread behind the window: order, late replies, progress, errors, and its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.ui.session.jobs import Failure, Job, JobRunner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner("test")
    yield runner
    runner.shut_down()


class Gate:
    """Holds the worker until it is opened, and tells when the worker has come to it."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, job: Job) -> str:
        self.reached.set()
        assert self.open.wait(10)
        return "through the gate"


def test_that_results_arrive_in_the_thread_of_the_window(runner: JobRunner, qtbot: QtBot) -> None:
    worked_in: list[QThread] = []
    answered_in: list[QThread] = []
    runner.submit(
        lambda _job: worked_in.append(QThread.currentThread()),
        lambda _result: answered_in.append(QThread.currentThread()),
    )
    qtbot.waitUntil(lambda: bool(answered_in))
    assert answered_in == [runner.thread()]
    assert worked_in != answered_in


def test_that_jobs_are_worked_through_in_their_order(runner: JobRunner, qtbot: QtBot) -> None:
    results: list[int] = []
    for number in range(5):
        runner.submit(lambda _job, number=number: number, results.append)
    qtbot.waitUntil(lambda: len(results) == 5)
    assert results == [0, 1, 2, 3, 4]


def test_that_only_the_last_job_of_a_channel_answers(runner: JobRunner, qtbot: QtBot) -> None:
    gate, results, worked = Gate(), [], []

    def work(number: int) -> int:
        worked.append(number)
        return number

    runner.submit(gate, results.append, channel="forward pass")
    assert gate.reached.wait(10)
    for number in range(100):
        runner.submit(lambda _job, number=number: work(number), results.append, channel="forward pass")
    gate.open.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert results == [99]  # the first one answered too late
    assert worked == [99]  # and those that waited never began


def test_that_channels_do_not_disturb_each_other(runner: JobRunner, qtbot: QtBot) -> None:
    results: list[str] = []
    for channel in ("a", "b", ""):
        runner.submit(lambda _job, channel=channel: channel, results.append, channel=channel)
    runner.submit(lambda _job: "second without channel", results.append)
    qtbot.waitUntil(lambda: len(results) == 4)
    assert results == ["a", "b", "", "second without channel"]


def test_that_progress_of_a_replaced_job_is_dropped(runner: JobRunner, qtbot: QtBot) -> None:
    gate, heard = Gate(), []

    def work(job: Job) -> None:
        job.emit("early")
        gate(job)
        job.emit("late")

    runner.submit(work, lambda _result: None, progress=heard.append, channel="c")
    qtbot.waitUntil(lambda: heard == ["early"])
    runner.submit(lambda _job: None, lambda _result: None, channel="c")
    gate.open.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert heard == ["early"]


def test_that_an_error_of_the_user_keeps_its_words(runner: JobRunner, qtbot: QtBot) -> None:
    def work(job: Job) -> None:
        raise ExplorerError("The file is cut short.", "Copy it again.")

    with qtbot.waitSignal(runner.failed) as caught:
        runner.submit(work, lambda _result: pytest.fail("there is no result"))
    failure: Failure = caught.args[0]
    assert (failure.message, failure.hint) == ("The file is cut short.", "Copy it again.")
    assert "ExplorerError" in failure.details


def test_that_a_defect_is_called_one_and_brings_its_traceback(runner: JobRunner, qtbot: QtBot) -> None:
    failures: list[Failure] = []
    results: list[Any] = []
    runner.submit(lambda _job: {}["missing"], results.append, failed=failures.append)
    runner.submit(lambda _job: "the thread lives on", results.append)
    qtbot.waitUntil(lambda: bool(results))
    assert results == ["the thread lives on"]
    assert "KeyError: 'missing'" in failures[0].message
    assert "Traceback (most recent call last)" in failures[0].details


def test_that_the_error_of_a_replaced_job_stays_unheard(runner: JobRunner, qtbot: QtBot) -> None:
    gate, failures = Gate(), []

    def work(job: Job) -> None:
        gate(job)
        raise ExplorerError("nobody wants to know any more")

    runner.submit(work, lambda _result: None, failed=failures.append, channel="c")
    assert gate.reached.wait(10)
    runner.submit(lambda _job: None, lambda _result: None, channel="c")
    gate.open.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert failures == []


def test_that_busy_is_told_once_for_a_row_of_jobs(runner: JobRunner, qtbot: QtBot) -> None:
    told: list[bool] = []
    runner.busy_changed.connect(told.append)
    for _ in range(3):
        runner.submit(lambda _job: None, lambda _result: None)
    qtbot.waitUntil(lambda: not runner.busy)
    assert told == [True, False]


def test_that_shutting_down_stops_the_running_job_forgets_the_rest_and_waits(qtbot: QtBot) -> None:
    runner, begun, results, threads = JobRunner("test"), threading.Event(), [], []

    def work(job: Job) -> str:
        threads.append(QThread.currentThread())
        begun.set()
        while not job.control.stop_requested():
            pass
        return "stopped"

    runner.submit(work, results.append)
    runner.submit(lambda _job: "never begun", results.append)
    assert begun.wait(10)
    runner.shut_down()
    assert [thread.isFinished() for thread in threads] == [True]
    qtbot.waitUntil(lambda: not runner.busy)
    assert results == []


def test_that_shutting_down_twice_is_harmless(qtbot: QtBot) -> None:
    runner = JobRunner("test")
    runner.shut_down()
    runner.shut_down()
    assert not runner.busy
