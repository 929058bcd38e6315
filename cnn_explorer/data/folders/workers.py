"""Work on many small things in several threads, in order, with bounded memory, and ended at once."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from cnn_explorer.core.progress import Watch

_THREADS = min(8, os.cpu_count() or 1)  # more were no faster, and let the window wait longer for Python's lock
_PATIENCE = 0.1
"""Seconds between two words to the watch."""

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """Threads that go through blocks of things. ``stopped`` tells them that nobody waits for the result any more."""

    def __init__(self, pool: ThreadPoolExecutor, watch: Watch) -> None:
        self._pool, self._watch = pool, watch
        self._stop = threading.Event()

    def stopped(self) -> bool:
        """Whether a worker shall return at once, with whatever it has."""
        return self._stop.is_set()

    def through(self, things: Sequence[T], size: int, work: Callable[[Sequence[T]], R], what: str) -> Iterator[R]:
        """``work`` done on ``size`` of ``things`` at a time; the results come in order, a few of them in advance.

        The watch hears ``what`` and how many are done, several times a second. Raises what it or ``work`` raises.
        """
        blocks = (things[start : start + size] for start in range(0, len(things), size))
        ahead = deque(self._pool.submit(work, block) for block in islice(blocks, 2 * _THREADS))
        for start in range(0, len(things), size):
            future = ahead.popleft()
            self._wait(future, what, start, len(things))
            yield future.result()
            ahead.extend(self._pool.submit(work, block) for block in islice(blocks, 1))
        self._watch(what, len(things), len(things))

    def _wait(self, future: Future[R], what: str, done: int, total: int) -> None:
        self._watch(what, done, total)
        while not wait((future,), _PATIENCE).done:
            self._watch(what, done, total)

    def _end(self) -> None:
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def workers(watch: Watch) -> Iterator[Workers]:
    """Threads for the block; none of them works on after it, however it ends."""
    working = Workers(ThreadPoolExecutor(_THREADS, thread_name_prefix="reading"), watch)
    try:
        yield working
    finally:
        working._end()
