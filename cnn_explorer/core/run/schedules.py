"""Learning-rate schedules: step -> rate. The training takes its rates from here, and so does the preview.

A step is one batch, counted from 0 over the whole run. Each schedule is the one of Keras that its comment names.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable

from cnn_explorer.core.run.config import TrainingConfig


def schedule_of(config: TrainingConfig) -> Callable[[float], float]:
    """The learning rate of ``config`` as a function of the step, warm-up included.

    The warm-up is that of Keras' CosineDecay: a straight line from 0, and the schedule counts from its end.
    """
    rate, warmup, after = config.learning_rate, config.warmup_steps, _after_warmup(config)
    if not warmup:
        return after
    return lambda step: rate * (step / warmup) if step < warmup else after(step - warmup)


def _after_warmup(config: TrainingConfig) -> Callable[[float], float]:
    rate, steps, decay = config.learning_rate, config.decay_steps, config.decay_rate
    match config.schedule:
        case "none":
            return lambda _step: rate
        case "power":  # Keras' InverseTimeDecay
            return lambda step: rate / (1.0 + decay * step / steps)
        case "exponential":  # Keras' ExponentialDecay
            return lambda step: rate * _power(decay, step / steps)
        case "cosine":  # Keras' CosineDecay down to 0, and 0 afterwards
            return lambda step: rate * 0.5 * (1.0 + math.cos(math.pi * min(step, steps) / steps))
        case "piecewise":  # Keras' PiecewiseConstantDecay: a boundary is the last step of the rate before it
            rates = (rate, *config.values)
            return lambda step: rates[bisect.bisect_left(config.boundaries, step)]


def _power(base: float, exponent: float) -> float:
    """base ^ exponent, infinite where it is too large for a float: as it would be in Keras."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
