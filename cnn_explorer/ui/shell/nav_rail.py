"""The navigation rail: one entry a page, icon above label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from cnn_explorer.ui.shell.page_table import PageEntry
from cnn_explorer.ui.theme import theme

_ICON = QSize(24, 24)
_WIDTH = 84  # pixels, at least


class NavRail(QFrame):
    """Exclusive buttons; ``chosen`` carries the key of the page that someone wants to see."""

    chosen = Signal(str)

    def __init__(self, pages: Sequence[PageEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAccessibleName("Pages")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 8, 6, 8)
        layout.setSpacing(4)
        for number, entry in enumerate(pages, start=1):
            button = QToolButton()
            button.setObjectName(f"rail_{entry.key}")
            button.setText(entry.title)
            button.setIcon(theme().icon(entry.icon, "muted", "accent"))
            button.setIconSize(_ICON)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(f"{entry.tooltip} (Ctrl+{number})")
            button.setAccessibleName(entry.title)
            button.setAccessibleDescription(entry.tooltip)
            button.clicked.connect(lambda _checked, key=entry.key: self.chosen.emit(key))
            self._group.addButton(button)
            self._buttons[entry.key] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(_WIDTH, 0))  # wider only where the text is larger

    def set_current(self, key: str) -> None:
        """Mark the page that is shown; if the rail has the focus, it goes along."""
        had_focus = any(button.hasFocus() for button in self._buttons.values())
        self._buttons[key].setChecked(True)
        if had_focus:
            self._buttons[key].setFocus()
