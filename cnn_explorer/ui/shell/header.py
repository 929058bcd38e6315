"""The header: data set, network and device at a glance, and the controls of the run, on every page."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from cnn_explorer.ui.forms.editor_base import tip
from cnn_explorer.ui.session.runs.actions import Button
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.header_state import Fact, Facts, HeaderState, header_state
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.busy_indicator import BusyIndicator
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_ICON = QSize(16, 16)
_FACT_ICON = QSize(20, 20)
_FINE = 1000  # steps of the progress bar
_USUAL = "Epoch 00/00 · 00 % · 00:00 left"


class Header(QFrame):
    """Follows the session; its buttons start, pause and stop the run."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAccessibleName("Data set, network, device and run")
        self._session = session
        self._shown: HeaderState | None = None  # less the progress, which changes with every batch call

        self.dataset = _FactView("header_dataset", "database")
        self.model = _FactView("header_model", "network")
        self.device = _FactView("header_device", "cpu")
        self.badge = self.model.add_badge()
        self.progress = _Progress()
        self.train = _button("header_train", "Train", "play", "on_accent")
        set_role(self.train, "primary")
        self.pause = _button("header_pause", "Pause", "pause")
        self.stop = _button("header_stop", "Stop", "square")

        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(24)
        for fact in (self.dataset, self.model, self.device):
            layout.addWidget(fact)
        layout.addStretch(1)
        layout.addWidget(self.progress)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.train, self.pause, self.stop):
            buttons.addWidget(button)
        layout.addLayout(buttons)

        self.badge.clicked.connect(lambda: session.page_requested.emit("build"))
        self.train.clicked.connect(lambda: session.train())
        self.pause.clicked.connect(self._pause_or_continue)
        self.stop.clicked.connect(session.runs.stop)
        for signal in (
            session.dataset_changed, session.dataset_progress, session.device_changed, session.document.changed,
            session.config_changed, session.runs.state_changed, session.runs.queue_changed,
        ):  # fmt: skip
            signal.connect(self._refresh)
        self._keep_widths()
        theme().changed.connect(self._keep_widths)
        self._refresh()

    def _refresh(self) -> None:
        state = header_state(facts_of(self._session))
        self.progress.show_progress(state.progress, state.progress_text, state.progress_tooltip)
        still = replace(state, progress=0.0, progress_text="", progress_tooltip="")
        if still != self._shown:
            self._shown = still
            self._show(still)

    def _show(self, state: HeaderState) -> None:
        """Show everything but the progress."""
        self.dataset.show_fact(state.dataset)
        self.model.show_fact(state.model)
        self.device.show_fact(state.device)
        self.badge.setVisible(bool(state.badge))
        self.badge.setText(state.badge)
        self.badge.setToolTip(state.badge_tooltip)
        self.badge.setAccessibleName(f"{state.badge}. {state.badge_tooltip}")
        focused = next((button for button in (self.train, self.pause, self.stop) if button.hasFocus()), None)
        _apply(self.train, state.train)
        self.train.setText(state.train.short)
        self.train.setIcon(_icon("play" if state.train.short == "Train" else "plus", "on_accent"))
        _apply(self.pause, state.pause)
        self.pause.setText(state.pause.text)
        self.pause.setIcon(_icon("play" if state.pause.text == "Continue" else "pause"))
        _apply(self.stop, state.stop)
        if focused is not None and not focused.isEnabled():
            # Qt would give it to what comes next, and that may be a message that then never goes.
            following = next((button for button in (self.train, self.pause, self.stop) if button.isEnabled()), self)
            following.setFocus()

    def _pause_or_continue(self) -> None:
        runs = self._session.runs
        if runs.is_paused:
            runs.resume()
        else:
            runs.pause()

    def _keep_widths(self) -> None:
        """Room for the longer of a button's two texts, so that nothing jumps when they change."""
        for button, texts in ((self.train, ("Train", "Queue")), (self.pause, ("Pause", "Continue"))):
            button.ensurePolished()
            now = button.text()
            widths = []
            for text in texts:
                button.setText(text)
                widths.append(button.sizeHint().width())
            button.setText(now)
            button.setMinimumWidth(max(widths))


def facts_of(session: Session) -> Facts:
    """What the header needs to know of the session."""
    document, dataset, runs = session.document, session.dataset, session.runs
    return Facts(
        model_name=document.architecture.name,
        parameters=document.inference.total_params,
        problems=session.problems,
        dataset=dataset,
        dataset_failure=session.dataset_failure,
        loading=session.loading_words,
        device=session.device,
        engine_failure=session.engine_failure,
        obstacle=session.obstacle,
        moment=runs.moment,
    )


class _FactView(QWidget):
    """Icon, a strong line and a muted one."""

    def __init__(self, name: str, icon: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._icon, self._picture = _icon(icon, "muted"), QLabel()
        self._show_icon()
        theme().changed.connect(self._show_icon)
        self._title, self._detail, self._busy = ElidedLabel(), ElidedLabel(), BusyIndicator()
        set_role(self._title, "strong")
        set_role(self._detail, "muted")
        self._second = QHBoxLayout()
        self._second.setSpacing(6)
        self._second.addWidget(self._busy)
        self._second.addWidget(self._detail, 1)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(self._title)
        lines.addLayout(self._second)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._picture)
        layout.addLayout(lines, 1)

    def add_badge(self) -> QPushButton:
        """A small red button beside the second line."""
        badge = QPushButton()
        badge.setObjectName(f"{self.objectName()}_problems")
        set_role(badge, "badge")
        self._second.addWidget(badge)
        return badge

    def _show_icon(self) -> None:
        self._picture.setPixmap(self._icon.pixmap(_FACT_ICON))

    def show_fact(self, fact: Fact) -> None:
        """Show the two lines; the sentence is for those who hover or listen."""
        self._title.setText(fact.title)
        self._detail.setText(fact.detail)
        self._busy.setVisible(fact.busy)
        self.setToolTip(tip(fact.sentence))
        self.setAccessibleName(fact.sentence)


class _Progress(QWidget):
    """A line of text over a thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("header_progress")
        self._text = QLabel()
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._bar = QProgressBar()
        self._bar.setObjectName("header_progress_bar")
        self._bar.setRange(0, _FINE)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the run")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._text)
        layout.addWidget(self._bar)

    def show_progress(self, share: float, text: str, tooltip: str) -> None:
        """Show ``share`` (0 to 1); without ``text`` nothing is seen."""
        self.setVisible(bool(text))
        self._text.setText(text)
        self._bar.setValue(round(_FINE * share))
        self._bar.setAccessibleDescription(text)
        self.setToolTip(tooltip)
        # A size that stays the same while the text changes, or the whole window would be laid out anew each time.
        metrics = self._text.fontMetrics()
        self._text.setFixedSize(max(map(metrics.horizontalAdvance, (text, _USUAL))), metrics.height())


def _icon(name: str, role: str = "text") -> QIcon:
    return theme().icon(name, role)


def _button(name: str, text: str, icon: str, role: str = "text") -> QPushButton:
    button = QPushButton(_icon(icon, role), text)
    button.setObjectName(name)
    button.setIconSize(_ICON)
    return button


def _apply(button: QPushButton, control: Button) -> None:
    button.setEnabled(control.enabled)
    button.setToolTip(control.tooltip)
    button.setAccessibleDescription(control.tooltip)
