"""The start of a run: from given weights, and what is refused before anything is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import Probed
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training.trainer import train
from cnn_explorer.store.runs import RunFolder
from tests.engine.training.trained_runs import CONFIG, names, same


def test_that_initial_weights_of_another_run_give_its_start_whatever_the_seed(
    tmp_path: Path, toy: Dataset, network: Architecture, finished, listener
) -> None:
    control = RunControl()
    said = listener(lambda event: control.stop() if isinstance(event, Probed) else None)
    start = finished.folder / "initial.weights.h5"
    config = TrainingConfig(epochs=1, seed=99)
    train(network, config, toy, tmp_path / "run", said, control, initial_weights=start)
    assert said.ended.status == "stopped"
    plain = load_model_file(tmp_path / "run").model
    begun = plain.get_weights()
    plain.load_weights(start)  # as anyone can in plain Keras
    assert same(begun, plain.get_weights())
    with (
        np.load(finished.folder / "probes" / "epoch-00000.npz") as a,
        np.load(tmp_path / "run" / "probes" / "epoch-00000.npz") as b,
    ):
        np.testing.assert_array_equal(a["activations"], b["activations"])


def test_that_initial_weights_of_another_network_are_refused_before_anything_is_written(
    tmp_path: Path, toy: Dataset, noisy_network: Architecture, finished, listener
) -> None:
    said = listener()
    for path, says in (
        (finished.folder / "initial.weights.h5", "do not fit this network"),
        (tmp_path / "none.weights.h5", "no initial weights"),
    ):
        with pytest.raises(ExplorerError, match=says):
            train(noisy_network, CONFIG, toy, tmp_path / "run", said, RunControl(), initial_weights=path)
    assert said.events == []
    assert names(tmp_path) == []


def test_that_what_cannot_be_trained_is_refused_before_anything_is_written(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    said = listener()
    unfit = Architecture(input_shape=(12, 12, 1), layers=network.layers[:3])
    with pytest.raises(ExplorerError, match=r"^The network cannot be trained. Flat"):
        train(unfit, CONFIG, toy, tmp_path / "run", said, RunControl())
    with pytest.raises(ExplorerError, match='no device "gpu:77"'):
        train(network, TrainingConfig(device="gpu:77"), toy, tmp_path / "run", said, RunControl())
    assert said.events == []
    assert names(tmp_path) == []


@pytest.mark.slow
def test_that_an_existing_run_is_replaced_only_if_that_is_asked_for(
    tmp_path: Path, toy: Dataset, network: Architecture, listener
) -> None:
    one = TrainingConfig(epochs=1, batch_size=32)
    train(network, CONFIG, toy, tmp_path / "run", listener(), RunControl())
    with pytest.raises(ExplorerError, match="exists already"):
        train(network, one, toy, tmp_path / "run", listener(), RunControl())
    assert RunFolder(tmp_path / "run").read().epochs_done == 3
    train(network, one, toy, tmp_path / "run", listener(), RunControl(), force=True)
    assert RunFolder(tmp_path / "run").read().epochs_done == 1
    assert len(names(tmp_path / "run" / "probes")) == 2
