"""Training configuration -> Keras optimizer with its learning-rate schedule."""

from __future__ import annotations

import keras

from cnn_explorer.core.training import MOMENTUM_OPTIMIZERS, TrainingConfig

_OPTIMIZERS: dict[str, type[keras.optimizers.Optimizer]] = {
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "nadam": keras.optimizers.Nadam,
    "adamax": keras.optimizers.Adamax,
    "sgd": keras.optimizers.SGD,
}


def optimizer_of(config: TrainingConfig) -> keras.optimizers.Optimizer:
    """A new optimizer; the schedule counts batches. Under ``mixed_float16`` it scales the loss, as Keras does."""
    arguments = {"momentum": config.momentum} if config.optimizer in MOMENTUM_OPTIMIZERS else {}
    optimizer = _OPTIMIZERS[config.optimizer](learning_rate=_learning_rate(config), **arguments)
    if config.precision == "mixed_float16":
        # Keras does this by itself only for a model whose own policy is mixed, not for one with mixed layers.
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def _learning_rate(config: TrainingConfig) -> float | keras.optimizers.schedules.LearningRateSchedule:
    rate, steps = config.learning_rate, config.decay_steps
    match config.schedule:
        case "none":
            return rate
        case "power":
            return keras.optimizers.schedules.InverseTimeDecay(rate, steps, config.decay_rate)
        case "exponential":
            return keras.optimizers.schedules.ExponentialDecay(rate, steps, config.decay_rate)
        case "cosine":
            return keras.optimizers.schedules.CosineDecay(rate, steps)
