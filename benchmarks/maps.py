"""How fast maps come onto the screen: small layers, the largest of a VGG16, and the most maps that there are."""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import keras
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from benchmarks.inspecting import answers, inspecting, save_untrained
from benchmarks.report import Figure
from cnn_explorer.core.maps.order import MAP_ORDERS
from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.ui.maps.pixel_view import View
from cnn_explorer.ui.pages.inspect.maps.layer_view import LayerView

IMAGES = 150
PASSES = 3
"""How often the large model looks at an image."""
FRAMES = 150
VGG16 = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0)
"""Filters of its convolutions; 0 is a pooling."""
SEVERAL = "shown layers, several times each"


def main() -> None:
    """Save the models, and measure in processes of their own, with settings and caches that are thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        seed, vgg = Path(folder) / "model.h5", Path(folder) / "vgg.keras"
        save_untrained(seed)
        _vgg16().save(vgg)
        scrubbing = _measured("scrub", seed, folder)
        forward, showing = _measured("large", vgg, folder)
        frames, sorting = _measured("many", seed, folder)
    spread = f"median of {IMAGES} images, 95 of 100 below {np.percentile(scrubbing, 95):.0f} ms"
    Figure("image change to painted grid, mnist-simple", median(scrubbing), "ms", 20, "below", spread).say()
    Figure("VGG16 at 224×224: forward pass, all layers", min(forward), "ms", note=f"best of {PASSES}").say()
    worst = max(showing, key=lambda name: float(median(showing[name])))
    note = f"the slowest, {worst}, of {len(showing)} {SEVERAL}"
    Figure("VGG16: a layer beyond the forward pass", median(showing[worst]), "ms", 300, "below", note).say()
    note = f"{len(frames)} frames of scrolling and zooming, 95 of 100 below {np.percentile(frames, 95):.1f} ms"
    Figure("2,048 maps of 7×7: a frame", median(frames), "ms", 16, "below", note).say()
    slowest = max(sorting, key=lambda order: float(sorting[order]))
    Figure("2,048 maps of 7×7: sorted and painted", sorting[slowest], "ms", 50, "below", f"by {slowest}").say()


def scrub(path: Path) -> list[float]:
    """Milliseconds from a step to the next image until the real window has painted what the network makes of it."""
    application = QApplication([])
    window, page = inspecting(path)
    answered = answers(page)
    taken = []
    for _ in range(IMAGES):
        start = time.perf_counter()
        page.picker.step(1)
        answered.exec()
        application.processEvents()  # paints what has changed
        taken.append(1000 * (time.perf_counter() - start))
    window.close_now()
    return taken


def large(path: Path) -> tuple[list[float], dict[str, list[float]]]:
    """Milliseconds of forward passes of the large model, and from one that is there until each layer is painted."""
    application = QApplication([])
    model = open_model(path)
    image = np.random.default_rng(0).integers(0, 256, (224, 224, 3)).astype(np.uint8)
    forward = model.forward(image)
    forward = []
    for _ in range(PASSES):
        start = time.perf_counter()
        forward = model.forward(image)
        forward.append(1000 * (time.perf_counter() - start))
    view = _view()
    taken: dict[str, list[float]] = {}
    for _ in range(3):
        for layer in model.info.layers:
            if layer.has_maps:
                taken.setdefault(f"{layer.name} {layer.output_shape}", []).append(
                    _shown(application, view, layer, forward.activations[layer.name])
                )
    return forward, taken


def many(_path: Path) -> tuple[list[float], dict[str, float]]:
    """Milliseconds of each frame while one scrolls and zooms, and until the maps are sorted."""
    application = QApplication([])
    maps = np.maximum(np.random.default_rng(0).normal(size=(7, 7, 2048)), 0).astype(np.float32)
    maps[..., ::3] = 0  # a third of them gets a mark
    view = _view()
    _shown(application, view, LayerInfo("Many", "Conv2D", maps.shape, 0), maps)
    grid, frames = view.grid, []
    for frame in range(FRAMES):
        start = time.perf_counter()
        if frame % 3 == 2:
            grid.set_view(View(1.0 + 0.5 * (frame % 20) / 20, grid.view.x, grid.view.y))
        else:
            grid.scroll_to(grid.offset() + QPointF(0, 61))
        application.processEvents()
        frames.append(1000 * (time.perf_counter() - start))
    sorting = {}
    for order in MAP_ORDERS:
        start = time.perf_counter()
        view.sort_by(order)
        application.processEvents()
        sorting[order] = 1000 * (time.perf_counter() - start)
    return frames, sorting


def _view() -> LayerView:
    view = LayerView()
    view.resize(950, 420)  # as in a window of 1280 × 800
    view.show()
    QApplication.processEvents()
    return view


def _shown(application: QApplication, view: LayerView, layer: LayerInfo, activation: NDArray[np.float32]) -> float:
    """Milliseconds until a layer is painted."""
    start = time.perf_counter()
    view.show_activation(layer, activation, ())
    application.processEvents()
    return 1000 * (time.perf_counter() - start)


def _vgg16() -> keras.Model:
    """The convolutions of VGG16 with random weights; its dense part would be 120 million weights and no map."""
    model = keras.Sequential([keras.Input((224, 224, 3))])
    for filters in VGG16:
        model.add(keras.layers.Conv2D(filters, 3, padding="same", activation="relu") if filters else
                  keras.layers.MaxPooling2D())  # fmt: skip
    model.add(keras.layers.GlobalAveragePooling2D())
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model


def _measured(part: str, path: Path, folder: str) -> list:  # type: ignore[type-arg]
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.maps", part, str(path)],
        env=os.environ | {"CNN_EXPLORER_HOME": folder}, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(run.stdout.splitlines()[-1])  # type: ignore[no-any-return]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps({"scrub": scrub, "large": large, "many": many}[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
