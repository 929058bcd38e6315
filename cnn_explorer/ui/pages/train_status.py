"""The status card of the Train page: how far the run is, how fast, how good, its learning rate, its folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from cnn_explorer.ui.pages.train_controls import RateEditor
from cnn_explorer.ui.pages.train_state import Status
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.tool_button import tool_button

_FACTS = 2
_SIDE = 12  # pixels left and right of everything
_FINE = 1000
"""Positions of the progress bar."""


class StatusCard(QFrame):
    """Shows a ``Status`` and the folder of the run."""

    open_failed = Signal(str)
    """Path of a folder that no file manager would open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._status = Status("", "muted", "activity")
        self.folder: Path | None = None
        self._icon = QLabel(self)
        self.title = QLabel(self)
        self.title.setObjectName("train_phase")
        set_role(self.title, "title")
        self.progress = QProgressBar(self)
        self.progress.setObjectName("train_progress")
        self.progress.setAccessibleName("Progress of the run")
        self.progress.setTextVisible(False)
        self.message = QLabel(self)
        self.message.setObjectName("train_message")
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self.title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_SIDE, 12, _SIDE, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.progress)
        layout.addWidget(self.message)
        layout.addLayout(self._fact_rows())
        layout.addSpacing(4)
        layout.addLayout(self._best_rows())
        layout.addStretch(1)
        layout.addWidget(self._folder_row())
        theme().changed.connect(self._show_icon)
        self._show_icon()

    def _fact_rows(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self._facts: list[tuple[QLabel, QLabel]] = []
        for row in range(_FACTS):
            name, value = QLabel(self), QLabel(self)
            set_role(name, "muted")
            value.setObjectName(f"train_fact_{row}")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
            self._facts.append((name, value))
        self._rate_name = QLabel("Learning rate", self)
        set_role(self._rate_name, "muted")
        self.rate = RateEditor(self)
        grid.addWidget(self._rate_name, _FACTS, 0)
        grid.addWidget(self.rate, _FACTS, 1)
        return grid

    def _best_rows(self) -> QVBoxLayout:
        self.best, self._best_words = QLabel(self), QLabel(self)
        self.best.setObjectName("train_best")
        set_role(self.best, "figure")
        set_role(self._best_words, "muted")
        rows = QVBoxLayout()
        rows.setSpacing(0)
        rows.addWidget(self.best)
        rows.addWidget(self._best_words)
        return rows

    def _folder_row(self) -> QWidget:
        self._folder_box = QWidget(self)
        self.path = ElidedLabel(cut=Qt.TextElideMode.ElideMiddle)
        self.path.setObjectName("train_folder")
        set_role(self.path, "muted")
        copy = tool_button("copy", "train_copy_folder", "Copy the path of the run's folder.", flat=True)
        show = tool_button("folder-open", "train_open_folder", "Open the run's folder in the file manager.", flat=True)
        copy.clicked.connect(self._copy)
        show.clicked.connect(self._open)
        row = QHBoxLayout(self._folder_box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.path, 1)
        row.addWidget(copy)
        row.addWidget(show)
        return self._folder_box

    def show_status(self, status: Status, folder: Path | None) -> None:
        """Show how the run is, and the folder it lies in."""
        if status != self._status:
            before, self._status = self._status, status
            if (status.icon, status.tone) != (before.icon, before.tone):
                self._show_icon()
            self.title.setText(status.title)
            self.message.setText(status.message)
            self.message.setVisible(bool(status.message))
            self._show_progress(status)
            self.rate.show_rate(status.rate, status.is_running)
            for part in (self._rate_name, self.rate):
                part.setVisible(status.is_running)
            for index, (name, value) in enumerate(self._facts):
                words = status.facts[index] if index < len(status.facts) else ("", "")
                name.setText(words[0])
                value.setText(words[1])
                name.setVisible(bool(words[0]))
                value.setVisible(bool(words[0]))
            self.best.setText(status.best)
            self._best_words.setText(status.best_words)
            for part in (self.best, self._best_words):
                part.setVisible(bool(status.best) or status.is_running)  # its room waits for the first epoch
            self._fit_message()
        self.folder = folder
        self.path.setText("" if folder is None else folder.name)
        self.path.setToolTip(f"The run lies in {folder}.")
        self._folder_box.setVisible(folder is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_message()

    def _fit_message(self) -> None:
        """Room for all lines of the message: the layout would cut them off where curves and tables want the room."""
        width = self.contentsRect().width() - 2 * _SIDE
        self.message.setMinimumHeight(max(0, self.message.heightForWidth(width)))

    def _show_progress(self, status: Status) -> None:
        self.progress.setVisible(bool(status.facts))
        if status.progress is None:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, _FINE)
            self.progress.setValue(round(status.progress * _FINE))

    def _show_icon(self) -> None:
        self._icon.setPixmap(theme().icon(self._status.icon, self._status.tone).pixmap(QSize(18, 18)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self.folder))

    def _open(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder))):
            self.open_failed.emit(str(self.folder))
