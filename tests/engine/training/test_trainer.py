"""A run from its beginning to its end: what it says, what it leaves, and that it learns as plain Keras does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from cnn_explorer.core.network.architecture import Architecture, Dense, Flatten
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, EpochEnded, Probed, RunEvent, Started, ValidationEnded
from cnn_explorer.core.run.history import RunState, reduce
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.evaluating.evaluate import evaluate
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training import clock as clock_module
from cnn_explorer.engine.training.trainer import train
from cnn_explorer.store.runs import RunFolder
from tests.engine.training.trained_runs import CONFIG, names, weights

TIMED = (BatchEnded, ValidationEnded)


def test_that_a_run_tells_its_story_in_order(finished) -> None:
    events = finished.said.events
    assert [type(event) for event in events[:2]] == [Started, Probed]
    assert events[0].steps_per_epoch == 3  # 90 images in batches of 32
    assert (events[0].train_count, events[0].validation_count, events[0].first_epoch) == (90, 70, 1)
    for epoch in (1, 2, 3):
        batches = [event for event in events if isinstance(event, BatchEnded) and event.epoch == epoch]
        assert batches[-1].step == 3
        assert [b.step for b in batches] == sorted({b.step for b in batches})
        validated = [event for event in events if isinstance(event, ValidationEnded) and event.epoch == epoch]
        assert validated[-1].done == validated[-1].count == 70
        order = [type(event) for event in events if getattr(event, "epoch", None) == epoch]
        assert order[-2:] == [EpochEnded, Probed]
    assert finished.said.ended.status == "completed"
    state = RunState()
    for event in events:
        state = reduce(state, event)
    assert state.phase == "completed"
    assert state.progress == 1.0


def test_that_a_run_learns_what_can_be_learnt(finished) -> None:
    first, last = finished.said.epochs[0], finished.said.epochs[-1]
    assert last.loss < first.loss
    assert last.val_accuracy > 0.6


def test_that_the_folder_of_a_run_says_what_was_said(finished) -> None:
    folder = RunFolder(finished.folder)
    assert list(folder.history()) == finished.said.epochs
    record = folder.read()
    assert (record.status, record.epochs_done, record.training) == ("completed", 3, CONFIG)
    assert record.message == finished.said.ended.message
    assert record.dataset.fingerprint == "f" * 64
    assert finished.said.ended.model == str(folder.model)
    tables, models = {"history.csv", "batches.csv"}, {"initial.weights.h5", "checkpoint.keras", "model.h5", "best.h5"}
    assert set(names(finished.folder)) == {"run.json", "log.txt", ".lock", "probes"} | tables | models


def test_that_the_model_file_alone_gives_the_result_that_was_reported_last(finished, toy: Dataset) -> None:
    loaded = load_model_file(finished.folder / "model.h5")
    assert loaded.metadata is not None
    preprocessing = loaded.metadata.preprocessing
    scores = evaluate(loaded.model, preprocessing, toy.test_images, toy.test_labels, loaded.metadata.classes)
    assert scores is not None
    last = finished.said.epochs[-1]
    assert scores.accuracy == last.val_accuracy
    assert scores.loss == pytest.approx(last.val_loss, rel=1e-6)


def test_that_validation_gives_what_keras_gives(finished, toy: Dataset) -> None:
    loaded = load_model_file(finished.folder)
    assert loaded.metadata is not None
    loaded.model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    prepared = loaded.metadata.preprocessing.apply(toy.test_images)
    loss, accuracy = loaded.model.evaluate(prepared, toy.test_labels, verbose=0)
    assert finished.said.epochs[-1].val_loss == pytest.approx(loss, rel=1e-5)
    assert finished.said.epochs[-1].val_accuracy == pytest.approx(accuracy, rel=1e-6)


def test_that_training_does_what_plain_keras_does_batch_by_batch(finished, toy: Dataset) -> None:
    keras.utils.set_random_seed(0)
    plain = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax", kernel_regularizer=keras.regularizers.L2(0.01)),
        ]
    )
    plain.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    prepared = fit_preprocessing("standardize", toy.train_images).apply(toy.train_images)
    for epoch in (1, 2, 3):
        losses, right = 0.0, 0.0
        order = np.random.default_rng([0, epoch]).permutation(90)
        for start in (0, 32, 64):
            batch = order[start : start + 32]
            loss, accuracy = plain.train_on_batch(prepared[batch], toy.train_labels[batch])
            plain.reset_metrics()
            losses, right = losses + loss * len(batch), right + accuracy * len(batch)
        told = finished.said.epochs[epoch - 1]
        assert told.loss == pytest.approx(losses / 90, rel=1e-4)
        assert told.accuracy == pytest.approx(right / 90, abs=1e-6)
    for ours, theirs in zip(weights(finished.folder), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_that_the_best_model_is_the_one_with_the_best_validation(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    # The learning rate grows forty-fold an epoch, so that what was learnt is lost again.
    config = TrainingConfig(
        epochs=4, batch_size=32, optimizer="sgd", learning_rate=0.01, schedule="exponential", decay_steps=3,
        decay_rate=40.0,
    )  # fmt: skip
    said = listener()
    train(network, config, toy, tmp_path / "run", said, RunControl())
    best = max(said.epochs, key=lambda e: (e.val_accuracy, -e.val_loss))
    assert best.val_accuracy > said.epochs[-1].val_accuracy
    loaded = load_model_file(tmp_path / "run" / "best.h5")
    assert loaded.metadata is not None
    scores = evaluate(loaded.model, loaded.metadata.preprocessing, toy.test_images, toy.test_labels, toy.classes)
    assert scores is not None
    assert (scores.accuracy, scores.loss) == (best.val_accuracy, pytest.approx(best.val_loss, rel=1e-6))


def test_that_images_per_second_leaves_validation_out(
    tmp_path: Path, toy: Dataset, network: Architecture, listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def pass_time(event: RunEvent) -> None:
        nonlocal now
        now += {BatchEnded: 1.0, ValidationEnded: 10.0}.get(type(event), 0.0)

    monkeypatch.setattr(clock_module, "time", SimpleNamespace(perf_counter=lambda: now))
    said = listener(pass_time)
    train(network, TrainingConfig(epochs=2, batch_size=32), toy, tmp_path / "run", said, RunControl())
    assert len(said.epochs) == 2
    for epoch in said.epochs:
        calls = [sum(type(e) is kind and e.epoch == epoch.epoch for e in said.events) for kind in TIMED]
        assert epoch.images_per_second == pytest.approx(90 / calls[0])
        assert epoch.seconds == pytest.approx(calls[0] + 10 * calls[1])


def test_that_standardize_is_fitted_on_the_images_that_the_run_learns_from(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    config = TrainingConfig(epochs=1, split="shuffled", split_seed=3, train_limit=40)
    train(network, config, toy, tmp_path / "run", listener(), RunControl())
    order = np.random.default_rng(3).permutation(160)[:40]  # the split, told again in NumPy
    learnt = np.concatenate((toy.train_images, toy.test_images))[order].astype(np.float64)
    metadata = load_model_file(tmp_path / "run").metadata
    assert metadata is not None
    np.testing.assert_allclose(metadata.preprocessing.offset, learnt.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(metadata.preprocessing.scale, learnt.std(axis=0), rtol=1e-5)


def test_that_probes_hold_the_maps_of_the_first_test_image_after_each_epoch(finished, toy: Dataset) -> None:
    assert names(finished.folder / "probes") == [f"epoch-{n:05d}.npz" for n in range(4)]
    told = [(event.epoch, event.path) for event in finished.said.events if isinstance(event, Probed)]
    assert told == [(n, str(finished.folder / "probes" / f"epoch-{n:05d}.npz")) for n in range(4)]
    forward = open_model(finished.folder).forward(toy.test_images[0])
    with np.load(finished.folder / "probes" / "epoch-00003.npz") as last:
        assert last["layer"] == "Conv"
        assert last["epoch"] == 3
        np.testing.assert_allclose(last["activations"][0], forward.activations["Conv"], rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(last["image"], forward.image)


def test_that_a_network_without_maps_trains_without_probes(tmp_path: Path, toy: Dataset, listener) -> None:
    layers = (Flatten(name="Flat"), Dense(name="Out", units=3, activation="softmax"))
    said = listener()
    train(Architecture(input_shape=(12, 12, 1), layers=layers), CONFIG, toy, tmp_path / "run", said, RunControl())
    assert said.ended.status == "completed"
    assert not [event for event in said.events if isinstance(event, Probed)]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_that_half_precision_trains_and_can_be_looked_into(
    tmp_path: Path, toy: Dataset, network: Architecture, listener, precision: str
) -> None:
    said, config = listener(), TrainingConfig(epochs=2, batch_size=32, precision=precision)
    train(network, config, toy, tmp_path / "run", said, RunControl())
    assert said.ended.status == "completed", said.ended
    assert said.epochs[1].loss < said.epochs[0].loss
    assert open_model(tmp_path / "run").forward(toy.test_images[0]).prediction is not None


def test_that_limits_split_and_schedule_hold(tmp_path: Path, toy: Dataset, network: Architecture, listener) -> None:
    config = TrainingConfig(
        epochs=2, batch_size=10, train_limit=25, test_limit=20, split="shuffled", split_seed=3,
        schedule="power", decay_steps=1, decay_rate=0.5, regularizer="l2", preprocessing="scale",
    )  # fmt: skip
    said = listener()
    train(network, config, toy, tmp_path / "run", said, RunControl())
    assert (said.events[0].train_count, said.events[0].validation_count, said.events[0].steps_per_epoch) == (25, 20, 3)
    # The rate after the epoch's last step: three batches, then six.
    assert [epoch.learning_rate for epoch in said.epochs] == pytest.approx([0.001 / 2.5, 0.001 / 4], rel=1e-6)
    metadata = load_model_file(tmp_path / "run").metadata
    assert metadata is not None
    assert (metadata.preprocessing.name, metadata.split, metadata.split_seed) == ("scale", "shuffled", 3)
