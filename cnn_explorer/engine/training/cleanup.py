"""What a run would leave in memory, and how it goes."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf


def _trimming() -> Callable[[int], int] | None:
    """The allocator's function that gives free memory back to the system, where there is one: glibc's."""
    if sys.platform != "linux":
        return None
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return None
    return trim


_trim = _trimming()


@contextmanager
def cleaned_up() -> Iterator[None]:
    """For use as a decorator: collect what the function leaves, and give the memory back to the system.

    Models, layers and graphs refer to each other in circles. Python's own collector comes for the oldest of them
    late, after several runs. What TensorFlow itself consists of is frozen (``preload``), so this takes milliseconds.

    Who has switched the collector off does both himself, on the thread of his choice: so does the window.
    """
    try:
        yield
    finally:
        if gc.isenabled():
            gc.collect()
            give_memory_back()


def give_memory_back() -> None:
    """Give memory that is free back to the system, where the C library can be asked for it.

    After a run it lies in as many pieces as TensorFlow has threads, 60 to 120 MiB after a small one, now more and now
    less: glibc keeps it unless it is asked for it.
    """
    if _trim is not None:
        _trim(0)


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
