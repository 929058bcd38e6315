"""The card of the selected run: how it stands, what is known of it, notes, and going on with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.pages.runs.offers import more_epochs
from cnn_explorer.ui.pages.runs.state import STATUSES, RunRow
from cnn_explorer.ui.pages.runs.words import facts, facts_of_many, message_of, selection_words
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_MOST_EPOCHS = 100_000
_LEAST_NOTES = 64  # pixels


class RunCard(QFrame):
    """Shows one run, or says how many are selected. Notes are given out as soon as someone leaves them."""

    notes_written = Signal(object, str)
    """``Path`` of a run and its new notes."""

    def __init__(self, continue_action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._row: RunRow | None = None
        self._sent: tuple[Path, str] | None = None
        """Notes that were given out and have not come back from the disk yet."""
        self.title = ElidedLabel()
        self.title.setObjectName("runs_title")
        set_role(self.title, "title")
        self._folder = ElidedLabel(cut=Qt.TextElideMode.ElideMiddle)
        set_role(self._folder, "muted")
        self._icon = QLabel()
        self._status = QLabel()
        self._status.setObjectName("runs_status")
        set_role(self._status, "strong")
        self.message = QLabel()
        self.message.setObjectName("runs_message")
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts = _Facts()
        self.notes = _Notes()
        self.notes.left.connect(self.keep_notes)
        self.epochs = QSpinBox()
        self.epochs.setObjectName("runs_more_epochs")
        self.epochs.setAccessibleName("More epochs")
        self.epochs.setToolTip("For how many more epochs Continue trains the selected runs.")
        self.epochs.setRange(1, _MOST_EPOCHS)
        self.epochs.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        indent(self.epochs)
        self.epochs.setPrefix("+")
        self.epochs.setSuffix(" epochs")
        self._continue = QToolButton()
        self._continue.setDefaultAction(continue_action)
        self._continue.setObjectName("runs_continue")
        self._continue.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.why_not = QLabel()
        self.why_not.setObjectName("runs_why_not_continue")
        self.why_not.setWordWrap(True)
        set_role(self.why_not, "muted")
        self._lay_out()
        continue_action.changed.connect(lambda: self._show_why_not(continue_action))
        theme().changed.connect(self._show_icon)
        self.show_rows(())

    def _lay_out(self) -> None:
        self._status_row = QWidget()
        status = QHBoxLayout(self._status_row)
        status.setContentsMargins(0, 0, 0, 0)
        status.setSpacing(8)
        status.addWidget(self._icon)
        status.addWidget(self._status, 1)
        heading = QLabel("Notes")
        heading.setBuddy(self.notes)
        set_role(heading, "section")
        self._about = QWidget()
        about = QVBoxLayout(self._about)
        about.setContentsMargins(0, 0, 0, 0)
        about.setSpacing(4)
        about.addWidget(heading)
        about.addWidget(self.notes, 1)
        self._going_on = QWidget()
        row = QHBoxLayout(self._going_on)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.epochs, 1)
        row.addWidget(self._continue)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title)
        names.addWidget(self._folder)
        layout.addLayout(names)
        layout.addWidget(self._status_row)
        layout.addWidget(self.message)
        layout.addWidget(self.facts)
        layout.addWidget(self._about, 1)
        layout.addStretch(0)
        layout.addWidget(self.why_not)
        layout.addWidget(self._going_on)

    def _show_why_not(self, action: QAction) -> None:
        """Why Continue is greyed out: a tooltip is not met by keyboard."""
        self.why_not.setText(action.statusTip())
        self.why_not.setVisible(self._going_on.isVisibleTo(self) and bool(action.statusTip()))

    def show_rows(self, rows: tuple[RunRow, ...]) -> None:
        """Show the selected runs. Notes that are being written stay."""
        before, self._row = self._row, rows[0] if len(rows) == 1 else None
        row = self._row
        changed = (before.path if before else None) != (row.path if row else None)
        if changed and before is not None:
            self._give_out(before)
        for widget in (self._status_row, self._about):
            widget.setVisible(row is not None)
        self._going_on.setVisible(bool(rows))
        self._show_why_not(self._continue.defaultAction())
        if row is None:
            self.title.setText(counted(len(rows), "run", "runs") + " selected" if rows else "No run selected")
            self.title.setToolTip("")
            self._folder.setText(selection_words(len(rows)))
            self._folder.setToolTip("")
            self.message.hide()
            self.facts.show_facts(facts_of_many(rows))
            self.notes.show_text("")
            return
        self.title.setText(row.run.title)
        self.title.setToolTip(row.run.title)
        # The runs of a sweep have numbers for names.
        self._folder.setText(f"{row.path.parent.name}/{row.path.name}" if row.sweep else row.path.name)
        self._folder.setToolTip(f"The run lies in {row.path}.")
        style = STATUSES[row.run.status]
        self._show_icon()
        self._status.setText(style.word)
        self._status.setToolTip(style.tooltip)
        self.message.setText(message_of(row))
        self.message.setVisible(bool(self.message.text()))
        self.facts.show_facts(facts(row))
        self._show_notes(row, changed)
        if changed:
            self.epochs.setValue(more_epochs(row))

    def _show_notes(self, row: RunRow, changed: bool) -> None:
        """Show what is saved, but neither over what is being written nor over what is on its way to the disk."""
        if self._sent == (row.path, row.run.notes):
            self._sent = None
        on_its_way = self._sent is not None and self._sent[0] == row.path
        if changed or not (self.notes.is_changed or on_its_way):
            self.notes.show_text(self._sent[1] if self._sent is not None and on_its_way else row.run.notes)

    def keep_notes(self) -> None:
        """Give out notes that were changed."""
        if self._row is not None:
            self._give_out(self._row)

    def unsaved_notes(self) -> tuple[Path, str] | None:
        """A run's folder and its notes, if they were changed and not given out yet; they count as given out then."""
        if self._row is None or not self.notes.is_changed:
            return None
        return self._row.path, self.notes.take()

    def _give_out(self, row: RunRow) -> None:
        if self.notes.is_changed:
            self._sent = row.path, self.notes.take()
            self.notes_written.emit(*self._sent)

    def _show_icon(self) -> None:
        if self._row is not None:
            style = STATUSES[self._row.run.status]
            self._icon.setPixmap(theme().icon(style.icon, style.tone).pixmap(QSize(16, 16)))


