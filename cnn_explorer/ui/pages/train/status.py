"""The status card of the Train page: how far the run is, how fast, how good, its learning rate, its folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from cnn_explorer.ui.pages.train.controls import RateEditor
from cnn_explorer.ui.pages.train.state import Status
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.tool_button import tool_button

_FACTS = 2
_SIDE = 12  # pixels left and right of everything
_FINE = 1000
"""Positions of the progress bar."""
_GAP, _LINE_GAP, _ROOM = 8, 4, 4  # pixels between parts, between the lines of one, and above the best accuracy
_TOP, _FOOT = 12, 8
_ICON = 18
_ENDING = "Trained 100 epochs; validation accuracy 0.9912, the best was 0.9921 after epoch 100."
_BEST = "best validation accuracy · epoch 100"
"""What a run says at its end if all went well, and of its best epoch; there is always room for both."""


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
        layout.setContentsMargins(_SIDE, _TOP, _SIDE, _FOOT)
        layout.setSpacing(_GAP)
        layout.addLayout(head)
        layout.addWidget(self.progress)
        layout.addWidget(self.message)
        layout.addLayout(self._fact_rows())
        layout.addSpacing(_ROOM)
        layout.addLayout(self._best_rows())
        layout.addStretch(1)
        layout.addWidget(self._folder_row())
        theme().changed.connect(self._show_icon)
        theme().changed.connect(self._fit)
        self._show_icon()

    def _fact_rows(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(_LINE_GAP)
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
            self._show_progress(status)
            self.rate.show_rate(status.rate, status.is_running)
            has_best = bool(status.best) or status.is_running  # its room waits for the first epoch
            shown: dict[QWidget, bool] = {
                self.progress: bool(status.facts) and status.is_running,  # who has ended needs the room for words
                self.message: bool(status.message),
                self._rate_name: status.is_running,
                self.rate: status.is_running,
                self.best: has_best,
                self._best_words: has_best,
            }
            for index, (name, value) in enumerate(self._facts):
                words = status.facts[index] if index < len(status.facts) else ("", "")
                name.setText(words[0])
                value.setText(words[1])
                shown[name] = shown[value] = bool(words[0])
            self.best.setText(status.best)
            self._best_words.setText(status.best_words)
            # First make room: Qt lays the whole page out anew whenever something hidden is shown.
            for part in sorted(shown, key=shown.__getitem__):
                part.setVisible(shown[part])
            self._fit()
        self.folder = folder
        self.path.setText("" if folder is None else folder.name)
        self.path.setToolTip(f"The run lies in {folder}.")
        self._folder_box.setVisible(folder is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Room for all lines of the message: the layout would cut them off where curves and tables want the room.

        And always room for the current run and for one that has ended, or the curves above would move, and be laid
        out and painted anew, at the moment when a run ends.
        """
        rate_row = self._rate_name.sizeHint().width() + _GAP + self.rate.minimumSizeHint().width()
        words = self._best_words.fontMetrics().horizontalAdvance(_BEST)
        self.setMinimumWidth(max(rate_row, words) + 2 * (_SIDE + self.frameWidth()))
        width = self.contentsRect().width() - 2 * _SIDE
        self.message.setMinimumHeight(0)  # or Qt would count it in
        self.message.setMinimumHeight(max(0, self.message.heightForWidth(width)))
        wrapped = Qt.TextFlag.TextWordWrap
        ending = self.message.fontMetrics().boundingRect(QRect(0, 0, max(1, width), 0), wrapped, _ENDING).height()
        going = self.progress.sizeHint().height() + _LINE_GAP + self.rate.sizeHint().height()
        line = self.fontMetrics().height()
        parts = (
            max(_ICON, self.title.sizeHint().height()), max(going, ending), 2 * line + _LINE_GAP,
            _ROOM + self.best.fontMetrics().height() + line, self._folder_box.sizeHint().height(),
        )  # fmt: skip
        self.setMinimumHeight(_TOP + sum(parts) + _GAP * (len(parts) - 1) + _FOOT + 2 * self.frameWidth())

    def _show_progress(self, status: Status) -> None:
        if status.progress is None:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, _FINE)
            self.progress.setValue(round(status.progress * _FINE))

    def _show_icon(self) -> None:
        self._icon.setPixmap(theme().icon(self._status.icon, self._status.tone).pixmap(QSize(_ICON, _ICON)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(str(self.folder))

    def _open(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder))):
            self.open_failed.emit(str(self.folder))
