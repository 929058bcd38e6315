"""Waiting for an improvement: when to stop early, and when to lower the learning rate on a plateau.

Both are functions of the epochs so far and of nothing else, so that a run that is continued decides as an unbroken
one. The counting is that of Keras' EarlyStopping and ReduceLROnPlateau.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnn_explorer.core.run.config import Monitor, TrainingConfig
from cnn_explorer.core.run.events import EpochEnded

PLATEAU_MIN_DELTA = 1e-4
"""The least improvement that ends a plateau: Keras' default."""


class Wait(NamedTuple):
    """Where the waiting stands after some epochs. ``over``: the last of them used the patience up."""

    best: float | None = None
    epochs: int = 0
    over: bool = False


def wait(epochs: Sequence[EpochEnded], monitor: Monitor, patience: int, min_delta: float) -> Wait:
    """Count the epochs in which ``monitor`` has not improved by more than ``min_delta`` on the best before.

    Once the patience is used up the counting begins again: the learning rate has been lowered then, or the run was
    continued although it had stopped early.
    """
    state = Wait()
    for epoch in epochs:
        value = epoch.val_loss if monitor == "val_loss" else epoch.val_accuracy
        if state.best is None or _improves(value, state.best, monitor, min_delta):
            state = Wait(best=value)
        else:
            waited = (0 if state.over else state.epochs) + 1
            state = Wait(state.best, waited, over=waited >= patience)
    return state


def stops_early(config: TrainingConfig, epochs: Sequence[EpochEnded]) -> bool:
    """Whether a run ends after these epochs because it no longer improves."""
    if config.early_stopping == "none":
        return False
    return wait(epochs, config.early_stopping, config.patience, config.min_delta).over


def on_plateau(config: TrainingConfig, epochs: Sequence[EpochEnded]) -> bool:
    """Whether the learning rate is to be lowered after these epochs."""
    if config.reduce_on_plateau == "none":
        return False
    return wait(epochs, config.reduce_on_plateau, config.plateau_patience, PLATEAU_MIN_DELTA).over


def lowered(config: TrainingConfig, rate: float) -> float:
    """The learning rate after a plateau: a share of ``rate``, but never below the lowest one."""
    return min(rate, max(rate * config.plateau_factor, config.min_learning_rate))


def _improves(value: float, best: float, monitor: Monitor, min_delta: float) -> bool:
    return value + min_delta < best if monitor == "val_loss" else value - min_delta > best
