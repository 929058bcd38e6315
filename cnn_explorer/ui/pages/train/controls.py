"""What can be done with the current run, or that ended last: a row of buttons, and its learning rate."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QPushButton, QSpinBox, QWidget

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.text.numbers import short
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.forms.typed_editors import NumberEditor
from cnn_explorer.ui.pages.train.state import Actions
from cnn_explorer.ui.session.runs.actions import Button
from cnn_explorer.ui.theme import theme

_RATE = next(field for field in fields_of(TrainingConfig) if field.name == "learning_rate")
_MOST_EPOCHS = 100_000
_AROUND = 40  # borders, padding and arrows of a spin box
_RATE_TIP = (
    "The learning rate of the current run. A new one counts from the next batch on, and the schedule's shape "
    "goes on from there."
)


class RunControls(QWidget):
    """Pause and stop while a run goes, continue it when it has ended, go on with the queue when that is held."""

    pause_pressed = Signal()
    stop_after_epoch_pressed = Signal()
    stop_pressed = Signal()
    continue_pressed = Signal(int)
    """How many more epochs."""
    go_on_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pause = run_button("Pause", "train_pause", "pause")
        self.stop_after_epoch = run_button("Stop after epoch", "train_stop_epoch", "circle-stop")
        self.stop = run_button("Stop", "train_stop", "square")
        self.go_on = run_button("Go on with queue", "train_go_on", "play")
        self.resume = run_button("Continue", "train_continue", "play")
        self.epochs = QSpinBox(self)
        self.epochs.setObjectName("train_continue_epochs")
        self.epochs.setAccessibleName("More epochs")
        self.epochs.setToolTip("How many more epochs the last run is to have.")
        self.epochs.setRange(1, _MOST_EPOCHS)
        self.epochs.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        indent(self.epochs)
        self.epochs.setPrefix("+")
        self.epochs.setSuffix(" epochs")
        # Not as wide as Qt would have it for the largest value.
        self.epochs.setFixedWidth(self.epochs.fontMetrics().horizontalAdvance("+000 epochs") + _AROUND)
        # As wide as it ever gets: its text changes under the mouse of who has just pressed it.
        self.pause.setMinimumWidth(self.resume.sizeHint().width())
        self._parts = (self.go_on, self.pause, self.stop_after_epoch, self.stop, self.resume)
        self.pause.clicked.connect(self.pause_pressed)
        self.stop_after_epoch.clicked.connect(self.stop_after_epoch_pressed)
        self.stop.clicked.connect(self.stop_pressed)
        self.go_on.clicked.connect(self.go_on_pressed)
        self.resume.clicked.connect(lambda: self.continue_pressed.emit(self.epochs.value()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part in (*self._parts, self.epochs):
            row.addWidget(part)
        self._keep_height()
        theme().changed.connect(self._keep_height)

    def _keep_height(self) -> None:
        """As high as it ever gets: the curves below must not move when other buttons are shown."""
        self.setMinimumHeight(max(part.sizeHint().height() for part in (*self._parts, self.epochs)))

    def propose_epochs(self, epochs: int) -> None:
        """How many more epochs are offered until someone chooses another number."""
        self.epochs.setValue(epochs)

    def show_actions(self, actions: Actions) -> None:
        """Offer what can be done now; the keys go on to a button that is there."""
        had_keys = self.hasFocus() or any(part.hasFocus() for part in self._parts)
        states = (actions.go_on, actions.pause, actions.stop_after_epoch, actions.stop, actions.resume)
        for part, state in zip(self._parts, states, strict=True):
            show_button(part, state)
        self.pause.setIcon(theme().icon("play" if actions.pause.text == "Continue" else "pause"))
        self.epochs.setVisible(actions.resume.visible)
        self.epochs.setEnabled(actions.resume.enabled)
        if had_keys and not any(part.hasFocus() and part.isEnabled() for part in self._parts):
            # Here they wait if nothing can be pressed: Qt would give them to what comes next on the page.
            usable = (part for part in self._parts if part.isVisibleTo(self) and part.isEnabled())
            next(usable, self).setFocus()


class RateEditor(QWidget):
    """The learning rate of the current run: shown live, and changed with Enter or *Set*; Escape takes it back."""

    rate_set = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: float | None = None
        self._typed: float | None = None
        self._told: float | None = None  # what was set, while the run has not said so yet
        self.editor = NumberEditor(_RATE, lambda value: 0.0 < value <= (_RATE.maximum or value), self)
        box = self.editor.findChild(QAbstractSpinBox)
        assert isinstance(box, QAbstractSpinBox)
        self.box = box
        self.box.setObjectName("train_rate")
        self.box.setAccessibleName("Learning rate of the current run")
        self.box.setToolTip(_RATE_TIP)
        self.box.installEventFilter(self)
        self.set = QPushButton("Set")  # without an icon: the number needs the room
        self.set.setObjectName("train_set_rate")
        self.set.setAccessibleName("Set the learning rate")
        self.set.setToolTip("Go on with this learning rate from the next batch on.")
        self.editor.edited.connect(self._on_edited)
        self.editor.refused.connect(self._on_refused)
        self.set.clicked.connect(self._apply)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.editor, 1)
        row.addWidget(self.set)
        self.show_rate(None, False)

    def show_rate(self, rate: float | None, is_running: bool) -> None:
        """Show the rate of the latest batch, unless someone is typing another one."""
        if rate != self._current:
            self._current, self._told = rate, None
        self.editor.setEnabled(is_running and rate is not None)
        if not is_running:
            self._typed = self._told = None
        if self._typed is None and self._told is None and rate is not None and not self._is_typing:
            self.editor.set_value(float(f"{rate:.4g}"))
        self._show_set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._apply()
                return True
            if event.key() == Qt.Key.Key_Escape and self._is_typing:
                self._typed = None
                self.box.lineEdit().setModified(False)
                self.show_rate(self._current, True)
                return True
        return super().eventFilter(watched, event)

    @property
    def _is_typing(self) -> bool:
        """Whether the line holds what a person typed: perhaps only its beginning, as the "0.0" of 0.001."""
        return self.box.lineEdit().isModified()

    def _on_edited(self, value: float) -> None:
        self._typed = value
        self._show_set()

    def _on_refused(self, reason: str) -> None:
        self.box.setToolTip(reason or _RATE_TIP)

    def _apply(self) -> None:
        if self._typed is not None:
            self._told, self._typed = self._typed, None
            self.box.lineEdit().setModified(False)
            self.rate_set.emit(self._told)
            self._show_set()

    def _show_set(self) -> None:
        self.set.setEnabled(self.editor.isEnabled() and self._typed is not None)
        self.set.setAccessibleDescription("" if self._typed is None else short(self._typed))


def run_button(text: str, name: str, icon: str, role: str = "text") -> QPushButton:
    """A button with an icon and a text."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setIcon(theme().icon(icon, role))
    button.setIconSize(QSize(16, 16))
    return button


def show_button(button: QPushButton, state: Button) -> None:
    """Bring a button up to date."""
    if state.text:
        button.setText(state.text)
        button.setAccessibleName(state.text)
    button.setEnabled(state.enabled)
    button.setToolTip(state.tooltip)
    button.setVisible(state.visible)
