"""A group of a form's fields under a heading that folds them away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnn_explorer.core.fields import Field
from cnn_explorer.ui.forms.editor_base import tip
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_ICON = 14  # pixels


class SectionHeader(QPushButton):
    """The line that one clicks to fold or unfold. Folded, it tells in short what it hides."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"section_{title.lower().replace(' ', '_')}")
        set_role(self, "fold")
        self._title, self._summary, self._problem, self._is_open = title, "", "", True
        self._arrow, heading, self._words = QLabel(self), QLabel(title, self), ElidedLabel(parent=self)
        set_role(heading, "section")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 6, 4, 6)
        self._row.setSpacing(6)
        for label in (self._arrow, heading, self._words):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._row.addWidget(label, int(label is self._words))
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        theme().changed.connect(self._show)
        self._show()

    @property
    def shown(self) -> str:
        """What stands beside the title."""
        return self._words.text()

    def show_state(self, is_open: bool, summary: str, problem: str) -> None:
        """``summary`` and ``problem`` are what a folded group has to say; the problem comes first."""
        state = (is_open, summary, problem)
        if state != (self._is_open, self._summary, self._problem):
            self._is_open, self._summary, self._problem = state
            self._show()

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._row.minimumSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a tree: right unfolds, left folds; Enter does what Space does."""
        key = event.key()
        turns = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if turns or key == (Qt.Key.Key_Left if self._is_open else Qt.Key.Key_Right):
            self.click()
        elif key not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)

    def _show(self) -> None:
        told = "" if self._is_open else self._problem or self._summary
        self._arrow.setPixmap(
            theme().icon("chevron-down" if self._is_open else "chevron-right", "muted").pixmap(_ICON, _ICON)
        )
        self._words.setText(told)
        set_role(self._words, "error" if told and self._problem else "muted")
        self._words.style().polish(self._words)
        self.setAccessibleName(f"{self._title}, {'open' if self._is_open else 'folded'}{f': {told}' if told else ''}")
        if self._is_open:
            self.setToolTip(f"Fold away the settings of {self._title}.")
        else:
            self.setToolTip(tip(f"{told}. Click to change it." if told else f"Show the settings of {self._title}."))


class FormSection(QWidget):
    """Some fields of a spec in a grid; with a title they can be folded away, and are made when first wanted."""

    wanted = Signal()
    """The fields are about to be seen for the first time."""
    toggled = Signal(bool)

    def __init__(self, title: str, fields: tuple[Field, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.fields = fields
        self.is_filled = False
        self.is_open = False
        self.has_effect = True
        self.header = SectionHeader(title, self) if title else None
        self.body = QWidget(self)
        self.grid = QGridLayout(self.body)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(8)
        self.grid.setColumnStretch(1, 1)
        self._inner = QWidget(self)
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 0, 8 if title else 0)
        self._column.setSpacing(8)
        self._column.addWidget(self.body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        if self.header is not None:
            self.header.clicked.connect(lambda: self.set_open(not self.is_open))
            layout.addWidget(self.header)
        layout.addWidget(self._inner)
        self._inner.hide()

    def set_open(self, is_open: bool) -> None:
        """Fold or unfold; the first unfolding asks for the fields."""
        if is_open == self.is_open:
            return
        if is_open and not self.is_filled:
            self.is_filled = True
            self.wanted.emit()
        self.is_open = is_open
        self._inner.setVisible(is_open)
        self.toggled.emit(is_open)

    def set_effect(self, has_effect: bool) -> None:
        """Hide a group without any field that has an effect."""
        if has_effect != self.has_effect:
            self.has_effect = has_effect
            self.setVisible(has_effect)

    def add(self, widget: QWidget) -> None:
        """Put something below the fields; it is folded away with them."""
        self._column.addWidget(widget)

    def tell(self, summary: str, problem: str) -> None:
        """What the heading says while it is folded."""
        if self.header is not None:
            self.header.show_state(self.is_open, summary, problem)

    def order_tabs(self) -> None:
        """Let Tab go from the heading through the fields: those made later would otherwise come last."""
        before: QWidget | None = self.header
        for place in range(self.grid.rowCount()):
            item = self.grid.itemAtPosition(place, 1)
            editor = item.widget() if item else None
            control = editor.focusProxy() if editor else None
            if before is not None and control is not None:
                # Qt 6.11 ties the chain into a knot if a spin box is put where it is already.
                if _next_by_tab(before) is not control:
                    QWidget.setTabOrder(before, control)
                before = control


def _next_by_tab(widget: QWidget) -> QWidget:
    """What follows in the window's chain of those that take Tab, seen or not."""
    found = widget.nextInFocusChain()
    while found is not None and found is not widget:
        takes_tab = found.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
        if takes_tab and found.focusProxy() is None and found.window() is widget.window():
            return found
        found = found.nextInFocusChain()
    return widget
