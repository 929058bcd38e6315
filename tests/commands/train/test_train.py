"""``train``: what it says, what it leaves, and how it ends."""

from __future__ import annotations

import csv
import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store import atomic
from cnn_explorer.store.runs import RunFolder

EPOCH = [
    "event", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds", "images_per_second",
]  # fmt: skip
TINY = ("--preset", "mnist-mlp", "--dataset", "mnist", "--train-limit", 128, "--test-limit", 64)


def test_that_json_is_started_epochs_and_ended_and_nothing_else(trained: Any) -> None:
    answer = trained.answer
    assert answer.code == 0
    started, epoch, ended = answer.events
    assert started["event"] == "started"
    assert (started["train_count"], started["validation_count"], started["epochs"]) == (256, 10_000, 1)
    assert (started["validation_part"], started["test_count"]) == ("test", 10_000)
    assert not {"earlier", "earlier_changes"} & started.keys()  # a continued run tells of new epochs only
    assert list(epoch) == EPOCH
    assert (epoch["event"], epoch["epoch"], epoch["learning_rate"]) == ("epoch", 1, pytest.approx(0.001))
    assert 0 < epoch["accuracy"] < 1
    assert epoch["images_per_second"] > 0
    assert list(ended) == ["event", "status", "message", "model"]
    assert (ended["event"], ended["status"]) == ("ended", "completed")
    assert ended["model"] == str(trained.folder / "model.h5")


def test_that_progress_goes_to_stderr_a_line_an_epoch(trained: Any) -> None:
    start, epoch = trained.answer.err.splitlines()
    assert start.startswith("Training on 256 images, validating on 10,000 test images; ")
    assert epoch.startswith("Epoch 1 of 1: loss ")


def test_that_the_run_folder_holds_what_the_contract_says(trained: Any) -> None:
    files = {path.name for path in trained.folder.iterdir()}
    expected = {"run.json", "history.csv", "initial.weights.h5", "checkpoint.keras", "model.h5", "best.h5", "probes"}
    assert files == expected | {"batches.csv", "log.txt", ".lock"}
    record = json.loads((trained.folder / "run.json").read_text())
    assert (record["status"], record["training"]["train_limit"]) == ("completed", 256)
    (line,) = csv.DictReader((trained.folder / "history.csv").read_text().splitlines())
    assert float(line["val_accuracy"]) == trained.answer.events[1]["val_accuracy"]


def test_that_people_get_the_result_and_the_path(cli: Callable[..., Any], tmp_path: Path) -> None:
    answer = cli("train", *TINY, "--epochs", 1, "--out", tmp_path / "run")
    assert answer.code == 0
    message, path = answer.out.splitlines()
    assert message.startswith("Trained 1 epoch; test accuracy 0.")
    assert path == str(tmp_path / "run" / "model.h5")


def test_that_force_replaces_a_run_and_nothing_else(cli: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / "run.json").write_text('{"format": 1, "architecture": {}, "training": {}}')
    (out / "notes.txt").write_text("mine")
    assert cli("train", *TINY, "--epochs", 1, "--out", out).refusal.startswith(f"{out} exists already.")
    assert cli("train", *TINY, "--epochs", 1, "--out", out, "--force").code == 0
    assert (out / "notes.txt").read_text() == "mine"
    assert json.loads((out / "run.json").read_text())["status"] == "completed"


def test_that_a_configuration_file_is_obeyed(cli: Callable[..., Any], tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"epochs": 1, "train_limit": 100, "test_limit": 50, "optimizer": "adam", "seed": 3}')
    out = tmp_path / "run"
    answer = cli(
        "train", "--preset", "mnist-mlp", "--dataset", "mnist", "--config", config, "--test-limit", 40, "--out", out,
        "--json",
    )  # fmt: skip
    assert (answer.events[0]["train_count"], answer.events[0]["validation_count"]) == (100, 40)
    training = json.loads((out / "run.json").read_text())["training"]
    assert (training["optimizer"], training["seed"], training["test_limit"]) == ("adam", 3, 40)


