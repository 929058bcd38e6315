"""From the start of the process to the first painting of the window, in the median of several starts.

On an X server of its own (Xvfb) where there is one that Qt can use, otherwise on Qt's offscreen platform.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from benchmarks.report import Figure
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.system_check import X11_LIBRARIES, missing

STARTS = 7
TARGET = 1.2  # seconds
# What `python -m cnn_explorer` does, and a look at the clock in the moment that counts.
CHILD = """
import os, time
import cnn_explorer.__main__
from cnn_explorer.system_check import require_window
require_window()
from cnn_explorer.app import run_window
def painted():
    print(time.time(), flush=True)
    os._exit(0)
run_window(painted=painted)
"""


def main() -> None:
    """Start the window some times and print the median."""
    with tempfile.TemporaryDirectory() as home, _display() as (environment, where):
        environment = os.environ | environment | {"CNN_EXPLORER_HOME": home}
        _seconds_to_paint(environment)  # brings the files into the system's cache
        times = [_seconds_to_paint(environment) for _ in range(STARTS)]
    note = f"{where}; {STARTS} warm starts, {min(times):.2f} to {max(times):.2f} s"
    Figure("process start to first paint", statistics.median(times), "s", TARGET, "below", note).say()


def _seconds_to_paint(environment: dict[str, str]) -> float:
    begun = time.time()
    run = subprocess.run(
        [sys.executable, "-c", CHILD], env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=120
    )
    return float(run.stdout) - begun


@contextlib.contextmanager
def _display() -> Iterator[tuple[dict[str, str], str]]:
    """Environment variables of a display that is no person's, and its name."""
    if shutil.which("Xvfb") is None or missing(X11_LIBRARIES):
        yield {"QT_QPA_PLATFORM": "offscreen"}, "offscreen platform"
        return
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        if not number:
            raise ExplorerError("Xvfb did not start.", "Without Xvfb the offscreen platform is used.")
        yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}, "Xvfb"
    finally:
        server.terminate()
        server.communicate()


if __name__ == "__main__":
    main()
