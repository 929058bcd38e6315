"""A caption and a text that may be long: cut where the room ends, whole in the tooltip, and copied by a click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.tool_button import tool_button


class CopyableLine(QWidget):
    """``name`` is the object name of the text; ``cut`` says where it gives way."""

    def __init__(
        self, title: str, name: str, parent: QWidget | None = None,
        cut: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._title = title
        caption = QLabel(title, self)
        set_role(caption, "muted")
        self.text = ElidedLabel(parent=self, cut=cut)
        self.text.setObjectName(name)
        self.copy = tool_button("copy", f"{name}_copy", f"Copy: {title.lower()}.", flat=True)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.text, 1)
        row.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(caption)
        layout.addLayout(row)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.text()))

    def show_text(self, text: str) -> None:
        """Show it; nothing is shown for no text."""
        self.text.setText(text)
        self.text.setToolTip(text)
        self.text.setAccessibleName(f"{self._title}: {text}")
        self.setVisible(bool(text))