@pytest.mark.slow
def test_that_every_setting_of_a_file_reaches_the_run(process: Callable[..., Any], tmp_path: Path) -> None:
    config = TrainingConfig(
        epochs=3, batch_size=32, seed=2, deterministic=True, optimizer="sgd", learning_rate=1e-12, momentum=0.5,
        nesterov=True, weight_decay=0.1, schedule="power", decay_steps=2, decay_rate=0.5, boundaries=(3,),
        values=(0.1,), warmup_steps=2, reduce_on_plateau="val_loss", plateau_factor=0.5, plateau_patience=1,
        min_learning_rate=1e-20, loss="categorical_crossentropy", label_smoothing=0.1, class_weight="balanced",
        class_weight_values=(1.0,) * 10, regularizer="l1_l2", regularizer_strength=0.01, regularizer_scope="all",
        early_stopping="val_loss", patience=9, min_delta=0.01, restore_best_weights=False, augment_shift=0.1,
        augment_rotation=5.0, augment_zoom=0.1,
        augment_flip="both", augment_noise=0.1, preprocessing="scale", split="shuffled", validation_split=0.25,
        split_seed=3, train_limit=128, test_limit=64, probe_index=4, probe_layer="Conv2D_2", device="cpu",
        precision="mixed_bfloat16", jit_compile="off", log_device_placement=True, gpu_memory=0.35, intra_op_threads=2,
        inter_op_threads=1,
    )  # fmt: skip
    default = TrainingConfig()
    unchanged = [name for name in TrainingConfig.__struct_fields__ if getattr(config, name) == getattr(default, name)]
    assert unchanged == []
    (tmp_path / "all.json").write_bytes(config.to_json())
    out = tmp_path / "run"
    new = ("--preset", "mnist-simple", "--dataset", "mnist", "--config", tmp_path / "all.json", "--out", out)
    answer = process("train", *new, "--json")
    assert answer.code == 0, answer.err
    assert RunFolder(out).read().training == config
    started, *_ = answer.events
    assert (started["train_count"], started["validation_count"], started["validation_part"]) == (96, 32, "validation")
    assert "test_count" not in started
    assert started["monitor"] == "val_loss"
    # Nothing is learnt at such a rate, so that the second epoch ends on a plateau, and the third.
    changes = [event for event in answer.events if event["event"] == "learning_rate"]
    assert [(change["epoch"], change["step"], change["reason"]) for change in changes] == [(3, 1, "plateau")]
    assert list(changes[0]) == ["event", "epoch", "step", "learning_rate", "reason"]
    assert "Learning rate " in answer.err


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the disk is read-only")]
)
def test_that_a_disk_that_refuses_the_first_file_leaves_nothing(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic, "_flush_to_disk", refuse)
    assert words in cli("train", *TINY, "--out", tmp_path / "run").refusal
    assert list(tmp_path.iterdir()) == []


def test_that_a_disk_that_fills_up_fails_the_run_in_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush, models = atomic._flush_to_disk, 0

    def refuse_second_model(path: Path) -> None:  # the first one is that of the start
        nonlocal models
        models += path.name.endswith("model.h5")
        if models > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(path)

    monkeypatch.setattr(atomic, "_flush_to_disk", refuse_second_model)
    answer = cli("train", *TINY, "--epochs", 1, "--out", tmp_path / "run", "--json")
    assert answer.code == 2
    *_, error = answer.err.splitlines()
    assert error.startswith("cnn-explorer: ")
    assert "the disk is full" in error
    assert "Traceback" not in answer.err
    ended = answer.events[-1]
    assert (ended["event"], ended["status"]) == ("ended", "failed")
    assert not [path for path in (tmp_path / "run").rglob(".*") if path.name != ".lock"]
    monkeypatch.undo()
    assert cli("train", "--continue", tmp_path / "run").code == 0


@pytest.mark.slow
def test_that_ctrl_c_ends_a_run_that_then_opens_and_goes_on(
    cli: Callable[..., Any], interrupted: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    options = [*TINY, "--epochs", 10_000, "--out", out, "--json"]
    answer = interrupted(*options)
    assert answer.code == 130
    assert "Traceback" not in answer.err
    assert all(
        line.startswith(("Training on", "Epoch ")) for line in answer.err.splitlines()
    )  # TensorFlow is quiet, too
    ended = answer.events[-1]
    assert (ended["event"], ended["status"]) == ("ended", "stopped")

    record = json.loads((out / "run.json").read_text())
    assert record["status"] == "stopped"
    done = record["epochs_done"]
    assert done >= 1
    assert cli("evaluate", out, "--dataset", "mnist", "--json").code == 0

    answer = cli("train", "--continue", out, "--epochs", done + 1, "--json")
    assert answer.code == 0
    assert [event["epoch"] for event in answer.events if event["event"] == "epoch"] == [done + 1]
    epochs = [int(line["epoch"]) for line in csv.DictReader((out / "history.csv").read_text().splitlines())]
    assert epochs == list(range(1, done + 2))
    assert cli("train", "--continue", out).refusal.endswith("Ask for more with --epochs.")


@pytest.mark.slow
def test_that_a_reader_who_leaves_stops_the_run_and_keeps_it(clean_environment: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = subprocess.Popen(
        [sys.executable, "-m", "cnn_explorer", "train", *map(str, TINY), "--epochs", "10000", "--out", out, "--json"],
        env=clean_environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout is not None
    command.stdout.readline()
    command.stdout.close()
    assert command.stderr is not None
    assert "Traceback" not in command.stderr.read()
    command.stderr.close()
    assert command.wait() == 141
    assert json.loads((out / "run.json").read_text())["status"] == "stopped"
