"""A set of images that is larger than memory should be needed for: 3 GB in a file with holes, which costs no disk."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

MEGABYTE = 2**20
CODE = """
import json, sys, threading, time
from pathlib import Path
import numpy as np
from cnn_explorer.core.network.architecture import Architecture, Conv2D, Dense, Flatten, MaxPooling2D
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.run.events import BatchEnded, Ended
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.training.trainer import train

COUNT, STEPS = 100_000, 60

def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))

def measured(work):
    # What it needs at most above what there was.
    most, over = anonymous(), threading.Event()
    before = most

    def follow():
        nonlocal most
        while not over.wait(0.005):
            most = max(most, anonymous())

    watcher = threading.Thread(target=follow)
    watcher.start()
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    over.set()
    watcher.join()
    return most - before, seconds

with open("images", "wb") as file:
    file.truncate(COUNT * 100 * 100 * 3)
    for place in range(0, COUNT, 5000):  # some that are not black
        file.seek(place * 30_000)
        file.write(bytes(range(250)) * 120)
images = np.memmap("images", np.uint8, "r", shape=(COUNT, 100, 100, 3))
labels = np.arange(COUNT) % 60
classes = tuple(map(str, range(60)))
order = np.random.default_rng(0).permutation(COUNT)
dataset = Dataset("big", "Big", classes, "f" * 64, images, labels, order[:90_000], order[90_000:], DatasetSpec())
network = Architecture(
    input_shape=(100, 100, 3),
    layers=(
        Conv2D(name="c", filters=4, kernel_size=(3, 3), strides=(3, 3), activation="relu"),
        MaxPooling2D(name="p"), Flatten(name="f"), Dense(name="d", units=60, activation="softmax"),
    ),
)
config = TrainingConfig(epochs=1, batch_size=64, preprocessing="scale")
control, said = RunControl(), []

def emit(event):
    said.append(event)
    if isinstance(event, BatchEnded) and event.step >= STEPS:
        control.stop()

def warm():  # what TensorFlow takes once for all is not of interest
    small = Dataset("s", "S", classes, "e" * 64, images[:64], labels[:64], range(60), range(60, 64), DatasetSpec())
    train(network, config, small, Path("warm"), lambda event: None, RunControl())

warm()
training, seconds = measured(lambda: train(network, config, dataset, Path("run"), emit, control))
fitting, fitting_seconds = measured(lambda: fit_preprocessing("standardize", dataset.train_images))
steps = max(event.step for event in said if isinstance(event, BatchEnded))
ended = said[-1]
assert isinstance(ended, Ended)
print(json.dumps([ended.status, steps, training, seconds, fitting, fitting_seconds]))
"""


@pytest.mark.slow
def test_that_100_000_images_of_100_by_100_train_in_bounded_memory(
    tmp_path: Path, run_python: Callable[[str, Path], subprocess.CompletedProcess[str]]
) -> None:
    run = run_python(CODE, tmp_path)
    assert run.returncode == 0, run.stderr
    status, steps, training, _seconds, fitting, _fitting_seconds = json.loads(run.stdout.splitlines()[-1])
    assert status == "stopped"
    assert steps >= 60
    assert training < 300 * MEGABYTE
    assert fitting < 100 * MEGABYTE
