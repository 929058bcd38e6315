"""Training throughput: `cnn-explorer train` over the bare Keras script that codegen writes, in turns.

Both train the same network on the same images. What counts is training time alone, as both report it by
epoch, without the first epoch, in which the graph is traced.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.report import Figure
from cnn_explorer.core.codegen import training_script
from cnn_explorer.core.presets import preset
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.paths import resource

ROUNDS = 3
CONFIG = TrainingConfig(epochs=4, train_limit=12_800, test_limit=1_000)


def ours(folder: Path) -> float:
    """Images per second of `cnn-explorer train`."""
    arguments = ["train", "--preset", "mnist-simple", "--dataset", "mnist", "--json", "--out", str(folder)]
    arguments += ["--epochs", str(CONFIG.epochs), "--train-limit", str(CONFIG.train_limit)]
    arguments += ["--test-limit", str(CONFIG.test_limit)]
    run = subprocess.run([sys.executable, "-m", "cnn_explorer", *arguments], capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in run.stdout.splitlines()]
    return median(e["images_per_second"] for e in events if e["event"] == "epoch" and e["epoch"] > 1)


def bare(script: Path) -> float:
    """Images per second of the bare script; ``bare_fit`` times its epochs without touching its batches."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare_fit", str(script), str(resource("datasets", "mnist.npz"))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = json.loads(run.stdout.splitlines()[-1])
    assert CONFIG.train_limit is not None
    return median(CONFIG.train_limit / s for s in seconds[1:])


def main() -> None:
    """Measure in turns, ours, bare, ours, bare …"""
    ratios, rates = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "bare.py"
        script.write_text(training_script(preset("mnist-simple").architecture, CONFIG, "mnist"), "utf-8")
        for turn in range(ROUNDS):
            a, b = ours(folder / f"run{turn}"), bare(script)
            ratios.append(a / b)
            rates.append((a, b))
    shown = ", ".join(f"{a:.0f}/{b:.0f}" for a, b in rates)
    Figure(
        "training throughput over the bare Keras script", median(ratios), "times", 1.0, "at_least",
        f"median of {ROUNDS} turns, images/s: {shown}",
    ).say()  # fmt: skip


if __name__ == "__main__":
    main()
