"""Why no run can start, in one sentence."""

from __future__ import annotations

from cnn_explorer.core.model.info import Device, DeviceReport
from cnn_explorer.core.network.inference import Problem
from cnn_explorer.core.run.config import RuntimeOptions, TrainingConfig
from cnn_explorer.ui.session.readiness import RESTART, needs_restart, obstacle
from tests.ui.fakes import digits

CPU = DeviceReport((Device("cpu", "CPU"),), "cpu", "No GPU was found.", ())
CONFIG = TrainingConfig()


def test_that_data_and_engine_come_first() -> None:
    assert obstacle(CONFIG, (), digits(), CPU) == ""
    assert obstacle(CONFIG, (), None, None) == "The data set is still loading."
    assert obstacle(CONFIG, (), None, CPU, "No such file.") == "The data set could not be loaded: No such file."
    assert obstacle(CONFIG, (), digits(), None) == "The engine is still loading."
    failed = obstacle(CONFIG, (), digits(), None, "", "No TensorFlow.")
    assert failed == "The engine could not be started: No TensorFlow."


def test_that_a_problem_names_its_layer_or_its_setting() -> None:
    problem = Problem("Pool_3", "the map is 3×3, a 4×4 window does not fit.", 5)
    assert obstacle(CONFIG, (problem,), digits(), CPU) == "Pool_3: the map is 3×3, a 4×4 window does not fit."
    assert obstacle(CONFIG, (Problem("", "There are no layers."),), digits(), CPU) == "There are no layers."
    pieces = TrainingConfig(schedule="piecewise", values=())
    assert obstacle(pieces, (), digits(), CPU).startswith("Values: Expected 2 values")


def test_that_options_of_the_start_need_a_restart() -> None:
    threads = TrainingConfig(intra_op_threads=2)
    assert not needs_restart(threads, None)
    assert needs_restart(threads, CPU)
    assert obstacle(threads, (), digits(), CPU) == RESTART
    started = DeviceReport((Device("cpu", "CPU"),), "cpu", "", (), RuntimeOptions(intra_op_threads=2))
    assert obstacle(threads, (), digits(), started) == ""
