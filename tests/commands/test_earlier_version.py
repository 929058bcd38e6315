"""A run that the version before this one has trained opens as it is: same values, same answers, and it goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.architecture import (
    Architecture,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store.probes import probe_files, read_probe
from cnn_explorer.store.runs import DatasetRecord, RunFolder

EARLIER = Path(__file__).parents[1] / "fixtures" / "earlier_version"
RUN = RunFolder(EARLIER / "run")
DIGITS = tuple("0123456789")


def test_that_run_json_says_what_it_said() -> None:
    record = RUN.read()
    assert record.architecture == Architecture(
        name="tiny",
        input_shape=(28, 28, 1),
        layers=(
            Conv2D(name="Conv2D_1", filters=4, kernel_size=(3, 3), activation="relu"),
            MaxPooling2D(name="MaxPooling2D_1", pool_size=(4, 4)),
            BatchNormalization(name="BatchNormalization_1"),
            Flatten(name="Flatten_1"),
            Dropout(name="Dropout_1", rate=0.25),
            Dense(name="Dense_1", units=10, activation="softmax"),
        ),
    )
    assert record.training == TrainingConfig(
        epochs=2, batch_size=64, optimizer="sgd", learning_rate=0.001, momentum=0.9, schedule="exponential",
        decay_steps=4, decay_rate=0.8, regularizer="l2", regularizer_strength=0.001, train_limit=256, test_limit=100,
    )  # fmt: skip
    fingerprint = "81b5b7068b487449d7b931d1a017285f103d3a0a4db56f3de6ac0bd9b268bdb3"
    spec = DatasetSpec(source="mnist", test_part=0.2)
    assert record.dataset == DatasetRecord(
        name="mnist", fingerprint=fingerprint, classes=DIGITS, image_shape=(28, 28, 1), spec=spec
    )
    assert (record.name, record.seed, record.device, record.status) == ("tiny", 0, "CPU (2 threads)", "completed")
    assert record.message == "Trained 2 epochs; test accuracy 0.0600, the best was 0.0700 after epoch 1."
    assert (record.created, record.finished) == ("2026-12-01T05:29:19+00:00", "2026-12-01T05:29:22+00:00")
    assert (record.epochs_done, record.rate_changes, record.initial_weights, record.sweep) == (2, (), None, None)
    assert dict(record.versions)["keras"] == "3.15.1"


def test_that_run_json_is_written_with_the_keys_and_values_it_had() -> None:
    before, now = json.loads(RUN.run_json.read_bytes()), json.loads(RUN.read().to_json())
    training = before.pop("training")
    assert training.items() <= now["training"].items() or training == now["training"]  # there may be new options
    assert before.items() == {key: now[key] for key in before}.items()


def test_that_epochs_batches_and_the_log_are_read() -> None:
    first, second = RUN.history()
    assert (first.epoch, first.loss, first.accuracy) == (1, 3.096951961517334, 0.15625)
    assert (second.epoch, second.val_loss, second.val_accuracy) == (2, 4.3166005335003135, 0.06)
    assert (second.learning_rate, second.seconds, second.images_per_second) == (
        0.00064, 0.07350719900011882, 3897.301300008717,
    )  # fmt: skip
    batches = RUN.batches()
    assert batches.epoch.tolist() == [1, 1, 1, 2]
    assert batches.step.tolist() == [1, 2, 4, 4]
    assert batches.loss.tolist() == [3.222459077835083, 2.901292085647583, 3.132028341293335, 3.098996579647064]
    assert batches.accuracy.tolist() == [0.109375, 0.21875, 0.1484375, 0.140625]
    assert batches.learning_rate.tolist() == [0.001, 0.0009457416, 0.000845897, 0.0006767176]


def test_that_the_film_has_its_three_frames() -> None:
    assert list(probe_files(RUN.path)) == [0, 1, 2]
    for number, path in probe_files(RUN.path).items():
        frame = read_probe(path)
        assert (frame.epoch, frame.layer, frame.kernel_layer) == (number, "Conv2D_1", "Conv2D_1")
        with np.load(path) as archive:
            np.testing.assert_array_equal(frame.maps, archive["activations"][0])
            np.testing.assert_array_equal(frame.image, archive["image"])
            assert frame.kernels is not None
            np.testing.assert_array_equal(frame.kernels, archive["kernels"])


def test_that_the_model_scores_what_it_scored(cli: Callable[..., Any]) -> None:
    scores = cli("evaluate", RUN.model, "--dataset", "mnist", "--json").json
    # Another processor may add in another order, and so tip one or two of 10,000 images.
    assert scores["accuracy"] == pytest.approx(0.1452, abs=3e-4)
    assert scores["loss"] == pytest.approx(4.644448280108739, rel=1e-5)
    assert (scores["count"], scores["classes"]) == (10_000, list(DIGITS))
    assert scores["confusion"][0] == pytest.approx([86, 0, 11, 28, 5, 135, 204, 3, 441, 67], abs=2)


def test_that_the_model_s_maps_are_what_they_were(cli: Callable[..., Any], tmp_path: Path) -> None:
    arguments = ("--layer", "Conv2D_1", "--dataset", "mnist", "--index", 3, "--out", tmp_path / "now.npz")
    assert cli("activations", RUN.model, *arguments).code == 0
    with np.load(EARLIER / "activations.npz") as before, np.load(tmp_path / "now.npz") as now:
        assert set(now) == set(before)
        np.testing.assert_allclose(now["activations"], before["activations"], rtol=0, atol=1e-5)
        np.testing.assert_allclose(now["image"], before["image"], rtol=0, atol=1e-5)
        assert now["layer"] == before["layer"] == "Conv2D_1"


def test_that_the_run_goes_on_from_its_checkpoint(cli: Callable[..., Any], tmp_path: Path) -> None:
    copy = RunFolder(shutil.copytree(RUN.path, tmp_path / "run"))
    answer = cli("train", "--continue", copy.path, "--epochs", 3, "--json")
    assert answer.code == 0, answer.err
    _, third, ended = answer.events
    assert (third["event"], third["epoch"], ended["status"]) == ("epoch", 3, "completed")
    assert third["loss"] == pytest.approx(3.0546022057533264, rel=1e-5)
    assert third["val_loss"] == pytest.approx(4.211808061823249, rel=1e-5)
    assert third["accuracy"] == pytest.approx(0.1640625, abs=1 / 256)  # one image, as above
    assert third["val_accuracy"] == pytest.approx(0.06, abs=1 / 100)
    assert third["learning_rate"] == pytest.approx(0.000512, rel=1e-6)
    assert copy.history()[:2] == RUN.history()
    assert list(probe_files(copy.path)) == [0, 1, 2, 3]
