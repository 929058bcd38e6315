"""Time that was worked, without the time that was waited."""

from __future__ import annotations

import time

from cnn_explorer.core.run.control import RunControl


class Clock:
    """Seconds since it was made, less those in which a paused run waited."""

    def __init__(self, control: RunControl) -> None:
        self._control = control
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds of work until now."""
        return time.perf_counter() - self._began

    def stop_requested(self) -> bool:
        """Ask the control; if it waits, that time is left out."""
        asked = time.perf_counter()
        stop = self._control.stop_requested()
        self._began += time.perf_counter() - asked
        return stop
