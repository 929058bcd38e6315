from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, RunEvent, Started
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training.checkpoint import load_checkpoint
from cnn_explorer.engine.training.trainer import resume, train
from cnn_explorer.store.catalog import summary_of
from cnn_explorer.store.runs import RunFolder

LONG = TrainingConfig(
    epochs=4,
    batch_size=32,
    optimizer="adam",
    schedule="power",
    decay_steps=1,
    decay_rate=0.01,
    warmup_steps=4,
    seed=5,
    reduce_on_plateau="val_loss",
    plateau_patience=1,
    augment_shift=0.1,
    deterministic=True,
)
SHORT = msgspec.structs.replace(LONG, epochs=2)


def ignore(event: RunEvent) -> None:
    pass


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, toy: Dataset, noisy_network: Architecture) -> Path:
    """Four epochs without a break, with dropout, batch normalization, momenta and a schedule."""
    folder = tmp_path_factory.mktemp("runs") / "straight"
    train(noisy_network, LONG, toy, folder, ignore, RunControl())
    return folder


@pytest.fixture(scope="module")
def two_epochs(tmp_path_factory: pytest.TempPathFactory, toy: Dataset, noisy_network: Architecture) -> Path:
    """The first two of them."""
    folder = tmp_path_factory.mktemp("runs") / "two"
    train(noisy_network, SHORT, toy, folder, ignore, RunControl())
    return folder


@pytest.fixture
def halfway(tmp_path: Path, two_epochs: Path) -> Path:
    """A copy of those two, to go on with."""
    return Path(shutil.copytree(two_epochs, tmp_path / "run"))


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def assert_same_run(folder: Path, straight: Path) -> None:
    """Weights, optimizer, schedule, tables and film; only times may differ."""
    (ours, _, our_progress), (theirs, _, their_progress) = (
        load_checkpoint(RunFolder(path).checkpoint) for path in (folder, straight)
    )
    assert int(ours.optimizer.iterations) == int(theirs.optimizer.iterations)
    for a, b in zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert (our_progress.seeds, our_progress.rate_scale) == (their_progress.seeds, their_progress.rate_scale)
    assert our_progress.rate_changes == their_progress.rate_changes == RunFolder(folder).read().rate_changes
    # The calls are cut by the clock, so only their ends are the same: those of the epochs.
    steps = [RunFolder(path).batches() for path in (folder, straight)]
    last = [{epoch: max(run.step[run.epoch == epoch]) for epoch in np.unique(run.epoch)} for run in steps]
    assert last[0] == last[1]
    assert list(steps[0].epoch) == sorted(steps[0].epoch)
    for name in ("model.h5", "best.h5"):
        ours, theirs = load_model_file(folder / name).model, load_model_file(straight / name).model
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    timeless = [[replace_times(epoch) for epoch in RunFolder(path).history()] for path in (folder, straight)]
    assert timeless[0] == timeless[1]
    assert names(folder / "probes") == names(straight / "probes")


def replace_times(epoch):
    return msgspec.structs.replace(epoch, seconds=0.0, images_per_second=0.0)


def test_that_two_and_two_epochs_are_four(halfway: Path, straight: Path, toy: Dataset, listener) -> None:
    said = listener()
    resume(halfway, toy, said, RunControl(), epochs=4)
    assert isinstance(said.events[0], Started)
    assert (said.events[0].first_epoch, said.events[0].epochs) == (3, 4)
    assert [epoch.epoch for epoch in said.epochs] == [3, 4]
    assert said.ended.status == "completed"
    assert_same_run(halfway, straight)
    record = RunFolder(halfway).read()
    assert (record.status, record.epochs_done, record.training.epochs) == ("completed", 4, 4)


def test_that_a_stopped_run_goes_on_from_its_last_whole_epoch(
    tmp_path: Path, toy: Dataset, noisy_network: Architecture, straight: Path, listener
) -> None:
    control = RunControl()
    stopping = listener(lambda event: control.stop() if isinstance(event, BatchEnded) and event.epoch == 3 else None)
    train(noisy_network, LONG, toy, tmp_path / "run", stopping, control)
    assert stopping.ended.status == "stopped"
    resume(tmp_path / "run", toy, listener(), RunControl())
    assert_same_run(tmp_path / "run", straight)


