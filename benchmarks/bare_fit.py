"""Run a Keras script as it is and print the training seconds of its epochs, validation left out.

The only intrusion is one callback with hooks at the start of an epoch and of its validation, none by batch.
"""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import json
import runpy
import sys
import tempfile
import time
from typing import Any

import keras


class EpochClock(keras.callbacks.Callback):
    """Seconds from the start of each epoch to the start of its validation."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._start = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_test_begin(self, logs: Any = None) -> None:
        """Training ends where validation begins."""
        self.seconds.append(time.perf_counter() - self._start)


def main() -> None:
    """``python -m benchmarks.bare_fit SCRIPT ARGUMENTS…``"""
    clock, fit = EpochClock(), keras.Model.fit

    def timed_fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        return fit(model, *args, **{**kwargs, "callbacks": [clock], "verbose": 0})

    keras.Model.fit = timed_fit
    sys.argv = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # the script saves its model where it stands
        runpy.run_path(sys.argv[0], run_name="__main__")
        os.chdir("/")
    print(json.dumps(clock.seconds))


if __name__ == "__main__":
    main()
