"""What is found out about GPUs, on machines that are made up."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tensorflow as tf

from cnn_explorer.core.gpu_diagnosis import FoundGpu
from cnn_explorer.engine.device import gpu

ANSWER = """
print('{"missing": ["libcudart.so.12", "libcudnn.so.9"]}')
print('{"driver_cuda": [12, 4]}')
print('{"gpus": [{"name": "One", "capability": [8, 0], "total": 40, "free": 30}]}', flush=True)
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a card, a driver and readable device files, whose TensorFlow knows CUDA 12.5 and cuDNN 9."""
    card = tmp_path / "pci" / "0000:01:00.0"
    card.mkdir(parents=True)
    (card / "vendor").write_text("0x10de\n")
    (card / "class").write_text("0x030200\n")
    (tmp_path / "dev").mkdir()
    (tmp_path / "version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22\nGCC\n")
    monkeypatch.setattr(gpu, "_PCI", tmp_path / "pci")
    monkeypatch.setattr(gpu, "_DEVICES", tmp_path / "dev")
    monkeypatch.setattr(gpu, "_VERSION", tmp_path / "version")
    monkeypatch.setattr(gpu, "_has_driver", lambda: True)
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: True)
    info = {
        "cuda_version": "12.5.1",
        "cudnn_version": "9",
        "cuda_compute_capabilities": ["sm_70", "sm_60", "compute_90"],
    }
    monkeypatch.setattr(tf.sysconfig, "get_build_info", lambda: info)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


def answering(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the child be this code."""
    monkeypatch.setattr(gpu, "program", lambda: (sys.executable, "-c", code))


def test_that_all_facts_come_together(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ANSWER + "print('{\"init\": 0}')")
    monkeypatch.setattr(gpu, "_in_wheels", lambda name: "cudnn" in name)
    facts = gpu.probe()
    assert (facts.needs_cuda, facts.oldest, facts.has_card, facts.driver) == ("12.5.1", (6, 0), True, "550.54.14")
    assert (facts.answered, facts.init, facts.driver_cuda) == (True, 0, (12, 4))
    assert facts.gpus == (FoundGpu("One", (8, 0), 40, 30),)
    assert facts.missing == ("libcudart.so.12",)
    assert facts.refused == ()


def test_that_the_child_is_asked_for_the_libraries_of_this_cuda_version(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "import json, sys; print(json.dumps({'missing': sys.argv[2:], 'init': 0}))")
    monkeypatch.setattr(gpu, "_in_wheels", lambda _name: False)
    assert {"libcudart.so.12", "libcufft.so.11", "libcudnn.so.9"} <= set(gpu.probe().missing)


@pytest.mark.parametrize("death", ["import os; os.abort()", "import time; time.sleep(60)", "print('{\"ini', end='')"])
def test_that_a_driver_which_crashes_hangs_or_breaks_off_harms_nobody(
    machine: Path, monkeypatch: pytest.MonkeyPatch, death: str
) -> None:
    answering(monkeypatch, ANSWER + death)
    monkeypatch.setattr(gpu, "_PATIENCE", 1)
    facts = gpu.probe()
    assert not facts.answered
    assert (facts.init, facts.driver_cuda) == (None, (12, 4))


def test_that_a_program_which_cannot_be_started_counts_as_no_answer(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "program", lambda: (str(machine / "gone"),))
    assert not gpu.probe().answered


def test_that_hidden_gpus_are_left_alone(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.setattr(gpu, "_ask_driver", lambda _libraries: pytest.fail("the driver was asked"))
    assert gpu.probe().is_hidden


def test_that_device_files_of_others_are_named(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "print('{\"init\": 100}')")
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-modeset", "null"):
        (machine / "dev" / name).touch()
    monkeypatch.setattr(gpu.os, "access", lambda path, _mode: path.name == "nvidiactl")
    assert gpu.probe().refused == (str(machine / "dev" / "nvidia-uvm"), str(machine / "dev" / "nvidia0"))


@pytest.mark.parametrize(
    ("vendor", "kind", "expected"),
    [("0x10de", "0x030000", True), ("0x10de", "0x040300", False), ("0x1002", "0x030000", False)],
)
def test_that_only_graphics_and_computing_cards_of_nvidia_count(
    machine: Path, vendor: str, kind: str, expected: bool
) -> None:
    card = machine / "pci" / "0000:01:00.0"
    (card / "vendor").write_text(f"{vendor}\n")
    (card / "class").write_text(f"{kind}\n")
    assert gpu._has_card() is expected


def test_that_libraries_that_pip_brought_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf, "__file__", str(tmp_path / "tensorflow" / "__init__.py"))
    library = tmp_path / "nvidia" / "cudnn" / "lib" / "libcudnn.so.9"
    library.parent.mkdir(parents=True)
    library.touch()
    assert gpu._in_wheels("libcudnn.so.9")
    assert not gpu._in_wheels("libcudart.so.12")


def test_that_this_machine_can_be_asked() -> None:
    facts = gpu.probe()
    assert facts.needs_cuda == "" or facts.needs_cuda[0].isdigit()
