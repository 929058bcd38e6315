"""The exported log, read by TensorBoard's own readers."""

from __future__ import annotations

import errno
import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture, Dense, Flatten
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import BatchEnded, EpochEnded
from cnn_explorer.engine.exporting.tensorboard import export_tensorboard
from cnn_explorer.store.runs import DatasetRecord, RunFolder, RunRecord

CREATED = "2026-01-02T03:04:05+01:00"
EPOCHS = tuple(
    EpochEnded(
        epoch=epoch, loss=1 / (epoch + 2), accuracy=1 - 0.3 / epoch, val_loss=1 / (epoch + 1),
        val_accuracy=1 - 0.4 / epoch, learning_rate=0.1**epoch, seconds=10.0 * epoch, images_per_second=100.0,
    )
    for epoch in (1, 2)
)  # fmt: skip
BATCHES = tuple(
    BatchEnded(epoch=epoch, step=step, loss=1 / (step + epoch), accuracy=step / 9, learning_rate=0.01, seconds=step / 2)
    for epoch in (1, 2)
    for step in (3, 7, 8)
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """The folder of a run with two epochs of eight batches in three calls, as its tables tell."""
    network = Architecture(
        name="net", input_shape=(4, 4, 1), layers=(Flatten(name="f"), Dense(name="d", units=2, activation="softmax"))
    )
    record = RunRecord(
        name="net", architecture=network, training=TrainingConfig(epochs=2, seed=7),
        dataset=DatasetRecord(name="toy", fingerprint="f", classes=("a", "b"), image_shape=(4, 4, 1)),
        seed=7, created=CREATED, epochs_done=2,
    )  # fmt: skip
    folder = RunFolder.create(tmp_path / "run", record)
    for epoch in EPOCHS:
        folder.append_batches([batch for batch in BATCHES if batch.epoch == epoch.epoch])
        folder.append_epoch(epoch)
    return folder


def scalars(folder: Path) -> dict[str, list[tuple[float, int, float]]]:
    """Time, step and value of everything that TensorBoard finds in a log."""
    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    reader.Reload()
    return {
        tag: [(item.wall_time, item.step, item.value) for item in reader.Scalars(tag)]
        for tag in reader.Tags()["scalars"]
    }


def test_that_tensorboard_reads_back_every_number_of_the_run(run: RunFolder, tmp_path: Path) -> None:
    export_tensorboard(run.path, tmp_path / "log")
    train, validation = scalars(tmp_path / "log" / "train"), scalars(tmp_path / "log" / "validation")
    began = datetime.fromisoformat(CREATED).timestamp()
    ends = (began + 10, began + 30)

    def of_epochs(name: str) -> list[tuple[float, int, float]]:
        values = (float(np.float32(getattr(epoch, name))) for epoch in EPOCHS)
        return list(zip(ends, (1, 2), values, strict=True))

    def of_batches(name: str) -> list[tuple[float, int, float]]:
        begins = {1: began, 2: began + 10}
        return [
            (begins[b.epoch] + b.seconds, 8 * (b.epoch - 1) + b.step, float(np.float32(getattr(b, name))))
            for b in BATCHES
        ]

    assert train == {
        "epoch_loss": of_epochs("loss"),
        "epoch_accuracy": of_epochs("accuracy"),
        "epoch_learning_rate": of_epochs("learning_rate"),
        "batch_loss": of_batches("loss"),
        "batch_accuracy": of_batches("accuracy"),
        "batch_learning_rate": of_batches("learning_rate"),
    }
    assert validation == {"epoch_loss": of_epochs("val_loss"), "epoch_accuracy": of_epochs("val_accuracy")}


def test_that_the_web_page_s_reader_finds_both_runs_their_numbers_and_the_configuration(
    run: RunFolder, tmp_path: Path
) -> None:
    export_tensorboard(run.path, tmp_path / "log")
    reader = EventMultiplexer()
    reader.AddRunsFromDirectory(str(tmp_path / "log"))
    reader.Reload()
    assert set(reader.Runs()) == {"train", "validation"}
    assert set(reader.PluginRunToTagToContent("scalars")["validation"]) == {"epoch_loss", "epoch_accuracy"}
    last = reader.Tensors("train", "epoch_accuracy")[-1]
    assert (last.step, tf.make_ndarray(last.tensor_proto).item()) == (2, np.float32(EPOCHS[-1].accuracy))
    assert "configuration" in reader.PluginRunToTagToContent("text")["train"]
    (text,) = reader.Tensors("train", "configuration")
    assert "|seed|7|" in text.tensor_proto.string_val[0].decode().splitlines()


def test_that_a_run_without_batches_has_its_epochs(run: RunFolder, tmp_path: Path) -> None:
    run.batches_csv.unlink()
    export_tensorboard(run.path, tmp_path / "log")
    assert set(scalars(tmp_path / "log" / "train")) == {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"}


def test_that_nothing_is_overwritten(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    with pytest.raises(ExplorerError, match="exists already"):
        export_tensorboard(run.path, tmp_path / "log")
    assert list((tmp_path / "log").iterdir()) == []


def test_that_a_run_without_an_epoch_and_no_run_are_refused(run: RunFolder, tmp_path: Path) -> None:
    run.history_csv.unlink()
    with pytest.raises(ExplorerError, match="has no whole epoch yet"):
        export_tensorboard(run.path, tmp_path / "log")
    with pytest.raises(ExplorerError, match="does not exist"):
        export_tensorboard(tmp_path / "nosuch", tmp_path / "log")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_that_a_disk_that_fills_up_leaves_nothing(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ExplorerError, match="the disk is full"):
        export_tensorboard(run.path, tmp_path / "log")
    with pytest.raises(ExplorerError, match=r"the folder .*nosuch does not exist"):
        export_tensorboard(run.path, tmp_path / "nosuch" / "log")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_that_tensorflow_s_own_complaint_of_the_disk_is_a_sentence_too(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.io, "TFRecordWriter", refuse)
    with pytest.raises(ExplorerError, match="could not be written: No space left on device"):
        export_tensorboard(run.path, tmp_path / "log")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
