"""Runs that cannot begin, and runs that something ends: a sentence, the right status, and nothing lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import tensorflow as tf

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, RunEvent, Started
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training import learner as learner_module
from cnn_explorer.engine.training import trainer
from cnn_explorer.engine.training.trainer import resume, train
from cnn_explorer.store import atomic, struct_csv
from cnn_explorer.store.catalog import summary_of
from cnn_explorer.store.runs import RunFolder

CONFIG = TrainingConfig(epochs=2, batch_size=32)
NO_MEMORY = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[9,9]")


def ignore(event: RunEvent) -> None:
    pass


def raising(error: BaseException) -> Callable[..., None]:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    return fail


# ------------------------------------------------------------------------------------------- before the start


@pytest.mark.parametrize("error", [MemoryError(), NO_MEMORY])
def test_that_a_network_too_large_for_the_memory_leaves_nothing(
    tmp_path: Path, toy: Dataset, network: Architecture, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(trainer, "build", raising(error))
    with pytest.raises(ExplorerError, match="memory is not enough") as caught:
        train(network, CONFIG, toy, tmp_path / "run", ignore, RunControl())
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["run.json", "checkpoint.keras", "initial.weights.h5", "model.h5"])
def test_that_a_disk_that_refuses_any_of_the_first_files_leaves_nothing(
    tmp_path: Path, toy: Dataset, network: Architecture, monkeypatch: pytest.MonkeyPatch, name: str, listener
) -> None:
    flush = atomic._flush_to_disk

    def refuse(path: Path) -> None:
        if path.name.endswith(name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(path)

    monkeypatch.setattr(atomic, "_flush_to_disk", refuse)
    said = listener()
    with pytest.raises(ExplorerError) as caught:
        train(network, CONFIG, toy, tmp_path / "new" / "run", said, RunControl())
    assert caught.value.message == f"{tmp_path / 'new' / 'run' / name} could not be written: the disk is full."
    assert said.events == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"schedule": "piecewise", "boundaries": (1, 2), "values": (0.1,)}, "values: Expected 2 values"),
        ({"class_weight": "custom", "class_weight_values": (1.0, 2.0)}, "Expected 3 numbers, one for each class"),
        ({"inter_op_threads": 7}, "can change only when the program starts"),
        ({"probe_index": 70}, "no test image 70"),
        ({"probe_layer": "Nose"}, 'no layer "Nose"'),
        ({"validation_split": 0.001}, "validation_split"),
        ({"device": "gpu:99"}, "gpu:99"),
    ],
)
def test_that_settings_that_cannot_be_are_refused_before_anything_is_written(
    tmp_path: Path, toy: Dataset, network: Architecture, settings: dict[str, object], says: str
) -> None:
    with pytest.raises(ExplorerError, match=says):
        train(network, msgspec.structs.replace(CONFIG, **settings), toy, tmp_path / "run", ignore, RunControl())
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------- while it goes


@pytest.mark.slow
def test_that_memory_that_ends_in_the_middle_ends_the_run_and_keeps_its_last_epoch(
    tmp_path: Path, toy: Dataset, network: Architecture, monkeypatch: pytest.MonkeyPatch, listener
) -> None:
    def exhaust(event: RunEvent) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2:
            raise NO_MEMORY

    said = listener(exhaust)
    train(network, CONFIG, toy, tmp_path / "run", said, RunControl())
    assert (said.ended.status, said.ended.message[:24]) == ("failed", "The memory is not enough")
    assert "The model is that of epoch 1." in said.ended.hint
    summary = summary_of(tmp_path / "run")
    assert (summary.status, summary.record.epochs_done, len(summary.epochs)) == ("failed", 1, 1)
    resume(tmp_path / "run", toy, ignore, RunControl())
    assert (summary_of(tmp_path / "run").status, len(summary_of(tmp_path / "run").epochs)) == ("completed", 2)


@pytest.mark.slow
def test_that_a_disk_too_full_for_the_curves_fails_the_run_and_loses_nothing(
    tmp_path: Path, toy: Dataset, network: Architecture, monkeypatch: pytest.MonkeyPatch, listener
) -> None:
    append = struct_csv.append

    def refuse(path: Path, rows: list[msgspec.Struct]) -> None:
        if path.name == "batches.csv" and getattr(rows[0], "epoch", 0) == 2:
            raise atomic.write_failure(path, OSError(errno.ENOSPC, "No space left on device"))
        append(path, rows)

    said = listener()
    with monkeypatch.context() as patch:
        patch.setattr(struct_csv, "append", refuse)
        train(network, CONFIG, toy, tmp_path / "run", said, RunControl())
    assert said.ended.status == "failed"
    assert "batches.csv could not be written: the disk is full" in said.ended.message
    assert len(RunFolder(tmp_path / "run").history()) == 1
    resume(tmp_path / "run", toy, ignore, RunControl())
    run = RunFolder(tmp_path / "run")
    assert [epoch.epoch for epoch in run.history()] == [1, 2]
    assert sorted(set(run.batches().epoch)) == [1, 2]


def test_that_a_log_that_cannot_be_written_does_not_end_the_run(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    def hinder(event: RunEvent) -> None:
        if isinstance(event, Started):
            (tmp_path / "run" / "log.txt").unlink()
            (tmp_path / "run" / "log.txt").mkdir()

    said = listener(hinder)
    train(network, CONFIG, toy, tmp_path / "run", said, RunControl())
    assert said.ended.status == "completed"


def test_that_a_run_is_trained_by_one_at_a_time(tmp_path: Path, toy: Dataset, network: Architecture, listener) -> None:
    refused = []

    def interfere(event: RunEvent) -> None:
        if isinstance(event, BatchEnded) and not refused:
            assert summary_of(tmp_path / "run").status == "running"
            with pytest.raises(ExplorerError, match="being trained just now"):
                resume(tmp_path / "run", toy, ignore, RunControl(), 5)
            with pytest.raises(ExplorerError, match="being trained just now"):
                train(network, CONFIG, toy, tmp_path / "run", ignore, RunControl(), force=True)
            refused.append(event)

    said = listener(interfere)
    train(network, CONFIG, toy, tmp_path / "run", said, RunControl())
    assert refused
    assert said.ended.status == "completed"


# ------------------------------------------------------------------------------------------- what is written


def test_that_the_record_names_the_sweep_and_the_initial_weights(
    tmp_path: Path, toy: Dataset, network: Architecture
) -> None:
    place = SweepPlace("seeds", {"seed": 3})
    train(network, CONFIG, toy, tmp_path / "first", ignore, RunControl(), sweep=place)
    weights = RunFolder(tmp_path / "first").initial_weights
    train(network, CONFIG, toy, tmp_path / "second", ignore, RunControl(), initial_weights=weights)
    first, second = (RunFolder(tmp_path / name).read() for name in ("first", "second"))
    assert (first.sweep, first.initial_weights) == (place, None)
    assert (second.sweep, second.initial_weights) == (None, str(weights))


def test_that_the_log_tells_people_what_happened(
    tmp_path: Path, toy: Dataset, network: Architecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = RunControl()

    def steer(event: RunEvent) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 1:
            control.set_learning_rate(0.25)

    train(network, CONFIG, toy, tmp_path / "run", steer, control)
    monkeypatch.setattr(learner_module.Learner, "run", raising(ZeroDivisionError("oh")))
    resume(tmp_path / "run", toy, ignore, RunControl(), 3)
    text = (tmp_path / "run" / "log.txt").read_text(encoding="utf-8")
    for words in (
        "small begins, 2 epochs in all", "90 images of toy, validation on 70", "keras 3.", "CPU", "seed 0",
        "Learning rate 0.25 from epoch", "Epoch 1: loss", "Epoch 2: loss", "completed: Trained 2 epochs",
        "small goes on with epoch 3, 3 epochs in all", "failed: Something went wrong", "in fail",
        "ZeroDivisionError: oh",
    ):  # fmt: skip
        assert words in text, words
    assert load_model_file(tmp_path / "run").metadata is not None
