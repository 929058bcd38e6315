"""The hero of the Train page: the plots of the current run, and of those that it is compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from cnn_explorer.core.run.events import BatchEnded, EpochEnded, LearningRateChanged, Started
from cnn_explorer.core.run.history import Curves
from cnn_explorer.store.runs import Batches, RunFolder
from cnn_explorer.ui.pages.train.compare_button import CompareButton
from cnn_explorer.ui.plots.run_plots import RunPlots
from cnn_explorer.ui.plots.stored_curves import CurveLoader, RunCurves
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.widgets.tool_button import tool_button


class TrainPlots(RunPlots):
    """Collects the points of one run, draws them now and then, and lays the runs of ``session.compared`` over them.

    ``begin``, ``add``, ``set_epochs`` and ``set_changes`` are cheap and may come as often as they like.
    """

    def __init__(self, session: Session, exports: tuple[QAction, ...], parent: QWidget | None = None) -> None:
        super().__init__(session.colors, "train", parent)
        self._session = session
        self._started: Started | None = None
        self._curves = Curves()
        self._epochs: tuple[EpochEnded, ...] = ()
        self._changes: tuple[LearningRateChanged, ...] = ()
        self._loader = CurveLoader(session, self)
        self._loader.changed.connect(self._collect)
        self._loader.changed.connect(self.request_drawing)
        self.compare = CompareButton(session, self)
        self.tools.addWidget(self.compare)
        self.tools.addWidget(self._export_button(exports))
        self.removed.connect(self._leave_out)
        session.compared_changed.connect(self._on_compared)
        self._on_compared()

    def _export_button(self, exports: tuple[QAction, ...]) -> QToolButton:
        self.export = tool_button(
            "file-down", "train_export", "Save the table of epochs or the plots to a file.", "Export"
        )
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.export)
        menu.addActions(exports)
        self.export.setMenu(menu)
        return self.export

    @property
    def folder(self) -> Path | None:
        """The folder of the current run, or went last."""
        return Path(self._started.run) if self._started is not None else None

    def begin(self, started: Started) -> None:
        """Forget the last run's curves: another one begins, or this one goes on where it ended.

        What it has behind it (the epochs before ``first_epoch``, or the beginning of a run that was not followed
        from its start) is read from its folder.
        """
        self._started = started
        self._curves = curves = Curves()
        self._epochs, self._changes = started.earlier, started.earlier_changes
        self.compare.set_own(self.folder)
        for plot in self.plots:
            plot.set_cursor(None)
        self.reset_view()
        self._collect()
        self.request_drawing()
        if started.first_epoch > 1 or self._session.runs.state.batch is not None:
            folder = RunFolder(Path(started.run))
            self._session.disk.submit(
                lambda _job: folder.batches(),
                lambda batches: self._put_before(curves, started, batches),
                failed=self._session.report,
                channel="earlier batches",
            )

    def _put_before(self, curves: Curves, started: Started, batches: Batches) -> None:
        if curves is not self._curves:
            return
        position = batches.epoch - 1 + batches.step / started.steps_per_epoch
        before = position < (curves.position[0] if len(curves) else np.inf)
        rows = (position, batches.loss, batches.accuracy, batches.learning_rate)
        self._curves = Curves()
        self._curves.put_before(curves.position, curves.loss, curves.accuracy, curves.learning_rate)
        self._curves.put_before(*(row[before] for row in rows))
        self.request_drawing()

    def add(self, event: BatchEnded) -> None:
        """One more batch call of the run."""
        if self._started is not None:
            self._curves.add(self._started, event)
            self.request_drawing()

    def set_epochs(self, epochs: tuple[EpochEnded, ...]) -> None:
        """All whole epochs of the run until now."""
        if epochs is not self._epochs:
            self._epochs = epochs
            self.request_drawing()

    def set_changes(self, changes: tuple[LearningRateChanged, ...]) -> None:
        """All changes of the learning rate during the run until now."""
        if changes is not self._changes:
            self._changes = changes
            self.request_drawing()

    def _on_compared(self) -> None:
        self._loader.set_folders(self._session.compared)

    def _leave_out(self, path: Path) -> None:
        self._session.compare(tuple(one for one in self._session.compared if one != path))

    def _collect(self) -> None:
        live = self._live()
        others = tuple(run for run in self._loader.runs if run.path != self.folder)
        self.set_runs((live, *others) if live is not None else others, (live.path,) if live is not None else ())

    def _live(self) -> RunCurves | None:
        started, curves, folder = self._started, self._curves, self.folder
        if started is None or folder is None:
            return None
        first = 0 if len(curves) and curves.position[0] < started.first_epoch - 1 else started.first_epoch - 1
        return RunCurves(
            folder, "This run", curves.position, curves.loss, curves.accuracy, curves.learning_rate,
            started.steps_per_epoch, self._epochs, self._changes, 0 if self._epochs else first, started.epochs, curves,
        )  # fmt: skip
