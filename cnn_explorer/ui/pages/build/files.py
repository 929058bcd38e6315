"""New, open, save, copy: the network's way to files and to the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.store.atomic import atomic_write
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets import saving

_FILTER = "Architecture (*.json);;All files (*)"
_LARGEST_FILE = 4 * 2**20  # bytes; a network of a thousand layers has 0.2 MB


class BuildFiles(QObject):
    """File actions of the Build page. Dialogs are methods of their own, so that tests can answer them."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        key = QKeySequence.StandardKey
        self.new = self._action("new", "New network", "file-plus", "Start with an empty network.", key.New)
        self.open = self._action(
            "open", "Open architecture…", "folder-open", "Open a network from an architecture file.", key.Open
        )
        self.save = self._action("save", "Save architecture", "save", "Save the network to its file.", key.Save)
        self.save_as = self._action(
            "save_as", "Save architecture as…", "save", "Save the network to another file.", key.SaveAs
        )
        self.copy = self._action(
            "copy_code", "Copy as Keras code", "code", "Copy Python code that builds this network with Keras.", None
        )
        self.new.triggered.connect(self.start_new)
        self.open.triggered.connect(self._choose_and_open)
        self.save.triggered.connect(self.save_document)
        self.save_as.triggered.connect(self.save_document_as)
        self.copy.triggered.connect(self.copy_code)
        self.actions = (self.new, self.open, self.save, self.save_as, self.copy)

    def start_new(self) -> None:
        """An empty network for the images of the data set, once unsaved work is safe."""
        if not self.confirm_leaving():
            return
        dataset = self._session.dataset
        shape = dataset.image_shape if dataset else self._session.document.architecture.input_shape
        self._session.document.open(Architecture(input_shape=shape), None)

    def open_path(self, path: Path) -> bool:
        """Open an architecture file, once unsaved work is safe; whether it is open now.

        What is wrong with the file goes to the message bar, and nothing is asked nor lost.
        """
        try:
            architecture = _architecture(path)
        except ExplorerError as error:
            self._session.report(error)
            return False
        if not self.confirm_leaving():
            return False
        self._session.document.open(architecture, path)
        self._session.recent.add(path)
        return True

    def save_document(self) -> bool:
        """Save to the document's file, or to one that is asked for; whether it is saved now."""
        path = self._session.document.path
        return self._write(path) if path is not None else self.save_document_as()

    def save_document_as(self) -> bool:
        """Save to a file that is asked for; whether it is saved now."""
        path = self._ask_save_path()
        if path is None:
            return False
        try:
            path = saving.with_suffix(path, ".json")
        except ExplorerError as error:
            self._session.report(error)
            return False
        return self._write(path)

    def copy_code(self) -> None:
        """Put Keras code of the network on the clipboard."""
        # Here: this page is made before the first painting, which need not wait for the writer of scripts.
        from cnn_explorer.export.script.keras_script import keras_code

        QGuiApplication.clipboard().setText(keras_code(self._session.document.architecture))
        hint = "It has problems still: Keras will refuse it." if self._session.document.inference.problems else ""
        self._session.say("success", "Keras code of the network is on the clipboard.", hint)

    def confirm_leaving(self) -> bool:
        """Ask what to do with unsaved work, if there is any; whether one may go on."""
        if not self._session.document.unsaved:
            return True
        answer = self._ask_to_save()
        return self.save_document() if answer == "save" else answer == "discard"

    def _choose_and_open(self) -> None:
        path = self._ask_open_path()
        if path is not None:
            self.open_path(path)

    def _write(self, path: Path) -> bool:
        document = self._session.document
        try:
            atomic_write(path, document.architecture.to_json())
        except ExplorerError as error:
            self._session.report(error)
            return False
        document.mark_saved(path)
        self._session.recent.add(path)
        self._session.say("success", f"Saved the network to {path}.")
        return True

    def _ask_open_path(self) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Open architecture", self._folder(), _FILTER)
        return Path(name) if name else None

    def _ask_save_path(self) -> Path | None:
        document = self._session.document
        proposal = document.path or Path(self._folder()) / f"{document.architecture.name}.json"
        return saving.ask_save_path(self._window, "Save architecture", str(proposal), _FILTER)

    def _ask_to_save(self) -> Literal["save", "discard", "cancel"]:
        box = QMessageBox(self._window)
        box.setObjectName("question")
        box.setWindowTitle("Unsaved changes")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Save the changes to {self._session.document.architecture.name}?")
        box.setInformativeText(
            "The network comes back at the next start either way; "
            + ("its file keeps what it has now." if self._session.document.path else "it is in no file of its own yet.")
        )
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        for button, name in ((save, "save"), (discard, "discard"), (cancel, "cancel")):
            button.setObjectName(f"question_{name}")
        set_role(save, "primary")
        box.setDefaultButton(save)
        box.setEscapeButton(cancel)
        box.exec()
        if box.clickedButton() is save:
            return "save"
        return "discard" if box.clickedButton() is discard else "cancel"

    def _folder(self) -> str:
        path = self._session.document.path
        return str(path.parent) if path else ""

    def _action(
        self, name: str, text: str, icon: str, tooltip: str, shortcut: QKeySequence.StandardKey | None
    ) -> QAction:
        action = QAction(theme().icon(icon), text, self)
        action.setObjectName(f"build_{name}")
        action.setToolTip(tooltip)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        return action


def _architecture(path: Path) -> Architecture:
    """The network of a file; raises ``ExplorerError`` with the file's name if there is none in it."""
    content = _read(path)
    try:
        return Architecture.from_json(content)
    except ExplorerError as error:
        raise ExplorerError(f"{path.name} could not be opened. {error.message}", error.hint) from error


def _read(path: Path) -> bytes:
    """The content of a file that may be an architecture; raises ``ExplorerError`` if it cannot be one."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ExplorerError(f"{path} is too large for an architecture file.", "Choose a .json file of a network.")
        return path.read_bytes()
    except OSError as error:
        raise ExplorerError(f"{path} could not be read: {error.strerror}.", "Choose another file.") from error
