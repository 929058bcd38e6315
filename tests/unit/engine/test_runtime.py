from __future__ import annotations

import contextlib
import gc
import os
from pathlib import Path

import pytest
import tensorflow as tf

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.engine import preload, runtime


def test_that_the_report_names_the_processor_and_explains_the_gpu_in_a_sentence() -> None:
    report = runtime.start()
    assert report.devices[0].name == "cpu"
    assert f"{len(os.sched_getaffinity(0))} threads" in report.devices[0].description
    assert report.default in [device.name for device in report.devices]
    assert report.gpu_note.endswith(".")
    assert dict(report.versions)["tensorflow"] == tf.__version__
    assert runtime.start() is report


def test_that_hidden_gpus_are_told_to_be_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    if not tf.test.is_built_with_cuda():
        pytest.skip("this TensorFlow knows no GPUs")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "CUDA_VISIBLE_DEVICES" in runtime._gpu_note(())


def test_that_a_gpu_in_use_is_named() -> None:
    assert runtime._gpu_note(("GPU 0: Fast One",)) == "TensorFlow computes on GPU 0: Fast One."


def test_that_the_processor_can_always_be_asked_for() -> None:
    assert runtime.device_string("cpu") == "/CPU:0"
    with tf.device(runtime.device_string("cpu")):
        assert tf.constant(1.0).device.endswith("CPU:0")


def test_that_a_device_which_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ExplorerError, match='no device "gpu:99" here; there is cpu'):
        runtime.device_string("gpu:99")


def test_that_importing_the_engine_writes_nothing(tmp_path: Path, run_python) -> None:
    done = run_python("from cnn_explorer.engine import runtime; runtime.start()", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_that_only_known_chatter_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    with preload._without_chatter():
        os.write(2, b"I0000 cudart_stub.cc:31] Could not find cuda drivers\nsomething real\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "something real\nafter\n"


@pytest.mark.parametrize("enabled", [True, False])
def test_that_the_garbage_collector_is_as_before_after_a_failed_import(enabled: bool) -> None:
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with contextlib.suppress(ImportError), preload.collector_at_rest():
            assert not gc.isenabled()
            raise ImportError
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
