"""What the Train page says and offers, without Qt."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from fakes import digits

from cnn_explorer.core.events import BatchEnded, Ended, EpochEnded, RunEvent, Started, ValidationEnded
from cnn_explorer.core.history import RunState, reduce
from cnn_explorer.core.inference import Problem, infer
from cnn_explorer.core.presets import preset
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.ui.pages.train_state import (
    FIRST_STEP,
    SMOOTHING,
    Moment,
    actions,
    default_smoothing,
    images_per_second,
    obstacle,
    same_weights,
    schedule_rates,
    schedule_text,
    smoothing_text,
    status,
    summary,
)

STARTED = Started(
    run="r", epochs=5, first_epoch=1, steps_per_epoch=10, batch_size=64, train_count=640, test_count=100, device="cpu"
)


def batch(epoch: int, step: int, seconds: float = 0.0) -> BatchEnded:
    return BatchEnded(epoch=epoch, step=step, loss=1.0, accuracy=0.5, learning_rate=0.001, seconds=seconds)


def epoch_ended(number: int, val_accuracy: float = 0.9) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=0.1, accuracy=0.95, val_loss=0.2, val_accuracy=val_accuracy, learning_rate=0.001,
        seconds=30.0, images_per_second=5000.0,
    )  # fmt: skip


def moment(*events: RunEvent, paused: bool = False, stopping: bool = False) -> Moment:
    run = RunState(phase="preparing")
    for event in events:
        run = reduce(run, event)
    return Moment(run, run.is_running, paused, stopping)


def test_that_the_summary_counts_the_last_smaller_batch() -> None:
    dataset = digits(train=60, test=5)
    assert summary(TrainingConfig(epochs=3, batch_size=25), dataset) == "3 batches an epoch · 9 in all"
    assert summary(TrainingConfig(epochs=80, train_limit=16), dataset) == "1 batch an epoch · 80 in all"
    assert summary(TrainingConfig(train_limit=10**6, batch_size=1), dataset).startswith("60 batches")
    assert summary(TrainingConfig(), None) == "The data set is still loading."


def test_that_a_constant_learning_rate_is_not_drawn() -> None:
    assert schedule_rates(TrainingConfig(), digits()) == ()
    assert schedule_text(TrainingConfig(), digits()) == ("", "")


def test_that_the_schedule_is_drawn_from_the_first_to_the_last_batch() -> None:
    # 80 epochs of 938 batches as in the articles: the rate ends near 1.31509732e-05 at step 75,040.
    dataset = replace(digits(), train_images=digits(1).train_images.repeat(938, axis=0))
    config = TrainingConfig(epochs=80, batch_size=1, schedule="power")
    rates = schedule_rates(config, dataset)
    assert rates[0] == 0.001
    assert rates[-1] == pytest.approx(0.001 / (1 + 0.001 * 75_039))
    assert list(rates) == sorted(rates, reverse=True)
    assert schedule_text(config, dataset) == ("0.001 at the first batch, 1.32e-05 at the last", "")


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_that_a_learning_rate_that_fades_at_once_is_pointed_out(schedule: str) -> None:
    config = TrainingConfig(schedule=schedule, batch_size=1, decay_rate=1e-6)  # type: ignore[arg-type]
    _, warning = schedule_text(config, digits(train=64))
    assert warning == "After 1 batch hardly anything is left of it: choose more decay steps, up to 320."


def test_that_a_learning_rate_without_bounds_is_pointed_out_and_not_drawn() -> None:
    config = TrainingConfig(schedule="exponential", batch_size=1, decay_rate=1e6)
    assert schedule_rates(config, digits(train=64)) == ()
    assert "grows beyond all bounds" in schedule_text(config, digits(train=64))[1]


def test_what_stands_in_the_way_of_a_run() -> None:
    dataset, problem = digits(), Problem("Pool_3", "the map is 3×3, a 4×4 window does not fit.", 5)
    assert obstacle((), dataset, True) == ""
    assert obstacle((), None, True) == "The data set is still loading."
    assert obstacle((), None, True, "No such file.") == "The data set could not be loaded: No such file."
    assert obstacle((), dataset, False) == "The engine is still loading."
    assert obstacle((), dataset, False, "", "No TensorFlow.") == "The engine could not be started: No TensorFlow."
    assert obstacle((problem,), dataset, True) == "Pool_3: the map is 3×3, a 4×4 window does not fit."
    assert obstacle((Problem("", "There are no layers."),), dataset, True) == "There are no layers."


def test_that_initial_weights_belong_to_networks_with_the_same_weights() -> None:
    simple = infer(preset("mnist-simple").architecture)
    assert same_weights(simple, infer(preset("mnist-simple").architecture))
    assert not same_weights(simple, infer(preset("mnist-regularized").architecture))


def test_that_only_a_start_is_offered_before_the_first_run() -> None:
    offered = actions(Moment(RunState()), "", has_run=False, weights_fit=False)
    assert offered.can_start
    assert not any((offered.can_restart, offered.can_pause, offered.can_stop, offered.is_running))
    assert offered.locked == ""


def test_that_an_obstacle_disables_both_starts_and_says_why() -> None:
    offered = actions(Moment(RunState()), "There are no layers.", has_run=True, weights_fit=True)
    assert not offered.can_start
    assert not offered.can_restart
    assert offered.start_tip == offered.restart_tip == "There are no layers."


def test_that_a_run_locks_the_settings_and_can_be_paused_and_stopped() -> None:
    offered = actions(moment(STARTED), "", has_run=True, weights_fit=True)
    assert offered.is_running
    assert offered.can_pause
    assert offered.can_stop
    assert not offered.can_start
    assert not offered.can_restart
    assert offered.locked
    assert offered.pause_text == "Pause"
    assert actions(moment(STARTED, paused=True), "", True, True).pause_text == "Continue"


def test_that_nothing_can_be_pressed_twice_while_a_run_stops() -> None:
    offered = actions(moment(STARTED, stopping=True), "", has_run=True, weights_fit=True)
    assert not offered.can_pause
    assert not offered.can_stop


def test_that_other_weights_cannot_be_started_from() -> None:
    ended = moment(STARTED, Ended(status="completed", message="", model=""))
    assert actions(ended, "", has_run=True, weights_fit=True).can_restart
    changed = actions(ended, "", has_run=True, weights_fit=False)
    assert changed.can_start
    assert not changed.can_restart
    assert "has changed" in changed.restart_tip


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        (moment(), "Preparing the run"),
        (moment(STARTED), "Training epoch 1 of 5"),
        (moment(STARTED, batch(1, 10), ValidationEnded(epoch=1, done=50, count=100)), "Validating epoch 1 of 5"),
        (moment(STARTED, batch(1, 10), epoch_ended(1)), "Training epoch 2 of 5"),
        (moment(STARTED, *(epoch_ended(n) for n in range(1, 6))), "Training epoch 5 of 5"),
        (moment(STARTED, batch(1, 4), paused=True), "Paused in epoch 1 of 5"),
        (moment(STARTED, batch(1, 4), stopping=True), "Stopping after this batch"),
        (moment(STARTED, Ended(status="completed", message="", model="")), "Completed"),
        (moment(STARTED, Ended(status="stopped", message="", model="")), "Stopped"),
        (moment(STARTED, Ended(status="failed", message="", model="")), "Failed"),
    ],
)
def test_that_the_headline_names_the_phase(shown: Moment, title: str) -> None:
    assert status(shown).title == title


def test_that_the_first_step_or_what_hinders_it_is_said_before_a_run() -> None:
    assert status(Moment(RunState())).message == FIRST_STEP
    assert status(Moment(RunState()), "There are no layers.").message == "There are no layers."


def test_that_progress_is_unknown_until_the_run_has_started() -> None:
    assert status(moment()).progress is None
    assert status(moment(STARTED, epoch_ended(1), batch(2, 5))).progress == pytest.approx(0.3)
    assert status(moment(STARTED, Ended(status="completed", message="", model=""))).progress == 1.0


def test_that_time_speed_and_the_best_epoch_are_shown() -> None:
    shown = status(moment(STARTED, epoch_ended(1, 0.98), epoch_ended(2, 0.9911), epoch_ended(3, 0.99)))
    assert shown.facts == (("Time left", "1:00"), ("Speed", "5,000 images/s"))
    assert shown.best == "99.11 %"
    assert shown.best_words == "best validation accuracy · epoch 2"


def test_that_a_run_that_ended_tells_how_long_it_was() -> None:
    shown = status(
        moment(STARTED, epoch_ended(1), epoch_ended(2), Ended(status="stopped", message="By you.", model=""))
    )
    assert shown.facts[0] == ("Trained for", "1:00")
    assert shown.message == "By you."


def test_that_a_failed_run_says_why_and_what_to_do() -> None:
    ended = Ended(status="failed", message="The loss is not a number.", model="", hint="Learn more slowly.")
    shown = status(moment(STARTED, epoch_ended(1), ended))
    assert (shown.tone, shown.message) == ("error", "The loss is not a number. Learn more slowly.")
    assert shown.best == "90.00 %"


def test_that_a_run_that_never_began_says_why() -> None:
    shown = status(Moment(RunState(), reason="The disk is full.", hint="Free some space."))
    assert (shown.title, shown.message) == ("Failed", "The disk is full. Free some space.")


def test_that_the_speed_is_that_of_the_epoch_that_goes() -> None:
    assert images_per_second(moment(STARTED).run) is None
    assert images_per_second(moment(STARTED, batch(1, 5, seconds=0.1)).run) == pytest.approx(3200)
    assert images_per_second(moment(STARTED, batch(1, 10, 0.1), epoch_ended(1)).run) == 5000
    short = msgspec.structs.replace(STARTED, train_count=630)
    assert images_per_second(moment(short, batch(1, 10, seconds=0.1)).run) == pytest.approx(6300)


@pytest.mark.parametrize(("steps", "window"), [(16, 0), (938, 10), (4690, 50), (75_040, 1000), (10**7, 5000)])
def test_that_smoothing_fits_the_length_of_the_run(steps: int, window: int) -> None:
    assert SMOOTHING[default_smoothing(steps)] == window


def test_that_no_smoothing_is_called_so() -> None:
    assert smoothing_text(0) == "off"
    assert smoothing_text(1000) == "1,000 batches"
