"""TensorFlow's deterministic operations, for as long as a run wants them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

# There is a public way in, but none to ask or out again.
from tensorflow.python.framework.config import disable_op_determinism, is_op_determinism_enabled

_counting = threading.Lock()
_wanted_by = 0


@contextmanager
def deterministic(wanted: bool) -> Iterator[None]:
    """In the block, if ``wanted``, operations give the same bits each time, or raise where they cannot.

    It holds for the whole process, since TensorFlow has one switch: other threads compute slower meanwhile, on a GPU,
    and not otherwise. Afterwards, when no other block wants it any more, it is as it was before.
    """
    global _wanted_by
    if not wanted or (is_op_determinism_enabled() and not _wanted_by):  # by somebody else: not ours to end
        yield
        return
    with _counting:
        _wanted_by += 1
        tf.config.experimental.enable_op_determinism()
    try:
        yield
    finally:
        with _counting:
            _wanted_by -= 1
            if not _wanted_by:
                disable_op_determinism()
