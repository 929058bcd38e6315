"""The child process that asks the driver, with a driver made of C that says what we want."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cnn_explorer import gpu_probe

COMPILER = shutil.which("cc")
needs_compiler = pytest.mark.skipif(COMPILER is None or sys.platform != "linux", reason="needs cc on Linux")
# The signatures are those of cuda.h and nvml.h, so that a wrong call of ours would not pass.
DRIVER = r"""
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
typedef int CUdevice; typedef void *CUcontext;
int cuDriverGetVersion(int *version) { *version = 12040; return 0; }
int cuInit(unsigned int flags) { INIT }
int cuDeviceGetCount(int *count) { *count = 2; return 0; }
int cuDeviceGet(CUdevice *device, int ordinal) { *device = 10 + ordinal; return 0; }
int cuDeviceGetName(char *name, int length, CUdevice d) {
    strncpy(name, d == 10 ? "First" : "Second", length); return 0;
}
int cuDeviceGetAttribute(int *value, int what, CUdevice d) { *value = what == 75 ? 9 : what == 76 ? 1 : -1; return 0; }
int cuDeviceTotalMem_v2(size_t *bytes, CUdevice d) { *bytes = 80ULL << 30; return 0; }
int cuDeviceGetPCIBusId(char *id, int length, CUdevice d) {
    strncpy(id, d == 10 ? "0000:01" : "0000:02", length); return 0;
}
int cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice d) { *context = (void *)1; return RETAIN; }
int cuCtxSetCurrent(CUcontext context) { return context == (void *)1 ? 0 : 201; }
int cuMemGetInfo_v2(size_t *free, size_t *total) { *free = 5ULL << 30; *total = 80ULL << 30; return 0; }
"""
NVML = r"""
#include <string.h>
typedef struct { unsigned long long total, free, used; } Memory;
int nvmlInit_v2(void) { return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char *id, void **device) { *device = (void *)id; return 0; }
int nvmlDeviceGetMemoryInfo(void *device, Memory *memory) {
    memory->total = 80ULL << 30; memory->used = 1; memory->free = strcmp(device, "0000:02") ? 70ULL << 30 : 60ULL << 30;
    return 0;
}
"""


def build(folder: Path, name: str, source: str) -> None:
    """Compile a library of that name."""
    assert COMPILER is not None
    command = [COMPILER, "-shared", "-fPIC", "-x", "c", "-", "-o", str(folder / name)]
    subprocess.run(command, input=source, text=True, check=True)


def probe(folder: Path, *libraries: str) -> tuple[int, dict[str, Any]]:
    """The exit code of the child and all that it wrote."""
    environment = os.environ | {"LD_LIBRARY_PATH": str(folder)}
    command = [sys.executable, "-m", "cnn_explorer", gpu_probe.FLAG, *libraries]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        found |= json.loads(line)
    return done.returncode, found


@needs_compiler
@pytest.mark.parametrize(("nvml", "free"), [(True, (70, 60)), (False, (5, 5))])
def test_that_every_gpu_is_described_with_its_free_memory(tmp_path: Path, nvml: bool, free: tuple[int, int]) -> None:
    build(tmp_path, "libcuda.so.1", DRIVER.replace("INIT", "return 0;").replace("RETAIN", "0"))
    if nvml:
        build(tmp_path, "libnvidia-ml.so.1", NVML)
    code, found = probe(tmp_path, "libcuda.so.1", "libnot_there.so.12")
    assert (code, found["init"], found["driver_cuda"]) == (0, 0, [12, 4])
    assert found["missing"] == ["libnot_there.so.12"]
    assert found["gpus"] == [
        {"name": name, "capability": [9, 1], "total": 80 << 30, "free": gib << 30}
        for name, gib in zip(("First", "Second"), free, strict=True)
    ]


@needs_compiler
def test_that_a_gpu_without_room_for_a_context_has_no_free_memory(tmp_path: Path) -> None:
    build(tmp_path, "libcuda.so.1", DRIVER.replace("INIT", "return 0;").replace("RETAIN", "2"))
    assert [gpu["free"] for gpu in probe(tmp_path)[1]["gpus"]] == [0, 0]


@needs_compiler
@pytest.mark.parametrize(("body", "init"), [("return 100;", 100), ("abort();", None)])
def test_that_what_was_known_before_the_driver_failed_is_told(tmp_path: Path, body: str, init: int | None) -> None:
    build(tmp_path, "libcuda.so.1", DRIVER.replace("INIT", body).replace("RETAIN", "0"))
    code, found = probe(tmp_path)
    assert (code == 0) is (init is not None)
    assert found.get("init") == init
    assert found["driver_cuda"] == [12, 4]
    assert "gpus" not in found


def test_that_without_a_driver_only_the_libraries_are_told(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr(gpu_probe, "_load", lambda _name: None)
    assert gpu_probe.main(["libcudart.so.12"]) == 0
    assert json.loads(capsys.readouterr().out) == {"missing": ["libcudart.so.12"]}
