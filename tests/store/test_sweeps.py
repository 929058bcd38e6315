from __future__ import annotations

from pathlib import Path

import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture, Flatten
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.sweep import Axis, sweep
from cnn_explorer.store.sweeps import SweepEntry, SweepFolder, SweepRecord, sweep_record

NETWORK = Architecture(name="net", input_shape=(4, 4, 1), layers=(Flatten(name="f"),))


def record(*axes: Axis) -> SweepRecord:
    """The record of a new sweep."""
    base = TrainingConfig(epochs=3)
    return sweep_record(NETWORK, base, DatasetSpec(), axes, sweep(base, axes))


def folders(*axes: Axis) -> list[str]:
    """The folders of its runs."""
    return [entry.folder for entry in record(*axes).runs]


def test_that_folders_are_numbered_and_say_their_settings() -> None:
    assert folders(Axis("seed", (0, 5))) == ["01_seed-0", "02_seed-5"]
    assert folders(Axis("learning_rate", (0.001,)), Axis("device", ("gpu:1",))) == [
        "01_learning_rate-0.001_device-gpu-1"
    ]
    assert folders(Axis("nesterov", (True,)), Axis("train_limit", (None,))) == ["01_nesterov-true_train_limit-null"]
    assert folders(Axis("seed", tuple(range(100))))[0] == "001_seed-0"


def test_that_a_sweep_survives_its_file_with_the_configuration_of_each_run(tmp_path: Path) -> None:
    axes = Axis("learning_rate", (1.0, 0.5)), Axis("nesterov", (True, False))
    written, folder = record(*axes), SweepFolder(tmp_path / "a" / "sweep")
    folder.write(written)
    assert folder.read() == written
    configs = [folder.read().config_of(entry) for entry in written.runs]
    assert configs == [run.config for run in sweep(TrainingConfig(epochs=3), axes)]


@pytest.mark.parametrize("name", ["../other", "/etc", "", ".."])
def test_that_runs_lie_in_the_sweep_and_nowhere_else(tmp_path: Path, name: str) -> None:
    folder = SweepFolder(tmp_path)
    wrong = record(Axis("seed", (0,)))
    folder.write(SweepRecord(
        architecture=NETWORK, training=wrong.training, dataset=DatasetSpec(), axes=wrong.axes,
        runs=(SweepEntry(name, {"seed": 0}),),
    ))  # fmt: skip
    with pytest.raises(ExplorerError, match="is not the name of a folder"):
        folder.read()


def test_that_settings_that_are_not_possible_are_named_by_their_run() -> None:
    with pytest.raises(ExplorerError, match="The settings of 01 are not possible: "):
        record(Axis("seed", (0,))).config_of(SweepEntry("01", {"seed": -1}))


def test_that_a_folder_is_free_if_it_is_not_there_or_empty_and_may_be_replaced(tmp_path: Path) -> None:
    new = record(Axis("seed", (0, 1)))
    SweepFolder(tmp_path / "new").check_free(new, force=False)
    with pytest.raises(ExplorerError, match="exists already"):
        SweepFolder(tmp_path).check_free(new, force=False)
    SweepFolder(tmp_path).check_free(new, force=True)
    (tmp_path / "file").touch()
    for path, words in ((tmp_path, "other files and no sweep"), (tmp_path / "file", "is not a folder")):
        with pytest.raises(ExplorerError, match=words):
            SweepFolder(path).check_free(new, force=True)


def test_that_a_sweep_is_replaced_only_if_none_of_its_runs_would_be_left(tmp_path: Path) -> None:
    folder, old = SweepFolder(tmp_path), record(Axis("seed", (0, 1)))
    folder.write(old)
    for entry in old.runs:
        folder.run(entry).mkdir()
    folder.check_free(old, force=True)
    with pytest.raises(ExplorerError, match="02_seed-1 for one"):
        folder.check_free(record(Axis("seed", (0,))), force=True)


def test_that_only_an_empty_sweep_is_removed(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "sweep")
    folder.write(record(Axis("seed", (0,))))
    folder.sweep_csv.touch()
    (folder.path / "01_seed-0").mkdir()
    folder.remove_empty()
    assert folder.sweep_json.is_file()
    (folder.path / "01_seed-0").rmdir()
    folder.remove_empty()
    assert not folder.path.exists()
