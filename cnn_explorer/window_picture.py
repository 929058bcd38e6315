"""A picture of the real window with a model in it, made without a screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSize, QTimer
from PySide6.QtWidgets import QApplication

from cnn_explorer.app import FIRST_NETWORK, PAGES, services
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.presets import preset
from cnn_explorer.store.atomic import replacing
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.theme import theme

_SIZE = QSize(1280, 800)
_LONGEST_WAIT = 120  # seconds, for a machine that is very busy
_BETWEEN_LOOKS = 50  # milliseconds


def picture_of_window(model: Path, path: Path) -> None:
    """Open ``model`` on the window's Inspect page and write what can be seen to ``path`` (PNG), replacing it.

    Nothing of the user's settings is read or written. Raises ``ExplorerError`` if the window reports an error.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # read when the application is made
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    theme().set_mode("light")
    session = Session(services(), preset(FIRST_NETWORK).architecture)
    window = MainWindow(session, PAGES, Settings(page="inspect"), lambda _: None)
    window.resize(_SIZE)  # its own choice fits the screen, and the offscreen one is small
    try:
        _show_model(window, session, model)
        with replacing(path) as temporary:
            if not window.grab().save(str(temporary), "PNG"):
                raise OSError("the picture could not be encoded")
    finally:
        window.close_now()


def _show_model(window: MainWindow, session: Session, model: Path) -> None:
    """Return when the maps of ``model`` are on the window; raise what went wrong as soon as it does."""
    loop = QEventLoop()
    errors: list[BaseException] = []

    def fail(error: BaseException) -> None:
        errors.append(error)
        loop.quit()

    def start() -> None:
        session.start(DatasetSpec())
        window.open_path(model)

    def on_message(level: str, text: str, hint: str, _details: str) -> None:
        if level == "error":
            fail(ExplorerError(text, hint))

    def check() -> None:
        page = window.page("inspect")
        if isinstance(page, InspectPage) and page.forward is not None and not session.engine.busy:
            loop.quit()

    def give_up() -> None:
        fail(ExplorerError("The window did not show the model in time.", "Try again on a less busy machine."))

    session.message.connect(on_message)
    window.ready.connect(start)
    timer, limit = QTimer(), QTimer()
    timer.timeout.connect(check)
    timer.start(_BETWEEN_LOOKS)
    limit.timeout.connect(give_up)
    limit.start(_LONGEST_WAIT * 1000)
    # A defect inside the window: Qt calls our functions, and what they raise comes out nowhere else.
    before, sys.excepthook = sys.excepthook, lambda _kind, error, _trace: fail(error)
    try:
        window.show()
        if not errors:  # a loop that does not run yet cannot be ended
            loop.exec()
    finally:
        sys.excepthook = before
        timer.stop()
        limit.stop()
    if errors:
        raise errors[0]
