"""How late a 5 ms timer of the window's event loop comes while a network trains in its QThread.

Three epochs, so that what happens between two of them counts as well: validation, files, maps for the film.
"""

from __future__ import annotations

import numpy as np

from benchmarks.report import Figure
from benchmarks.window_run import window_run
from cnn_explorer.core.run.config import TrainingConfig

CONFIG = TrainingConfig(epochs=3, train_limit=12_800, test_limit=2_000)


def main() -> None:
    """Train in the window and watch the timer, from the first batch on."""
    gaps = window_run(CONFIG, watch=True).gaps
    note = f"{len(gaps)} ticks after the first batch, median {np.median(gaps):.1f} ms"
    Figure("event loop's 5 ms timer while training, p99", float(np.percentile(gaps, 99)), "ms", 16, "below", note).say()
    Figure("event loop's 5 ms timer while training, longest", max(gaps), "ms", 100, "below", note).say()


if __name__ == "__main__":
    main()
