"""The left column of the Train page: the settings, the learning rate over the run, and the buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.pages.train_state import Actions, schedule_rates, schedule_text, summary
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.schedule_curve import ScheduleCurve
from cnn_explorer.ui.widgets.spec_form import SpecForm

_WIDTH = 312


class SettingsPanel(QFrame):
    """Shows and edits a ``TrainingConfig``; says what was pressed."""

    start_pressed = Signal()
    restart_pressed = Signal()
    pause_pressed = Signal()
    stop_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedWidth(_WIDTH)
        self.form = SpecForm(self)
        self.form.setObjectName("train_form")
        self.form.setAccessibleName("Settings of the training")
        title = QLabel("Settings", self)
        set_role(title, "title")
        self._locked = QLabel("locked while it trains", self)
        set_role(self._locked, "muted")
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._locked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._scrolled(), 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 0, 12, 0)
        foot.setSpacing(8)
        line = QFrame(self)
        set_role(line, "separator")
        foot.addWidget(line)
        foot.addLayout(self._schedule())
        self._add_buttons(foot)
        layout.addLayout(foot)

    def _scrolled(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 0, 12, 4)
        column.addWidget(self.form)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("train_settings_scroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _schedule(self) -> QVBoxLayout:
        self._curve_title = QLabel("Learning rate over the run", self)
        set_role(self._curve_title, "section")
        self.curve = ScheduleCurve(self)
        self.curve.setObjectName("train_schedule")
        self.curve.setAccessibleName("Learning rate over the run")
        self.curve.setToolTip("The learning rate from the first batch to the last one, as these settings make it.")
        self.caption = _wrapped(self, "train_schedule_caption", "muted")
        self.warning = _wrapped(self, "train_schedule_warning", "error")
        column = QVBoxLayout()
        column.setSpacing(4)
        for part in (self._curve_title, self.curve, self.caption, self.warning):
            column.addWidget(part)
        return column

    def _add_buttons(self, layout: QVBoxLayout) -> None:
        self.summary = QLabel(self)
        self.summary.setObjectName("train_summary")
        self.summary.setToolTip("An epoch shows every training image once; the last batch may be smaller.")
        set_role(self.summary, "muted")
        self.start = _button(self, "Start training", "train_start", "play", "on_accent")
        set_role(self.start, "primary")
        self.restart = _button(self, "Start again from the initial weights", "train_restart", "rotate-ccw")
        self.pause = _button(self, "Pause", "train_pause", "pause")
        self.stop = _button(self, "Stop", "train_stop", "square")
        for button, signal in (
            (self.start, self.start_pressed),
            (self.restart, self.restart_pressed),
            (self.pause, self.pause_pressed),
            (self.stop, self.stop_pressed),
        ):
            button.clicked.connect(signal)
        while_running = QWidget(self)
        pair = QHBoxLayout(while_running)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(8)
        pair.addWidget(self.pause)
        pair.addWidget(self.stop)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.start)
        self._stack.addWidget(while_running)
        self._stack.setFixedHeight(self.start.sizeHint().height())
        for part in (self.summary, self._stack, self.restart):
            layout.addWidget(part)

    def show_config(self, config: TrainingConfig, dataset: Dataset | None) -> None:
        """Show the settings and what follows from them."""
        self.form.set_value(config)
        self.summary.setText(summary(config, dataset))
        rates = schedule_rates(config, dataset)
        caption, warning = schedule_text(config, dataset)
        self.curve.set_rates(rates)
        self._curve_title.setVisible(bool(rates))
        self.curve.setVisible(bool(rates))
        for label, text in ((self.caption, caption), (self.warning, warning)):
            label.setText(text)
            label.setVisible(bool(text))

    def show_actions(self, actions: Actions) -> None:
        """Offer what can be done now."""
        changed = self._stack.currentIndex() != int(actions.is_running)
        had_focus = self._stack.focusWidget() is not None and self._stack.focusWidget().hasFocus()
        self.start.setEnabled(actions.can_start)
        self.start.setToolTip(actions.start_tip)
        self.restart.setEnabled(actions.can_restart)
        self.restart.setToolTip(actions.restart_tip)
        self.pause.setEnabled(actions.can_pause)
        self.pause.setText(actions.pause_text)
        self.pause.setAccessibleName(actions.pause_text)
        self.pause.setIcon(theme().icon("play" if actions.pause_text == "Continue" else "pause"))
        self.pause.setToolTip(actions.pause_tip)
        self.stop.setEnabled(actions.can_stop)
        self.stop.setToolTip(actions.stop_tip)
        self.form.setEnabled(not actions.locked)
        self.form.setToolTip(actions.locked)
        self._locked.setToolTip(actions.locked)
        self._locked.setVisible(bool(actions.locked))
        if changed:
            self._stack.setCurrentIndex(int(actions.is_running))
            if had_focus:
                (self.pause if actions.is_running else self.start).setFocus()


def _button(parent: QWidget, text: str, name: str, icon: str, role: str = "text") -> QPushButton:
    button = QPushButton(text, parent)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setIcon(theme().icon(icon, role))
    button.setIconSize(QSize(16, 16))
    return button


def _wrapped(parent: QWidget, name: str, role: str) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    set_role(label, role)
    return label
