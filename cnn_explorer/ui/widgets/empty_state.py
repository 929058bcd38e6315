"""What stands where nothing can be shown yet: an icon, why, and the next click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.ui.theme import set_role, theme

_ICON = 48  # pixels


class EmptyState(QWidget):
    """A sentence in the middle of an empty area, with the buttons that lead on."""

    def __init__(self, icon: str, text: str, buttons: tuple[QAbstractButton, ...] = ()) -> None:
        super().__init__()
        self._icon = icon
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.text = QLabel(text, alignment=Qt.AlignmentFlag.AlignCenter)
        self.text.setWordWrap(True)
        set_role(self.text, "title")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(16)
        layout.addStretch(2)
        layout.addWidget(self._picture)
        layout.addWidget(self.text)
        layout.addLayout(row)
        layout.addStretch(3)
        theme().changed.connect(self._paint_icon)
        self._paint_icon()

    def _paint_icon(self) -> None:
        self._picture.setPixmap(theme().icon(self._icon, "muted").pixmap(_ICON, _ICON))
