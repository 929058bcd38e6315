"""The row that asks the open model about the images of the gallery, and says how many it got right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from cnn_explorer.core.model.info import Predictions
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.ui.forms.editor_base import tip
from cnn_explorer.ui.pages.data.gallery.state import PARTS, Answers, Catalog, Part, score, why_no_check
from cnn_explorer.ui.session.jobs import Failure, Job
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_FINE = 1000
_INVITATION = "See which images the open model gets wrong."


class CheckRow(QWidget):
    """Keeps the answers of the open model on the images of one data set, until either of them is another."""

    changed = Signal()
    """There are other answers, or none any more."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._catalog: Catalog | None = None
        self._part: Part = "all"
        self._job: Job | None = None
        self.answers = Answers.none(0)
        self.button, self.cancel = QPushButton("Check with the model"), QPushButton("Cancel")
        self.said, self.progress = ElidedLabel(), QProgressBar()
        self._lay_out()
        self.button.clicked.connect(self.check)
        self.cancel.clicked.connect(self.stop)
        session.model_ready.connect(self._forget)
        self._show()

    def show_catalog(self, catalog: Catalog | None) -> None:
        """The images that a model can be asked about; answers stay if they are about the same ones."""
        old, self._catalog = self._catalog, catalog
        if old is None or catalog is None or old.official is not catalog.official:
            self._forget()
        self._show()

    def show_part(self, part: Part) -> None:
        """The part that is asked about, and counted."""
        self._part = part
        self._show()

    @property
    def running(self) -> bool:
        """Whether a model is being asked."""
        return self._job is not None

    def check(self) -> None:
        """Ask the open model about the images of the part, the test images first."""
        catalog, path = self._catalog, self._session.model_path
        if catalog is None or path is None or self.running:
            return
        splits = [
            split for split in ("test", "train") if split in PARTS[self._part] and len(catalog.dataset.part(split)[1])
        ]
        open_model, predicted = self._session.services.open_model, self._session.services.predicted

        def work(job: Job) -> None:
            def watch(what: str, done: int, total: int) -> None:
                if job.control.stopped:
                    raise CancelledError("The check was cancelled.", "Answers that were there by then stay.")
                job.emit((what, done, total))

            watch(f"Opening {path.name}", 0, 0)
            model = open_model(path)
            for split in splits:
                job.emit((predicted(model, catalog.dataset, split, watch), catalog))

        self._job = self._session.engine.submit(
            work, lambda _: self._ended(), failed=self._failed, progress=self._hear, channel="predictions"
        )
        self._show_progress(f"Opening {path.name}", 0, 0)
        self._show()

    def stop(self) -> None:
        """End the asking; the answers that are there stay."""
        if self._job is not None:
            self._job.control.stop()

    def _hear(self, told: tuple[str, int, int] | tuple[Predictions, Catalog]) -> None:
        if self._job is None:
            return  # about a data set or a model that is no longer there
        if len(told) == 3:
            self._show_progress(*told)
            return
        predictions, catalog = told
        self.answers = self.answers.plus(predictions, catalog.dataset)
        self.changed.emit()

    def _ended(self) -> None:
        had_focus = self.cancel.hasFocus()
        self._job = None
        self._show()
        if had_focus:
            self.button.setFocus()

    def _failed(self, failure: Failure) -> None:
        if self._job is None:
            return
        cancelled = self._job.control.stopped
        self._ended()
        if cancelled:
            self._session.say("info", failure.message, failure.hint)
        else:
            self._session.report(failure)

    def _forget(self, _path: Path | None = None) -> None:
        """Another model, or other images: what was said is worth nothing now."""
        self.stop()
        self._job = None
        had = self.answers.any
        count = 0 if self._catalog is None else len(self._catalog.official.labels)
        self.answers = Answers.none(count)
        self._show()
        if had:
            self.changed.emit()

    def _show_progress(self, what: str, done: int, total: int) -> None:
        self.progress.setRange(0, _FINE if total else 0)
        self.progress.setValue(_FINE * done // total if total else 0)
        self.said.setText(f"{what} …")

    def _show(self) -> None:
        obstacle = why_no_check(self._catalog, self._session.model_path, self._part)
        self.button.setVisible(not self.running)
        self.button.setEnabled(not obstacle)
        self.button.setToolTip(tip(obstacle or _INVITATION))
        self.cancel.setVisible(self.running)
        self.progress.setVisible(self.running)
        if not self.running:
            found = score(self._catalog, self.answers, self._part) if self._catalog is not None else None
            self.said.setText(found.verdict if found else obstacle or _INVITATION)
            self.said.setToolTip(tip(f"{found.accuracy}: {found.sentence}." if found else self.said.text()))
            set_role(self.said, "" if found else "muted")
            self.said.style().polish(self.said)

    def _lay_out(self) -> None:
        self.setObjectName("gallery_check_row")
        self.button.setObjectName("gallery_check")
        self.button.setIcon(theme().icon("circle-check"))
        self.button.setAccessibleName("Check the images with the model")
        self.cancel.setObjectName("gallery_check_cancel")
        self.cancel.setIcon(theme().icon("x"))
        self.cancel.setToolTip("Stop asking the model; what it has said of a whole part stays.")
        self.said.setObjectName("gallery_check_said")
        self.progress.setObjectName("gallery_check_progress")
        self.progress.setAccessibleName("How far the check is")
        self.progress.setTextVisible(False)
        self.progress.setMinimumWidth(48)
        self.progress.setMaximumWidth(120)
        self.said.setMinimumWidth(24)  # the smallest window has no room for more
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.button, self.cancel, self.progress):
            row.addWidget(widget)
        row.addWidget(self.said, 1)
