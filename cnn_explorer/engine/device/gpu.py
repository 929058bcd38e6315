"""Finds out what there is of NVIDIA on this machine. Nothing in here can crash or hang this process."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import tensorflow as tf

from cnn_explorer.core.gpu_diagnosis import FoundGpu, GpuFacts
from cnn_explorer.gpu_probe import FLAG
from cnn_explorer.store.paths import program

_PATIENCE = 20
"""Seconds that the driver has to answer; a sound one needs less than one."""
_PCI, _DEVICES, _VERSION = Path("/sys/bus/pci/devices"), Path("/dev"), Path("/proc/driver/nvidia/version")
_NVIDIA, _DISPLAY_OR_ACCELERATOR = "0x10de", ("0x03", "0x12")
# The version numbers of these libraries go their own ways: NVIDIA's release notes of each CUDA version.
_LIBRARIES = {
    12: ("libcudart.so.12", "libcublas.so.12", "libcufft.so.11", "libcusolver.so.11", "libcusparse.so.12"),
    13: ("libcudart.so.13", "libcublas.so.13", "libcufft.so.12", "libcusolver.so.12", "libcusparse.so.12"),
}


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What ``gpu_probe`` writes, as far as it came; ``init`` comes last."""

    missing: tuple[str, ...] = ()
    driver_cuda: tuple[int, int] | None = None
    gpus: tuple[FoundGpu, ...] = ()
    init: int | None = None


def probe() -> GpuFacts:
    """The facts, apart from what TensorFlow makes of them (``used`` and ``failure``)."""
    build = tf.sysconfig.get_build_info()
    needs_cuda = str(build.get("cuda_version", "")) if tf.test.is_built_with_cuda() else ""
    facts = GpuFacts(
        needs_cuda=needs_cuda,
        oldest=_oldest(build.get("cuda_compute_capabilities", ())),
        visible=os.environ.get("CUDA_VISIBLE_DEVICES"),
        has_card=_has_card(),
        has_driver=_has_driver(),
        driver=_driver_version(),
        refused=_refused_files(),
    )
    if not needs_cuda or not facts.has_driver or facts.is_hidden:
        return facts
    answer = _ask_driver(_needed_libraries(needs_cuda, str(build.get("cudnn_version", ""))))
    return msgspec.structs.replace(
        facts,
        answered=answer.init is not None,
        init=answer.init,
        driver_cuda=answer.driver_cuda,
        gpus=answer.gpus,
        missing=tuple(name for name in answer.missing if not _in_wheels(name)),
    )


def _ask_driver(libraries: tuple[str, ...]) -> _Answer:
    """Let another process ask; without its last line it crashed, or was too slow."""
    command = [*program(), FLAG, *libraries]
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )  # fmt: skip
    except OSError:
        return _Answer()
    written = b""
    try:
        written, _ = child.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        # A process that hangs inside the kernel dies later, or never: it is not waited for.
        with contextlib.suppress(subprocess.TimeoutExpired):
            written, _ = child.communicate(timeout=1)
    found: dict[str, Any] = {}
    for line in written.splitlines():
        with contextlib.suppress(msgspec.DecodeError):  # the last line of a killed process
            found |= msgspec.json.decode(line, type=dict[str, Any])
    return msgspec.convert(found, _Answer)


def _needed_libraries(cuda: str, cudnn: str) -> tuple[str, ...]:
    """What this TensorFlow loads for a GPU; only what is known for its version of CUDA."""
    named = _LIBRARIES.get(int(cuda.split(".")[0]), ())
    return (*named, f"libcudnn.so.{cudnn.split('.')[0]}") if cudnn else named


def _in_wheels(name: str) -> bool:
    """Whether pip brought a library: TensorFlow looks beside its own folder, where the loader does not."""
    packages = Path(tf.__file__).parents[1]
    return any(packages.glob(f"nvidia/*/lib/{name}"))


def _oldest(built_for: Any) -> tuple[int, int] | None:
    """The lowest of ``sm_60``, ``compute_90`` …"""
    numbers = [int(match[1]) for name in built_for if (match := re.fullmatch(r"(?:sm|compute)_(\d+)[af]?", str(name)))]
    return divmod(min(numbers), 10) if numbers else None


def _has_card() -> bool | None:
    if not sys.platform.startswith("linux") or not _PCI.is_dir() or Path("/dev/dxg").exists():  # dxg: Windows' Linux
        return None
    for device in _PCI.iterdir():
        with contextlib.suppress(OSError):
            kind = (device / "class").read_text("ascii")
            if (device / "vendor").read_text("ascii").strip() == _NVIDIA and kind.startswith(_DISPLAY_OR_ACCELERATOR):
                return True
    return False


def _has_driver() -> bool:
    # Loading it starts nothing, and TensorFlow has tried the same already.
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def _driver_version() -> str:
    try:
        match = re.search(r"\b\d{3}\.\d+(\.\d+)?\b", _VERSION.read_text("utf-8", "replace"))
    except OSError:
        return ""
    return match[0] if match else ""


def _refused_files() -> tuple[str, ...]:
    files = sorted(path for pattern in ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm") for path in _DEVICES.glob(pattern))
    return tuple(str(path) for path in files if not os.access(path, os.R_OK | os.W_OK))
