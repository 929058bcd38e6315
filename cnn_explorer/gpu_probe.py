"""Asks the NVIDIA driver what it has. Runs in a process of its own, since a broken driver may crash or hang.

``python -m cnn_explorer --probe-gpu LIBRARY…`` writes what it finds line by line (JSON objects, to be merged), so that
what was known before a crash is known after it. Only the standard library is used. Names and numbers are those of
cuda.h and nvml.h.
"""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Sequence
from typing import Any

FLAG = "--probe-gpu"
_MAJOR, _MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_…
_NAME_LENGTH, _BUS_LENGTH = 256, 32


class _NvmlMemory(ctypes.Structure):
    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


def main(libraries: Sequence[str]) -> int:
    """Write what is found out; ``libraries`` are those that TensorFlow needs, looked for by the system's loader."""
    _say(missing=[name for name in libraries if _load(name) is None])
    cuda = _load("libcuda.so.1")
    if cuda is None:
        return 0
    number = ctypes.c_int()
    if cuda.cuDriverGetVersion(ctypes.byref(number)) == 0:
        _say(driver_cuda=[number.value // 1000, number.value % 1000 // 10])
    result = cuda.cuInit(0)
    if result == 0 and cuda.cuDeviceGetCount(ctypes.byref(number)) == 0:
        _say(gpus=[_gpu(cuda, index) for index in range(number.value)])
    _say(init=result)
    return 0


def _gpu(cuda: ctypes.CDLL, index: int) -> dict[str, Any]:
    device, major, minor, total = ctypes.c_int(), ctypes.c_int(), ctypes.c_int(), ctypes.c_size_t()
    name, bus = ctypes.create_string_buffer(_NAME_LENGTH), ctypes.create_string_buffer(_BUS_LENGTH)
    cuda.cuDeviceGet(ctypes.byref(device), index)
    cuda.cuDeviceGetName(name, _NAME_LENGTH, device)
    cuda.cuDeviceGetAttribute(ctypes.byref(major), _MAJOR, device)
    cuda.cuDeviceGetAttribute(ctypes.byref(minor), _MINOR, device)
    cuda.cuDeviceTotalMem_v2(ctypes.byref(total), device)
    cuda.cuDeviceGetPCIBusId(bus, _BUS_LENGTH, device)
    free = _free_by_nvml(bus.value)
    return {
        "name": name.value.decode(errors="replace"),
        "capability": [major.value, minor.value],
        "total": total.value,
        "free": _free_by_cuda(cuda, device) if free is None else free,
    }


def _free_by_nvml(bus: bytes) -> int | None:
    """Free bytes without taking any; ``None`` where there is no NVML, as on Jetson."""
    nvml = _load("libnvidia-ml.so.1")
    if nvml is None or nvml.nvmlInit_v2() != 0:
        return None
    handle, memory = ctypes.c_void_p(), _NvmlMemory()
    if nvml.nvmlDeviceGetHandleByPciBusId_v2(bus, ctypes.byref(handle)) != 0:
        return None
    return int(memory.free) if nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0 else None


def _free_by_cuda(cuda: ctypes.CDLL, device: ctypes.c_int) -> int:
    """Free bytes beside a context of our own; 0 if there is no room even for that."""
    context, free, total = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_size_t()
    if cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), device) != 0 or cuda.cuCtxSetCurrent(context) != 0:
        return 0
    return free.value if cuda.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total)) == 0 else 0


def _load(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


def _say(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
