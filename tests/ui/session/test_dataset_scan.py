"""Slow looks at all images: the last wish counts, results are kept, and anyone can end them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch
from cnn_explorer.ui.session.dataset_scan import Measure
from cnn_explorer.ui.session.jobs import JobRunner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner("measures")
    yield runner
    runner.shut_down()


@pytest.fixture
def measure(runner: JobRunner) -> Measure:
    return Measure(runner, "some")


def until_ended(gate: threading.Event) -> object:
    """Work that goes on until someone ends it."""

    def work(watch: Watch) -> None:
        gate.set()
        while True:
            watch("Working", 1, 2)

    return work


def test_that_a_result_comes_and_is_kept_for_its_key(qtbot: QtBot, measure: Measure) -> None:
    done: list[str] = []

    def work(name: str) -> object:
        return lambda _watch: done.append(name) or name

    for name in ("a", "b", "a"):
        measure.want(name, work(name))  # type: ignore[arg-type]
        qtbot.waitUntil(lambda name=name: measure.result == name)
    assert done == ["a", "b"]


def test_that_the_last_wish_counts_and_ends_the_one_before(qtbot: QtBot, measure: Measure) -> None:
    begun = threading.Event()
    measure.want("slow", until_ended(begun))  # type: ignore[arg-type]
    begun.wait(5)
    measure.want("fast", lambda _watch: "there")
    qtbot.waitUntil(lambda: measure.result == "there")
    assert measure.failure == ""
    assert not measure.cancelled


def test_that_work_can_be_ended_and_begun_again(qtbot: QtBot, measure: Measure) -> None:
    begun = threading.Event()
    measure.want("slow", until_ended(begun))  # type: ignore[arg-type]
    begun.wait(5)
    measure.cancel()
    assert measure.cancelled
    assert not measure.running
    measure.want("slow", lambda _watch: "asked for what was ended: nothing happens")
    assert not measure.running
    with qtbot.waitSignal(measure.progressed):
        measure.again()
    assert measure.running
    measure.cancel()


def test_that_a_failure_is_kept_as_a_sentence_and_not_tried_again_by_itself(qtbot: QtBot, measure: Measure) -> None:
    def work(_watch: Watch) -> None:
        raise ExplorerError("It cannot be read.")

    measure.want("bad", work)
    qtbot.waitUntil(lambda: measure.failure == "It cannot be read.")
    measure.want("bad", work)
    assert not measure.running


def test_that_what_is_forgotten_never_comes(qtbot: QtBot, runner: JobRunner, measure: Measure) -> None:
    begun = threading.Event()
    measure.want("slow", until_ended(begun))  # type: ignore[arg-type]
    begun.wait(5)
    measure.forget()
    qtbot.waitUntil(lambda: not runner.busy)
    assert measure.result is None
    assert not measure.running
    assert measure.failure == ""
