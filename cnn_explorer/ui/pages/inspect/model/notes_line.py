"""What was changed or assumed so that a model could be opened: how many things, and on a click each of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.theme import set_role, theme

_MOST = 180  # pixels of height for the sentences; more are scrolled


class NotesLine(QWidget):
    """Hidden where there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton()
        self.button.setObjectName("inspect_notes")
        self.button.setCheckable(True)
        self.button.setIcon(theme().icon("info", "accent"))
        set_role(self.button, "fold")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setObjectName("inspect_notes_text")
        set_role(self.text, "muted")
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setMaximumHeight(_MOST)
        self._area.setWidget(self.text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.button)
        layout.addWidget(self._area)
        self.button.toggled.connect(self._area.setVisible)
        self.show_notes(())

    def show_notes(self, notes: tuple[str, ...]) -> None:
        """Show other notes, folded."""
        self.button.setChecked(False)
        self._area.hide()
        self.button.setText(f"{counted(len(notes), 'thing was', 'things were')} adapted or assumed")
        self.button.setAccessibleName(self.button.text())
        self.button.setToolTip("\n".join(notes) or "Nothing was adapted or assumed.")
        self.text.setText("\n".join(f"• {note}" for note in notes))
        self.setVisible(bool(notes))
