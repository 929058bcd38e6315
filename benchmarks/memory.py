"""Resident memory over ten runs in one process: what the window has after an evening of trying things."""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import resource
import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.report import Figure
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import RunEvent
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.engine.training.trainer import train

RUNS = 10
CONFIG = TrainingConfig(epochs=1, train_limit=2_560, test_limit=640)
TARGET = 1.05
_MIB = 1024**2


def resident() -> float:
    """Memory of this process in MiB; where the system does not say it, the most that it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (_MIB if sys.platform == "darwin" else 1024)
    return pages * resource.getpagesize() / _MIB


def _nobody_listens(_event: RunEvent) -> None:
    pass


def main() -> None:
    """Train ten times, each with a seed of its own; print the memory after the last run over that after the first."""
    architecture, dataset = preset("mnist-simple").architecture, load_dataset("mnist")
    sizes = []
    with tempfile.TemporaryDirectory() as name:
        for seed in range(RUNS):
            config = msgspec.structs.replace(CONFIG, seed=seed)
            train(architecture, config, dataset, Path(name) / f"run{seed}", _nobody_listens, RunControl())
            sizes.append(resident())
    note = f"MiB after each run: {', '.join(f'{size:.0f}' for size in sizes)}"
    Figure(f"memory after run {RUNS} over run 1", sizes[-1] / sizes[0], "times", TARGET, "below", note).say()


if __name__ == "__main__":
    main()
