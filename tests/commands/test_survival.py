"""``train --continue`` where something is in the way: one sentence, exit code 2, and the run stays as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnn_explorer.data.sources import registry
from cnn_explorer.store.runs import RunFolder


@pytest.fixture
def run(trained: Any, tmp_path: Path) -> Path:
    """A run of one epoch, to be continued."""
    return Path(shutil.copytree(trained.folder, tmp_path / "run"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_that_a_run_whose_data_set_vanished_stays_as_it_was(
    cli: Callable[..., Any], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(run)
    monkeypatch.setattr(registry, "resource", lambda *parts: run.parent.joinpath("gone", *parts))
    refusal = cli("train", "--continue", run, "--epochs", 2).refusal
    assert "mnist.npz" in refusal
    assert contents(run) == before


def test_that_a_run_that_is_being_trained_is_neither_continued_nor_replaced(cli: Callable[..., Any], run: Path) -> None:
    before = contents(run)
    again = ("--preset", "mnist-mlp", "--dataset", "mnist", "--train-limit", 64, "--test-limit", 64, "--epochs", 1)
    with RunFolder(run).working():
        assert "is being trained just now" in cli("train", "--continue", run, "--epochs", 2).refusal
        assert "is being trained just now" in cli("train", *again, "--out", run, "--force").refusal
    assert contents(run) == before
    assert [path.name for path in run.parent.iterdir()] == ["run"]


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:4000])])
def test_that_a_run_without_a_checkpoint_says_what_is_left(
    cli: Callable[..., Any], run: Path, damage: Callable[[Path], object]
) -> None:
    damage(run / "checkpoint.keras")
    before = contents(run)
    refusal = cli("train", "--continue", run, "--epochs", 2).refusal
    assert "checkpoint" in refusal
    assert refusal.endswith("its models open as they are. Begin a new run with its settings.")
    assert contents(run) == before
    assert cli("summary", run / "model.h5").code == 0


def test_that_a_folder_that_is_no_run_gets_no_file(cli: Callable[..., Any], tmp_path: Path) -> None:
    assert "run.json is missing" in cli("train", "--continue", tmp_path).refusal
    assert list(tmp_path.iterdir()) == []
