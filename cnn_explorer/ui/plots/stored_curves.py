"""The curves of runs on disk: read in the background, kept while they are wanted, read again when they grow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import EpochEnded, LearningRateChanged
from cnn_explorer.store.file_stamp import FileStamp, file_stamp
from cnn_explorer.store.runs import Annotation, RunFolder, RunRecord
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.session import Session

Floats = NDArray[np.float64]

_OUTLINE = 4096
"""Points of an overlaid curve: many more than pixels, few enough to be smoothed in a moment."""


@dataclass(frozen=True, eq=False)
class RunCurves:
    """All that plots show of one run. ``path`` is its folder, ``title`` what people call it.

    ``position`` (in epochs; the first one ends at 1), ``loss``, ``accuracy`` (0 to 1) and ``learning_rate`` have one
    value for each batch call, shape (calls,). ``steps_per_epoch`` is 0 if only the means of epochs are known. The
    run goes from ``first`` to ``planned``, in epochs. Curves that grow say so by ``grows_from``: of two with the same
    one, the later only has more points behind those of the earlier.
    """

    path: Path
    title: str
    position: Floats
    loss: Floats
    accuracy: Floats
    learning_rate: Floats
    steps_per_epoch: int
    epochs: tuple[EpochEnded, ...] = ()
    changes: tuple[LearningRateChanged, ...] = ()
    first: int = 0
    planned: int = 1
    grows_from: object = None

    @cached_property
    def outline(self) -> RunCurves:
        """The same run with at most 4,096 points, the means of neighbours: for overlaying many."""
        group = -(-len(self.position) // _OUTLINE)
        if group <= 1 or self.grows_from is not None:
            return self
        starts = np.arange(0, len(self.position), group)
        last = np.append(starts[1:], len(self.position)) - 1

        def mean(values: Floats) -> Floats:
            finite = np.isfinite(values)
            sums = np.add.reduceat(np.where(finite, values, 0.0), starts)
            counts = np.add.reduceat(finite.astype(np.float64), starts)
            means: Floats = np.full(len(starts), np.nan)
            np.divide(sums, counts, out=means, where=counts > 0)
            return means

        return replace(
            self, position=self.position[last], loss=mean(self.loss), accuracy=mean(self.accuracy),
            learning_rate=self.learning_rate[last],
        )  # fmt: skip


def read_curves(path: Path) -> RunCurves:
    """The curves of the run in the folder ``path``. Raises ``ExplorerError`` if there is none.

    Without batches (batches.csv is missing or damaged) the means of the epochs stand for them.
    """
    folder = RunFolder(path)
    record, epochs = folder.read(), folder.history()
    try:
        batches = folder.batches()
    except ExplorerError:
        batches = None
    if batches is not None and len(batches.epoch):
        # Whole epochs only are in the file, so that the last step of one is the number of its batches.
        steps = int(batches.step.max())
        position = batches.epoch - 1 + batches.step / steps
        rows = (position, batches.loss, batches.accuracy, batches.learning_rate)
    else:
        steps = 0
        rows = (
            np.array([float(epoch.epoch) for epoch in epochs]), np.array([epoch.loss for epoch in epochs]),
            np.array([epoch.accuracy for epoch in epochs]), np.array([epoch.learning_rate for epoch in epochs]),
        )  # fmt: skip
    curves = RunCurves(
        path,
        short_name(record, folder.annotation()),
        *rows,
        steps,
        epochs,
        record.rate_changes,
        planned=max(1, len(epochs)),
    )
    _ = curves.outline  # made here, where it keeps nobody waiting
    return curves


def short_name(record: RunRecord, annotation: Annotation) -> str:
    """What tells a run from others in few letters: its title, its place in a sweep, or its network and time."""
    if annotation.title:
        return annotation.title
    if record.sweep is not None:
        return ", ".join(f"{name} {value}" for name, value in record.sweep.settings.items())
    try:
        created = datetime.fromisoformat(record.created)
    except ValueError:
        return record.name
    return f"{record.name}, {created.day} {created:%b %H:%M}"


class CurveLoader(QObject):
    """Reads the curves of wanted runs on the session's disk thread; ``changed`` says that ``runs`` has changed.

    It looks again when ``session.runs_changed`` says that something on disk has changed, and reads what is new.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted: tuple[Path, ...] = ()
        self._known: dict[Path, tuple[object, RunCurves]] = {}
        session.runs_changed.connect(self._read)

    @property
    def runs(self) -> tuple[RunCurves, ...]:
        """The wanted runs, in their order, as far as they have been read."""
        return tuple(self._known[path][1] for path in self._wanted if path in self._known)

    def set_folders(self, folders: tuple[Path, ...]) -> None:
        """Want the runs in these folders, and no others."""
        if folders != self._wanted:
            self._wanted = folders
            self._known = {path: found for path, found in self._known.items() if path in folders}
            self.changed.emit()
            self._read()

    def _read(self) -> None:
        for path in self._wanted:
            known = self._known.get(path)
            self._session.disk.submit(
                _reading(path, known[0] if known else None),
                partial(self._keep, path),
                failed=partial(self._fail, path),
                channel=f"curves {id(self)} {path}",
            )

    def _keep(self, path: Path, found: tuple[object, RunCurves] | None) -> None:
        if found is not None and path in self._wanted:
            self._known[path] = found
            self.changed.emit()

    def _fail(self, path: Path, failure: Failure) -> None:
        if path not in self._wanted:
            return
        if path in self._known:  # it was deleted meanwhile: what is shown stays until someone takes it away
            return
        self._session.report(failure)


def _reading(path: Path, stamp: object) -> Callable[[object], tuple[object, RunCurves] | None]:
    """Work that reads the run if its files are not those of ``stamp`` any more."""

    def read(_job: object) -> tuple[object, RunCurves] | None:
        now = _stamp(path)
        return None if now == stamp else (now, read_curves(path))

    return read


def _stamp(path: Path) -> tuple[FileStamp | None, ...]:
    """What changes when the files of a run change."""
    folder = RunFolder(path)
    files = (folder.run_json, folder.notes_json, folder.history_csv, folder.batches_csv)
    return tuple(file_stamp(file) for file in files)