@pytest.mark.slow
def test_that_a_run_stopped_before_its_first_epoch_was_whole_begins_again(
    tmp_path: Path, toy: Dataset, noisy_network: Architecture, straight: Path, listener
) -> None:
    control = RunControl()
    stopping = listener(lambda event: control.stop() if isinstance(event, BatchEnded) else None)
    train(noisy_network, LONG, toy, tmp_path / "run", stopping, control)
    resume(tmp_path / "run", toy, listener(), RunControl())
    assert_same_run(tmp_path / "run", straight)


def test_that_a_line_which_a_kill_kept_from_history_is_written_when_the_run_goes_on(
    halfway: Path, straight: Path, toy: Dataset, listener
) -> None:
    history = halfway / "history.csv"
    history.write_bytes(b"".join(history.read_bytes().splitlines(keepends=True)[:-1]))
    (halfway / "model.h5").write_bytes(b"of epoch 1, say")
    (halfway / "best.h5").unlink()
    resume(halfway, toy, listener(), RunControl(), epochs=4)
    assert_same_run(halfway, straight)


def test_that_lines_after_the_checkpoint_are_dropped_when_the_run_goes_on(
    halfway: Path, straight: Path, toy: Dataset, listener
) -> None:
    with (halfway / "history.csv").open("a") as file:
        file.write("3,9.0,0.1,9.0,0.1,0.1,1.0,1.0\n4,9.0,0")
    resume(halfway, toy, listener(), RunControl(), epochs=4)
    assert_same_run(halfway, straight)


KILLED = """
import os, signal, sys
from pathlib import Path
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine import keeping, trainer
import numpy as np

arrays = np.load("toy.npz")
toy = Dataset.of_parts("toy", "Toy", ("left", "middle", "right"), "f" * 64, *(arrays[f"arr_{n}"] for n in range(4)))
write, written = keeping.atomic_write, []

def write_and_die(path, content):
    written.append(path.name)
    if written.count("model.h5") == 3:  # untrained, epoch 1, and now epoch 2, whose checkpoint is written already
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, content)

keeping.atomic_write = write_and_die
network = Architecture.from_json(Path("network.json").read_bytes())
config = TrainingConfig.from_json(Path("config.json").read_bytes())
trainer.train(network, config, toy, Path("run"), lambda event: None, RunControl())
"""


@pytest.mark.slow
def test_that_a_killed_process_leaves_a_run_that_opens_and_goes_on_exactly(
    tmp_path: Path, toy: Dataset, noisy_network: Architecture, straight: Path, listener, run_python
) -> None:
    np.savez(tmp_path / "toy.npz", toy.train_images, toy.train_labels, toy.test_images, toy.test_labels)
    (tmp_path / "network.json").write_bytes(noisy_network.to_json())
    (tmp_path / "config.json").write_bytes(LONG.to_json())
    killed = run_python(KILLED, tmp_path)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    folder = RunFolder(tmp_path / "run")
    assert (folder.read().status, len(folder.history())) == ("running", 1)
    assert summary_of(folder.path).status == "interrupted"
    assert load_model_file(folder.path).metadata is not None
    resume(folder.path, toy, listener(), RunControl())
    assert (folder.read().status, folder.read().epochs_done) == ("completed", 4)
    assert_same_run(folder.path, straight)


class Killed(BaseException):
    """Stands for a process that ends in the middle of a file."""


