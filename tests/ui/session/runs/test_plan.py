"""What the settings mean for the run to come, without Qt."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.schedules import schedule_of
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import prepare_split
from cnn_explorer.ui.session.runs.plan import (
    rate_plan,
    steps_per_epoch,
    summary,
    train_count,
    with_fitting_schedule,
)
from tests.ui.fakes import digits

EIGHT = digits(train=64)
"""With a batch of 8 images an epoch has 8 batches."""
SHORT = TrainingConfig(epochs=5, batch_size=8)


def images(count: int) -> Dataset:
    return replace(digits(), train=np.zeros(count, np.int64))


def changed(config: TrainingConfig, dataset: Dataset | None = EIGHT, **fields: object) -> TrainingConfig:
    return with_fitting_schedule(config, msgspec.structs.replace(config, **fields), dataset)


def test_that_the_summary_counts_the_last_smaller_batch() -> None:
    dataset = digits(train=60, test=5)
    assert summary(TrainingConfig(epochs=3, batch_size=25), dataset) == "3 batches an epoch · 9 in all"
    assert summary(TrainingConfig(epochs=80, train_limit=16), dataset) == "1 batch an epoch · 80 in all"
    assert summary(TrainingConfig(train_limit=10**6, batch_size=1), dataset).startswith("60 batches")
    assert summary(TrainingConfig(), None) == "The data set is still loading."


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("limit", [None, 7, 64])
def test_that_images_kept_for_validation_are_not_trained_on(share: float, limit: int | None) -> None:
    config = TrainingConfig(validation_split=share, train_limit=limit)
    kept = prepare_split(EIGHT, config)
    assert train_count(config, EIGHT) == len(kept.train_labels)


def test_that_a_constant_learning_rate_is_not_drawn() -> None:
    assert rate_plan(TrainingConfig(), digits()) == ((), "", "")


def test_that_the_schedule_is_drawn_from_the_first_to_the_last_batch() -> None:
    # 80 epochs of 938 batches as in the articles: the rate ends near 1.31509732e-05 at step 75,040.
    config = TrainingConfig(epochs=80, batch_size=1, schedule="power")
    plan = rate_plan(config, images(938))
    shares, rates = zip(*plan.points, strict=True)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert rates[0] == 0.001
    assert rates[-1] == pytest.approx(0.001 / (1 + 0.001 * 75_039))
    assert list(rates) == sorted(rates, reverse=True)
    assert plan.caption == "0.001 at the first batch, 1.32e-05 at the last"
    assert plan.warning == ""


def test_that_a_warm_up_and_its_peak_are_drawn_where_they_are() -> None:
    config = TrainingConfig(epochs=100, batch_size=1, warmup_steps=37, schedule="cosine", decay_steps=10**6)
    plan = rate_plan(config, images(97))
    last = 9_699
    assert (37 / last, 0.001) in plan.points
    assert plan.points[0] == (0.0, 0.0)
    assert plan.caption.startswith("0 at the first batch, 0.001 at batch 38, ")
    assert rate_plan(TrainingConfig(epochs=5, batch_size=8, warmup_steps=4), EIGHT).points[-1] == (1.0, 0.001)


def test_that_the_corners_of_pieces_are_drawn_as_corners() -> None:
    config = TrainingConfig(
        epochs=1000, batch_size=1, schedule="piecewise", boundaries=(3333,), values=(0.0001,), warmup_steps=10
    )
    points = rate_plan(config, images(97)).points
    last = 96_999
    assert (3343 / last, 0.001) in points
    assert (3344 / last, 0.0001) in points


def test_that_a_plateau_is_mentioned() -> None:
    config = TrainingConfig(schedule="power", reduce_on_plateau="val_loss")
    assert rate_plan(config, EIGHT).caption.endswith("; less after a plateau")


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_that_a_learning_rate_that_fades_at_once_is_pointed_out(schedule: str) -> None:
    config = TrainingConfig(schedule=schedule, batch_size=1, decay_rate=1e-6)  # type: ignore[arg-type]
    assert rate_plan(config, EIGHT).warning == (
        "After 1 batch hardly anything is left of it: choose more decay steps, up to 320."
    )


def test_that_a_learning_rate_without_bounds_is_pointed_out_and_not_drawn() -> None:
    plan = rate_plan(TrainingConfig(schedule="exponential", batch_size=1, decay_rate=1e6), EIGHT)
    assert plan.points == ()
    assert "grows beyond all bounds" in plan.warning


def test_that_a_warm_up_or_a_boundary_beyond_the_end_is_pointed_out() -> None:
    assert "as long as the run, which has 40 batches" in rate_plan(
        msgspec.structs.replace(SHORT, warmup_steps=40), EIGHT
    ).warning  # fmt: skip
    late = msgspec.structs.replace(SHORT, schedule="piecewise", boundaries=(20, 40), values=(0.1, 0.2))
    assert rate_plan(late, EIGHT).warning == "Boundary 40 lies after the last batch."


def test_that_settings_that_do_not_go_together_are_not_drawn() -> None:
    assert rate_plan(msgspec.structs.replace(SHORT, schedule="piecewise", values=()), EIGHT).points == ()


def test_that_each_schedule_that_is_chosen_gets_values_that_make_sense() -> None:
    power = changed(SHORT, schedule="power")
    assert (power.decay_steps, power.decay_rate) == (1, 0.001)
    exponential = changed(SHORT, schedule="exponential")
    assert exponential.decay_steps == steps_per_epoch(SHORT, EIGHT) == 8
    assert 0.5 <= exponential.decay_rate <= 0.9
    cosine = changed(msgspec.structs.replace(SHORT, warmup_steps=5), schedule="cosine")
    assert cosine.decay_steps == 35
    assert schedule_of(cosine)(40) == pytest.approx(0.0)
    pieces = changed(SHORT, schedule="piecewise")
    assert pieces.boundaries == (20, 30)
    assert pieces.values == (0.0003, 0.0001)
    for config in (power, exponential, cosine, pieces):
        assert rate_plan(config, EIGHT).warning == ""


def test_that_proposals_follow_the_length_of_the_run_and_the_way_through_all_schedules() -> None:
    config = changed(SHORT, schedule="cosine")
    config = changed(config, epochs=10)
    assert config.decay_steps == 80
    config = changed(config, schedule="none")
    config = changed(config, schedule="exponential")
    assert config.decay_steps == 8
    config = changed(config, schedule="power")
    assert (config.decay_steps, config.decay_rate) == (1, 0.001)
    config = changed(config, schedule="piecewise", learning_rate=0.01)
    assert config.values == (0.003, 0.001)


def test_that_what_a_person_chose_stays() -> None:
    config = msgspec.structs.replace(SHORT, decay_steps=123, decay_rate=0.3, boundaries=(7,), values=(0.5,))
    for schedule in ("cosine", "exponential", "piecewise", "power", "none"):
        config = changed(config, schedule=schedule)
        assert (config.decay_steps, config.decay_rate, config.boundaries, config.values) == (123, 0.3, (7,), (0.5,))
    typed = changed(changed(SHORT, schedule="cosine"), decay_steps=1)  # the first figure of 100, say
    assert typed.decay_steps == 1


def test_that_nothing_is_proposed_before_the_data_set_is_there() -> None:
    assert changed(SHORT, None, schedule="cosine").decay_steps == 1


def test_that_the_shortest_of_runs_gets_boundaries_that_are_possible() -> None:
    config = changed(TrainingConfig(epochs=1, batch_size=64), schedule="piecewise")
    assert config.problems() == ()


def test_that_weights_of_ones_own_begin_with_one_for_each_class_and_go_with_the_choice() -> None:
    own = changed(SHORT, class_weight="custom")
    assert own.class_weight_values == (1.0,) * len(EIGHT.classes)
    assert changed(own, class_weight="balanced").class_weight_values == ()
    chosen = changed(own, class_weight_values=(2.0, *own.class_weight_values[1:]))
    assert changed(chosen, epochs=7).class_weight_values[0] == 2.0
