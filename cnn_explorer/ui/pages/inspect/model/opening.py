"""Opening a model in the background, or preparing it otherwise; the ways out where a file cannot be opened as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.model.info import LimitError, NotBuiltError, WeightsOnlyError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import FITTED_PREPROCESSING, PreprocessingName
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.inspect.model.not_opened import NotOpened, StructurePage
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.services import OpenModel
from cnn_explorer.ui.session.session import Session


class ModelOpening(QObject):
    """``page`` shows what can be said of a file that was not opened; ``refused`` asks for it to be seen."""

    started = Signal(object)
    """``Path`` of the file on its way."""
    opened = Signal(object)
    """The ``OpenModel``."""
    prepared = Signal(object)
    """The same ``OpenModel``, with another preprocessing."""
    failed = Signal()
    """It was not opened, for a reason that the message bar has told: what was there before stays."""
    refused = Signal()
    """It was not opened, and ``page`` says why and what can be done."""

    def __init__(self, session: Session, page: StructurePage, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.page = page
        page.trust_requested.connect(lambda path: self.open(path, trusted=True))
        page.attach_requested.connect(self.attach)

    def open(self, path: Path, trusted: bool = False) -> None:
        """Load the model in ``path``; ``trusted`` raises the limits of what a file may ask for."""
        load = self._session.services.open_model
        self._submit(path, lambda: load(path, trusted=True) if trusted else load(path))

    def attach(self, weights: Path) -> None:
        """Load a file of weights into the network of the Build page, as it is now."""
        architecture: Architecture = self._session.document.architecture
        self._submit(weights, lambda: self._session.services.open_with_weights(architecture, weights))

    def prepare(self, model: OpenModel, name: str) -> None:
        """Give a model that is open its images in another preprocessing; ``name``: a ``PreprocessingName``."""
        dataset, wanted = self._session.dataset, cast(PreprocessingName, name)
        fits = dataset is not None and dataset.image_shape == model.info.input_shape
        # Only some ways learn from images; for the others none are needed, whatever the data set is.
        learns = wanted in FITTED_PREPROCESSING
        none = np.zeros((0, *model.info.input_shape), np.uint8)
        images = dataset.train_images if dataset is not None and (fits or learns) else none
        self._session.engine.submit(
            lambda _: model.with_preprocessing(wanted, images), self.prepared.emit, channel="model"
        )

    def _submit(self, path: Path, load: Callable[[], OpenModel]) -> None:
        self.page.show_opening(path)
        self.started.emit(path)
        self._session.engine.submit(
            lambda _: load(), self._opened, failed=lambda failure: self._not_opened(path, failure), channel="model"
        )

    def _opened(self, model: OpenModel) -> None:
        for note in model.info.notes[:1]:
            more = len(model.info.notes) - 1
            rest = f"{more:,} more {'is' if more == 1 else 'are'} listed beside the name of the model." if more else ""
            self._session.say("info", note, rest)
        path = model.info.path
        if not RunFolder(path.parent).run_json.is_file():  # else it is on the Runs page
            self._session.recent.add(path)
        self.opened.emit(model)

    def _not_opened(self, path: Path, failure: Failure) -> None:
        error = failure.error
        if isinstance(error, NotBuiltError | LimitError | WeightsOnlyError):
            self.page.show_file(NotOpened.of(path, error, self._session.document.architecture.name))
            self.refused.emit()
        else:
            self.page.show_opening(None)
            self.failed.emit()
            self._session.report(failure)
