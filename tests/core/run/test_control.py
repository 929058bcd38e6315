from __future__ import annotations

import threading
from collections.abc import Callable

from cnn_explorer.core.run.control import RunControl


def asked_by_a_worker(control: RunControl, meanwhile: Callable[[], None]) -> bool:
    """What a worker hears that asks while ``meanwhile`` is done in this thread."""
    answers: list[bool] = []
    asking = threading.Event()

    def work() -> None:
        asking.set()
        answers.append(control.stop_requested())

    worker = threading.Thread(target=work)
    worker.start()
    asking.wait()
    meanwhile()
    worker.join(timeout=10)
    assert not worker.is_alive()
    return answers[0]


def test_that_a_run_goes_on_until_someone_stops_it() -> None:
    control = RunControl()
    assert not control.stop_requested()
    assert not control.stopped
    control.stop()
    assert control.stop_requested()
    assert control.stopped


def test_that_a_paused_worker_waits_and_goes_on() -> None:
    control = RunControl()
    control.pause()
    assert control.paused
    assert asked_by_a_worker(control, control.resume) is False
    assert not control.paused


def test_that_a_paused_worker_can_be_stopped() -> None:
    control = RunControl()
    control.pause()
    assert asked_by_a_worker(control, control.stop) is True


def test_that_a_stopped_run_cannot_be_paused() -> None:
    control = RunControl()
    control.stop()
    control.pause()
    assert not control.paused
    assert control.stop_requested()


def test_that_asking_whether_a_run_was_stopped_never_waits() -> None:
    control = RunControl()
    control.pause()
    assert not control.stopped
