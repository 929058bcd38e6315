"""Waiting for an improvement, against the callbacks of Keras."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_explorer.core.run.config import Monitor, TrainingConfig
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.core.run.patience import PLATEAU_MIN_DELTA, lowered, on_plateau, stops_early, wait

AGAINST_KERAS = settings(deadline=None, max_examples=60)
# On a grid and the least improvement off it: Keras compares in float32, where ties would be decided by chance.
figures = st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=1, max_size=30)
monitors = st.sampled_from(["val_loss", "val_accuracy"])
least = st.sampled_from([0.0, 0.07, 0.12])


def epochs_of(values: Sequence[float], monitor: Monitor) -> list[EpochEnded]:
    """Epochs with ``values`` in the monitored figure, and another one in the other."""
    both = {"val_loss": 0.5, "val_accuracy": 0.5}
    return [
        EpochEnded(
            epoch=number, loss=1.0, accuracy=0.5, **{**both, monitor: value}, learning_rate=0.1, seconds=1.0,
            images_per_second=1.0,
        )
        for number, value in enumerate(values, start=1)
    ]  # fmt: skip


def keras_callback(kind: Any, monitor: str, **arguments: Any) -> Any:
    """A callback with a model that has what it asks for."""
    callback = kind(monitor=monitor, mode="min" if monitor == "val_loss" else "max", **arguments)
    callback.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.1), stop_training=False))
    callback.on_train_begin()
    return callback


@AGAINST_KERAS
@given(values=figures, monitor=monitors, patience=st.integers(1, 6), min_delta=least)
def test_that_a_run_stops_early_where_keras_would(
    values: list[float], monitor: Monitor, patience: int, min_delta: float
) -> None:
    config = TrainingConfig(early_stopping=monitor, patience=patience, min_delta=min_delta)
    callback = keras_callback(keras.callbacks.EarlyStopping, monitor, patience=patience, min_delta=min_delta)
    epochs = epochs_of(values, monitor)
    for done, value in enumerate(values, start=1):
        callback.on_epoch_end(done - 1, {monitor: value})
        assert stops_early(config, epochs[:done]) == callback.model.stop_training
        if callback.model.stop_training:
            return


@AGAINST_KERAS
@given(
    values=figures, monitor=monitors, patience=st.integers(1, 6), factor=st.sampled_from([0.1, 0.5, 0.9]),
    lowest=st.sampled_from([0.0, 0.004, 0.05, 0.2]),
)  # fmt: skip
def test_that_a_plateau_lowers_the_rate_as_keras_does(
    values: list[float], monitor: Monitor, patience: int, factor: float, lowest: float
) -> None:
    config = TrainingConfig(
        reduce_on_plateau=monitor, plateau_patience=patience, plateau_factor=factor, min_learning_rate=lowest
    )
    callback = keras_callback(
        keras.callbacks.ReduceLROnPlateau, monitor, patience=patience, factor=factor, min_lr=lowest
    )
    assert callback.min_delta == PLATEAU_MIN_DELTA
    epochs, rate = epochs_of(values, monitor), 0.1
    for done, value in enumerate(values, start=1):
        callback.on_epoch_end(done - 1, {monitor: value})
        if on_plateau(config, epochs[:done]):
            rate = lowered(config, rate)
        assert rate == pytest.approx(callback.model.optimizer.learning_rate, rel=1e-6)


def test_that_nothing_is_waited_for_if_nothing_is_watched() -> None:
    epochs = epochs_of([0.5] * 50, "val_loss")
    config = TrainingConfig(patience=1, plateau_patience=1)
    assert not stops_early(config, epochs)
    assert not on_plateau(config, epochs)


def test_that_a_run_which_goes_on_after_its_end_gets_its_patience_back() -> None:
    config = TrainingConfig(early_stopping="val_loss", patience=2)
    stops = [stops_early(config, epochs_of([0.5] * done, "val_loss")) for done in range(1, 8)]
    assert stops == [False, False, True, False, True, False, True]


def test_that_the_best_is_remembered_beyond_the_end_of_the_patience() -> None:
    state = wait(epochs_of([0.3, 0.5, 0.5, 0.4], "val_loss"), "val_loss", 2, 0.0)
    assert (state.best, state.epochs, state.over) == (0.3, 1, False)


def test_that_a_plateau_never_raises_the_rate() -> None:
    assert lowered(TrainingConfig(min_learning_rate=0.5, plateau_factor=0.1), 0.2) == 0.2
