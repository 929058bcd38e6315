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
from PySide6.QtCore import QEvent, QEventLoop, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton

from cnn_explorer.app import PAGES, services
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store.catalog import list_runs
from cnn_explorer.ui.pages.inspect.compare.state import ClassMean
from cnn_explorer.ui.pages.inspect.images.draw_canvas import DrawCanvas
from cnn_explorer.ui.pages.inspect.inspection import NodeAt
from cnn_explorer.ui.pages.inspect.microscope.window import MicroscopeWindow
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.theme import theme

FOLDER = Path(__file__).parent / "pictures"
CONFIG = TrainingConfig(epochs=4, train_limit=12_800, test_limit=2_000)
COMPARED = (
    CONFIG,
    replace(CONFIG, optimizer="sgd", learning_rate=0.01, momentum=0.9, nesterov=True),
    replace(CONFIG, optimizer="adam", schedule="cosine", decay_steps=700, warmup_steps=100),
)
"""The last one is what Train shows, all are what Runs shows."""
THREE = (
    (0.32, 0.28), (0.42, 0.2), (0.55, 0.2), (0.64, 0.28), (0.62, 0.4), (0.5, 0.47), (0.62, 0.53), (0.68, 0.65),
    (0.62, 0.77), (0.5, 0.82), (0.38, 0.79), (0.31, 0.71),
)  # fmt: skip
"""A stroke across the canvas, in shares of its side."""


def pass_time(milliseconds: int) -> None:
    """Let the window draw."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def click(window: MainWindow, name: str) -> None:
    """Press the button of that name."""
    button = window.findChild(QPushButton, name)
    assert button is not None, name
    button.click()


def check_the_images(window: MainWindow) -> None:
    """Ask the model about the test images, and bring its worst mistakes to the front of the gallery."""
    window.show_page("data")
    pass_time(1000)
    click(window, "gallery_part_test")
    click(window, "gallery_check")
    order = window.findChild(QComboBox, "gallery_order")
    assert order is not None
    while not order.isVisibleTo(window) or window.session.engine.busy:
        pass_time(100)
    order.setCurrentIndex(order.findData("mistakes"))
    order.activated.emit(order.currentIndex())


def draw_a_digit(window: MainWindow) -> None:
    """Draw a 3 into the canvas of Inspect."""
    click(window, "inspect_source_drawing")
    pass_time(500)
    canvas = window.findChild(DrawCanvas)
    assert canvas is not None
    area = canvas.area()
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(THREE) - 1), QEvent.Type.MouseButtonRelease]
    for kind, (x, y) in zip(kinds, [*THREE, THREE[-1]], strict=True):
        place = area.topLeft() + QPointF(x, y) * area.width()
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else left
        event = QMouseEvent(kind, place, QPointF(canvas.mapToGlobal(place)), left, held, none)
        QApplication.sendEvent(canvas, event)
    pass_time(1000)


def compare_and_open_a_node(window: MainWindow) -> MicroscopeWindow:
    """Put the average of a class beside the image, and a node of the second convolution under the microscope."""
    page = window.page("inspect")
    assert isinstance(page, InspectPage)
    click(window, "inspect_source_dataset")
    page.inspection.choose_layer("Conv2D_2")
    pass_time(500)
    page.comparing.choose(ClassMean("train", 7))
    page.inspection.microscope_wanted.emit(NodeAt("Conv2D_2", (4, 5, 12)))
    while window.session.engine.busy:
        pass_time(100)
    pass_time(1000)
    found = window.findChild(MicroscopeWindow)
    assert found is not None
    return found


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
    check_the_images(window)
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        for page in ("data", "build", "train", "inspect", "runs"):
            session.compare((first, second) if page == "runs" else ())
            window.show_page(page)
            pass_time(500)
            window.grab().save(str(FOLDER / f"{page}-{mode}.png"))
    window.show_page("inspect")
    draw_a_digit(window)
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        pass_time(500)
        window.grab().save(str(FOLDER / f"draw-{mode}.png"))
    microscope = compare_and_open_a_node(window)
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        pass_time(500)
        window.grab().save(str(FOLDER / f"compare-{mode}.png"))
        microscope.grab().save(str(FOLDER / f"microscope-{mode}.png"))
    window.close_now()
    application.quit()


if __name__ == "__main__":
    main()
