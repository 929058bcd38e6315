"""Optimizers, schedules, losses and class weights against ``keras.Model.fit`` on the same batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture, Dense, Flatten, SeparableConv2D
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.optimizers import OPTIMIZERS, Optimizer
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.evaluating.evaluate import evaluate
from cnn_explorer.engine.models.losses import class_weights
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training.trainer import train
from cnn_explorer.store.runs import RunFolder
from tests.core.run.optimizers import OTHER_VALUES, taken

optimizers, losses, schedules = keras.optimizers, keras.losses, keras.optimizers.schedules
LAYERS = (Flatten(name="Flat"), Dense(name="Out", units=3, activation="softmax"))
NETWORK = Architecture(input_shape=(12, 12, 1), layers=LAYERS)
EPOCHS = 2


@pytest.fixture(scope="module")
def uneven(toy: Dataset) -> Dataset:
    """The toy with few images of its first class."""
    kept = np.flatnonzero((toy.train_labels != 0) | (np.arange(90) % 4 == 0))
    images, labels = toy.train_images[kept], toy.train_labels[kept]
    return Dataset.of_parts(
        toy.name, toy.title, toy.classes, toy.fingerprint, images, labels, toy.test_images, toy.test_labels
    )  # fmt: skip


def assert_same_as_keras(
    folder: Path, dataset: Dataset, listener: Any, config: TrainingConfig, optimizer: Any, loss: Any = None,
    one_hot: bool = False, class_weight: dict[int, float] | None = None,
) -> None:  # fmt: skip
    """Two epochs of ours and two of Keras' ``fit``: the same figures and the same weights."""
    said = listener()
    train(NETWORK, config, dataset, folder / "run", said, RunControl())
    assert said.ended.status == "completed", said.ended

    keras.utils.set_random_seed(0)
    plain = keras.Sequential(
        [keras.Input((12, 12, 1)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    )
    plain.compile(optimizer, loss or "sparse_categorical_crossentropy", metrics=["accuracy"])
    metadata = load_model_file(folder / "run").metadata
    assert metadata is not None
    x, x_test = (metadata.preprocessing.apply(part) for part in (dataset.train_images, dataset.test_images))
    y, y_test = dataset.train_labels, dataset.test_labels
    if one_hot:
        y, y_test = np.eye(3, dtype=np.float32)[y], np.eye(3, dtype=np.float32)[y_test]
    for told in said.epochs:
        order = np.random.default_rng([0, told.epoch]).permutation(len(x))
        theirs = plain.fit(
            x[order], y[order], batch_size=config.batch_size, shuffle=False, verbose=0, class_weight=class_weight,
            validation_data=(x_test, y_test),
        ).history  # fmt: skip
        for name, figures in theirs.items():
            assert getattr(told, name) == pytest.approx(figures[0], rel=2e-5), name
    for ours, other in zip(load_model_file(folder / "run").model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, other, rtol=1e-4, atol=1e-6)


def config_of(**settings: Any) -> TrainingConfig:
    return TrainingConfig(**{"epochs": EPOCHS, "batch_size": 32, "learning_rate": 0.01, **settings})


@pytest.mark.parametrize(
    "row",
    # Those with settings of their own are where ours and Keras' could part; the others go to make test-all.
    [pytest.param(row, id=row.name, marks=() if row.settings else pytest.mark.slow) for row in OPTIMIZERS],
)
def test_that_an_optimizer_is_that_of_keras(tmp_path: Path, toy: Dataset, listener, row: Optimizer) -> None:
    theirs = optimizers.get({"class_name": row.name, "config": {"learning_rate": 0.01, **taken(row)}})
    assert_same_as_keras(tmp_path, toy, listener, config_of(optimizer=row.name, **OTHER_VALUES), theirs)


@pytest.mark.parametrize(
    ("settings", "theirs"),
    [
        (
            {"optimizer": "sgd", "schedule": "cosine", "decay_steps": 5, "warmup_steps": 2},
            lambda: optimizers.SGD(schedules.CosineDecay(0.0, 5, warmup_target=0.01, warmup_steps=2)),
        ),
        pytest.param(
            {"optimizer": "nadam", "schedule": "piecewise", "boundaries": (1, 4), "values": (0.05, 0.002)},
            lambda: optimizers.Nadam(schedules.PiecewiseConstantDecay([1, 4], [0.01, 0.05, 0.002])),
            marks=pytest.mark.slow,
        ),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_that_a_schedule_is_that_of_keras(
    tmp_path: Path, toy: Dataset, listener, settings: dict[str, Any], theirs
) -> None:
    assert_same_as_keras(tmp_path, toy, listener, config_of(**settings), theirs())


@pytest.mark.slow
def test_that_class_weights_are_those_of_keras(tmp_path: Path, uneven: Dataset, listener) -> None:
    config = config_of(class_weight="custom", class_weight_values=(3.0, 0.5, 1.0))
    weights = {0: 3.0, 1: 0.5, 2: 1.0}
    assert_same_as_keras(tmp_path, uneven, listener, config, optimizers.RMSprop(0.01), class_weight=weights)


def test_that_balanced_classes_and_smoothed_labels_are_those_of_keras_and_validation_is_smoothed_too(
    tmp_path: Path, uneven: Dataset, listener
) -> None:
    config = config_of(loss="categorical_crossentropy", label_smoothing=0.1, class_weight="balanced")
    counts = np.bincount(uneven.train_labels)
    weights = {number: len(uneven.train_labels) / (3 * int(count)) for number, count in enumerate(counts)}
    assert weights[0] > 2 * weights[1]
    loss = losses.CategoricalCrossentropy(label_smoothing=0.1)
    assert_same_as_keras(
        tmp_path, uneven, listener, config, optimizers.RMSprop(0.01), loss, one_hot=True, class_weight=weights
    )
    # The model file alone says what the last epoch said, to the last digit.
    loaded = load_model_file(tmp_path / "run" / "model.h5")
    assert loaded.metadata is not None
    assert loaded.metadata.loss == ("categorical_crossentropy", 0.1)
    preprocessing = loaded.metadata.preprocessing
    scores = evaluate(
        loaded.model, preprocessing, uneven.test_images, uneven.test_labels, uneven.classes, loss=loaded.metadata.loss
    )
    assert scores is not None
    last = RunFolder(tmp_path / "run").history()[-1]
    assert (scores.loss, scores.accuracy) == (last.val_loss, last.val_accuracy)


def test_that_a_class_without_images_needs_no_balance() -> None:
    labels = np.array([0, 0, 0, 2])
    weights = class_weights(TrainingConfig(class_weight="balanced"), labels, 3)
    assert weights is not None
    np.testing.assert_allclose(weights, [4 / 6, 0.0, 4 / 2])


def test_that_a_number_of_class_weights_that_does_not_fit_is_refused(tmp_path: Path, toy: Dataset, listener) -> None:
    config = config_of(class_weight="custom", class_weight_values=(1.0, 2.0))
    with pytest.raises(ExplorerError, match="Expected 3 numbers, one for each class, got 2"):
        train(NETWORK, config, toy, tmp_path / "run", listener(), RunControl())
    assert list(tmp_path.iterdir()) == []


def test_that_the_regularizer_acts_on_all_kernels_of_a_separable_convolution_too(
    tmp_path: Path, toy: Dataset, listener
) -> None:
    separable = SeparableConv2D(name="Sep", filters=4, kernel_size=(3, 3))
    network = Architecture(input_shape=(12, 12, 1), layers=(separable, *LAYERS))
    config = config_of(epochs=1, regularizer="l1_l2", regularizer_strength=0.01, regularizer_scope="all")
    said = listener()
    train(network, config, toy, tmp_path / "run", said, RunControl())
    loaded = load_model_file(tmp_path / "run")
    assert loaded.metadata is not None
    prepared = loaded.metadata.preprocessing.apply(toy.test_images)
    outputs = loaded.model.predict(prepared, verbose=0).astype(np.float64)
    entropy = -np.log(outputs[np.arange(70), toy.test_labels]).mean()
    kernels = [w.astype(np.float64) for w in loaded.model.get_weights() if w.ndim > 1]  # all but the biases
    assert len(kernels) == 3
    penalty = 0.01 * sum(np.abs(kernel).sum() + (kernel**2).sum() for kernel in kernels)
    assert said.epochs[0].val_loss == pytest.approx(entropy + penalty, rel=1e-5)


@pytest.mark.slow
def test_that_xla_gives_the_same_losses_on_a_processor(tmp_path: Path, toy: Dataset, network, listener) -> None:
    said = {}
    for jit in ("on", "off"):
        said[jit] = listener()
        config = config_of(jit_compile=jit, augment_shift=0.1, augment_noise=0.05, schedule="power")
        train(network, config, toy, tmp_path / jit, said[jit], RunControl())
        assert said[jit].ended.status == "completed", said[jit].ended
    for ours, plain in zip(said["on"].epochs, said["off"].epochs, strict=True):
        assert (ours.loss, ours.val_loss) == pytest.approx((plain.loss, plain.val_loss), rel=1e-4)
