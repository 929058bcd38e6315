"""The generated script in a process of its own, with Keras and without this program."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from cnn_explorer.core.codegen import training_script
from cnn_explorer.core.inference import infer
from cnn_explorer.core.presets import preset
from cnn_explorer.core.training import TrainingConfig

CONFIGS = {
    "as by default": (TrainingConfig(epochs=1), 64),
    "with everything": (
        TrainingConfig(
            epochs=1,
            batch_size=16,
            optimizer="sgd",
            momentum=0.9,
            schedule="power",
            regularizer="l2",
            preprocessing="scale",
            split="shuffled",
            train_limit=32,
            test_limit=8,
            device="cpu",
            precision="mixed_bfloat16",
        ),
        32,
    ),
}


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """A file like Keras' mnist.npz, with images that the network can tell apart at once."""
    rng = np.random.default_rng(0)
    arrays: dict[str, np.ndarray] = {}
    for part, count in (("train", 64), ("test", 16)):
        labels = rng.integers(0, 10, count).astype(np.uint8)
        images = rng.integers(0, 50, (count, 28, 28)).astype(np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[:, 2 * label : 2 * label + 3] = 255
        arrays |= {f"x_{part}": images, f"y_{part}": labels}
    np.savez(tmp_path / "mnist.npz", **arrays)
    return tmp_path / "mnist.npz"


@pytest.mark.parametrize(("config", "images"), CONFIGS.values(), ids=CONFIGS.keys())
def test_that_the_script_trains_and_saves_the_same_network(
    config: TrainingConfig, images: int, digits: Path, tmp_path: Path
) -> None:
    architecture = preset("mnist-simple").architecture
    script = tmp_path / "train.py"
    script.write_text(training_script(architecture, config, "mnist"), encoding="utf-8")
    assert "cnn_explorer" not in script.read_text(encoding="utf-8")

    run = subprocess.run(
        [sys.executable, "train.py", digits.name], cwd=tmp_path, capture_output=True, text=True, timeout=240
    )

    assert run.returncode == 0, run.stderr
    assert re.search(r"val_accuracy: [01]\.\d+", run.stdout)
    assert f"{images // config.batch_size}/{images // config.batch_size}" in run.stdout  # batches of the epoch
    with h5py.File(tmp_path / "model.h5") as file:
        weights: dict[str, int] = {}
        for name, group in file["model_weights"].items():
            group.visititems(
                lambda _, item, name=name: weights.__setitem__(
                    name, weights.get(name, 0) + (item.size if isinstance(item, h5py.Dataset) else 0)
                )
            )
    expected = {facts.name: facts.params for facts in infer(architecture).layers if facts.params}
    assert {name: count for name, count in weights.items() if count} == expected
