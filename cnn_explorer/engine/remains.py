"""What a run would leave in memory, and how it goes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf


@contextmanager
def without_remains() -> Iterator[None]:
    """For use as a decorator: collect what the function leaves.

    Models, layers and graphs refer to each other in circles. Python's own collector comes for the oldest of them
    late, after several runs. What TensorFlow itself consists of is frozen (``preload``), so this takes milliseconds.
    """
    try:
        yield
    finally:
        gc.collect()


def apply_gradients_directly(optimizer: keras.optimizers.Optimizer) -> None:
    """Let ``optimizer`` take gradients as they are, as long as there is one replica.

    Keras sends them through an all-reduce first. Without a distribution strategy it changes nothing, but TensorFlow
    registers a gradient for it under a new name, for good, and with it stays the whole graph of the training step:
    5 to 6 MB a run.
    """
    if tf.distribute.has_strategy():
        return
    inner = getattr(optimizer, "inner_optimizer", optimizer)  # of a LossScaleOptimizer
    inner._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables
