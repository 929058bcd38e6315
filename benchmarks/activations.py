"""Image change to all layers' activations: our inspector against the articles' way, in one process.

The articles load the model, build a sub-model of all layers' outputs and call ``predict``, for each image.
"""

from __future__ import annotations

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import keras
import numpy as np

from benchmarks.report import Figure
from cnn_explorer.core.network.presets import preset
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.models.metadata import ModelMetadata
from cnn_explorer.engine.models.saving import save_model


def seconds(call: Callable[[int], object], times: int) -> float:
    """The median of ``times`` calls; the first call is not counted."""
    call(0)
    taken = []
    for index in range(1, times + 1):
        start = time.perf_counter()
        call(index)
        taken.append(time.perf_counter() - start)
    return median(taken)


def main() -> None:
    """Measure both ways on mnist-simple."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it complains of what the articles' way does
    dataset = load_dataset("mnist")
    preprocessing = fit_preprocessing("standardize", dataset.train_images[:2000])
    model = build(preset("mnist-simple").architecture, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.h5"
        save_model(model, path, ModelMetadata(preprocessing, dataset.classes, dataset.name, dataset.fingerprint))
        inspector = open_model(path)

        def ours(index: int) -> object:
            return inspector.forward(dataset.test_images[index])

        def articles(index: int) -> object:
            loaded = keras.models.load_model(path, compile=False)
            layers = keras.Model(loaded.inputs, [layer.output for layer in loaded.layers])
            return layers.predict(preprocessing.apply(dataset.test_images[index])[np.newaxis], verbose=0)

        fast, slow = seconds(ours, 200), seconds(articles, 10)
    Figure(
        "image change to all layers' activations, against the articles' way", slow / fast, "times", 20, "at_least",
        f"{1000 * fast:.1f} ms against {1000 * slow:.0f} ms, medians",
    ).say()  # fmt: skip


if __name__ == "__main__":
    main()
