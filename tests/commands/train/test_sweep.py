"""``train --sweep``: one run after another, and one table."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.store.runs import RunFolder

SMALL = ("--preset", "mnist-mlp", "--dataset", "mnist", "--test-limit", 200)
TINY = (*SMALL, "--train-limit", 128, "--epochs", 1)


def history(run: Path) -> list[tuple[float, ...]]:
    """What the epochs of a run came to; times are others each time."""
    return [
        (epoch.epoch, epoch.loss, epoch.accuracy, epoch.val_loss, epoch.val_accuracy, epoch.learning_rate)
        for epoch in RunFolder(run).history()
    ]


def names(answer: Any, event: str) -> list[str]:
    """The folders that the events of that name are about."""
    return [Path(line["run"]).name for line in answer.events if line["event"] == event]


@pytest.mark.slow
def test_that_three_seeds_give_three_histories_and_the_same_seed_the_same(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    options, out = (*SMALL, "--train-limit", 2000, "--epochs", 2, "--optimizer", "sgd"), tmp_path / "sweep"
    answer = cli("train", *options, "--sweep", "seed=0,1,2", "--out", out, "--json")
    assert answer.code == 0
    folders = ["01_seed-0", "02_seed-1", "03_seed-2"]
    assert sorted(path.name for path in out.iterdir()) == [*folders, "sweep.csv", "sweep.json"]
    histories = [history(out / name) for name in folders]
    assert [len(epochs) for epochs in histories] == [2, 2, 2]
    assert len({repr(epochs) for epochs in histories}) == 3

    assert cli("train", *options, "--seed", 1, "--out", tmp_path / "alone").code == 0
    assert history(tmp_path / "alone") == histories[1]

    events = [line["event"] for line in answer.events]
    assert events == ["run", "started", "epoch", "epoch", "ended"] * 3 + ["sweep"]
    assert [line["settings"] for line in answer.events if line["event"] == "run"] == [{"seed": n} for n in (0, 1, 2)]
    assert names(answer, "run") == names(answer, "started") == folders

    last = answer.events[-1]["runs"]
    assert list(last[0]) == [
        "run", "settings", "status", "epochs", "best_val_accuracy", "best_epoch", "val_loss", "seconds", "message",
    ]  # fmt: skip
    for row, epochs, seed in zip(last, histories, (0, 1, 2), strict=True):
        best = max(epochs, key=lambda epoch: (epoch[4], -epoch[3]))
        assert (row["settings"], row["status"], row["epochs"]) == ({"seed": seed}, "completed", 2)
        assert (row["best_val_accuracy"], row["best_epoch"], row["val_loss"]) == (best[4], best[0], epochs[-1][3])
    lines = list(csv.DictReader((out / "sweep.csv").read_text().splitlines()))
    assert [(line["run"], line["seed"], line["status"]) for line in lines] == [
        (name, str(seed), "completed") for seed, name in enumerate(folders)
    ]
    assert [float(line["val_loss"]) for line in lines] == [row["val_loss"] for row in last]

    record = RunFolder(out / folders[2]).read()
    assert record.sweep == SweepPlace("sweep", {"seed": 2})
    assert (record.seed, record.training.optimizer) == (2, "sgd")
    document = json.loads((out / "sweep.json").read_text())
    assert (document["axes"], document["training"]["optimizer"]) == ({"seed": [0, 1, 2]}, "sgd")
    assert document["runs"][0] == {"folder": "01_seed-0", "settings": {"seed": 0}}


@pytest.mark.slow
def test_that_people_get_one_table_of_both_settings(cli: Callable[..., Any], tmp_path: Path) -> None:
    sweeps = ("--sweep", "batch-size=32,64", "--sweep", "nesterov=true,false")
    answer = cli("train", *TINY, *sweeps, "--out", tmp_path / "s")
    assert answer.code == 0
    head, *rows, path = answer.out.splitlines()
    assert head.split() == [
        "Run", "batch_size", "nesterov", "Status", "Epochs", "Best", "accuracy", "at", "epoch", "Final", "loss", "Time",
    ]  # fmt: skip
    assert [row.split()[:5] for row in rows] == [
        ["01_batch_size-32_nesterov-true", "32", "true", "completed", "1"],
        ["02_batch_size-32_nesterov-false", "32", "false", "completed", "1"],
        ["03_batch_size-64_nesterov-true", "64", "true", "completed", "1"],
        ["04_batch_size-64_nesterov-false", "64", "false", "completed", "1"],
    ]
    assert path == str(tmp_path / "s" / "sweep.csv")
    assert "Run 3 of 4: batch_size 64, nesterov true" in answer.err.splitlines()


@pytest.mark.slow
def test_that_a_run_that_fails_keeps_no_other_from_its_end(cli: Callable[..., Any], tmp_path: Path) -> None:
    # Each of the 32 steps makes weights about 2,000 times as large, or hardly smaller.
    options = (*TINY, "--batch-size", 4, "--optimizer", "sgd", "--regularizer", "l2", "--regularizer-strength", 10)
    out = tmp_path / "s"
    answer = cli("train", *options, "--sweep", "learning_rate=100,1e-6", "--out", out, "--json")
    assert answer.code == 2
    failed, completed = answer.events[-1]["runs"]
    assert (failed["status"], completed["status"]) == ("failed", "completed")
    assert (failed["epochs"], failed["best_val_accuracy"], failed["val_loss"]) == (0, None, None)
    assert failed["message"].startswith("The loss became ")
    last = answer.err.splitlines()[-1]
    assert last == f"cnn-explorer: 1 of 2 runs failed, first 01_learning_rate-100.0: {failed['message']}"

    again = cli("train", "--continue", out, "--json")
    assert again.code == 2
    assert names(again, "run") == ["01_learning_rate-100.0"]


@pytest.mark.slow
def test_that_a_sweep_goes_on_with_what_is_not_done_and_no_more(cli: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "s"
    assert cli("train", *TINY, "--sweep", "seed=0,1", "--out", out).code == 0
    before = history(out / "02_seed-1")
    assert cli("train", "--continue", out).refusal.startswith(f"All 2 runs of {out} are completed.")

    shutil.rmtree(out / "02_seed-1")
    answer = cli("train", "--continue", out, "--json")
    assert (answer.code, names(answer, "run")) == (0, ["02_seed-1"])
    assert history(out / "02_seed-1") == before
    assert [run["status"] for run in answer.events[-1]["runs"]] == ["completed", "completed"]

    longer = cli("train", "--continue", out, "--epochs", 2, "--json")
    assert longer.code == 0
    assert [line["epoch"] for line in longer.events if line["event"] == "epoch"] == [2, 2]
    assert json.loads((out / "sweep.json").read_text())["training"]["epochs"] == 2


@pytest.mark.slow
def test_that_a_sweep_of_epochs_has_its_own_totals(cli: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "s"
    assert cli("train", *TINY[:-2], "--sweep", "epochs=1,2", "--out", out).code == 0
    assert [len(history(out / name)) for name in ("01_epochs-1", "02_epochs-2")] == [1, 2]
    assert cli("train", "--continue", out, "--epochs", 3).refusal.startswith("--epochs has no place here")


@pytest.mark.slow
def test_that_ctrl_c_ends_the_whole_sweep(
    cli: Callable[..., Any], interrupted: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "s"
    options = [*SMALL, "--train-limit", 128, "--epochs", 10_000, "--sweep", "seed=0,1,2", "--out", out, "--json"]
    answer = interrupted(*options)
    assert answer.code == 130
    assert "Traceback" not in answer.err
    last = answer.events[-1]
    assert [run["status"] for run in last["runs"]] == ["stopped", "not started", "not started"]
    assert sorted(path.name for path in out.iterdir()) == ["01_seed-0", "sweep.csv", "sweep.json"]


def test_that_a_sweep_that_cannot_begin_leaves_nothing(cli: Callable[..., Any], tmp_path: Path) -> None:
    options = ("--preset", "fruits-18", "--dataset", "mnist", "--sweep", "seed=0,1", "--out", tmp_path / "s")
    answer = cli("train", *options)
    assert (answer.code, answer.out) == (2, "")
    assert "The network takes images of 100×100×3" in answer.err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_that_force_replaces_a_sweep_and_nothing_else(cli: Callable[..., Any], tmp_path: Path) -> None:
    out, other = tmp_path / "s", tmp_path / "other"
    assert cli("train", *TINY, "--sweep", "seed=0,1", "--out", out).code == 0
    first = (out / "01_seed-0" / "run.json").read_bytes()
    again = ("train", *TINY, "--sweep", "seed=0,1", "--out", out)
    assert cli(*again).refusal.startswith(f"{out} exists already.")
    answer = cli("train", *TINY, "--sweep", "seed=0", "--out", out, "--force")
    assert answer.refusal.startswith(f"The sweep in {out} has runs that this one would not replace, 02_seed-1 for one.")
    assert (out / "01_seed-0" / "run.json").read_bytes() == first

    assert cli(*again, "--force", "--optimizer", "adam").code == 0
    assert RunFolder(out / "02_seed-1").read().training.optimizer == "adam"

    other.mkdir()
    (other / "mine.txt").touch()
    assert cli("train", *TINY, "--sweep", "seed=0", "--out", other, "--force").refusal.startswith(
        f"{other} holds other"
    )
    assert [path.name for path in other.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "is damaged: "), ('{"format": 2}', "is damaged: "), ('{"format": 1}', "is damaged: ")],
)
def test_that_a_damaged_sweep_is_refused_by_its_file(
    cli: Callable[..., Any], tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "sweep.json").write_text(text)
    assert cli("train", "--continue", tmp_path).refusal.startswith(f"{tmp_path / 'sweep.json'} {words}")
