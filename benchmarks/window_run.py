"""One run in the window: the real main window with the real engine, on the offscreen platform, Train page in front.

``python -m benchmarks.window_run CONFIG.json [--watch]`` prints what a user of the window gets, as JSON: ``rates``,
images per second of each epoch, and with ``--watch`` also ``gaps``, the milliseconds between the ticks of a 5 ms timer
of the event loop, from the first batch until a second after the end of the run, when the new model has been opened.
"""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from cnn_explorer.app import PAGES, services
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import BatchEnded, Ended, EpochEnded, RunEvent
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow

_LONGEST_START, _LONGEST_RUN = 60, 300
"""Seconds."""


@dataclass(frozen=True)
class WindowRun:
    """What was measured: see the module's heading."""

    rates: list[float]
    gaps: list[float]


def window_run(config: TrainingConfig, watch: bool = False) -> WindowRun:
    """Train as ``config`` says in the window of a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.json"
        path.write_bytes(config.to_json())
        command = [sys.executable, "-m", "benchmarks.window_run", str(path), *(["--watch"] if watch else [])]
        run = subprocess.run(
            command, env=os.environ | {"CNN_EXPLORER_HOME": folder}, stdout=subprocess.PIPE, text=True, check=True
        )
    return WindowRun(**json.loads(run.stdout.splitlines()[-1]))


@dataclass(eq=False)
class _Listener:
    """Hears the run, and the clock if it shall."""

    watch: bool
    done: QEventLoop
    rates: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    ended: Ended | None = None
    _timer: QTimer = field(default_factory=QTimer)
    _last: float = 0.0

    def __post_init__(self) -> None:
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)

    def hear(self, event: RunEvent) -> None:
        """Take what counts from an event of the run."""
        match event:
            case BatchEnded() if self.watch and not self._timer.isActive():
                self._last = time.perf_counter()
                self._timer.start()
            case EpochEnded():
                self.rates.append(event.images_per_second)
            case Ended():
                self.ended = event
                QTimer.singleShot(1000 if self.watch else 0, self.done, self.done.quit)

    def stop(self) -> None:
        """No more ticks."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now


def main() -> None:
    """Run the configuration in the file that the first argument names."""
    config = TrainingConfig.from_json(Path(sys.argv[1]).read_bytes())
    application = QApplication([])
    session = Session(services(), preset("mnist-simple").architecture)
    window = MainWindow(session, PAGES, Settings(page="train"), lambda _settings: None)
    window.ready.connect(lambda: session.start(DatasetSpec()))
    ready = QEventLoop()
    session.device_changed.connect(ready.quit)
    window.show()
    _wait(ready, _LONGEST_START, window)
    assert session.device is not None, session.engine_failure
    application.processEvents()

    listener = _Listener("--watch" in sys.argv, QEventLoop())
    session.runs.told.connect(listener.hear)
    session.runs.failed.connect(listener.done.quit)
    session.config = config
    session.train()
    _wait(listener.done, _LONGEST_RUN, window)
    listener.stop()
    window.close_now()
    assert listener.ended is not None, "the run failed or took too long"
    assert listener.ended.status == "completed", listener.ended
    print(json.dumps({"rates": listener.rates, "gaps": listener.gaps}))


def _wait(loop: QEventLoop, seconds: int, owner: QObject) -> None:
    QTimer.singleShot(1000 * seconds, owner, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
