from __future__ import annotations

import pytest
import tensorflow as tf
from tensorflow.python.framework.config import disable_op_determinism, is_op_determinism_enabled

from cnn_explorer.engine.device.determinism import deterministic


def test_that_operations_are_deterministic_in_the_block_and_as_before_after_it() -> None:
    assert not is_op_determinism_enabled()
    with deterministic(True):
        assert is_op_determinism_enabled()
        with deterministic(True):
            pass
        assert is_op_determinism_enabled()
    assert not is_op_determinism_enabled()


def test_that_a_failure_in_the_block_leaves_nothing_behind() -> None:
    with pytest.raises(RuntimeError), deterministic(True):
        raise RuntimeError
    assert not is_op_determinism_enabled()


def test_that_nothing_happens_if_it_is_not_wanted() -> None:
    with deterministic(False):
        assert not is_op_determinism_enabled()


def test_that_what_someone_else_has_switched_on_stays_on() -> None:
    tf.config.experimental.enable_op_determinism()
    try:
        with deterministic(True):
            pass
        assert is_op_determinism_enabled()
    finally:
        disable_op_determinism()
