"""The line above the stack: the network's name, and buttons for what one does with layers."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel


class StackTools(QFrame):
    """Actions on the chosen layer; their keys work while the stack has the focus."""

    def __init__(self, undo_stack: QUndoStack, view: QWidget, more: tuple[QAction, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.duplicate = self._action("duplicate", "Duplicate", "copy", "Add a copy below the chosen layer.", "Ctrl+D")
        self.delete = self._action("delete", "Delete", "trash-2", "Take the chosen layer out.", "Del")
        self.move_up = self._action("move_up", "Move up", "chevron-up", "Move the chosen layer up.", "Alt+Up")
        self.move_down = self._action(
            "move_down", "Move down", "chevron-down", "Move the chosen layer down.", "Alt+Down"
        )
        own = (self.move_up, self.move_down, self.duplicate, self.delete)
        for action in own:
            view.addAction(action)
        undo = undo_stack.createUndoAction(self, "Undo")
        undo.setObjectName("build_undo")
        undo.setIcon(theme().icon("undo-2"))
        redo = undo_stack.createRedoAction(self, "Redo")
        redo.setObjectName("build_redo")
        redo.setIcon(theme().icon("redo-2"))

        self._name = ElidedLabel()
        self._name.setObjectName("build_network_name")
        set_role(self._name, "title")
        self._unsaved = ElidedLabel("not saved")
        self._unsaved.setObjectName("build_unsaved")
        self._unsaved.setToolTip("There are changes that are in no file yet.")
        set_role(self._unsaved, "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(2)
        layout.addWidget(self._name, 1)
        layout.addWidget(self._unsaved)
        for group in (own, (undo, redo), more):
            layout.addSpacing(12)
            for action in group:
                layout.addWidget(_button(action))

    def show_clean(self, clean: bool) -> None:
        """Say so if there are changes that are in no file."""
        self._unsaved.setVisible(not clean)

    def show_state(self, name: str, row: int, count: int) -> None:
        """``row`` is the chosen row (0 is the input, -1 none) of ``count`` layers."""
        self._name.setText(name)
        self.duplicate.setEnabled(row > 0)
        self.delete.setEnabled(row > 0)
        self.move_up.setEnabled(row > 1)
        self.move_down.setEnabled(0 < row < count)

    def _action(self, name: str, text: str, icon: str, tooltip: str, keys: str) -> QAction:
        action = QAction(theme().icon(icon), text, self)
        action.setObjectName(f"build_{name}")
        shortcut = QKeySequence(keys)
        action.setShortcut(shortcut)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setToolTip(f"{tooltip} ({shortcut.toString(QKeySequence.SequenceFormat.NativeText)})")
        return action


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setObjectName(f"{action.objectName()}_button")
    button.setAccessibleName(action.text())
    button.setIconSize(QSize(16, 16))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    set_role(button, "flat")
    return button
