"""Python's collector of circular garbage, kept to the window's thread as long as there are worker threads.

Left alone it runs on whichever thread happens to allocate, and takes what it finds apart there: widgets, actions and
timers that refer to each other in a circle as well. A ``QObject`` must not die on another thread than its own. In
PySide it may even wait for the interpreter while it holds a lock of Qt's for which the window's thread waits, with the
interpreter in its hands: then the program stands still for ever. calibre and pyqtgraph keep the collector to one thread
for the same reason (``pyqtgraph.util.garbage_collector``, which brings all of pyqtgraph, and that before the first
painting).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QTimer

_PAUSE = 100
"""Milliseconds between two looks at whether something is due."""


class Garbage:
    """Decides who collects: Python by itself, or a timer in the window's thread while others might do it."""

    def __init__(self) -> None:
        self._workers = set[object]()
        self._timer: QTimer | None = None
        self._was_enabled = True

    def worker_begins(self, worker: object) -> None:
        """Call it in the window's thread before a thread begins that runs Python; ``worker`` stands for it."""
        self._workers.add(worker)
        if self._timer is None:
            self._was_enabled = gc.isenabled()
            gc.disable()
            self._timer = QTimer(interval=_PAUSE)
            self._timer.timeout.connect(collect_what_is_due)
            self._timer.start()

    def worker_has_ended(self, worker: object) -> None:
        """Call it in the window's thread when that thread has ended; once more does no harm."""
        self._workers.discard(worker)
        if self._timer is not None and not self._workers:
            self._timer.stop()
            self._timer = None
            if self._was_enabled:
                gc.enable()


garbage = Garbage()
"""A process has one collector."""


def collect_what_is_due() -> None:
    """Do what Python would have done by itself: look through the oldest generation whose turn it is.

    When the engine is there everything older is frozen (``engine.device.preload``), so the longest takes milliseconds.
    """
    counts, thresholds = gc.get_count(), gc.get_threshold()
    due = [age for age, count in enumerate(counts) if count > thresholds[age]]
    if 0 in due:
        gc.collect(max(due))
