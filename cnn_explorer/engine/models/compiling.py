"""Training configuration -> a compiled Keras model: optimizer, loss, XLA."""

from __future__ import annotations

import keras

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.optimizers import optimizer_named
from cnn_explorer.engine.models.losses import LossSpec

_JIT: dict[str, str | bool] = {"auto": "auto", "on": True, "off": False}


def optimizer_of(config: TrainingConfig) -> keras.optimizers.Optimizer:
    """A new optimizer. Its learning rate is a plain variable, to which the training assigns that of each step.

    Under ``mixed_float16`` it scales the loss, as Keras does.
    """
    keras_class = getattr(keras.optimizers, optimizer_named(config.optimizer).keras_class)
    optimizer = keras_class(learning_rate=config.learning_rate, **config.optimizer_arguments)
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