def die_at(moment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the ``moment``-th file on (from 0) that is brought to the disk, nothing gets there any more."""
    left, sync = moment, os.fsync

    def dying_sync(number: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        sync(number)

    monkeypatch.setattr(os, "fsync", dying_sync)


# Three files at the start and run.json; the probe; in each epoch batches, checkpoint, model, best (not always),
# history, run.json, probe; run.json at the end.
MOMENTS = [pytest.param(moment, marks=() if moment == 2 else pytest.mark.slow) for moment in range(4 + 1 + 14)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_that_a_kill_at_any_file_leaves_nothing_or_a_run_that_goes_on_exactly(
    tmp_path: Path, toy: Dataset, noisy_network: Architecture, two_epochs: Path, listener,
    monkeypatch: pytest.MonkeyPatch, moment: int,
) -> None:  # fmt: skip
    folder = RunFolder(tmp_path / "run")
    with monkeypatch.context() as patch:
        die_at(moment, patch)
        with pytest.raises(Killed):
            train(noisy_network, SHORT, toy, folder.path, ignore, RunControl())
    if moment < 4:
        assert list(tmp_path.iterdir()) == []
        return
    summary = summary_of(folder.path)
    assert summary.status == "interrupted"
    assert [epoch.epoch for epoch in summary.epochs] == list(range(1, len(summary.epochs) + 1))
    assert len(load_model_file(folder.path).model.get_weights()) > 0
    resume(folder.path, toy, listener(), RunControl())
    assert summary_of(folder.path).status == "completed"
    assert_same_run(folder.path, two_epochs)


@pytest.mark.parametrize(("epochs", "says"), [(2, "has 2 epochs already, and 2"), (1, "has 2 epochs already, and 1")])
def test_that_a_run_which_has_its_epochs_says_how_to_get_more(
    halfway: Path, toy: Dataset, listener, epochs: int, says: str
) -> None:
    said, before = listener(), (halfway / "run.json").read_bytes()
    with pytest.raises(ExplorerError, match=says) as raised:
        resume(halfway, toy, said, RunControl(), epochs)
    assert "--epochs" in raised.value.hint
    assert said.events == []
    assert (halfway / "run.json").read_bytes() == before


@pytest.mark.parametrize("status", ["running", pytest.param("failed", marks=pytest.mark.slow)])
def test_that_a_run_killed_while_its_last_epoch_was_saved_is_brought_to_its_end(
    halfway: Path, two_epochs: Path, toy: Dataset, listener, status: str
) -> None:
    folder = RunFolder(halfway)
    folder.write(msgspec.structs.replace(folder.read(), status=status, finished=None, epochs_done=1))
    batches = folder.batches_csv.read_bytes()
    folder.truncate_history(1)
    folder.batches_csv.write_bytes(batches)  # those come before the checkpoint
    folder.model.write_bytes(b"of epoch 1, say")
    said = listener()
    resume(halfway, toy, said, RunControl())
    assert (said.epochs, said.ended.status) == ([], "completed")
    assert (folder.read().status, folder.read().epochs_done) == ("completed", 2)
    assert folder.read().finished is not None
    assert_same_run(halfway, two_epochs)


def test_that_a_run_does_not_go_on_with_other_images(halfway: Path, toy: Dataset, listener) -> None:
    with pytest.raises(ExplorerError, match="trained on toy with other images"):
        resume(halfway, replace(toy, fingerprint="0" * 64), listener(), RunControl(), 4)


def test_that_a_run_of_another_data_set_says_which_one_to_choose(halfway: Path, toy: Dataset, listener) -> None:
    with pytest.raises(ExplorerError, match="trained on toy, not on Other") as raised:
        resume(halfway, replace(toy, name="other", title="Other", fingerprint="0" * 64), listener(), RunControl(), 4)
    assert raised.value.hint == "Choose toy as the data set first; then it can go on."


def test_that_a_run_without_a_whole_checkpoint_cannot_go_on(halfway: Path, toy: Dataset, listener) -> None:
    checkpoint = halfway / "checkpoint.keras"
    checkpoint.write_bytes(checkpoint.read_bytes()[:5000])
    with pytest.raises(ExplorerError, match=r"checkpoint .* is damaged"):
        resume(halfway, toy, listener(), RunControl(), 4)
    checkpoint.unlink()
    with pytest.raises(ExplorerError, match="has no checkpoint"):
        resume(halfway, toy, listener(), RunControl(), 4)
    with pytest.raises(ExplorerError, match="does not exist"):
        resume(halfway / "nowhere", toy, listener(), RunControl(), 4)
