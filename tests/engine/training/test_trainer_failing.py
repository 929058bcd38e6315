"""What goes wrong in a run: the loss, the disk, the program, the person at the keyboard."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import ValidationEnded
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training import learner as learner_module
from cnn_explorer.engine.training.trainer import train
from cnn_explorer.store.runs import RunFolder
from tests.engine.training.trained_runs import CONFIG, names, same, weights


def test_that_a_run_which_diverges_fails_with_the_place_and_keeps_the_last_epoch(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    # exponential with rate² > 1: a sane first epoch, then the learning rate explodes
    config = TrainingConfig(
        epochs=9, batch_size=32, optimizer="sgd", learning_rate=1e-3,
        schedule="exponential", decay_steps=1, decay_rate=1e4,
    )  # fmt: skip
    said = listener()
    train(network, config, toy, tmp_path / "run", said, RunControl())
    assert said.ended.status == "failed"
    assert said.ended.message.startswith("The loss became ")
    assert " in epoch " in said.ended.message
    assert "lower learning rate" in said.ended.hint
    done = len(said.epochs)
    assert RunFolder(tmp_path / "run").read().epochs_done == done
    if done:
        assert f"that of epoch {done}" in said.ended.hint
    assert all(np.isfinite(array).all() for array in weights(tmp_path / "run"))


def test_that_the_batch_is_counted_at_which_the_loss_was_lost() -> None:
    error = learner_module._diverged(np.array([0.5, np.inf, np.nan], np.float32), epoch=2, step=117)
    assert error.message == "The loss became infinite in epoch 2, batch 119."
    error = learner_module._diverged(np.array([np.nan], np.float32), epoch=1, step=0)
    assert error.message == "The loss became NaN (not a number) in epoch 1, batch 1."


def test_that_a_disk_that_refuses_a_checkpoint_fails_the_run_and_spoils_nothing(
    tmp_path: Path, toy: Dataset, network: Architecture, listener, small_disk
) -> None:
    refusing = small_disk(15_000)  # run.json fits, a checkpoint does not

    def refuse(event: object) -> None:
        if isinstance(event, ValidationEnded) and event.epoch == 2 and event.done == event.count:
            refusing.__enter__()

    said = listener(refuse)
    try:
        train(network, CONFIG, toy, tmp_path / "run", said, RunControl())
    finally:
        refusing.__exit__(None, None, None)
    assert said.ended.status == "failed"
    assert "checkpoint.keras could not be written" in said.ended.message
    assert "The model is that of epoch 1." in said.ended.hint
    folder = RunFolder(tmp_path / "run")
    assert (folder.read().status, folder.read().epochs_done, len(folder.history())) == ("failed", 1, 1)
    assert not [name for name in names(tmp_path / "run") if name.startswith(".tmp")]
    train(network, TrainingConfig(epochs=1, batch_size=32), toy, tmp_path / "one", listener(), RunControl())
    assert same(weights(tmp_path / "run"), weights(tmp_path / "one"))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (MemoryError(), "The memory is not enough"),
        (OSError(5, "Input/output error", "images.bin"), "The system refused a file: Input/output error"),
        (ZeroDivisionError("oh"), "inside the program: ZeroDivisionError: oh"),
    ],
)
def test_that_whatever_goes_wrong_becomes_the_end_of_the_run(
    tmp_path: Path, toy: Dataset, network: Architecture, listener, monkeypatch: pytest.MonkeyPatch, error, says: str
) -> None:
    def broken(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(learner_module.Learner, "run", broken)
    said = listener()
    train(network, CONFIG, toy, tmp_path / "run", said, RunControl())
    assert said.ended.status == "failed"
    assert says in said.ended.message
    assert "in broken" in said.ended.details
    assert json.loads((tmp_path / "run" / "run.json").read_bytes())["status"] == "failed"
    assert load_model_file(tmp_path / "run").metadata is not None  # the untrained model opens


def test_that_an_interrupt_ends_the_run_and_goes_on_upwards(
    tmp_path: Path, toy: Dataset, network: Architecture, listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(learner_module.Learner, "run", interrupted)
    said = listener()
    with pytest.raises(KeyboardInterrupt):
        train(network, CONFIG, toy, tmp_path / "run", said, RunControl())
    assert (said.ended.status, said.ended.message) == ("failed", "The run was interrupted.")
