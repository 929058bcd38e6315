from __future__ import annotations

import math

import pytest

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.schedules import schedule_of


def test_that_power_reaches_the_articles_rate_after_80_epochs() -> None:
    config = TrainingConfig(schedule="power", learning_rate=0.001, decay_steps=1, decay_rate=0.001)
    assert schedule_of(config)(75_040) == pytest.approx(1.31509732e-05, rel=1e-8)


@pytest.mark.parametrize("name", ["none", "power", "exponential", "cosine"])
def test_that_every_schedule_begins_with_the_learning_rate(name: str) -> None:
    config = TrainingConfig.from_json(f'{{"schedule": "{name}", "learning_rate": 0.25, "decay_steps": 10}}')
    assert schedule_of(config)(0) == 0.25


def test_that_no_schedule_keeps_the_rate() -> None:
    assert schedule_of(TrainingConfig(learning_rate=0.5))(10**9) == 0.5


def test_that_exponential_multiplies_by_the_rate_every_decay_steps() -> None:
    rate = schedule_of(TrainingConfig(schedule="exponential", learning_rate=1.0, decay_steps=10, decay_rate=0.5))
    assert [rate(10), rate(20), rate(5)] == pytest.approx([0.5, 0.25, math.sqrt(0.5)])


def test_that_cosine_halves_at_half_time_and_ends_at_0() -> None:
    rate = schedule_of(TrainingConfig(schedule="cosine", learning_rate=2.0, decay_steps=100))
    assert [rate(50), rate(100), rate(1000)] == pytest.approx([1.0, 0.0, 0.0])


def test_that_a_growing_rate_ends_in_infinity_and_not_in_an_error() -> None:
    rate = schedule_of(TrainingConfig(schedule="exponential", decay_steps=1, decay_rate=1e6))
    assert rate(10_000) == math.inf


def test_that_a_decay_rate_of_0_falls_to_0_at_once() -> None:
    rate = schedule_of(TrainingConfig(schedule="exponential", decay_steps=10, decay_rate=0.0))
    assert (rate(0), rate(1)) == (0.001, 0.0)
