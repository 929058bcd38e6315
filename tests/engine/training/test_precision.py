"""Half precision, in a whole run on the processor: what it leaves is as good as what float32 leaves."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
import pytest

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.evaluating.evaluate import evaluate
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training.trainer import resume, train
from cnn_explorer.store.runs import RunFolder

MIXED = ("mixed_bfloat16", "mixed_float16")


@pytest.mark.parametrize("precision", [MIXED[0], pytest.param(MIXED[1], marks=pytest.mark.slow)])
def test_that_a_run_in_half_precision_learns_and_leaves_a_model_for_plain_keras(
    toy: Dataset, noisy_network: Architecture, tmp_path: Path, listener: type, precision: str
) -> None:
    config = TrainingConfig(epochs=4, batch_size=16, precision=precision, optimizer="adam", learning_rate=0.005)
    train(noisy_network, config, toy, tmp_path / "run", said := listener(), RunControl())
    assert said.ended.status == "completed", said.ended
    run = RunFolder(tmp_path / "run")
    history = run.history()
    assert len(history) == 4
    assert all(math.isfinite(value) for e in history for value in (e.loss, e.accuracy, e.val_loss, e.val_accuracy))
    assert history[-1].loss < history[0].loss

    model = keras.models.load_model(run.model)
    assert [layer.compute_dtype for layer in model.layers] == [precision.removeprefix("mixed_")] * 5 + ["float32"]
    assert {weight.dtype for weight in model.weights if "seed" not in weight.path} == {"float32"}
    images = fit_preprocessing("standardize", toy.train_images).apply(toy.test_images)
    plain = model.predict(images, verbose=0)
    assert np.isfinite(plain).all()

    loaded = load_model_file(run.model)
    assert loaded.metadata is not None
    scores = evaluate(loaded.model, loaded.metadata.preprocessing, toy.test_images, toy.test_labels, toy.classes)
    assert scores is not None
    assert (scores.loss, scores.accuracy) == (history[-1].val_loss, history[-1].val_accuracy)
    np.testing.assert_array_equal(scores.predictions, plain.argmax(axis=1))


@pytest.mark.parametrize("precision", MIXED)
@pytest.mark.slow
def test_that_a_continued_run_in_half_precision_equals_an_unbroken_one(
    toy: Dataset, network: Architecture, tmp_path: Path, listener: type, precision: str
) -> None:
    config = TrainingConfig(epochs=4, batch_size=32, precision=precision)
    train(network, config, toy, tmp_path / "whole", listener(), RunControl())
    train(
        network,
        TrainingConfig(epochs=2, batch_size=32, precision=precision),
        toy,
        tmp_path / "two",
        listener(),
        RunControl(),
    )
    resume(tmp_path / "two", toy, listener(), RunControl(), epochs=4)
    for one, other in zip(
        *(keras.models.load_model(tmp_path / name / "model.h5").get_weights() for name in ("whole", "two")), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_that_float16_scales_its_loss_so_that_small_gradients_survive(
    toy: Dataset, network: Architecture, tmp_path: Path, listener: type
) -> None:
    config = TrainingConfig(epochs=1, batch_size=32, precision="mixed_float16")
    train(network, config, toy, tmp_path / "run", listener(), RunControl())
    optimizer = keras.models.load_model(RunFolder(tmp_path / "run").checkpoint).optimizer
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert int(optimizer.inner_optimizer.iterations.numpy()) == 3
    assert float(optimizer.learning_rate) == pytest.approx(0.001)
