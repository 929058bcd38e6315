"""What the Train page says and offers, without Qt."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.events import BatchEnded, Ended, EpochEnded, RunEvent, Started, ValidationEnded
from cnn_explorer.core.run.history import RunState, reduce
from cnn_explorer.ui.pages.train.state import FIRST_STEP, actions, images_per_second, same_weights, status
from cnn_explorer.ui.session.runs.actions import RunMoment

STARTED = Started(
    run="r", epochs=5, first_epoch=1, steps_per_epoch=10, batch_size=64, train_count=640, validation_count=100,
    device="cpu",
)  # fmt: skip


def batch(epoch: int, step: int, seconds: float = 0.0) -> BatchEnded:
    return BatchEnded(epoch=epoch, step=step, loss=1.0, accuracy=0.5, learning_rate=0.001, seconds=seconds)


def epoch_ended(number: int, val_accuracy: float = 0.9) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=0.1, accuracy=0.95, val_loss=0.2, val_accuracy=val_accuracy, learning_rate=0.001,
        seconds=30.0, images_per_second=5000.0,
    )  # fmt: skip


def moment(*events: RunEvent, paused: bool = False, stopping: bool = False) -> RunMoment:
    run = RunState(phase="preparing")
    for event in events:
        run = reduce(run, event)
    return RunMoment(run, run.is_running, paused, stopping)


def test_that_initial_weights_belong_to_networks_with_the_same_weights() -> None:
    simple = infer(preset("mnist-simple").architecture)
    assert same_weights(simple, infer(preset("mnist-simple").architecture))
    assert not same_weights(simple, infer(preset("mnist-regularized").architecture))


def test_that_only_a_start_is_offered_before_the_first_run() -> None:
    offered = actions(RunMoment(RunState()), "", has_run=False, weights_fit=False)
    assert (offered.start.enabled, offered.start.text) == (True, "Start training")
    assert not offered.restart.enabled
    shown = (offered.pause, offered.stop, offered.stop_after_epoch, offered.resume, offered.go_on)
    assert not any(button.visible for button in shown)
    assert (offered.caption, offered.reason) == ("", "")


def test_that_an_obstacle_disables_both_starts_and_says_why() -> None:
    offered = actions(RunMoment(RunState()), "There are no layers.", has_run=True, weights_fit=True)
    assert not offered.start.enabled
    assert not offered.restart.enabled
    assert offered.start.tooltip == offered.restart.tooltip == "There are no layers."
    assert offered.reason == ""  # the status card says it
    ended = moment(STARTED, Ended(status="completed", message="", model=""))
    assert actions(ended, "There are no layers.", True, True).reason == "There are no layers."


def test_that_a_run_can_be_paused_and_stopped_and_another_one_queued() -> None:
    offered = actions(moment(STARTED), "", has_run=True, weights_fit=True)
    for button in (offered.pause, offered.stop, offered.stop_after_epoch):
        assert button.visible
        assert button.enabled
    assert (offered.start.enabled, offered.start.text) == (True, "Add to the queue")
    assert offered.restart.enabled
    assert not offered.resume.visible
    assert offered.caption == "for the next run"
    assert offered.pause.text == "Pause"
    assert actions(moment(STARTED, paused=True), "", True, True).pause.text == "Continue"


def test_that_nothing_can_be_pressed_twice_while_a_run_stops() -> None:
    offered = actions(moment(STARTED, stopping=True), "", has_run=True, weights_fit=True)
    assert not any(button.enabled for button in (offered.pause, offered.stop, offered.stop_after_epoch))


def test_that_a_run_that_stops_after_its_epoch_can_still_be_stopped_at_once() -> None:
    offered = actions(replace(moment(STARTED), after_epoch=True), "", has_run=True, weights_fit=True)
    assert not offered.stop_after_epoch.enabled
    assert offered.stop.enabled
    assert offered.pause.enabled


def test_that_a_run_in_preparation_has_no_epoch_to_stop_after() -> None:
    offered = actions(moment(), "", has_run=False, weights_fit=False)
    assert not offered.stop_after_epoch.enabled
    assert offered.stop.enabled


def test_that_other_weights_cannot_be_started_from_but_the_run_can_go_on() -> None:
    ended = moment(STARTED, Ended(status="completed", message="", model=""))
    assert actions(ended, "", has_run=True, weights_fit=True).restart.enabled
    changed = actions(ended, "", has_run=True, weights_fit=False)
    assert changed.start.enabled
    assert not changed.restart.enabled
    assert "has changed" in changed.restart.tooltip
    assert changed.resume.enabled


def test_that_what_is_in_the_way_of_the_form_is_not_in_the_way_of_going_on() -> None:
    ended = moment(STARTED, Ended(status="completed", message="", model=""))
    assert actions(ended, "Values: too few.", True, True).resume.enabled
    blocked = actions(ended, "", True, True, "Restart the program.").resume
    assert (blocked.enabled, blocked.tooltip) == (False, "Restart the program.")


def test_that_a_held_queue_is_offered_to_go_on_once_no_run_goes() -> None:
    ended = moment(STARTED, Ended(status="stopped", message="", model=""))
    offered = actions(replace(ended, waiting=3, held=True), "", True, True)
    assert offered.go_on.visible
    assert "3 runs" in offered.go_on.tooltip
    assert not actions(replace(moment(STARTED), waiting=3, held=True), "", True, True).go_on.visible


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
        (replace(moment(STARTED, batch(1, 4)), after_epoch=True), "Stops after this epoch"),
        (replace(moment(STARTED, batch(1, 4), stopping=True), after_epoch=True), "Stopping after this batch"),
        (replace(moment(STARTED, batch(1, 4), paused=True), after_epoch=True), "Paused in epoch 1 of 5"),
        (moment(STARTED, Ended(status="completed", message="", model="")), "Completed"),
        (moment(STARTED, Ended(status="stopped", message="", model="")), "Stopped"),
        (moment(STARTED, Ended(status="failed", message="", model="")), "Failed"),
    ],
)
def test_that_the_headline_names_the_phase(shown: RunMoment, title: str) -> None:
    assert status(shown).title == title


def test_that_the_first_step_or_what_hinders_it_is_said_before_a_run() -> None:
    assert status(RunMoment(RunState())).message == FIRST_STEP
    assert status(RunMoment(RunState()), "There are no layers.").message == "There are no layers."


def test_that_progress_is_unknown_until_the_run_has_started() -> None:
    assert status(moment()).progress is None
    assert status(moment(STARTED, epoch_ended(1), batch(2, 5))).progress == pytest.approx(0.3)
    assert status(moment(STARTED, Ended(status="completed", message="", model=""))).progress == 1.0


def test_that_time_speed_and_the_best_epoch_are_shown() -> None:
    shown = status(moment(STARTED, epoch_ended(1, 0.98), epoch_ended(2, 0.9911), epoch_ended(3, 0.99)))
    assert shown.facts == (("Time left", "1:00"), ("Speed", "5,000 images/s"))
    assert shown.best == "99.11 %"
    assert shown.best_words == "best validation accuracy · epoch 2"


def test_that_the_best_epoch_is_the_one_with_the_lowest_loss_where_that_is_watched() -> None:
    watched = msgspec.structs.replace(STARTED, monitor="val_loss")
    first, second = epoch_ended(1, 0.99), msgspec.structs.replace(epoch_ended(2, 0.98), val_loss=0.1)
    shown = status(moment(watched, first, second))
    assert (shown.best, shown.best_words) == ("98.00 %", "accuracy at the lowest loss · epoch 2")


def test_that_the_learning_rate_is_that_of_the_latest_batch_of_a_run_that_goes() -> None:
    assert status(moment(STARTED)).rate is None
    assert status(moment(STARTED, batch(1, 3))).rate == 0.001
    ended = moment(STARTED, batch(1, 3), Ended(status="stopped", message="", model=""))
    assert (status(ended).rate, status(ended).is_running) == (None, False)


def test_that_a_run_that_ended_tells_how_long_it_was() -> None:
    shown = status(
        moment(STARTED, epoch_ended(1), epoch_ended(2), Ended(status="stopped", message="By you.", model=""))
    )
    assert shown.facts[0] == ("Trained for", "1:00")
    assert shown.message == "By you."


def test_that_the_time_counts_an_epoch_that_broke_off_too() -> None:
    stopped = Ended(status="stopped", message="By you.", model="")
    assert status(moment(STARTED, batch(1, 4, 42.0), stopped)).facts[0] == ("Trained for", "0:42")
    later = moment(STARTED, batch(1, 10, 25.0), epoch_ended(1), batch(2, 4, 12.0), stopped)
    assert status(later).facts[0] == ("Trained for", "0:42")


def test_that_a_failed_run_says_why_and_what_to_do() -> None:
    ended = Ended(status="failed", message="The loss is not a number.", model="", hint="Learn more slowly.")
    shown = status(moment(STARTED, epoch_ended(1), ended))
    assert (shown.tone, shown.message) == ("error", "The loss is not a number. Learn more slowly.")
    assert shown.best == "90.00 %"


def test_that_a_run_that_never_began_says_why() -> None:
    shown = status(RunMoment(RunState(), reason="The disk is full.", hint="Free some space."))
    assert (shown.title, shown.message) == ("Failed", "The disk is full. Free some space.")


def test_that_the_speed_is_that_of_the_epoch_that_goes() -> None:
    assert images_per_second(moment(STARTED).run) is None
    assert images_per_second(moment(STARTED, batch(1, 5, seconds=0.1)).run) == pytest.approx(3200)
    assert images_per_second(moment(STARTED, batch(1, 10, 0.1), epoch_ended(1)).run) == 5000
    short = msgspec.structs.replace(STARTED, train_count=630)
    assert images_per_second(moment(short, batch(1, 10, seconds=0.1)).run) == pytest.approx(6300)
