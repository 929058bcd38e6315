"""Keys that a page, or a part of one, answers to while it has the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def on_keys(
    widget: QWidget, keys: tuple[Qt.Key | QKeySequence.StandardKey | str, ...], act: Callable[[], object]
) -> QShortcut:
    """Do ``act`` when one of the ``keys`` is pressed in ``widget`` or in what it contains."""
    shortcut = QShortcut(widget)
    shortcut.setKeys([QKeySequence(key) for key in keys])
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(act)
    shortcut.activatedAmbiguously.connect(act)  # two of its own keys may fit one press
    return shortcut
