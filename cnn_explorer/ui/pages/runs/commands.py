"""What the Runs page does with runs: look into them, go on with them, take their settings, rename, delete, compare."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QFile, QObject, QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QUndoCommand
from PySide6.QtWidgets import QFileDialog, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.pages.runs.offers import OFFERS, Moment, continue_words
from cnn_explorer.ui.pages.runs.state import RunRow
from cnn_explorer.ui.session.services import ContinueRequest
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme


class RunCommands(QObject):
    """The actions of ``OFFERS``; those of the Export menu are done by ``runs_saving.RunSaving``."""

    rename_wanted = Signal()
    folder_opened = Signal(object)
    """``Path`` of a run, or of a folder of runs, that shall be listed too."""
    deleted = Signal(object)
    """The folders (a tuple of ``Path``) that lie in the trash now."""

    def __init__(self, session: Session, window: QWidget, more_epochs: Callable[[], int]) -> None:
        super().__init__(window)
        self._session, self._window, self._more_epochs = session, window, more_epochs
        self._moment = Moment()
        self.actions = {offer.key: self._action(offer.key) for offer in OFFERS}
        for key, do in (
            ("inspect", lambda: self._inspect(RunFolder(self._only.path).model)),
            ("inspect_best", lambda: self._inspect(RunFolder(self._only.path).best)),
            ("continue", self._continue),
            ("duplicate", self._duplicate),
            ("compare", self._compare),
            ("rename", self.rename_wanted.emit),
            ("reveal", self._reveal),
            ("delete", self._delete),
            ("open", self._open),
        ):
            self.actions[key].triggered.connect(lambda _checked=False, do=do: do())

    def _action(self, key: str) -> QAction:
        offer = next(offer for offer in OFFERS if offer.key == key)
        action = QAction(theme().icon(offer.icon), offer.text, self._window)
        action.setObjectName(f"runs_{key}")
        action.setIconText(offer.brief or offer.text)
        if offer.shortcut:
            action.setShortcut(offer.shortcut)
            # While a name is being edited its editor has the keys.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        return action

    def show(self, moment: Moment) -> None:
        """Offer what can be done now; what cannot says why in its tooltip."""
        self._moment = moment
        for offer in OFFERS:
            action, refusal = self.actions[offer.key], offer.refusal(moment)
            action.setEnabled(not refusal)
            tip = f"{offer.tip} ({action.shortcut().toString()})" if offer.shortcut else offer.tip
            action.setToolTip(f"{tip}\n{refusal}" if refusal else tip)
            action.setStatusTip(refusal)  # alone, for whoever has room to show it
        if self.actions["continue"].isEnabled():
            self.actions["continue"].setToolTip(continue_words(moment.selected, self._more_epochs()))
        compared = set(self._session.compared)
        all_compared = bool(moment.selected) and all(row.path in compared for row in moment.selected)
        self.actions["compare"].setText("Do not compare" if all_compared else "Compare")

    def compare(self, path: Path, wanted: bool) -> None:
        """Lay the curves of a run over the others, or take them away."""
        others = tuple(each for each in self._session.compared if each != path)
        self._session.compare((*others, path) if wanted else others)

    @property
    def _only(self) -> RunRow:
        return self._moment.selected[0]

    def _inspect(self, model: Path) -> None:
        self._session.page_requested.emit("inspect")
        self._session.model_ready.emit(model)

    def _continue(self) -> None:
        more = self._more_epochs()
        requests = [
            ContinueRequest(row.run.record.architecture, row.run.record.training, row.path, row.done + more)
            for row in self._moment.selected
        ]
        self._session.enqueue(*requests)
        self._session.page_requested.emit("train")

    def _duplicate(self) -> None:
        record, document = self._only.run.record, self._session.document
        stack, text = document.undo_stack, f"Take the settings of {self._only.run.title}"
        document.path = None  # or saving would put this network into the file of another one
        stack.beginMacro(text)
        stack.push(_TakeConfig(self._session, record.training))
        document.edit(record.architecture, text)
        stack.endMacro()
        self._session.page_requested.emit("train")
        hint = "Undo in the Edit menu brings back what was there before."
        self._session.say("success", f"Network and settings are those of {self._only.run.title} now.", hint)

    def _compare(self) -> None:
        chosen = [row.path for row in self._moment.selected]
        compared = self._session.compared
        if all(path in compared for path in chosen):
            self._session.compare(tuple(path for path in compared if path not in chosen))
        else:
            self._session.compare((*compared, *(path for path in chosen if path not in compared)))

    def _reveal(self) -> None:
        path = self._only.path
        if not self._show_folder(path):
            self._session.say("warning", f"The folder {path} could not be opened.", "Open it in your file manager.")

    def _show_folder(self, path: Path) -> bool:
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _delete(self) -> None:
        paths = tuple(row.path for row in self._moment.selected)
        trash = self._move_to_trash
        self._session.disk.submit(lambda _job: _delete(paths, trash), self._on_deleted)

    def _on_deleted(self, result: _Deleted) -> None:
        places, problems = result
        gone = tuple(places)
        if gone:
            self._session.compare(tuple(path for path in self._session.compared if path not in gone))
            self.deleted.emit(gone)
            self._session.runs_changed.emit()
        if problems:
            hint = "The rest is in the trash." if gone else "Nothing was deleted. Their folders can be shown instead."
            self._session.say("error", problems[0], hint, "\n".join(problems[1:]))
        elif gone:
            what = gone[0].name if len(gone) == 1 else counted(len(gone), "run", "runs")
            trash = next(iter(places.values())).parent
            self._session.say("success", f"Moved {what} to the trash.", f"It can be restored from there: {trash}")

    def _move_to_trash(self, path: Path) -> Path | None:
        """Where the folder lies now; ``None`` if the system has no trash for it. Called in a job."""
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
        with contextlib.suppress(OSError):
            Path(home).mkdir(parents=True, exist_ok=True)  # Qt makes the trash in it, but not the folder itself
        file = QFile(str(path))
        return Path(file.fileName()) if file.moveToTrash() else None

    def _open(self) -> None:
        path = self._ask_folder()
        if path is not None:
            self.folder_opened.emit(path)

    def _ask_folder(self) -> Path | None:
        folder = str(self._session.services.runs_folder())
        name = QFileDialog.getExistingDirectory(self._window, "Open a run folder", folder)
        return Path(name) if name else None


class _Deleted(NamedTuple):
    """Where the folders lie now that were moved to the trash, and a sentence for each that was not."""

    places: dict[Path, Path]
    problems: tuple[str, ...]


def _delete(paths: tuple[Path, ...], trash: Callable[[Path], Path | None]) -> _Deleted:
    places: dict[Path, Path] = {}
    problems = []
    for path in paths:
        if RunFolder(path).is_active():
            problems.append(f"{path.name} is being trained: stop it first.")
        elif (place := trash(path)) is not None:
            places[path] = place
        else:
            problems.append(f"{path} could not be moved to the trash: the system has none for this disk.")
    return _Deleted(places, tuple(problems))


class _TakeConfig(QUndoCommand):
    """Replaces the training configuration; undo and redo find it as it was when they left it."""

    def __init__(self, session: Session, config: TrainingConfig) -> None:
        super().__init__()
        self._session, self._other = session, config

    def redo(self) -> None:
        self._session.config, self._other = self._other, self._session.config

    undo = redo


def is_run(path: Path) -> bool:
    """Whether ``path`` is the folder of a run, or holds such folders."""
    try:
        return path.is_dir() and (
            RunFolder(path).run_json.is_file() or any(RunFolder(inner).run_json.is_file() for inner in path.iterdir())
        )
    except OSError:
        return False


def annotate(folder: Path, title: str | None = None, notes: str | None = None) -> None:
    """Write title or notes of a run; raises ``ExplorerError`` if it has gone meanwhile."""
    run = RunFolder(folder)
    if not run.run_json.is_file():
        raise ExplorerError(f"The run {folder} is not there any more.", "Its notes could not be saved.")
    run.annotate(title, notes)
