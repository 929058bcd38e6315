"""Scrolling the gallery of the Data page from the first to the last of 70,000 images, a screen's part each frame.

A frame: the scroll bar moves, the event loop does what is due (thumbnails arrive), all tiles in sight are painted.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import resource
import sys
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.report import Figure
from cnn_explorer.app import services
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.pages.data.gallery.panel import GalleryPanel
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme

SCREEN = (1280, 800)
STEPS = 2
"""Frames for the way of one screen: as fast as nobody scrolls who wants to see something."""
TARGET = 50  # milliseconds a frame
MEMORY = 200  # MiB


def main() -> None:
    """Scroll through MNIST with the smallest and the usual tiles; print the longest frame and the memory it took."""
    application = QApplication([])
    theme()
    session = Session(services(), preset("mnist-simple").architecture)
    loaded = QEventLoop()
    session.dataset_changed.connect(loaded.quit)
    sys.setswitchinterval(0.001)  # as the program does when the engine starts, which is not needed here
    session.load_dataset(DatasetSpec())
    loaded.exec()
    panel = GalleryPanel(session)
    panel.resize(*SCREEN)
    panel.show()
    while not panel.grid.count:
        application.processEvents()
    before = own_memory()
    frames: list[float] = []
    worked = time.thread_time()
    for zoom in (0, 1):
        panel.grid.set_zoom(zoom)
        _pass_time(200)
        frames += _scroll(application, panel)
    worked = 1000 * (time.thread_time() - worked) / len(frames)
    grown = own_memory() - before
    seen = panel.grid.count
    panel.hide()
    session.shut_down()
    note = f"{len(frames):,} frames, median {np.median(frames):.1f} ms, p99 {np.percentile(frames, 99):.1f} ms, "
    note += f"{worked:.1f} ms of the processor each"
    Figure(f"gallery: longest frame over {seen:,} images", max(frames), "ms", TARGET, "below", note).say()
    note = f"from {before:.0f} MiB, twice from the first to the last image"
    Figure("gallery: memory for scrolling", grown, "MiB", MEMORY, "below", note).say()


def own_memory() -> float:
    """Memory in MiB of this process alone, without mapped files; where nobody tells that, the most it ever had."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def _scroll(application: QApplication, panel: GalleryPanel) -> list[float]:
    """From the upper end to the lower one; milliseconds of each frame."""
    bar, frames = panel.grid.verticalScrollBar(), []
    step = max(1, panel.grid.viewport().height() // STEPS)
    for value in range(0, bar.maximum() + step, step):
        begun = time.perf_counter()
        bar.setValue(value)
        panel.grid.viewport().repaint()
        application.processEvents()
        frames.append(1000 * (time.perf_counter() - begun))
    return frames


def _pass_time(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
