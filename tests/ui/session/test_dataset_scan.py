"""Slow looks at all images: the last wish counts, results are kept, and anyone can end them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch
from cnn_explorer.ui.session.dataset_scan import DatasetScan
from cnn_explorer.ui.session.jobs import JobRunner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner("scans")
    yield runner
    runner.shut_down()


@pytest.fixture
def scan(runner: JobRunner) -> DatasetScan:
    return DatasetScan(runner, "some")


def until_ended(gate: threading.Event) -> object:
    """Work that goes on until someone ends it."""

    def work(watch: Watch) -> None:
        gate.set()
        while True:
            watch("Working", 1, 2)

    return work


def test_that_a_result_comes_and_is_kept_for_its_key(qtbot: QtBot, scan: DatasetScan) -> None:
    done: list[str] = []

    def work(name: str) -> object:
        return lambda _watch: done.append(name) or name

    for name in ("a", "b", "a"):
        scan.want(name, work(name))  # type: ignore[arg-type]
        qtbot.waitUntil(lambda name=name: scan.result == name)
    assert done == ["a", "b"]


def test_that_the_last_wish_counts_and_ends_the_one_before(qtbot: QtBot, scan: DatasetScan) -> None:
    begun = threading.Event()
    scan.want("slow", until_ended(begun))  # type: ignore[arg-type]
    begun.wait(5)
    scan.want("fast", lambda _watch: "there")
    qtbot.waitUntil(lambda: scan.result == "there")
    assert scan.failure == ""
    assert not scan.cancelled


def test_that_work_can_be_ended_and_begun_again(qtbot: QtBot, scan: DatasetScan) -> None:
    begun = threading.Event()
    scan.want("slow", until_ended(begun))  # type: ignore[arg-type]
    begun.wait(5)
    scan.cancel()
    assert scan.cancelled
    assert not scan.running
    scan.want("slow", lambda _watch: "asked for what was ended: nothing happens")
    assert not scan.running
    with qtbot.waitSignal(scan.progressed):
        scan.again()
    assert scan.running
    scan.cancel()


def test_that_a_failure_is_kept_as_a_sentence_and_not_tried_again_by_itself(qtbot: QtBot, scan: DatasetScan) -> None:
    def work(_watch: Watch) -> None:
        raise ExplorerError("It cannot be read.")

    scan.want("bad", work)
    qtbot.waitUntil(lambda: scan.failure == "It cannot be read.")
    scan.want("bad", work)
    assert not scan.running


def test_that_what_is_forgotten_never_comes(qtbot: QtBot, runner: JobRunner, scan: DatasetScan) -> None:
    begun = threading.Event()
    scan.want("slow", until_ended(begun))  # type: ignore[arg-type]
    begun.wait(5)
    scan.forget()
    qtbot.waitUntil(lambda: not runner.busy)
    assert scan.result is None
    assert not scan.running
    assert scan.failure == ""
