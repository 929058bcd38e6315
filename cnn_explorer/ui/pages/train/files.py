"""What the Train page reads and writes: the settings, the table of epochs, the plots, the queue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.store import struct_csv
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets import saving

_SETTINGS = "Settings of a training (*.json);;All files (*)"
_LARGEST_FILE = 2**20  # bytes; all settings together have 2 kB


class TrainFiles(QObject):
    """File actions of the Train page. Dialogs are methods of their own, so that tests can answer them.

    ``epochs``, ``picture`` and ``run_name`` give what is shown when it is to be saved.
    """

    def __init__(
        self,
        session: Session,
        window: QWidget,
        epochs: Callable[[], tuple[EpochEnded, ...]],
        picture: Callable[[], QImage],
        run_name: Callable[[], str],
    ) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._epochs, self._picture, self._run_name = epochs, picture, run_name
        self.open = self._action(
            "Open training settings…", "train_open_config", "folder-open", self._open_config,
            "Take the settings from a file, as train --config does.",
        )  # fmt: skip
        self.save = self._action(
            "Save training settings…", "train_save_config", "save", self._save_config,
            "Save the settings to a file that train --config takes, too.",
        )  # fmt: skip
        self.save_table = self._action(
            "Table of epochs as CSV…", "train_export_csv", "file-down", self._save_table, "Save the table of epochs."
        )
        self.save_plots = self._action(
            "Plots as PNG…", "train_export_png", "image-down", self._save_plots, "Save the plots as a picture."
        )
        self.actions = (self.open, self.save, self.save_table, self.save_plots)

    def save_queue(self, table: bytes) -> None:
        """Save the table of the queue to a file that is asked for."""
        self._save("Save the table of runs", "runs.csv", "Tables (*.csv)", lambda: table)

    def ask_open_path(self) -> Path | None:
        """The file that someone chooses to open."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open training settings", saving.documents(), _SETTINGS)
        return Path(chosen) if chosen else None

    def ask_save_path(self, title: str, name: str, kind: str) -> Path | None:
        """The file that someone chooses to write."""
        return saving.ask_save_path(self._window, title, name, kind)

    def _action(self, text: str, name: str, icon: str, slot: Callable[[], None], tooltip: str) -> QAction:
        action = QAction(theme().icon(icon), text, self._window)
        action.setObjectName(name)
        action.setToolTip(tooltip)
        action.triggered.connect(lambda _checked=False: slot())
        return action

    def _open_config(self) -> None:
        path = self.ask_open_path()
        if path is None:
            return
        try:
            self._session.config = _read_config(path)
        except ExplorerError as error:
            self._session.report(error)
        else:
            self._session.say("success", f"Took the settings from {path}.")

    def _save_config(self) -> None:
        text = self._session.config.to_json()
        self._save("Save training settings", "training.json", _SETTINGS, lambda: text)

    def _save_table(self) -> None:
        table = struct_csv.table(EpochEnded, self._epochs())
        self._save(
            "Save the table of epochs", self._run_name() + "epochs.csv", "Tables (*.csv)",
            lambda: table,
        )  # fmt: skip

    def _save_plots(self) -> None:
        picture = self._picture()
        self._save(
            "Save the plots", self._run_name() + "curves.png", "Pictures (*.png)",
            lambda: saving.png(picture),
        )  # fmt: skip

    def _save(self, title: str, name: str, kind: str, content: Callable[[], bytes]) -> None:
        saving.save(self._session, self.ask_save_path(title, name, kind), Path(name).suffix, content)


def _read_config(path: Path) -> TrainingConfig:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ExplorerError(f"{path.name} is too large for the settings of a training.", "Choose another file.")
        return TrainingConfig.from_json(path.read_bytes())
    except OSError as error:
        raise ExplorerError(f"{path} could not be read: {error.strerror}.", "Check the path.") from error
