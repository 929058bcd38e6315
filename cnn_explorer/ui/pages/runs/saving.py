"""Runs as files for other programs: tables, a picture of the curves, TensorBoard's log, a Keras script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.export.script.run_script import run_script
from cnn_explorer.store.atomic import write_failure
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.runs.export import epochs_csv, runs_csv
from cnn_explorer.ui.pages.runs.state import RunRow
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.widgets import saving


class RunSaving(QObject):
    """Does what the Export menu offers. ``selected`` and ``shown`` give runs, ``settings`` what their sweep varies."""

    def __init__(
        self,
        session: Session,
        window: QWidget,
        actions: Mapping[str, QAction],
        selected: Callable[[], tuple[RunRow, ...]],
        shown: Callable[[], tuple[tuple[RunRow, ...], tuple[str, ...]]],
        picture: Callable[[], QImage],
    ) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._selected, self._shown, self._picture = selected, shown, picture
        for key, do in (
            ("csv", self._save_epochs),
            ("table", self._save_table),
            ("png", self._save_picture),
            ("tensorboard", self._save_tensorboard),
            ("script", self._save_script),
        ):
            actions[key].triggered.connect(lambda _checked=False, do=do: do())

    def _save_epochs(self) -> None:
        rows = self._selected()
        self._save("Save the epochs", f"{_stem(rows)}_epochs.csv", "Tables (*.csv)", lambda: epochs_csv(rows).encode())

    def _save_table(self) -> None:
        rows, settings = self._shown()
        self._save("Save the table of runs", "runs.csv", "Tables (*.csv)", lambda: runs_csv(rows, settings).encode())

    def _save_picture(self) -> None:
        picture = self._picture()
        self._save("Save the plots", "curves.png", "Pictures (*.png)", lambda: saving.png(picture))

    def _save_script(self) -> None:
        (row,) = self._selected()
        run = RunFolder(row.path)
        self._save("Save the Keras script", f"{_stem((row,))}.py", "Python (*.py)", lambda: run_script(run).encode())

    def _save_tensorboard(self) -> None:
        rows = tuple(row for row in self._selected() if row.run.epochs)
        folder = self._ask_path("Name of a new folder for TensorBoard", f"{_stem(rows)}_tensorboard", "Folders (*)")
        if folder is None:
            return
        export, paths = self._session.services.export_tensorboard, tuple(row.path for row in rows)
        self._session.say("info", "Writing the TensorBoard log…")
        self._session.engine.submit(
            lambda _job: _export_all(export, paths, folder),
            lambda _none: self._session.say(
                "success", f"Saved {folder}.", f'See it with: tensorboard --logdir "{folder}"'
            ),
        )

    def _save(self, title: str, name: str, kind: str, content: Callable[[], bytes]) -> None:
        saving.save(self._session, self._ask_path(title, name, kind), Path(name).suffix, content)

    def _ask_path(self, title: str, name: str, kind: str) -> Path | None:
        return saving.ask_save_path(self._window, title, name, kind)


def _export_all(export: Callable[[Path, Path], None], runs: tuple[Path, ...], folder: Path) -> None:
    """One run goes into ``folder``, several into folders of their own in it."""
    if len(runs) == 1:
        export(runs[0], folder)
        return
    try:
        folder.mkdir()
    except FileExistsError as error:
        raise ExplorerError(f"{folder} exists already.", "Choose another name.") from error
    except OSError as error:
        raise write_failure(folder, error) from error
    for run in runs:
        names = (run.name, *(f"{run.name}-{number}" for number in range(2, len(runs) + 1)))
        export(run, next(path for name in names if not (path := folder / name).exists()))


def _stem(rows: tuple[RunRow, ...]) -> str:
    return rows[0].path.name if len(rows) == 1 else "runs"
