"""What the benchmarks of the Inspect page share: a saved model, the real window on it, and ways to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from cnn_explorer.app import PAGES, services
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.models.metadata import ModelMetadata
from cnn_explorer.engine.models.saving import save_model
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow

LONGEST = 120.0
"""Seconds until nothing is expected any more."""


def save_untrained(path: Path) -> None:
    """Write mnist-simple as it begins, with the preprocessing of MNIST."""
    dataset = load_dataset("mnist")
    preprocessing = fit_preprocessing("standardize", dataset.train_images[:2000])
    metadata = ModelMetadata(preprocessing, dataset.classes, dataset.name, dataset.fingerprint)
    save_model(build(preset("mnist-simple").architecture, seed=0), path, metadata)


def inspecting(path: Path) -> tuple[MainWindow, InspectPage]:
    """The real window at 1280 × 800, with the model in ``path`` on its Inspect page and an image looked at."""
    session = Session(services(), preset("mnist-simple").architecture)
    window = MainWindow(session, PAGES, Settings(page="inspect"), lambda _settings: None)
    window.resize(1280, 800)
    window.ready.connect(lambda: session.start(DatasetSpec()))
    window.show()
    until(lambda: session.device is not None and session.dataset is not None)
    page = window.page("inspect")
    assert isinstance(page, InspectPage)
    page.open_model(path)
    until(lambda: page.forward is not None)
    return window, page


def until(met: Callable[[], bool]) -> None:
    """Let the event loop go on until ``met``."""
    end = time.perf_counter() + LONGEST
    while not met():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        assert time.perf_counter() < end, "nothing came"


def answers(page: InspectPage) -> QEventLoop:
    """A loop that waits for the next answer of the model, as the program's own does.

    One that asks again and again takes the processor from the engine.
    """
    answered = QEventLoop()
    page.inspection.forward_changed.connect(lambda: answered.quit() if page.forward is not None else None)
    return answered
