"""The one place that says what went wrong or well: a bar, never a box that must be answered."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFontDatabase,
    QGuiApplication,
    QIcon,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.ui.session.session import Level
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.page_keys import on_keys

STAYS_FOR = 8_000
"""Milliseconds after which a message that needs no answer goes by itself."""
_DETAILS_LINES = 10  # shown at once; the rest is scrolled
_ICONS: dict[Level, tuple[str, str]] = {
    "info": ("info", "accent"),
    "success": ("circle-check", "success"),
    "warning": ("triangle-alert", "warning"),
    "error": ("circle-alert", "error"),
}
_STAYING: tuple[Level, ...] = ("warning", "error")


@dataclass(frozen=True)
class Message:
    """What happened, what to do about it, and the traceback or the like."""

    level: Level
    text: str
    hint: str = ""
    details: str = ""

    @property
    def stays(self) -> bool:
        """Whether it waits for someone to close it."""
        return self.level in _STAYING

    def __str__(self) -> str:
        return "\n\n".join(part for part in (f"{self.text} {self.hint}".strip(), self.details.strip()) if part)


class MessageBar(QFrame):
    """Shows the newest message. Warnings and errors wait below newer ones until they are closed; none is lost."""

    focus_given_up = Signal()
    """The bar is gone, and the keyboard was in it: someone should take it."""

    def __init__(self, parent: QWidget | None = None, stays_for: int = STAYS_FOR) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._messages: list[Message] = []
        self._timer = QTimer(self, interval=stays_for, singleShot=True)
        self._timer.timeout.connect(self._time_is_up)

        self._icon = QLabel()
        self._text = _words("message_text", "strong")
        self._hint = _words("message_hint", "")
        self._waiting = QLabel()
        self._waiting.setObjectName("message_waiting")
        set_role(self._waiting, "muted")
        self._details_button = QPushButton("Details")
        self._details_button.setObjectName("message_details")
        self._details_button.setCheckable(True)
        self._details_button.setToolTip("Show the technical details of this message.")
        self._details_button.toggled.connect(self._show_details)
        self._copy = QPushButton(theme().icon("copy"), "Copy")
        self._copy.setObjectName("message_copy")
        self._copy.setToolTip("Copy the message with its details to the clipboard.")
        self._copy.clicked.connect(self._copy_all)
        self._close = QToolButton()
        self._close.setObjectName("message_close")
        self._close.setIcon(theme().icon("x"))
        self._close.setToolTip("Close this message (Esc).")
        self._close.setAccessibleName("Close the message")
        self._close.clicked.connect(self.close_message)
        for button in (self._details_button, self._copy, self._close):
            set_role(button, "flat")
        self._details = QPlainTextEdit()
        self._details.setObjectName("message_details_text")
        self._details.setReadOnly(True)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setAccessibleName("Technical details")

        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._text)
        words.addWidget(self._hint)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addSpacing(4)
        row.addLayout(words, 1)
        for widget in (self._waiting, self._details_button, self._copy, self._close):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 6, 8, 6)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._details)
        on_keys(self, (Qt.Key.Key_Escape,), self.close_message)
        theme().changed.connect(self._show_icon)
        self.hide()

    @property
    def current(self) -> Message | None:
        """The message that is shown."""
        return self._messages[-1] if self._messages else None

    @property
    def waiting(self) -> int:
        """How many messages come up again when the shown one is closed."""
        return max(0, len(self._messages) - 1)

    def show_message(self, level: Level, text: str, hint: str = "", details: str = "") -> None:
        """Show a message; one that is already there, word by word, comes to the front instead of twice."""
        message = Message(level, text, hint, details)
        self._messages = [m for m in self._messages if m.stays and m != message]
        self._messages.append(message)
        self._show_current()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, f"{level}: {text} {hint}"))

    def close_message(self) -> None:
        """Close what is shown; an older message that nobody has closed yet comes up again."""
        if self._messages:
            had_focus = self._has_focus()
            self._messages.pop()
            self._show_current()
            if had_focus and not self._messages:
                self.focus_given_up.emit()

    def _show_current(self) -> None:
        message = self.current
        self._timer.stop()
        if message is None:
            self.hide()
            return
        self.setProperty("level", message.level)
        self.setProperty("floating", not message.stays)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(f"{message.level}: {message.text} {message.hint}")
        self._show_icon()
        self._text.setText(message.text)
        self._hint.setText(message.hint)
        self._hint.setVisible(bool(message.hint))
        self._waiting.setText(f"{self.waiting} more")
        self._waiting.setVisible(self.waiting > 0)
        self._copy.setVisible(message.stays or bool(message.details))
        self._details_button.setVisible(bool(message.details))
        self._details_button.setChecked(False)
        self._details.setPlainText(message.details)
        lines = min(_DETAILS_LINES, self._details.blockCount()) + 2  # one for the scroll bar, one for the margins
        self._details.setFixedHeight(lines * self._details.fontMetrics().lineSpacing())
        self._details.hide()
        self.show()  # when it is as high as it will be
        if not message.stays:
            self._timer.start()

    def _show_icon(self) -> None:
        if self.current is not None:
            icon: QIcon = theme().icon(*_ICONS[self.current.level])
            self._icon.setPixmap(icon.pixmap(QSize(20, 20)))

    def _show_details(self, shown: bool) -> None:
        self._details.setVisible(shown)
        self._details_button.setText("Hide details" if shown else "Details")

    def _copy_all(self) -> None:
        if self.current is not None:
            QGuiApplication.clipboard().setText(str(self.current))

    def _time_is_up(self) -> None:
        if self._has_focus() or self.underMouse() or self._details_button.isChecked():
            self._timer.start()  # someone reads it
        else:
            self.close_message()

    def _has_focus(self) -> bool:
        focus = QGuiApplication.focusObject()
        return isinstance(focus, QWidget) and self.isAncestorOf(focus)


def _words(name: str, role: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        set_role(label, role)
    return label
