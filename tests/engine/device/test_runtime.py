from __future__ import annotations

import contextlib
import gc
import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
import tensorflow as tf

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.gpu_diagnosis import FoundGpu, GpuFacts
from cnn_explorer.core.model.info import Device, DeviceReport
from cnn_explorer.core.run.config import RuntimeOptions
from cnn_explorer.engine.device import gpu, preload, runtime


def test_that_the_report_names_the_processor_and_explains_the_gpu_in_a_sentence() -> None:
    report = runtime.start()
    assert report.devices[0].name == "cpu"
    assert f"{len(os.sched_getaffinity(0))} threads" in report.devices[0].description
    assert report.default in [device.name for device in report.devices]
    assert report.gpu_note.endswith(".")
    assert dict(report.versions)["tensorflow"] == tf.__version__
    assert runtime.start() is report


@pytest.mark.slow
def test_that_threads_asked_for_at_the_start_are_in_force_and_reported(tmp_path: Path, run_python) -> None:
    done = run_python(
        """
import tensorflow as tf
from cnn_explorer.core.run.config import RuntimeOptions
from cnn_explorer.engine import runtime
options = RuntimeOptions(intra_op_threads=3, inter_op_threads=5)
report = runtime.start(options)
assert report.options == options
assert report.devices[0].description == "CPU (3 threads)"
assert tf.config.threading.get_intra_op_parallelism_threads() == 3
assert tf.config.threading.get_inter_op_parallelism_threads() == 5
assert runtime.start(RuntimeOptions()) is report
assert runtime.require(options) is report
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr


def test_that_other_options_than_those_in_force_are_refused_by_name() -> None:
    now = runtime.start().options
    wanted = msgspec.structs.replace(now, intra_op_threads=now.intra_op_threads + 1)
    words = f"intra_op_threads is {now.intra_op_threads}, not {wanted.intra_op_threads}"
    with pytest.raises(ExplorerError, match=f"only when the program starts: {words}") as caught:
        runtime.require(wanted)
    assert caught.value.hint.startswith("Restart")


def test_that_threads_cannot_change_after_something_was_computed() -> None:
    tf.constant(1.0)
    with pytest.raises(ExplorerError, match="only when the program starts"):
        runtime._set_threads(
            RuntimeOptions(intra_op_threads=tf.config.threading.get_intra_op_parallelism_threads() + 1)
        )


def test_that_memory_of_a_gpu_which_is_not_there_needs_no_restart() -> None:
    report = DeviceReport((Device("cpu", "CPU"),), "cpu", "", ())
    assert report.differing(RuntimeOptions(gpu_memory=0.35)) == ()
    both = DeviceReport((*report.devices, Device("gpu:0", "GPU")), "gpu:0", "", ())
    assert both.differing(RuntimeOptions(gpu_memory=0.35)) == ("gpu_memory",)


@dataclass
class FakeTensorFlow:
    """What ``runtime`` asks of ``tf.config``, with one GPU that does not start if ``failure`` says so."""

    failure: str = ""
    limits: list[int] = field(default_factory=list)
    growth: list[str] = field(default_factory=list)
    hidden: bool = False

    def put_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def begin() -> list[str]:
            if self.failure and not self.hidden:
                raise tf.errors.InternalError(None, None, self.failure)
            return []

        config = tf.config
        monkeypatch.setattr(config, "list_physical_devices", lambda _kind: ["card"])
        monkeypatch.setattr(config, "list_logical_devices", begin)
        monkeypatch.setattr(config, "set_visible_devices", lambda _none, _kind: setattr(self, "hidden", True))
        monkeypatch.setattr(config, "LogicalDeviceConfiguration", lambda memory_limit: memory_limit)
        monkeypatch.setattr(config, "set_logical_device_configuration", lambda _card, given: self.limits.extend(given))
        monkeypatch.setattr(config.experimental, "set_memory_growth", lambda card, _on: self.growth.append(card))
        monkeypatch.setattr(config.experimental, "get_device_details", lambda _card: {"device_name": "Fast One"})
        monkeypatch.setattr(runtime, "_started", None)
        found = FoundGpu("Fast One", (8, 0), 80 * 1024**3, 1024**2)
        facts = GpuFacts(needs_cuda="12.5", has_driver=True, has_card=True, init=0, gpus=(found,))
        monkeypatch.setattr(gpu, "probe", lambda: facts)


def test_that_memory_of_a_gpu_grows_as_needed_if_no_share_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeTensorFlow()
    fake.put_in(monkeypatch)
    report = runtime.start()
    assert (fake.growth, fake.limits) == (["card"], [])
    assert [device.name for device in report.devices] == ["cpu", "gpu:0"]
    assert report.default_description == "GPU 0: Fast One"
    assert report.gpu_note == "TensorFlow computes on GPU 0: Fast One."
    assert runtime.device_string("auto") == "/GPU:0"


def test_that_a_share_of_a_gpus_memory_is_a_limit_in_megabytes_and_no_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeTensorFlow()
    fake.put_in(monkeypatch)
    assert runtime.start(RuntimeOptions(gpu_memory=0.35)).options.gpu_memory == 0.35
    assert (fake.growth, fake.limits) == ([], [28672])  # 0.35 · 80 · 1024


def test_that_a_gpu_which_cannot_be_started_leaves_the_processor_and_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeTensorFlow(failure="cuDevicePrimaryCtxRetain: CUDA_ERROR_OUT_OF_MEMORY: out of memory\nmore")
    fake.put_in(monkeypatch)
    report = runtime.start()
    assert fake.hidden
    assert [device.name for device in report.devices] == ["cpu"]
    assert report.gpu_note.startswith("No GPU is used: Fast One has 0.0 of 80.0 GiB free, which is not enough")
    with pytest.raises(ExplorerError, match="no device") as caught:
        runtime.device_string("gpu")
    assert "80.0 GiB" in caught.value.hint


def test_that_the_processor_can_always_be_asked_for() -> None:
    assert runtime.device_string("cpu") == "/CPU:0"
    with tf.device(runtime.device_string("cpu")):
        assert tf.constant(1.0).device.endswith("CPU:0")


def test_that_a_device_which_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ExplorerError, match='no device "gpu:99" here; there is cpu'):
        runtime.device_string("gpu:99")


@pytest.mark.slow  # a refusal of the command line in a process of its own, which is one line, shows as much
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
