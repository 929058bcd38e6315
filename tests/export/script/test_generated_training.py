"""The callbacks and schedules of generated scripts, run step by step beside what the engine does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import msgspec
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.run.config import Monitor, TrainingConfig
from cnn_explorer.core.run.events import EpochEnded, LearningRateChanged
from cnn_explorer.core.run.history import best_epoch
from cnn_explorer.core.run.optimizers import Optimizer
from cnn_explorer.engine.models.compiling import optimizer_of
from cnn_explorer.engine.training.rates import Rates
from cnn_explorer.export.script.training_part import classes, training
from tests.core.run.optimizers import EACH_OPTIMIZER, OTHER_VALUES, arguments_of

STEPS = 6
"""Batches of an epoch."""
OFF = {name: type(value)() for name, value in OTHER_VALUES.items()}
"""0 or no for each setting of an optimizer."""


class Model:
    """Takes from a script what it gives to a Keras model; its weights are the number of the epoch."""

    optimizer: keras.optimizers.Optimizer
    callbacks: Sequence[keras.callbacks.Callback] = ()

    def __init__(self) -> None:
        self.weights = 0

    def compile(self, optimizer: keras.optimizers.Optimizer, **_: Any) -> None:
        self.optimizer = optimizer

    def fit(self, *_: Any, callbacks: Sequence[keras.callbacks.Callback] = (), **__: Any) -> None:
        self.callbacks = callbacks
        for callback in callbacks:
            callback.set_model(self)

    def save(self, *_: Any, **__: Any) -> None:
        pass

    def get_weights(self) -> int:
        return self.weights

    def set_weights(self, weights: int) -> None:
        self.weights = weights


def scripted(config: TrainingConfig, changes: Sequence[LearningRateChanged] = ()) -> Model:
    """The model as the script for these settings would train it, before the first batch."""
    names = dict.fromkeys(("x_train", "y_train", "x_test", "y_test"))
    found: dict[str, Any] = {"keras": keras, "tf": tf, "np": np, "model": Model(), **names}
    exec("\n".join([*classes(config, changes), *training(config, None, changes)]), found)
    model: Model = found["model"]
    return model


def rates_of_script(config: TrainingConfig, changes: Sequence[LearningRateChanged], epochs: int) -> list[float]:
    """The learning rate of each step of the script."""
    model, found = scripted(config, changes), []
    (callback,) = model.callbacks
    for epoch in range(epochs):
        callback.on_epoch_begin(epoch)
        for batch in range(STEPS):
            model.optimizer.iterations.assign(epoch * STEPS + batch)
            callback.on_train_batch_begin(batch)
            found.append(float(model.optimizer.learning_rate))
    return found


def rates_of_run(config: TrainingConfig, changes: Sequence[LearningRateChanged], epochs: int) -> list[float]:
    """The learning rate of each step of the run."""
    rates, found = Rates(config), []
    wishes = {(change.epoch - 1) * STEPS + change.step - 1: change.learning_rate for change in changes}
    for step in range(epochs * STEPS):
        if step in wishes:
            rates.set(step, wishes[step])
        found.append(float(rates.of_steps(step, 1)[0]))
    return found


def change(epoch: int, step: int, rate: float) -> LearningRateChanged:
    return LearningRateChanged(epoch=epoch, step=step, learning_rate=rate, reason="asked")


WARM = TrainingConfig(learning_rate=0.02, warmup_steps=4)


@pytest.mark.parametrize(
    "config",
    [
        WARM,
        msgspec.structs.replace(WARM, schedule="power", decay_rate=0.5),
        msgspec.structs.replace(WARM, schedule="exponential", decay_rate=0.5, decay_steps=5),
        msgspec.structs.replace(WARM, schedule="piecewise", boundaries=(3, 8), values=(0.01, 0.005)),
        msgspec.structs.replace(WARM, schedule="cosine", decay_steps=6),  # 0 again after ten steps
        msgspec.structs.replace(WARM, schedule="cosine", decay_steps=6, warmup_steps=0),
        msgspec.structs.replace(WARM, schedule="none", warmup_steps=0),
    ],
    ids=lambda config: f"{config.schedule}, {config.warmup_steps} steps of warm-up",
)
@pytest.mark.parametrize(
    "changes",
    [
        [change(1, 1, 0.01)],  # at the first step of a warm-up the schedule gives 0
        [change(1, 3, 0.01)],
        [change(1, 1, 0.04), change(2, 2, 0.001), change(2, 6, 0.5)],
    ],
    ids=["first step", "third step", "three changes"],
)
def test_that_rates_changed_by_hand_are_those_of_the_run(
    config: TrainingConfig, changes: list[LearningRateChanged]
) -> None:
    expected = rates_of_run(config, changes, 2)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(rates_of_script(config, changes, 2), expected, rtol=1e-5, atol=1e-9)


def test_that_a_change_where_the_schedule_is_zero_counts_from_the_rate_without_schedule() -> None:
    rates = rates_of_script(WARM, [change(1, 1, 0.01)], 1)
    assert rates == pytest.approx([0, 0.0025, 0.005, 0.0075, 0.01, 0.01], rel=1e-5)


@EACH_OPTIMIZER
@pytest.mark.parametrize("values", [{}, OFF, OTHER_VALUES], ids=["defaults", "off", "others"])
def test_that_the_optimizer_of_a_script_is_that_of_the_run(row: Optimizer, values: dict[str, Any]) -> None:
    config = TrainingConfig(optimizer=row.name, learning_rate=0.02, **values)
    theirs, ours = scripted(config).optimizer, optimizer_of(config)
    assert type(theirs) is type(ours)
    assert arguments_of(theirs) == arguments_of(ours)


figures = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=7)
EARLY = TrainingConfig(early_stopping="val_loss", min_delta=0.6)


@given(figures, st.sampled_from(["val_loss", "val_accuracy"]))
def test_that_the_best_epoch_of_a_script_is_that_of_the_run_in_a_tie_too(
    history: list[tuple[int, int]], monitor: Monitor
) -> None:
    epochs = [
        EpochEnded(
            epoch=number, loss=1.0, accuracy=0.5, val_loss=loss / 2, val_accuracy=right / 2, learning_rate=0.1,
            seconds=1.0, images_per_second=1.0,
        )
        for number, (loss, right) in enumerate(history, 1)
    ]  # fmt: skip
    model = scripted(msgspec.structs.replace(EARLY, early_stopping=monitor))
    early, best = model.callbacks
    assert isinstance(early, keras.callbacks.EarlyStopping)
    assert not early.restore_best_weights
    for epoch in epochs:
        model.weights = epoch.epoch
        best.on_epoch_end(epoch.epoch - 1, {"val_loss": epoch.val_loss, "val_accuracy": epoch.val_accuracy})
    best.on_train_end()
    assert model.weights == best_epoch(epochs, monitor).epoch


def test_that_a_script_keeps_its_last_weights_where_the_run_does() -> None:
    (early,) = scripted(msgspec.structs.replace(EARLY, restore_best_weights=False)).callbacks
    assert isinstance(early, keras.callbacks.EarlyStopping)
    assert scripted(TrainingConfig()).callbacks == ()
