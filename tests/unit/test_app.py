"""How the composition root lets the window go before the engine."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from cnn_explorer import app


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux a thread has a niceness of its own")
def test_that_an_engine_thread_and_the_threads_it_starts_step_back_behind_the_window() -> None:
    found: list[int] = []

    def note() -> None:
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    def work() -> None:
        app._step_back()
        note()
        pool = threading.Thread(target=note)
        pool.start()
        pool.join()

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    engine = threading.Thread(target=work)
    engine.start()
    engine.join()
    assert found == [10, 10]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
