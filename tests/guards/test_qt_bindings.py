"""The Qt bindings that are installed fit this Python.

PySide6 6.12.0 takes a reference from ``None`` at every call that returns nothing. From Python 3.12 on ``None`` is
immortal and nothing happens; under 3.11 the process is aborted after some thousand calls ("deallocating None").
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject


def test_that_calls_into_qt_keep_the_count_of_references_to_none() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(500):
        thing.setObjectName("name")
    assert abs(sys.getrefcount(None) - before) < 100
