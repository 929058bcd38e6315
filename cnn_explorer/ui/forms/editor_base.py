"""What all editors of a spec's fields have in common."""

from __future__ import annotations

from html import escape
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QWidget

from cnn_explorer.core.fields import Field

W = TypeVar("W", bound=QWidget)
_LONG_TIP = 60  # letters


class FieldEditor(QWidget):
    """Shows and edits the value of one field of a spec."""

    edited = Signal(object)
    """The new value, after a person changed it."""
    refused = Signal(str)
    """What is wrong with the text on the screen; empty when it is right again."""

    def value(self) -> Any:
        """The last value that was accepted."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show ``value``; ``edited`` is not emitted."""
        raise NotImplementedError


class _Manners(QObject):
    """The wheel scrolls the page unless the control has the focus; undo and redo are the document's, not a line's."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        foreign = False
        if event.type() == QEvent.Type.Wheel:
            foreign = isinstance(watched, QWidget) and not watched.hasFocus()
        elif isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            foreign = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
        if foreign:
            event.ignore()  # so that it goes on to the parent
        return foreign


def prepared(control: W, field: Field, suffix: str = "", title: str = "") -> W:
    """Give a control of ``field``'s editor its names, its tooltip and good manners."""
    control.setObjectName(f"field_{field.name}{suffix}")
    control.setAccessibleName(title or field.title)
    control.setAccessibleDescription(field.description)
    control.setToolTip(tip(field.description))
    control.installEventFilter(_Manners(control))
    if isinstance(control, QAbstractSpinBox):
        indent(control)
    return control


def tip(text: str) -> str:
    """A tooltip's text; Qt breaks a long one into lines only if it is marked as rich."""
    return f"<qt>{escape(text, quote=False)}</qt>" if len(text) > _LONG_TIP else text


def indent(box: QAbstractSpinBox) -> None:
    """Begin the text of a spin box where those of other controls begin."""
    # Style sheets cannot: Qt leaves a spin box's padding out when it places the line in it.
    box.lineEdit().setTextMargins(6, 0, 0, 0)


def select_words(box: QAbstractSpinBox) -> None:
    """Let the first digit that is typed replace the words in a box that has just got the focus."""
    QTimer.singleShot(0, box, box.selectAll)  # after the click has placed the cursor


def lay_out(editor: QWidget, *controls: QWidget) -> None:
    """Put the controls of an editor side by side; the last one takes the room that is left."""
    layout = QHBoxLayout(editor)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for control in controls:
        layout.addWidget(control)
    layout.setStretch(len(controls) - 1, 1)
    editor.setFocusProxy(controls[0])


def mark_invalid(control: QWidget, invalid: bool) -> None:
    """Let the style sheet show that what is typed is not accepted."""
    if bool(control.property("invalid")) != invalid:
        control.setProperty("invalid", invalid)
        control.style().unpolish(control)
        control.style().polish(control)
