"""A look at a person's own images before they are read: what was found, how they are to be read, and what becomes of
some of them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.data.sources.samples import COUNT, array_samples
from cnn_explorer.ui.pages.data.opening.forms import ArrayForm, FolderForm
from cnn_explorer.ui.pages.data.opening.sample_strip import SampleStrip
from cnn_explorer.ui.pages.data.opening.state import Found, found_at, tells_all
from cnn_explorer.ui.pages.data.sources.state import progress_words
from cnn_explorer.ui.session.jobs import Failure, Job
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.busy_indicator import BusyIndicator
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_WIDTH = 568
_SAMPLE = 67  # pixels


class OpenDialog(QDialog):
    """``asks``: also where the names of the arrays tell how a file is to be read.

    It looks first, and shows itself only if there is something to choose; else ``chosen`` follows at once. The
    program goes on behind it.
    """

    chosen = Signal(object)
    """``DatasetSpec`` of the images as a person wants them."""

    def __init__(self, session: Session, spec: DatasetSpec, asks: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_open")
        self._session, self._spec, self._asks = session, spec, asks
        path = spec.path
        assert path is not None
        self._path: Path = path
        self._form: FolderForm | ArrayForm | None = None
        self._found: Found | None = None
        self.setWindowTitle(f"Open {path.name}")
        title = QLabel(path.name or str(path), self)
        title.setTextFormat(Qt.TextFormat.PlainText)
        set_role(title, "title")
        place = ElidedLabel(str(path.parent), self, Qt.TextElideMode.ElideMiddle)
        place.setToolTip(str(path))
        set_role(place, "muted")
        self._busy = QWidget(self)
        self._words = QLabel("Looking at what is there…", self._busy)
        self._words.setObjectName("data_open_busy")
        set_role(self._words, "muted")
        waiting = QHBoxLayout(self._busy)
        waiting.setContentsMargins(0, 0, 0, 0)
        waiting.addWidget(BusyIndicator(self._busy))
        waiting.addWidget(self._words, 1)
        self._preview_title = QLabel("What becomes of them", self)
        set_role(self._preview_title, "section")
        self.strip = SampleStrip(COUNT, _SAMPLE, self)
        self.strip.setObjectName("data_open_preview")
        self.strip.setMinimumWidth(_WIDTH)  # and not the dialogue's, which needs more where text is large
        self.strip.setAccessibleName("Some images as they will be")
        self.strip.setToolTip("Some of the images, as the network will get them.")
        self.problem = QLabel(self)
        self.problem.setObjectName("data_open_problem")
        self.problem.setWordWrap(True)
        set_role(self.problem, "error")
        self.read = QPushButton("Use these images", self)
        self.read.setObjectName("data_open_read")
        self.read.setAccessibleName("Use these images")
        self.read.setToolTip("Read all images and make them the data set.")
        self.read.setDefault(True)
        set_role(self.read, "primary")
        self.cancel = QPushButton("Cancel", self)
        self.cancel.setObjectName("data_open_cancel")
        self.cancel.setToolTip("Keep the current data set.")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.problem, 1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.read)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(12)
        head = QVBoxLayout()
        head.setSpacing(0)
        head.addWidget(title)
        head.addWidget(place)
        self._column.addLayout(head)
        self._column.addWidget(self._busy)
        for part in (self._preview_title, self.strip):
            self._column.addWidget(part)
            part.hide()
        self._column.addStretch(1)
        self._column.addLayout(buttons)
        self.read.setEnabled(False)
        self.read.clicked.connect(self._on_read)
        self.cancel.clicked.connect(self.reject)
        self._job = self._find_out()

    def done(self, result: int) -> None:
        self._job.control.stop()
        super().done(result)
        self.deleteLater()  # a dialogue that was never shown is not deleted by closing it

    def _find_out(self) -> Job:
        path = self._path

        def work(job: Job) -> Found:
            def watch(what: str, done: int, total: int) -> None:
                if job.control.stopped:
                    raise CancelledError(f"{what} was cancelled.")
                job.emit((what, progress_words(what, done, total)))

            return found_at(path, watch)

        return self._session.disk.submit(
            work, self._show_found, failed=self._on_failed, progress=self._on_progress, channel="open data set"
        )

    def _on_progress(self, told: tuple[str, str]) -> None:
        self._words.setText(" · ".join(filter(None, told)))

    def _show_found(self, found: Found) -> None:
        if self._job.control.stopped:
            return
        if tells_all(found) and not self._asks:
            self.chosen.emit(self._spec)
            self.accept()
            return
        self._found = found
        self._busy.hide()
        if found.folder is not None:
            self._form = FolderForm(found.folder, self._spec, self)
        else:
            spec = self._spec if self._spec.train_images else found.source.spec or self._spec
            self._form = ArrayForm(found.source.arrays, spec, self)
        self._column.insertWidget(1, self._form)
        self._preview_title.show()
        self.strip.show()
        self._form.changed.connect(self._on_changed)
        self._on_changed()
        self.adjustSize()
        self.read.setFocus()
        if not self.isVisible():
            self.open()

    def _on_changed(self) -> None:
        assert self._form is not None
        problem = self._form.problem()
        self.problem.setText(problem)
        self.read.setEnabled(not problem)
        self._preview()

    def _preview(self) -> None:
        form, found = self._form, self._found
        if isinstance(form, FolderForm) and found is not None and found.samples is not None:
            samples, shape, resize = found.samples, form.shape, form.spec().resize

            def work(_job: Job) -> NDArray[np.uint8]:
                return samples.brought(shape, resize)

        else:
            path, name = self._path, form.spec().train_images if form is not None else ""
            if not name:
                self.strip.clear()
                return

            def work(_job: Job) -> NDArray[np.uint8]:
                return array_samples(path, name)

        self._session.pictures.submit(work, self._show_images, failed=self._on_no_preview, channel="open data set")

    def _show_images(self, images: NDArray[np.uint8]) -> None:
        if not self._job.control.stopped:
            self.strip.show_images(images)

    def _on_no_preview(self, failure: Failure) -> None:
        if not self._job.control.stopped:
            self.strip.clear()
            self.problem.setText(failure.message)
            self.read.setEnabled(False)

    def _on_failed(self, failure: Failure) -> None:
        if not self._job.control.stopped:
            self._session.report(failure)
            self.reject()

    def _on_read(self) -> None:
        assert self._form is not None
        self.chosen.emit(msgspec.structs.replace(self._form.spec(), source=self._spec.source))
        self.accept()
