"""Learning-rate schedules: step -> rate, for the preview curve and as the truth the engine is tested against.

A step is one batch, counted from 0 over the whole run.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from cnn_explorer.core.training import TrainingConfig


def schedule_of(config: TrainingConfig) -> Callable[[float], float]:
    """The learning rate of ``config`` as a function of the step."""
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


def _power(base: float, exponent: float) -> float:
    """base ^ exponent, infinite where it is too large for a float: as it would be in Keras."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
