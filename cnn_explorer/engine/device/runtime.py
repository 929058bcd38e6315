"""TensorFlow's start: threads and memory, which cannot change later, and the report of what it runs on."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import threading
from collections.abc import Sequence
from typing import Any

import h5py
import keras
import msgspec
import numpy as np
import sklearn
import tensorflow as tf

import cnn_explorer
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.gpu_diagnosis import GpuFacts, gpu_note
from cnn_explorer.core.model.info import Device, DeviceReport
from cnn_explorer.core.run.config import RuntimeOptions
from cnn_explorer.engine.device import gpu

CPU_STRING = "/CPU:0"
_AS_IT_COMES = RuntimeOptions()
_MIB = 1024**2
_starting = threading.Lock()
_started: DeviceReport | None = None


def start(options: RuntimeOptions = _AS_IT_COMES) -> DeviceReport:
    """Start TensorFlow with ``options`` and say what it runs on; the first call decides, later ones get its report.

    Of each GPU the share ``gpu_memory`` is taken at once; with 0 memory is taken as it is needed, so that other
    programs can use the GPU too. Raises ``ExplorerError`` if something was computed before with other threads.
    """
    global _started
    with _starting:
        if _started is None:
            _started = _start(options)
        return _started


def require(options: RuntimeOptions) -> DeviceReport:
    """The report, if what is in force is as good as ``options``; TensorFlow is started with them if it was not yet.

    Raises ``ExplorerError`` that names what differs: it can change only when the program starts.
    """
    report = start(options)
    differing = report.differing(options)
    if differing:
        words = ", ".join(
            f"{name} is {getattr(report.options, name):g}, not {getattr(options, name):g}" for name in differing
        )
        raise ExplorerError(f"This can change only when the program starts: {words}.", "Restart the program.")
    return report


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


def _start(options: RuntimeOptions) -> DeviceReport:
    _set_threads(options)
    gpus = tf.config.list_physical_devices("GPU")
    totals = [found.total for found in gpu.probe().gpus] if gpus and options.gpu_memory else []
    _set_memory(gpus, options.gpu_memory, totals)
    failure = _begin(gpus)
    if gpus and not failure:
        facts = GpuFacts(used=tuple(_gpu_name(number, device) for number, device in enumerate(gpus)))
    else:
        facts = msgspec.structs.replace(gpu.probe(), failure=failure)
    threads = options.intra_op_threads or _processors()
    devices = [Device("cpu", f"CPU ({threads} {'thread' if threads == 1 else 'threads'})")]
    devices += [Device(f"gpu:{number}", name) for number, name in enumerate(facts.used)]
    return DeviceReport(
        devices=tuple(devices),
        default=devices[min(1, len(devices) - 1)].name,
        gpu_note=gpu_note(facts),
        versions=_versions(),
        options=options,
        idle_gpu=facts.is_idle,
    )


def _set_threads(options: RuntimeOptions) -> None:
    """0 is TensorFlow's own choice, and what it has when nobody asked."""
    threading_options = tf.config.threading
    try:
        if options.intra_op_threads:
            threading_options.set_intra_op_parallelism_threads(options.intra_op_threads)
        if options.inter_op_threads:
            threading_options.set_inter_op_parallelism_threads(options.inter_op_threads)
    except RuntimeError as error:
        raise ExplorerError(
            "The numbers of threads can change only when the program starts.", "Restart the program."
        ) from error


def _set_memory(gpus: Sequence[Any], share: float, totals: Sequence[int]) -> None:
    """Growth and a limit exclude each other. Both are refused once something has been computed: then it stays."""
    with contextlib.suppress(RuntimeError):
        for number, device in enumerate(gpus):
            if share and number < len(totals):
                limit = tf.config.LogicalDeviceConfiguration(memory_limit=max(int(share * totals[number] / _MIB), 1))
                tf.config.set_logical_device_configuration(device, [limit])
            else:
                tf.config.experimental.set_memory_growth(device, True)


def _begin(gpus: Sequence[Any]) -> str:
    """Let TensorFlow take its devices. If a GPU cannot be started go on without any, and return what was said."""
    try:
        tf.config.list_logical_devices()
    except (tf.errors.OpError, RuntimeError) as error:
        if not gpus:
            raise
        tf.config.set_visible_devices([], "GPU")
        tf.config.list_logical_devices()
        return str(error).strip().splitlines()[0][:200].rstrip(".")
    return ""


def _gpu_name(number: int, device: Any) -> str:
    return f"GPU {number}: {tf.config.experimental.get_device_details(device).get('device_name', 'GPU')}"


def _processors() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
