from __future__ import annotations

from functools import reduce as fold

import msgspec
import numpy as np
import pytest

from cnn_explorer.core.run.events import (
    BatchEnded,
    Ended,
    EpochEnded,
    LearningRateChanged,
    Probed,
    RunEvent,
    Started,
    Status,
    ValidationEnded,
)
from cnn_explorer.core.run.history import Curves, RunState, reduce


def started(epochs: int = 4, first: int = 1) -> Started:
    return Started(
        run="r", epochs=epochs, first_epoch=first, steps_per_epoch=10, batch_size=64, train_count=640,
        validation_count=100, device="CPU",
    )  # fmt: skip


def batch(epoch: int, step: int, seconds: float = 1.0) -> BatchEnded:
    return BatchEnded(epoch=epoch, step=step, loss=0.5, accuracy=0.75, learning_rate=0.001, seconds=seconds)


def epoch(number: int, val_accuracy: float = 0.9, val_loss: float = 0.1, seconds: float = 20.0) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=0.2, accuracy=0.8, val_loss=val_loss, val_accuracy=val_accuracy, learning_rate=0.001,
        seconds=seconds, images_per_second=100.0,
    )  # fmt: skip


def ended(status: Status = "completed") -> Ended:
    return Ended(status=status, message="m", model="model.h5")


def after(*events: RunEvent) -> RunState:
    return fold(reduce, events, RunState())


def test_that_a_run_goes_through_its_phases() -> None:
    events: list[RunEvent] = [started(1), batch(1, 10), ValidationEnded(epoch=1, done=50, count=100), epoch(1), ended()]
    phases = [after(*events[:count]).phase for count in range(len(events) + 1)]
    assert phases == ["idle", "training", "training", "validating", "training", "completed"]


@pytest.mark.parametrize("status", ["completed", "stopped", "failed"])
def test_that_the_end_keeps_what_the_run_had(status: Status) -> None:
    state = after(started(), batch(1, 10), epoch(1), batch(2, 3), ended(status))
    assert (state.phase, state.is_running, len(state.epochs)) == (status, False, 1)
    assert state.ended == ended(status)
    assert state.eta is None


def test_that_progress_counts_batches_within_the_epoch() -> None:
    assert after().progress == 0.0
    assert after(started(4)).progress == 0.0
    assert after(started(4), batch(1, 5)).progress == pytest.approx(0.125)
    assert after(started(4), batch(1, 10), epoch(1)).progress == pytest.approx(0.25)
    assert after(started(4), batch(1, 10), epoch(1), batch(2, 5)).progress == pytest.approx(0.375)
    assert after(started(4), epoch(1), ended()).progress == 1.0


def test_that_a_continued_run_counts_only_its_own_epochs() -> None:
    assert after(started(6, first=5)).progress == 0.0
    assert after(started(6, first=5), batch(5, 10), epoch(5)).progress == pytest.approx(0.5)
    assert after(started(6, first=5), batch(5, 10), epoch(5), batch(6, 5)).progress == pytest.approx(0.75)


def test_that_the_time_left_comes_from_the_last_epoch() -> None:
    state = after(started(4), batch(1, 10), epoch(1, seconds=20.0))
    assert state.eta == pytest.approx(3 * 20.0)
    assert reduce(state, batch(2, 5)).eta == pytest.approx(2.5 * 20.0)


def test_that_the_time_left_comes_from_the_batches_before_there_is_an_epoch() -> None:
    assert after(started(4)).eta is None
    assert after(started(4), batch(1, 4)).eta is None  # too early to tell
    assert after(started(4), batch(1, 5, seconds=1.0)).eta == pytest.approx(3.5 * 2.0)


def test_that_the_best_epoch_has_the_highest_accuracy_then_the_lowest_loss() -> None:
    assert after(started()).best is None
    best = after(started(), epoch(1, 0.9, 0.3), epoch(2, 0.95, 0.3), epoch(3, 0.95, 0.2), epoch(4, 0.9, 0.1)).best
    assert best == epoch(3, 0.95, 0.2)


def test_that_the_best_epoch_can_be_the_one_with_the_lowest_loss() -> None:
    begin = msgspec.structs.replace(started(), monitor="val_loss")
    best = after(begin, epoch(1, 0.9, 0.3), epoch(2, 0.95, 0.2), epoch(3, 0.96, 0.2), epoch(4, 0.99, 0.4)).best
    assert best == epoch(3, 0.96, 0.2)


def test_that_a_continued_run_knows_what_it_has_behind_it() -> None:
    change = LearningRateChanged(epoch=1, step=4, learning_rate=0.1, reason="asked")
    begin = msgspec.structs.replace(started(6, first=3), earlier=(epoch(1), epoch(2)), earlier_changes=(change,))
    later = LearningRateChanged(epoch=3, step=1, learning_rate=0.01, reason="plateau")
    state = after(begin, later, batch(3, 10), epoch(3))
    assert [one.epoch for one in state.epochs] == [1, 2, 3]
    assert state.rate_changes == (change, later)


def test_that_validation_tells_how_far_it_is() -> None:
    state = after(started(), batch(1, 10), ValidationEnded(epoch=1, done=25, count=100))
    assert state.validated == 0.25
    assert reduce(state, epoch(1)).validated == 0.0
    assert after(started(), ValidationEnded(epoch=1, done=0, count=0)).validated == 0.0


def test_that_a_new_run_forgets_the_old_one_and_a_probe_changes_nothing() -> None:
    old = after(started(), batch(1, 10), epoch(1), ended())
    assert reduce(old, started(2)) == after(started(2))
    assert reduce(old, Probed(epoch=1, path="p")) == old


def test_that_curves_put_batches_at_fractions_of_their_epoch() -> None:
    curves = Curves()
    for event in (batch(1, 5), batch(1, 10), batch(2, 5)):
        curves.add(started(), event)
    assert curves.position.tolist() == [0.5, 1.0, 1.5]
    assert curves.loss.tolist() == [0.5] * 3
    assert curves.accuracy.tolist() == [0.75] * 3
    assert curves.learning_rate.tolist() == [0.001] * 3


def test_that_earlier_batches_come_before_those_that_are_there_and_later_ones_behind() -> None:
    curves = Curves()
    curves.add(started(first=3), batch(3, 5))
    count = 3000  # more than there was room for
    rows = np.linspace(0, 2, count), np.full(count, 1.0), np.full(count, 0.1), np.full(count, 0.2)
    curves.put_before(*rows)
    curves.add(started(first=3), batch(3, 10))
    assert len(curves) == count + 2
    assert curves.position.tolist() == [*rows[0].tolist(), 2.5, 3.0]
    assert curves.loss[-3:].tolist() == [1.0, 0.5, 0.5]
    assert curves.accuracy[-3:].tolist() == [0.1, 0.75, 0.75]
    assert curves.learning_rate[-3:].tolist() == [0.2, 0.001, 0.001]


def test_that_curves_keep_every_batch_of_a_long_run() -> None:
    curves = Curves()
    for number in range(1, 501):
        for step in range(1, 11):
            curves.add(started(), batch(number, step))
    assert len(curves) == 5000
    assert curves.position.tolist() == pytest.approx([index / 10 for index in range(1, 5001)])
