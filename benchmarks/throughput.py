"""Training throughput, in images per second of training alone, validation and the first epoch left out.

In turns, each in a process of its own: the window (in its QThread, drawing as it goes), the bare Keras script that
codegen writes for the same run, the window in ``mixed_bfloat16``, and PyTorch with bfloat16 autocast if it is there.
What is told are medians of the turns' ratios, since the speed of a machine changes from minute to minute.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.report import Figure
from benchmarks.window_run import window_run
from cnn_explorer.app import ENGINE_NICE
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.export.script.keras_script import training_script
from cnn_explorer.store.paths import resource

ROUNDS = 3
IMAGES = 12_800
CONFIG = TrainingConfig(epochs=4, train_limit=IMAGES, test_limit=1_000)
# Processors without bfloat16 instructions take ten times as long: less of it, but enough to leave the first epoch out.
_FEW, _SHORT = IMAGES // 4, 2
HALF = msgspec.structs.replace(CONFIG, precision="mixed_bfloat16", train_limit=_FEW, epochs=_SHORT)


def in_window(config: TrainingConfig) -> float:
    """Images per second of a run in the window."""
    return float(median(window_run(config).rates[1:]))


def outside(module: str, images: int, *arguments: str) -> float:
    """Images per second of a module of ours that prints the training seconds of its epochs, of ``images`` each.

    It is as nice as the window's engine, so that other work on the machine disturbs both alike.
    """
    nice = ("nice", "-n", str(ENGINE_NICE)) if sys.platform == "linux" else ()
    command = [*nice, sys.executable, "-m", f"benchmarks.{module}", *arguments]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds = json.loads(run.stdout.splitlines()[-1])
    return float(median(images / s for s in seconds[1:]))


def main() -> None:
    """Measure in turns and tell the ratios."""
    has_torch = importlib.util.find_spec("torch") is not None
    window, bare, half, torch = [], [], [], []
    data = str(resource("datasets", "mnist.npz"))
    with tempfile.TemporaryDirectory() as name:
        script = Path(name) / "bare.py"
        script.write_text(training_script(preset("mnist-simple").architecture, CONFIG, "mnist"), "utf-8")
        for _ in range(ROUNDS):
            window.append(in_window(CONFIG))
            bare.append(outside("bare_fit", IMAGES, str(script), data))
            half.append(in_window(HALF))
            if has_torch:
                torch.append(outside("torch_fit", _FEW, data, str(_FEW), str(_SHORT)))
    ratio("training in the window over the bare Keras script", window, bare, 1.0).say()
    ratio("training in mixed_bfloat16 over float32", half, window).say()
    against_torch = "training in mixed_bfloat16 over PyTorch's bfloat16 autocast"
    if has_torch:
        ratio(against_torch, half, torch).say()
    else:
        Figure(against_torch, None, note="PyTorch is not installed here").say()


def ratio(name: str, ours: Sequence[float], theirs: Sequence[float], target: float | None = None) -> Figure:
    """The median ratio, with the rates of each turn in the note."""
    shown = ", ".join(f"{a:.0f}/{b:.0f}" for a, b in zip(ours, theirs, strict=True))
    value = median(a / b for a, b in zip(ours, theirs, strict=True))
    return Figure(name, value, "times", target, note=f"median of {len(ours)} turns, images/s: {shown}")


if __name__ == "__main__":
    main()
