"""The learning rate of each step: the schedule's, times a factor that people and plateaus change."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.patience import lowered
from cnn_explorer.core.run.schedules import schedule_of


class Rates:
    """Learning rates by step, counted from 0 over the whole run; ``scale`` is the factor so far."""

    def __init__(self, config: TrainingConfig, scale: float = 1.0) -> None:
        self.scale = scale
        self._config = config
        self._schedule = schedule_of(config)

    def of_steps(self, first: int, count: int) -> NDArray[np.float32]:
        """The rates of ``count`` steps from step ``first`` on, as the optimizer gets them."""
        rates = [self._schedule(step) * self.scale for step in range(first, first + count)]
        with np.errstate(over="ignore"):  # infinity is what such a rate is, and the loss will say so
            return np.array(rates).astype(np.float32)

    def set(self, step: int, rate: float) -> None:
        """Let ``rate`` be that of ``step``; the schedule's shape goes on from there.

        Where the schedule is 0, at the beginning of a warm-up say, the rate counts as the configuration's.
        """
        scheduled = self._schedule(step)
        self.scale = rate / (scheduled if 0.0 < scheduled < math.inf else self._config.learning_rate)

    def lower(self, step: int) -> float | None:
        """Lower the rate of ``step`` and of those after it because of a plateau; ``None`` if it is low enough."""
        before = self._schedule(step) * self.scale
        after = lowered(self._config, before)
        if not after < before:
            return None
        self.scale *= after / before
        return after


def decimal(rate: np.float32) -> float:
    """0.001, and not the nearest float32 in all its digits."""
    return float(str(rate))