class _Notes(QPlainTextEdit):
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("runs_notes")
        self.setAccessibleName("Notes")
        self.setToolTip("What you want to remember of the run; it is saved when you leave the field.")
        self.setPlaceholderText("What you want to remember of this run")
        self.setTabChangesFocus(True)
        self.setMinimumHeight(_LEAST_NOTES)

    @property
    def is_changed(self) -> bool:
        """Whether someone has written since the text was shown or taken."""
        return self.document().isModified()

    def show_text(self, text: str) -> None:
        """Show what is saved; the cursor stays where it is if that is the text already."""
        if text != self.toPlainText():
            self.setPlainText(text)
        self.document().setModified(False)

    def take(self) -> str:
        """The text; it counts as saved from now on."""
        self.document().setModified(False)
        return self.toPlainText()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class _Facts(QScrollArea):
    """Names and values in two columns, as many as there are."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("runs_facts")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)  # notes get what is left
        self.setMinimumHeight(_LEAST_NOTES)
        self._inside = inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.setWidget(inside)
        self._labels: list[tuple[QLabel, ElidedLabel]] = []

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._inside.sizeHint().height())

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        while len(self._labels) < len(facts):
            name, value = QLabel(), ElidedLabel(cut=Qt.TextElideMode.ElideMiddle)
            set_role(name, "muted")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            row = len(self._labels)
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(value, row, 1)
            self._labels.append((name, value))
        for number, (name, value) in enumerate(self._labels):
            words = facts[number] if number < len(facts) else ("", "")
            name.setText(words[0])
            value.setText(words[1])
            value.setToolTip(words[1])
            name.setVisible(bool(words[0]))
            value.setVisible(bool(words[0]))
        self.updateGeometry()
