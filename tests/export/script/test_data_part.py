"""The lines of a script that read, split and prepare images: executed, and held against the run's own images."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from cnn_explorer.core.network.architecture import Architecture, Flatten
from cnn_explorer.core.run.config import PreprocessingName, SplitName, TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.data.split import Parts, prepare_split
from cnn_explorer.export.script.data_part import data, imports

NETWORK = Architecture(input_shape=(6, 5, 3), layers=(Flatten(name="f"),))


@pytest.fixture(scope="module")
def colors() -> Dataset:
    """Colour images of uneven classes; one pixel and one image are the same everywhere."""
    rng = np.random.default_rng(1)
    images = rng.normal((40, 120, 200), (10, 30, 50), (60, 6, 5, 3)).clip(0, 255).astype(np.uint8)
    images[:, 2, 2] = 77
    images[3] = 77
    labels = np.repeat(np.arange(4), (30, 15, 10, 5))[rng.permutation(60)]
    return Dataset.of_parts("c", "C", tuple("abcd"), "", images[:45], labels[:45], images[45:], labels[45:])


@pytest.fixture(scope="module")
def file(colors: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("codegen") / "colors.npz"
    np.savez(
        path, x_train=colors.train_images[:], y_train=colors.train_labels,
        x_test=colors.test_images[:], y_test=colors.test_labels,
    )  # fmt: skip
    return path


def executed(config: TrainingConfig, file: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the lines define."""
    monkeypatch.setattr(sys, "argv", ["train.py", str(file)])
    found: dict[str, Any] = {"np": np, "sys": sys, "tf": tf, "keras": keras, "layers": keras.layers}
    assert len(imports(config)) == ("StandardScaler" in "".join(data(NETWORK, config))) + (config.split == "stratified")
    found |= {"StandardScaler": StandardScaler, "train_test_split": train_test_split}
    exec("\n".join(data(NETWORK, config)), found)
    return found


def assert_same(found: dict[str, Any], config: TrainingConfig, parts: Parts) -> None:
    other = "val" if config.validation_split else "test"
    prepare = fit_preprocessing(config.preprocessing, parts.train_images).apply
    np.testing.assert_allclose(found[f"x_{other}"], prepare(parts.validation_images[:]), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(found[f"y_{other}"], parts.validation_labels)
    np.testing.assert_array_equal(found["y_train"], parts.train_labels)
    learnt = parts.train_images[:]
    if config.augments:
        images, _ = found["augment"](found["x_train"], found["y_train"])
        np.testing.assert_allclose(images, prepare(learnt), rtol=1e-3, atol=1e-3)
    else:
        np.testing.assert_allclose(found["x_train"], prepare(learnt), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", get_args(PreprocessingName))
@pytest.mark.parametrize("noise", [0.0, 1e-9], ids=["plain", "augmented"])  # so little that nothing changes
def test_that_images_are_prepared_as_in_a_run(
    name: PreprocessingName, noise: float, colors: Dataset, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainingConfig(preprocessing=name, augment_noise=noise)
    assert_same(executed(config, file, monkeypatch), config, prepare_split(colors, config))


@pytest.mark.parametrize("split", get_args(SplitName))
@pytest.mark.parametrize("share", [0.0, 0.2])
@pytest.mark.parametrize("seed", [0, 1234567890])
def test_that_images_are_split_as_in_a_run(
    split: SplitName, share: float, seed: int, colors: Dataset, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainingConfig(split=split, validation_split=share, split_seed=seed, train_limit=40, test_limit=10)
    assert_same(executed(config, file, monkeypatch), config, prepare_split(colors, config))
