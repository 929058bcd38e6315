"""A stroke on the canvas to the painted activations: the real window and engine, offscreen, mnist-simple.

After each movement of the mouse the time runs until the page has painted prediction and maps of the layer in view, and
until a second window of 1280 × 800 with *all* layers side by side, in the page's own widgets, has been painted too.
"""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import json
import subprocess
import sys
import tempfile
import time
from math import cos, sin
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QGridLayout, QWidget

from benchmarks.inspecting import answers, inspecting, save_untrained, until
from benchmarks.report import Figure
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.ui.maps.image_grid import ImageGrid
from cnn_explorer.ui.pages.inspect.maps.vector_view import VectorView
from cnn_explorer.ui.pages.inspect.page import InspectPage

MOVES = 150
CONTINUOUS = 4.0
"""Seconds."""


def main() -> None:
    """Save a model, and measure in a process of its own, with settings and caches that are thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.h5"
        save_untrained(path)
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.drawing", str(path)],
            env=os.environ | {"CNN_EXPLORER_HOME": folder}, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    all_layers, one_layer, rate = json.loads(run.stdout.splitlines()[-1])
    for name, taken in (
        ("stroke to painted activations of all layers", all_layers),
        ("stroke to the painted layer in view", one_layer),
    ):
        spread = f"median of {MOVES} movements, 95 of 100 below {np.percentile(taken, 95):.0f} ms"
        Figure(name, median(taken), "ms", 33, "below", spread).say()
    Figure("looks at a drawing while one draws without a pause", rate, "a second", 25, "at_least", "at most 30").say()


def measure(path: Path) -> None:
    """Draw a spiral on the Inspect page and print what it took, as JSON."""
    application = QApplication([])
    window, page = inspecting(path)
    source = page.findChild(QAbstractButton, "inspect_source_drawing")
    assert isinstance(source, QAbstractButton)
    source.click()
    _send(page, QEvent.Type.MouseButtonPress, 0)
    until(lambda: page.forward is not None)
    all_layers, one_layer = _strokes(page, application)
    rate = _passes_a_second(page)
    window.close_now()
    print(json.dumps([all_layers, one_layer, rate]))


def _strokes(page: InspectPage, application: QApplication) -> tuple[list[float], list[float]]:
    """Milliseconds from each movement until all layers are painted, and until the one in view is."""
    all_layers, one_layer = [], []
    assert page.model is not None
    layers = page.model.info.layers
    wall = _Wall([layer.has_maps for layer in layers])
    wall.show()
    answered = answers(page)
    for number in range(1, MOVES + 1):
        page.card.layers.layer_chosen.emit(layers[number % len(layers)].name)
        _rest(40)  # the hand is slower than the engine here: no movement waits for its turn
        application.processEvents()
        start = time.perf_counter()
        _send(page, QEvent.Type.MouseMove, number)
        answered.exec()
        application.processEvents()  # paints what has changed
        one_layer.append(1000 * (time.perf_counter() - start))
        assert page.forward is not None
        wall.show_look([page.forward.activations[layer.name] for layer in layers])
        application.processEvents()
        all_layers.append(1000 * (time.perf_counter() - start))
    return all_layers, one_layer


class _Wall(QWidget):
    """All layers at once, four in a row."""

    def __init__(self, have_maps: list[bool]) -> None:
        super().__init__()
        self._views = [ImageGrid() if maps else VectorView() for maps in have_maps]
        layout = QGridLayout(self)
        for number, view in enumerate(self._views):
            layout.addWidget(view, *divmod(number, 4))
        self.resize(1280, 800)

    def show_look(self, activations: list[NDArray[np.float32]]) -> None:
        """Show the output of every layer."""
        for view, activation in zip(self._views, activations, strict=True):
            if isinstance(view, ImageGrid):
                view.show_maps(activation, MapStyle())
            else:
                view.show_vector(activation, (), MapStyle())


def _passes_a_second(page: InspectPage) -> float:
    """How often the maps change while the mouse moves every 8 ms, as mice do."""
    passes: set[int] = set()
    kept: list[ForwardPass] = []  # or an address would be used again
    start, number = time.perf_counter(), MOVES
    while time.perf_counter() - start < CONTINUOUS:
        number += 1
        _send(page, QEvent.Type.MouseMove, number)
        _rest(8)
        if page.forward is not None and id(page.forward) not in passes:
            passes.add(id(page.forward))
            kept.append(page.forward)
    return len(passes) / (time.perf_counter() - start)


def _send(page: InspectPage, kind: QEvent.Type, number: int) -> None:
    """Move the mouse along a spiral over the canvas."""
    canvas = page.picker.canvas
    area = canvas.area()
    angle, radius = 0.2 * number, 0.1 + 0.3 * (number % 60) / 60
    place = area.center() + QPointF(cos(angle), sin(angle)) * area.width() * radius
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    pressed = none if kind == QEvent.Type.MouseMove else left
    event = QMouseEvent(kind, place, QPointF(canvas.mapToGlobal(place)), pressed, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def _rest(milliseconds: int) -> None:
    loop, timer = QEventLoop(), QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(loop.quit)
    timer.start(milliseconds)
    loop.exec()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        main()
