"""The list of runs: what each is, those that are damaged, and which of them are alive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.store.catalog import list_runs, summary_of
from cnn_explorer.store.runs import RunFolder, RunRecord

Epoch = Callable[..., EpochEnded]


def test_that_a_folder_that_is_not_there_has_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "gone") == ((), ())


def test_that_runs_are_found_newest_first_in_a_folder_and_in_its_sweeps(tmp_path: Path, record: RunRecord) -> None:
    for name, day in (("old", "01"), ("sweep/a", "03"), ("new", "04"), ("sweep/b", "02")):
        created = f"2026-11-{day}T10:15:30+01:00"
        RunFolder.create(tmp_path / name, msgspec.structs.replace(record, created=created))
    RunFolder.create(tmp_path / ".hidden", record)
    (tmp_path / "pictures" / "holiday").mkdir(parents=True)
    (tmp_path / "file.txt").touch()
    runs, damaged = list_runs(tmp_path)
    assert [str(run.path.relative_to(tmp_path)) for run in runs] == ["new", "sweep/a", "sweep/b", "old"]
    assert damaged == ()


def test_that_damaged_runs_are_named_and_hide_no_others(tmp_path: Path, record: RunRecord, epoch: Epoch) -> None:
    RunFolder.create(tmp_path / "good", record)
    RunFolder.create(tmp_path / "cut", record).run_json.write_text('{"format": 1')
    RunFolder.create(tmp_path / "scribbled", record).history_csv.write_text("hello\n")
    runs, damaged = list_runs(tmp_path)
    assert [run.path.name for run in runs] == ["good"]
    assert {one.path.name: one.path.name in one.problem for one in damaged} == {"cut": True, "scribbled": True}


def test_that_a_run_is_running_only_while_a_process_works_on_it(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    assert summary_of(run.path).status == "interrupted"
    with run.working():
        assert summary_of(run.path).status == "running"
    run.write(msgspec.structs.replace(record, status="completed"))
    assert summary_of(run.path).status == "completed"


def test_that_a_summary_tells_epochs_time_and_the_best_one(tmp_path: Path, record: RunRecord, epoch: Epoch) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    assert (summary_of(run.path).best, summary_of(run.path).seconds) == (None, 0)
    for number, accuracy in ((1, 0.1), (2, 0.9), (3, 0.5)):
        run.append_epoch(msgspec.structs.replace(epoch(number), val_accuracy=accuracy, seconds=2.5))
    summary = summary_of(run.path)
    assert summary.best == summary.epochs[1]
    assert (len(summary.epochs), summary.seconds) == (3, 7.5)
    assert summary.parameters == 4 * 9 + 4 + 26 * 26 * 4 * 10 + 10


def test_that_the_best_epoch_is_the_one_that_the_run_looked_for(
    tmp_path: Path, record: RunRecord, epoch: Epoch
) -> None:
    training = msgspec.structs.replace(record.training, early_stopping="val_loss")
    run = RunFolder.create(tmp_path / "run", msgspec.structs.replace(record, training=training))
    for number, accuracy, loss in ((1, 0.9, 0.4), (2, 0.8, 0.3)):
        run.append_epoch(msgspec.structs.replace(epoch(number), val_accuracy=accuracy, val_loss=loss))
    best = summary_of(run.path).best
    assert best is not None
    assert best.epoch == 2


def test_that_what_a_person_wrote_is_shown(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    assert (summary_of(run.path).title, summary_of(run.path).notes) == ("tiny", "")
    run.annotate(title="The good one", notes="Twice.\nReally.")
    assert (summary_of(run.path).title, summary_of(run.path).notes) == ("The good one", "Twice.\nReally.")
