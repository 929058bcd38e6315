"""What a run writes of its models: each is made into bytes once, also when it goes into two files."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.engine.models.builder import build
from cnn_explorer.engine.models.metadata import ModelMetadata
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.training import run_files as keeping
from cnn_explorer.engine.training.run_files import Keeper
from cnn_explorer.store.runs import RunFolder


def epoch(number: int, accuracy: float) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=1.0, accuracy=0.5, val_loss=1.0, val_accuracy=accuracy, learning_rate=0.001, seconds=1.0,
        images_per_second=1.0,
    )  # fmt: skip


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every content of a model file that was made."""
    contents: list[bytes] = []
    make = keeping.hdf5_content

    def remember(model: object, metadata: ModelMetadata | None) -> bytes:
        contents.append(make(model, metadata))
        return contents[-1]

    monkeypatch.setattr(keeping, "hdf5_content", remember)
    return contents


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


@pytest.fixture
def model(network: Architecture) -> keras.Model:
    return build(network, seed=0)


@pytest.fixture
def keeper(folder: RunFolder, model: keras.Model, finished) -> Keeper:
    metadata = load_model_file(finished.folder).metadata
    assert metadata is not None
    return Keeper(folder, model, metadata, "val_accuracy")


def test_that_the_best_model_is_made_once_and_written_twice(
    keeper: Keeper, folder: RunFolder, made: list[bytes]
) -> None:
    keeper.save_model()
    keeper.save_if_best([epoch(1, 0.5)])
    assert len(made) == 1
    assert folder.model.read_bytes() == folder.best.read_bytes() == made[0]
    assert not folder.best.samefile(folder.model)
    loaded = load_model_file(folder.best)
    assert loaded.metadata is not None
    for a, b in zip(loaded.model.get_weights(), load_model_file(folder.model).model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_that_a_worse_model_leaves_the_best_one_alone(
    keeper: Keeper, model: keras.Model, folder: RunFolder, made: list[bytes]
) -> None:
    keeper.save_model()
    keeper.save_if_best([epoch(1, 0.5)])
    model.set_weights([weight + 1 for weight in model.get_weights()])
    keeper.save_model()
    for accuracy in (0.4, 0.5):  # the first of equal ones is the best
        keeper.save_if_best([epoch(1, 0.5), epoch(2, accuracy)])
    assert folder.best.read_bytes() == made[0]
    assert folder.model.read_bytes() == made[1] != made[0]


def test_that_a_best_model_that_cannot_be_written_leaves_model_and_older_best_whole(
    keeper: Keeper, model: keras.Model, folder: RunFolder, made: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.save_model()
    keeper.save_if_best([epoch(1, 0.5)])
    model.set_weights([weight + 1 for weight in model.get_weights()])
    keeper.save_model()
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if target.name == "best.h5":
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ExplorerError, match=r"best\.h5 could not be written: the disk is full"):
        keeper.save_if_best([epoch(1, 0.5), epoch(2, 0.9)])
    assert (folder.model.read_bytes(), folder.best.read_bytes()) == (made[1], made[0])
    assert sorted(path.name for path in folder.path.iterdir()) == ["best.h5", "model.h5"]
