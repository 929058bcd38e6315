"""Every schedule against Keras' own, in float64: Keras computes in the type of the numbers that it is given."""

from __future__ import annotations

import keras
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.schedules import schedule_of

SCHEDULES = keras.optimizers.schedules
steps = st.integers(0, 200_000)
rates = st.floats(1e-6, 1.0)
decay_steps = st.integers(1, 100_000)
AGAINST_KERAS = settings(deadline=None, max_examples=25)


def exactly(number: float) -> pytest.approx:
    return pytest.approx(float(number), rel=1e-12, abs=1e-12)


@AGAINST_KERAS
@given(step=steps, rate=rates, unit=decay_steps, decay=st.floats(0.0, 100.0))
def test_that_power_is_inverse_time_decay(step: int, rate: float, unit: int, decay: float) -> None:
    config = TrainingConfig(schedule="power", learning_rate=rate, decay_steps=unit, decay_rate=decay)
    theirs = SCHEDULES.InverseTimeDecay(np.float64(rate), unit, np.float64(decay))
    assert schedule_of(config)(step) == exactly(theirs(step))


@AGAINST_KERAS
@given(step=steps, rate=rates, unit=decay_steps, decay=st.floats(1e-3, 1.0))
def test_that_exponential_is_exponential_decay(step: int, rate: float, unit: int, decay: float) -> None:
    config = TrainingConfig(schedule="exponential", learning_rate=rate, decay_steps=unit, decay_rate=decay)
    theirs = SCHEDULES.ExponentialDecay(np.float64(rate), unit, np.float64(decay))
    assert schedule_of(config)(step) == exactly(theirs(step))


@AGAINST_KERAS
@given(step=steps, rate=rates, unit=decay_steps, warmup=st.integers(0, 50_000))
def test_that_cosine_is_cosine_decay_with_its_warm_up(step: int, rate: float, unit: int, warmup: int) -> None:
    config = TrainingConfig(schedule="cosine", learning_rate=rate, decay_steps=unit, warmup_steps=warmup)
    if warmup:
        theirs = SCHEDULES.CosineDecay(np.float64(0.0), unit, warmup_target=np.float64(rate), warmup_steps=warmup)
    else:
        theirs = SCHEDULES.CosineDecay(np.float64(rate), unit)
    assert schedule_of(config)(step) == exactly(theirs(step))


@AGAINST_KERAS
@given(
    boundaries=st.lists(st.integers(1, 1000), min_size=1, max_size=6, unique=True).map(sorted),
    values=st.lists(rates, min_size=7, max_size=7),
    near=st.integers(0, 5),
    offset=st.integers(-2, 2),
)
def test_that_piecewise_is_piecewise_constant_decay_at_its_boundaries_too(
    boundaries: list[int], values: list[float], near: int, offset: int
) -> None:
    values = values[: len(boundaries) + 1]
    step = max(0, boundaries[near % len(boundaries)] + offset)
    config = TrainingConfig(
        schedule="piecewise", learning_rate=values[0], boundaries=tuple(boundaries), values=tuple(values[1:])
    )
    config.check()
    theirs = SCHEDULES.PiecewiseConstantDecay(boundaries, [np.float64(value) for value in values])
    assert schedule_of(config)(step) == exactly(theirs(step))


@AGAINST_KERAS
@given(
    step=st.integers(0, 3000),
    warmup=st.integers(1, 1000),
    name=st.sampled_from(["none", "power", "exponential", "piecewise"]),
)
def test_that_every_schedule_is_warmed_up_like_cosine_and_begins_afterwards(step: int, warmup: int, name: str) -> None:
    plain = TrainingConfig(schedule=name, learning_rate=0.25, decay_steps=100, decay_rate=0.5, boundaries=(50, 700))
    warmed = schedule_of(msgspec.structs.replace(plain, warmup_steps=warmup))
    if step < warmup:
        theirs = SCHEDULES.CosineDecay(np.float64(0.0), 1, warmup_target=np.float64(0.25), warmup_steps=warmup)
        assert warmed(step) == exactly(theirs(step))
    else:
        assert warmed(step) == schedule_of(plain)(step - warmup)
