"""Stop and pause, at any moment of a run."""

from __future__ import annotations

import itertools
from pathlib import Path

import h5py
import numpy as np
import pytest

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, EpochEnded, ValidationEnded
from cnn_explorer.data import preprocessing
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.engine.training.trainer import train
from cnn_explorer.store.runs import RunFolder
from tests.engine.training.trained_runs import CONFIG, same, weights


def test_that_a_stopped_run_keeps_its_last_epoch(
    tmp_path: Path, toy: Dataset, network: Architecture, finished, listener
) -> None:
    control = RunControl()
    said = listener(lambda event: control.stop() if isinstance(event, BatchEnded) and event.epoch == 2 else None)
    train(network, CONFIG, toy, tmp_path / "run", said, control)
    assert said.ended.status == "stopped"
    assert said.ended.message == "Stopped during epoch 2; the model is that of epoch 1."
    assert [event.epoch for event in said.epochs] == [1]
    assert len([event for event in said.events if isinstance(event, BatchEnded) and event.epoch == 2]) == 1
    assert RunFolder(tmp_path / "run").read().status == "stopped"
    # The same seed: the model after one epoch is that of any run of one epoch.
    train(network, TrainingConfig(epochs=1, batch_size=32), toy, tmp_path / "one", listener(), RunControl())
    assert same(weights(tmp_path / "run"), weights(tmp_path / "one"))


def test_that_a_run_stopped_while_many_images_are_read_for_its_preprocessing_leaves_nothing(
    tmp_path: Path, toy: Dataset, network: Architecture, listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preprocessing, "_CHUNK_IMAGES", 8)
    control, said = RunControl(), listener()
    control.stop()
    with pytest.raises(CancelledError, match=r"stopped after 8 of \d+ images\. The run has not begun"):
        train(network, CONFIG, toy, tmp_path / "run", said, control)
    assert list(tmp_path.iterdir()) == []
    assert said.events == []


def test_that_a_stop_is_heard_in_validation_too(tmp_path: Path, toy: Dataset, network: Architecture, listener) -> None:
    control = RunControl()
    said = listener(lambda event: control.stop() if isinstance(event, ValidationEnded) and event.epoch == 2 else None)
    train(network, CONFIG, toy, tmp_path / "run", said, control)
    assert said.ended.message == "Stopped during epoch 2; the model is that of epoch 1."
    assert len([event for event in said.events if isinstance(event, ValidationEnded) and event.epoch == 2]) == 1


def test_that_a_stop_between_epochs_loses_nothing(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    control = RunControl()
    said = listener(lambda event: control.stop() if isinstance(event, EpochEnded) else None)
    train(network, CONFIG, toy, tmp_path / "run", said, control)
    assert said.ended.message == "Stopped after epoch 1; the model is that of epoch 1."


def test_that_a_run_stopped_at_its_start_keeps_the_untrained_model(
    tmp_path: Path, toy: Dataset, network: Architecture, finished, listener
) -> None:
    control, said = RunControl(), listener()
    control.stop()
    train(network, CONFIG, toy, tmp_path / "run", said, control)
    assert said.ended.message.startswith("Stopped at the start, before any epoch was whole")
    assert not [event for event in said.events if isinstance(event, BatchEnded)]
    with np.load(finished.folder / "probes" / "epoch-00000.npz") as start:
        forward = open_model(tmp_path / "run").forward(toy.test_images[0])
        np.testing.assert_allclose(start["activations"][0], forward.activations["Conv"], rtol=1e-5, atol=1e-6)


def test_that_a_stop_after_the_last_epoch_is_a_completed_run(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    control = RunControl()
    said = listener(lambda event: control.stop() if isinstance(event, EpochEnded) and event.epoch == 3 else None)
    train(network, CONFIG, toy, tmp_path / "run", said, control)
    assert said.ended.status == "completed"


def test_that_a_run_stopped_in_its_first_epoch_keeps_the_weights_as_they_are(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    control = RunControl()
    said = listener(lambda event: control.stop() if isinstance(event, BatchEnded) else None)
    train(network, CONFIG, toy, tmp_path / "run", said, control)
    assert said.ended.status == "stopped"
    assert said.ended.message.startswith("Stopped during epoch 1, before any epoch was whole; the model holds")
    with h5py.File(tmp_path / "run" / "initial.weights.h5") as file:
        start = file["layers/conv2d/vars/0"][()]
    assert not np.array_equal(weights(tmp_path / "run")[0], start)


def test_that_the_control_is_asked_after_every_call(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    class Asked(RunControl):
        def stop_requested(self) -> bool:
            said.events.append("asked")
            return super().stop_requested()

    said = listener()
    train(network, CONFIG, toy, tmp_path / "run", said, Asked())
    after = [
        (type(one), two) for one, two in itertools.pairwise(said.events) if type(one) in (BatchEnded, ValidationEnded)
    ]
    assert {kind for kind, _ in after} == {BatchEnded, ValidationEnded}
    assert {event for _, event in after} == {"asked"}


def test_that_a_paused_run_waits_and_goes_on_as_if_nothing_had_been(
    tmp_path: Path, toy: Dataset, network: Architecture, finished, listener
) -> None:
    class Patient(RunControl):
        """Goes on by itself once the run waits."""

        waited = 0

        def stop_requested(self) -> bool:
            if self.paused:
                self.waited += 1
                self.resume()
            return super().stop_requested()

    control = Patient()
    said = listener(lambda event: control.pause() if isinstance(event, BatchEnded | ValidationEnded) else None)
    train(network, CONFIG, toy, tmp_path / "run", said, control)
    assert control.waited == len([e for e in said.events if isinstance(e, BatchEnded | ValidationEnded)])
    assert same(weights(tmp_path / "run"), weights(finished.folder))
