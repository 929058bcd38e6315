"""Circular garbage is taken apart in the window's thread only, however busy its workers are."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.session.garbage import Garbage, collect_what_is_due
from cnn_explorer.ui.session.jobs import Job, JobRunner


@pytest.fixture
def automatic() -> Iterator[Callable[[], bool]]:
    """Whether Python collects by itself; as it was after the test, whatever happens."""
    was_enabled = gc.isenabled()
    gc.enable()
    yield gc.isenabled
    (gc.enable if was_enabled else gc.disable)()


@pytest.fixture
def collections() -> Iterator[list[tuple[int, int]]]:
    """The generation and the thread of every collection during the test."""
    seen = list[tuple[int, int]]()

    def note(phase: str, facts: dict[str, int]) -> None:
        if phase == "start":
            seen.append((facts["generation"], threading.get_ident()))

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def circle(died_in: list[int]) -> None:
    """Leave a ``QObject`` that refers to itself; the thread in which it dies is noted."""
    left = QObject()
    left.itself = left  # type: ignore[attr-defined]
    weakref.finalize(left, lambda: died_in.append(threading.get_ident()))


def much(_job: Job) -> list[list[int]]:
    """Allocate, and keep, what makes Python collect many times."""
    return [[number] for number in range(50_000)]


def test_that_a_busy_worker_takes_nothing_apart(
    qtbot: QtBot, automatic: Callable[[], bool], collections: list[tuple[int, int]]
) -> None:
    runner, made, died_in = JobRunner("busy"), list[object](), list[int]()
    circle(died_in)
    runner.submit(much, made.append)
    qtbot.waitUntil(lambda: bool(made))
    qtbot.waitUntil(lambda: bool(died_in))  # nobody asks for it
    runner.shut_down()
    assert died_in == [threading.get_ident()]
    assert {thread for _generation, thread in collections} == {threading.get_ident()}


def test_that_python_collects_by_itself_again_when_the_last_worker_has_ended(
    qtbot: QtBot, automatic: Callable[[], bool]
) -> None:
    first, second = JobRunner("first"), JobRunner("second")
    assert not automatic()
    first.shut_down()
    first.shut_down()  # as a window that closes while the program ends
    assert not automatic()
    second.shut_down()
    assert automatic()
    again = JobRunner("again")
    assert not automatic()
    again.shut_down()
    assert automatic()


def test_that_a_collector_that_was_off_stays_off(qtbot: QtBot, automatic: Callable[[], bool]) -> None:
    gc.disable()
    own = Garbage()
    own.worker_begins("a thread")
    own.worker_has_ended("a thread")
    assert not automatic()


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((700, 10, 10), []),
        ((701, 10, 10), [0]),
        ((701, 11, 10), [1]),
        ((701, 11, 11), [2]),
        ((701, 10, 11), [2]),
        ((700, 11, 11), []),
    ],
)
def test_that_it_is_the_turn_of_the_oldest_generation_that_is_due(
    monkeypatch: pytest.MonkeyPatch, counts: tuple[int, int, int], expected: list[int]
) -> None:
    collected = list[int]()
    monkeypatch.setattr(gc, "get_count", lambda: counts)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(gc, "collect", collected.append)
    collect_what_is_due()
    assert collected == expected
