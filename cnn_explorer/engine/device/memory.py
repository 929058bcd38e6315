"""Whether a training can fit into memory at all: on a processor TensorFlow ends the whole process where it does not."""

from __future__ import annotations

import sys
from pathlib import Path

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import infer

if sys.platform == "linux":
    import resource


def check_memory(architecture: Architecture, batch_size: int, precision: str) -> None:
    """Raise ``ExplorerError`` if a step on the processor needs more memory than there is.

    TensorFlow does not report that there: it aborts (``std::bad_alloc``), or the system kills it. On a GPU it reports,
    and a run fails in order. What is compared is less than the real need (``Inference.memory``), so that nothing is
    refused that could go.
    """
    needed, free = infer(architecture).memory(batch_size), available()
    if precision != "float32":
        needed //= 2
    if free is not None and needed > free:
        raise ExplorerError(
            f"Training on {batch_size:,} images at a time needs at least {_gib(needed)} of memory, "
            f"and {_gib(free)} are free.",
            "Use a smaller batch size, fewer filters or units, or smaller images.",
        )


def available() -> int | None:
    """Bytes that this process can still get, swap included; ``None`` where the system does not say it."""
    if sys.platform != "linux":
        return None
    lines = Path("/proc/meminfo").read_text().splitlines()
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    free = 1024 * (kilobytes["MemAvailable"] + kilobytes["SwapFree"])
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        free = min(free, limit - pages * resource.getpagesize())
    return max(free, 0)


def _gib(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"
