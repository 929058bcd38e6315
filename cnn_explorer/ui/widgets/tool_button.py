"""Buttons with an icon, named and explained."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from cnn_explorer.ui.theme import set_role, theme


def tool_button(icon: str, name: str, tooltip: str, text: str = "", flat: bool = False) -> QToolButton:
    """A button with the icon of that name; ``name`` is its object name, ``text`` stands beside the icon."""
    button = QToolButton()
    button.setIcon(theme().icon(icon))
    button.setObjectName(name)
    button.setAccessibleName(tooltip)
    button.setToolTip(tooltip)
    if text:
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    if flat:
        set_role(button, "flat")
    return button
