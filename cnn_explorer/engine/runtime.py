"""What the engine computes on: devices, their memory, versions, and why a GPU is used or not."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys
from functools import cache

import h5py
import keras
import msgspec
import numpy as np
import sklearn
import tensorflow as tf

import cnn_explorer
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model_info import Device, DeviceReport

CPU_STRING = "/CPU:0"


@cache
def start() -> DeviceReport:
    """Prepare TensorFlow and say what it runs on; later calls give the same report.

    GPUs are told to take memory as they need it, not all at once, so that other programs can use them too.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        # Refused once something has been computed; then memory is as it is.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    devices = [Device("cpu", f"CPU ({_thread_count()} threads)")]
    for number, gpu in enumerate(gpus):
        kind = tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
        devices.append(Device(f"gpu:{number}", f"GPU {number}: {kind}"))
    return DeviceReport(
        devices=tuple(devices),
        default=devices[min(1, len(devices) - 1)].name,
        gpu_note=_gpu_note(tuple(d.description for d in devices[1:])),
        versions=_versions(),
    )


def device_string(name: str) -> str:
    """TensorFlow's name for ``auto``, ``cpu``, ``gpu`` or ``gpu:N``, to be used in ``tf.device``.

    Raises ``ExplorerError`` that lists the devices, if there is no such device.
    """
    chosen = find_device(name).name
    return CPU_STRING if chosen == "cpu" else chosen.replace("gpu", "/GPU")


def find_device(name: str) -> Device:
    """The device that ``name`` means: ``auto`` is the first GPU if there is one, ``gpu`` is ``gpu:0``."""
    report = start()
    wanted = {"auto": report.default, "gpu": "gpu:0"}.get(name, name)
    for device in report.devices:
        if device.name == wanted:
            return device
    there = ", ".join(device.name for device in report.devices)
    hint = "Choose another device, or auto."
    if len(report.devices) == 1:
        hint = f"{report.gpu_note} {hint}"
    raise ExplorerError(f'There is no device "{name}" here; there is {there}.', hint)


def _thread_count() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _gpu_note(gpus: tuple[str, ...]) -> str:
    """One sentence for people who wonder where their GPU is."""
    if gpus:
        return f"TensorFlow computes on {gpus[0]}."
    if not tf.test.is_built_with_cuda():
        return "No GPU is used: this TensorFlow is built for the processor only."
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return "No GPU is used: the environment variable CUDA_VISIBLE_DEVICES hides them."
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "No GPU is used: there is no NVIDIA driver (libcuda.so.1) on this machine."
    return (
        "No GPU is used, although there is an NVIDIA driver: either no GPU is visible (see nvidia-smi), or the CUDA "
        'libraries are missing (pip install "tensorflow[and-cuda]").'
    )


def _versions() -> tuple[tuple[str, str], ...]:
    return (
        ("cnn_explorer", cnn_explorer.__version__),
        ("python", platform.python_version()),
        ("tensorflow", tf.__version__),
        ("keras", keras.__version__),
        ("numpy", np.__version__),
        ("h5py", h5py.__version__),
        ("scikit-learn", sklearn.__version__),
        ("msgspec", msgspec.__version__),
        ("system", platform.platform(terse=True)),
    )
