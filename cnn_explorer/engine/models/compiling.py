"""Training configuration -> a compiled Keras model: optimizer, loss, XLA."""

from __future__ import annotations

from typing import Any

import keras

from cnn_explorer.core.run.config import MOMENTUM_OPTIMIZERS, TrainingConfig
from cnn_explorer.engine.models.losses import LossSpec

_OPTIMIZERS: dict[str, type[keras.optimizers.Optimizer]] = {
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "nadam": keras.optimizers.Nadam,
    "adamax": keras.optimizers.Adamax,
    "sgd": keras.optimizers.SGD,
}
_JIT: dict[str, str | bool] = {"auto": "auto", "on": True, "off": False}


def optimizer_of(config: TrainingConfig) -> keras.optimizers.Optimizer:
    """A new optimizer. Its learning rate is a plain variable, to which the training assigns that of each step.

    Under ``mixed_float16`` it scales the loss, as Keras does.
    """
    arguments: dict[str, Any] = {}
    if config.optimizer in MOMENTUM_OPTIMIZERS:
        arguments["momentum"] = config.momentum
    if config.optimizer == "sgd":
        arguments["nesterov"] = config.nesterov
    if config.optimizer == "adamw":
        arguments["weight_decay"] = config.weight_decay
    optimizer = _OPTIMIZERS[config.optimizer](learning_rate=config.learning_rate, **arguments)
    if config.precision == "mixed_float16":
        # Keras does this by itself only for a model whose own policy is mixed, not for one with mixed layers.
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def compile_model(model: keras.Model, config: TrainingConfig) -> None:
    """Compile ``model`` with optimizer and loss of ``config``; its one metric is the accuracy."""
    loss = LossSpec.of(config).keras_loss()
    model.compile(optimizer_of(config), loss, metrics=["accuracy"], jit_compile=_JIT[config.jit_compile])


def uses_xla(model: keras.Model, config: TrainingConfig, device: str) -> bool:
    """Whether the steps of the compiled ``model`` shall be compiled by XLA; ``device`` is TensorFlow's name of it.

    ``auto`` is what Keras decides (not with deterministic operations, say), but on a GPU only: on processors XLA
    takes about twice the time for networks of this kind.
    """
    match config.jit_compile:
        case "on":
            return True
        case "off":
            return False
        case "auto":
            return "GPU" in device and bool(model.jit_compile)
