"""Requests in step with their answers: never two under way, never more often than so many a second."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal


class Throttle(QObject):
    """``due`` says when to ask for what is ``want``ed, as soon as the last answer has come and the time has passed.

    A channel of ``JobRunner`` alone would drop every answer as long as new requests come faster than answers: while
    one draws, nothing would be seen. Here what is wanted meanwhile waits, and only the last of it.
    """

    due = Signal()

    def __init__(self, milliseconds: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = self._under_way = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(self._go)

    def want(self) -> None:
        """There is something new to ask for."""
        self._wanted = True
        self._go()

    def answered(self) -> None:
        """The last request has come back, or has failed."""
        self._under_way = False
        self._go()

    def forget(self) -> None:
        """Nothing is wanted any more, and no answer will come."""
        self._wanted = self._under_way = False

    def _go(self) -> None:
        if self._wanted and not self._under_way and not self._timer.isActive():
            self._wanted, self._under_way = False, True
            self._timer.start()
            self.due.emit()
