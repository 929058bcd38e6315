"""Work in several threads: in order, watched, and ended at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.progress import CancelledError, unwatched
from cnn_explorer.data.folders.workers import workers


@given(st.integers(0, 60), st.integers(1, 9))
def test_that_results_come_in_order_and_whole(count: int, size: int) -> None:
    with workers(unwatched) as threads:
        blocks = list(threads.through(range(count), size, list, "Counting"))
    assert [number for block in blocks for number in block] == list(range(count))
    assert all(len(block) == size for block in blocks[:-1])


def test_that_the_watch_hears_what_and_how_much() -> None:
    heard: list[tuple[str, int, int]] = []
    with workers(lambda *words: heard.append(words)) as threads:
        list(threads.through("abcde", 2, len, "Reading"))
    assert heard[0] == ("Reading", 0, 5)
    assert heard[-1] == ("Reading", 5, 5)
    assert [done for _, done, _ in heard] == sorted(done for _, done, _ in heard)


def test_that_few_results_wait_in_memory() -> None:
    started: list[int] = []
    with workers(unwatched) as threads:
        results = threads.through(range(1000), 1, lambda block: started.append(block[0]), "Reading")
        next(results)
        assert len(started) <= 16


def test_that_the_watch_ends_work_that_goes_on_and_leaves_no_thread() -> None:
    begun, ended = threading.Event(), threading.Event()

    def watch(what: str, done: int, total: int) -> None:
        if begun.is_set():  # in the middle of a piece of work
            raise CancelledError("The end.")

    def run() -> None:
        with workers(watch) as threads:

            def work(block: Sequence[int]) -> None:
                begun.set()
                while not threads.stopped():
                    pass
                ended.set()

            list(threads.through(range(100), 1, work, "Reading"))

    with pytest.raises(CancelledError):
        run()
    assert ended.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("reading")]


def test_that_a_failure_in_a_thread_is_raised() -> None:
    def work(block: Sequence[int]) -> int:
        return 1 // block[0]

    with pytest.raises(ZeroDivisionError), workers(unwatched) as threads:
        list(threads.through([1, 1, 0, 1], 1, work, "Dividing"))
