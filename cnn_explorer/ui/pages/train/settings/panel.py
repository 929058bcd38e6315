"""The left column of the Train page: the settings, what they mean for the run, and the buttons that start one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.forms.spec_form import SpecForm
from cnn_explorer.ui.pages.train.controls import run_button, show_button
from cnn_explorer.ui.pages.train.settings.augmentation_preview import AugmentationPreview
from cnn_explorer.ui.pages.train.settings.schedule_curve import ScheduleCurve
from cnn_explorer.ui.pages.train.state import Actions
from cnn_explorer.ui.session.readiness import RESTART, config_problems
from cnn_explorer.ui.session.runs.plan import rate_plan, summary
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme

_WIDTH = 320
ELSEWHERE = tuple(field.name for field in fields_of(TrainingConfig) if field.group == "Film")
"""Settings that the film panel sets, where one sees what they do."""


class SettingsPanel(QFrame):
    """Shows and edits a ``TrainingConfig``; says what was pressed."""

    start_pressed = Signal()
    restart_pressed = Signal()
    program_restart_pressed = Signal()
    current_options_pressed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedWidth(_WIDTH)
        self.form = SpecForm(self, without=ELSEWHERE)
        self.form.setObjectName("train_form")
        self.form.setAccessibleName("Settings of the training")
        self.form.set_value(session.config)
        self._preview = AugmentationPreview(session)
        self._problems: set[str] = set()
        title = QLabel("Settings", self)
        set_role(title, "title")
        self.caption = QLabel(self)
        self.caption.setObjectName("train_settings_caption")
        self.caption.setToolTip("The current run keeps the settings that it began with.")
        set_role(self.caption, "muted")
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.caption)
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
        foot.addWidget(self._restart_note())
        self._add_buttons(foot)
        layout.addLayout(foot)
        self.form.add_below("Augmentation", self._preview)

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
        self.curve = ScheduleCurve(self)
        self.curve.setObjectName("train_schedule")
        self.curve.setAccessibleName("Learning rate over the run")
        self.warning = _wrapped(self, "train_schedule_warning", "error")
        column = QVBoxLayout()
        column.setSpacing(4)
        self._curve_title = QLabel("Learning rate over the run", self)
        set_role(self._curve_title, "section")
        column.addWidget(self._curve_title)
        column.addWidget(self.curve)
        column.addWidget(self.warning)
        return column

    def _restart_note(self) -> QWidget:
        """What the settings need that change only when the program starts."""
        self._note = QWidget(self)
        self._note.setObjectName("train_restart_note")
        words = _wrapped(self._note, "train_restart_words", "muted")
        words.setText(RESTART)
        now = run_button("Restart now", "train_restart_program", "rotate-ccw")
        now.setToolTip("Close the window and start the program again; everything is kept.")
        back = run_button("Use current", "train_current_options", "undo-2")
        back.setToolTip("Set GPU memory and threads back to what the program runs with.")
        now.clicked.connect(self.program_restart_pressed)
        back.clicked.connect(self.current_options_pressed)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(now, 1)
        row.addWidget(back, 1)
        column = QVBoxLayout(self._note)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(words)
        column.addLayout(row)
        self._note.hide()
        return self._note

    def _add_buttons(self, layout: QVBoxLayout) -> None:
        self.summary = QLabel(self)
        self.summary.setObjectName("train_summary")
        self.summary.setToolTip("An epoch shows every training image once; the last batch may be smaller.")
        set_role(self.summary, "muted")
        self.start = run_button("Start training", "train_start", "play", "on_accent")
        set_role(self.start, "primary")
        self.restart = run_button("Start again from the initial weights", "train_restart", "rotate-ccw")
        self.start.clicked.connect(self.start_pressed)
        self.restart.clicked.connect(self.restart_pressed)
        self.reason = _wrapped(self, "train_obstacle", "error")
        for part in (self.summary, self.reason, self.start, self.restart):
            layout.addWidget(part)

    def show_config(self, config: TrainingConfig, dataset: Dataset | None, needs_restart: bool) -> None:
        """Show the settings and what follows from them."""
        self.form.set_value(config)
        found: dict[str, str] = {}
        for field, message in config_problems(config, dataset):
            found.setdefault(field, message)
        for field in self._problems | found.keys():
            self.form.set_problem(field, found.get(field, ""))
        self._problems = set(found)
        self._note.setVisible(needs_restart)
        self.summary.setText(summary(config, dataset))
        plan = rate_plan(config, dataset)
        self.curve.show_points(plan.points, config.epochs)
        for part in (self._curve_title, self.curve):
            part.setVisible(bool(plan.points))
        self.curve.setAccessibleDescription(plan.caption)
        self.curve.setToolTip(f"The learning rate from batch to batch: {plan.caption}.")
        self.warning.setText(plan.warning)
        self.warning.setVisible(bool(plan.warning))
        self._preview.show_config(config)

    def show_actions(self, actions: Actions) -> None:
        """Offer what can be done now."""
        show_button(self.start, actions.start)
        self.start.setIcon(theme().icon("plus" if actions.caption else "play", "on_accent"))
        show_button(self.restart, actions.restart)
        self.caption.setText(actions.caption)
        reason = "" if actions.reason == RESTART else actions.reason  # a note says that, with a way out
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))


def _wrapped(parent: QWidget, name: str, role: str) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    set_role(label, role)
    return label
