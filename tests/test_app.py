"""How the composition root lets the window go before the engine, and starts the program anew."""

from __future__ import annotations

import os
import sys
import threading

import pytest
from PySide6.QtCore import QProcess

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


@pytest.mark.parametrize(("frozen", "command"), [(False, ["-m", "cnn_explorer"]), (True, [])])
def test_that_a_restart_starts_the_same_program_with_the_same_arguments(
    monkeypatch: pytest.MonkeyPatch, frozen: bool, command: list[str]
) -> None:
    started: list[tuple[str, list[str]]] = []

    def start(program: str, arguments: list[str]) -> tuple[bool, int]:
        started.append((program, arguments))
        return True, 1

    monkeypatch.setattr(QProcess, "startDetached", start)
    monkeypatch.setattr(sys, "argv", ["cnn-explorer", "gui", "model.h5"])
    if frozen:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    app.restart()
    assert started == [(sys.executable, [*command, "gui", "model.h5"])]


def test_that_a_restart_which_fails_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(QProcess, "startDetached", lambda _program, _arguments: (False, 0))
    app.restart()
    assert "could not be started anew" in capsys.readouterr().err
