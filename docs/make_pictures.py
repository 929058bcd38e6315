"""The pictures of the README: the real window, offscreen, after a short real training on MNIST.

``make pictures`` runs it. Light and dark, 1280×800.
"""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import tempfile
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QEventLoop, QSize, QTimer
from PySide6.QtWidgets import QApplication

from cnn_explorer.app import PAGES, services
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.presets import preset
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.store.catalog import list_runs
from cnn_explorer.ui.main_window import MainWindow
from cnn_explorer.ui.session import Session
from cnn_explorer.ui.settings import Settings
from cnn_explorer.ui.theme import theme

FOLDER = Path(__file__).parent / "pictures"
CONFIG = TrainingConfig(epochs=4, train_limit=12_800, test_limit=2_000)
COMPARED = (
    CONFIG,
    replace(CONFIG, optimizer="sgd", learning_rate=0.01, momentum=0.9, nesterov=True),
    replace(CONFIG, optimizer="adam", schedule="cosine", decay_steps=700, warmup_steps=100),
)
"""The last one is what Train shows, all are what Runs shows."""


def pass_time(milliseconds: int) -> None:
    """Let the window draw."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> None:
    """Train, then take a picture of each page in both themes."""
    os.environ["CNN_EXPLORER_HOME"] = tempfile.mkdtemp()
    application = QApplication([])
    session = Session(services(), preset("mnist-simple").architecture)
    window = MainWindow(session, PAGES, Settings(), lambda _settings: None)
    window.resize(QSize(1280, 800))
    window.ready.connect(lambda: session.start(DatasetSpec()))
    ready, ended = QEventLoop(), QEventLoop()
    session.device_changed.connect(ready.quit)
    session.runs.model_written.connect(lambda _path: None if session.runs.is_running else ended.quit())
    window.show()
    ready.exec()
    window.show_page("train")
    for config in COMPARED:
        session.config = config
        session.train()
        ended.exec()
    pass_time(2000)
    runs, _damaged = list_runs(session.services.runs_folder())
    first, second, _last = (run.path for run in reversed(runs))
    window.message_bar.close_message()
    FOLDER.mkdir(exist_ok=True)
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        for page in ("build", "train", "inspect", "runs"):
            session.compare((first, second) if page == "runs" else ())
            window.show_page(page)
            pass_time(500)
            window.grab().save(str(FOLDER / f"{page}-{mode}.png"))
    window.close_now()
    application.quit()


if __name__ == "__main__":
    main()
