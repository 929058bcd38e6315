"""How late a 5 ms timer of the window's event loop comes while a network trains in its QThread.

The real main window with the real engine, on the offscreen platform, Train page in front.
"""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import tempfile
import time

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.report import Figure
from cnn_explorer.app import PAGES, services
from cnn_explorer.core.events import BatchEnded
from cnn_explorer.core.presets import preset
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.ui.main_window import MainWindow
from cnn_explorer.ui.session import Session
from cnn_explorer.ui.settings import Settings

LONGEST_START, LONGEST_RUN = 60, 180
"""Seconds."""


def main() -> None:
    """Train two epochs on 12,800 images and watch the timer."""
    os.environ["CNN_EXPLORER_HOME"] = tempfile.mkdtemp()
    application = QApplication([])
    session = Session(services(), preset("mnist-simple").architecture)
    window = MainWindow(session, PAGES, Settings(), lambda _settings: None)
    window.ready.connect(lambda: session.start("mnist"))
    ready = QEventLoop()
    session.device_changed.connect(ready.quit)
    QTimer.singleShot(1000 * LONGEST_START, lambda: ready.exit(1))
    window.show()
    assert not ready.exec(), "the window did not get ready"
    window.show_page("train")
    application.processEvents()

    ticks: list[float] = []
    first_batch: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    session.runs.told.connect(
        lambda event: first_batch.append(time.perf_counter()) if isinstance(event, BatchEnded) else None
    )
    done = QEventLoop()
    session.runs.model_written.connect(lambda _path: done.quit())
    session.runs.failed.connect(lambda _failure: done.exit(1))
    session.config = TrainingConfig(epochs=2, train_limit=12_800, test_limit=2_000)
    session.train()
    QTimer.singleShot(1000 * LONGEST_RUN, lambda: done.exit(1))
    timer.start(5)
    failed = done.exec()
    timer.stop()
    window.hide()
    session.shut_down()
    assert not failed, "the run failed or took too long"

    gaps = 1000 * np.diff([t for t in ticks if t > first_batch[0]])
    Figure(
        "event loop's 5 ms timer while training, p99", float(np.percentile(gaps, 99)), "ms", 16, "below",
        f"{len(gaps)} ticks after the first batch, longest {gaps.max():.0f} ms",
    ).say()  # fmt: skip


if __name__ == "__main__":
    main()
