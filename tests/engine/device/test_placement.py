"""Where the operations of a run are computed, as TensorFlow says it."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.device.placement import Placed, describe, placement_recorded
from cnn_explorer.engine.training.trainer import train
from cnn_explorer.store.runs import RunFolder

ROWS = tf.TensorSpec((None, 3), tf.float32)


def product(xla: bool = False) -> tf.types.experimental.ConcreteFunction:
    """A graph with one matrix product in a loop."""
    weights = tf.constant(np.eye(3, dtype=np.float32))
    multiply = tf.function(lambda rows: tf.matmul(rows, weights), jit_compile=xla)

    def again(rows: tf.Tensor) -> tf.Tensor:
        for _ in tf.range(2):
            rows = multiply(rows)
        return rows

    return tf.function(again, input_signature=[ROWS]).get_concrete_function()


def test_that_operations_in_loops_are_counted_and_named_with_their_device() -> None:
    said: list[str] = []
    with tf.device("/CPU:0"):
        function = product()
        with placement_recorded(function, said.append):
            function(tf.ones((2, 3)))
    (text,) = said
    assert "MatMul" in text.splitlines()[1]
    assert any(line.split()[:2] == ["CPU:0", "MatMul"] for line in text.splitlines()[2:])
    assert "SummaryWriter" not in text


def test_that_operations_of_xla_are_told_apart() -> None:
    said: list[str] = []
    function = product(xla=True)
    with placement_recorded(function, said.append):
        function(tf.ones((2, 3)))
    (line,) = (line for line in said[0].splitlines() if "compiled by XLA" in line)
    assert "MatMul" in line


def test_that_functions_of_other_threads_stay_out() -> None:
    said: list[str] = []
    function = product()
    other = tf.function(lambda rows: tf.linalg.det(tf.reshape(rows, (3, 3))), input_signature=[ROWS])
    with placement_recorded(function, said.append):
        thread = threading.Thread(target=other, args=(tf.ones((3, 3)),))
        thread.start()
        thread.join()
        function(tf.ones((2, 3)))
    assert "MatrixDeterminant" not in said[0]


def test_that_a_failing_call_ends_the_recording() -> None:
    function = product()
    with pytest.raises(ValueError, match="bad"), placement_recorded(function, lambda _text: None):
        raise ValueError("bad")
    with placement_recorded(product(), lambda _text: None):  # a recording that goes on would be refused here
        pass


def test_that_the_short_lines_count_by_device_and_type() -> None:
    text = describe(
        [Placed("GPU:0", "Conv2D", name, False) for name in ("a", "b")] + [Placed("CPU:0", "Cast", "c", False)]
    )
    assert text.splitlines() == [
        "Device placement of the training step, 3 operations:",
        "  CPU:0: Cast",
        "  GPU:0: Conv2D ×2",
        "    CPU:0  Cast    c",
        "    GPU:0  Conv2D  a",
        "    GPU:0  Conv2D  b",
    ]


def test_that_a_run_writes_it_into_its_log_only_if_asked(
    toy: Dataset, network: Architecture, tmp_path: Path, listener: type
) -> None:
    logs = []
    for wanted in (False, True):
        config = TrainingConfig(epochs=1, batch_size=32, log_device_placement=wanted)
        train(network, config, toy, tmp_path / str(wanted), listener(), RunControl())
        logs.append(RunFolder(tmp_path / str(wanted)).log.read_text("utf-8"))
    assert "Device placement" not in logs[0]
    assert logs[1].count("Device placement of the training step") == 1
    assert "Conv2D" in logs[1]
    assert "CPU:0" in logs[1]
