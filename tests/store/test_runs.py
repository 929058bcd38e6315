"""The folder of a run: made, read, replaced, and harmless to what does not belong to it."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import BatchEnded, EpochEnded
from cnn_explorer.store.runs import Annotation, RunFolder, RunRecord

RoomFor = Callable[[int], AbstractContextManager[None]]


def _refusal(call: Callable[[], object]) -> ExplorerError:
    with pytest.raises(ExplorerError) as caught:
        call()
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    return caught.value


def _files(folder: Path) -> set[str]:
    """All files but the locks, which stay when they are given back."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    return {name for name in found if Path(name).name != ".lock"}


def test_that_a_new_run_reads_back(tmp_path: Path, record: RunRecord) -> None:
    folder = RunFolder.create(tmp_path / "runs" / "first", record)
    assert folder.read() == record
    assert RunFolder(tmp_path / "runs" / "first") == folder
    assert _files(tmp_path) == {"runs/first/run.json"}
    assert folder.history() == ()


def test_that_the_files_bear_the_names_of_the_contract(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert [run.batches_csv.name, run.log.name, run.notes_json.name] == ["batches.csv", "log.txt", "notes.json"]
    named = (run.run_json, run.history_csv, run.initial_weights, run.checkpoint, run.model, run.best, run.probes)
    assert [path.name for path in named] == [
        "run.json", "history.csv", "initial.weights.h5", "checkpoint.keras", "model.h5", "best.h5", "probes",
    ]  # fmt: skip
    assert {path.parent for path in named} == {tmp_path}
    assert run.probe(3).parent == run.probes
    assert run.probe(3) < run.probe(20) < run.probe(100)


def test_that_run_json_is_plain_json_for_people(tmp_path: Path, record: RunRecord) -> None:
    text = RunFolder.create(tmp_path / "run", record).run_json.read_text()
    content = json.loads(text)
    assert content["format"] == 1
    assert content["architecture"]["layers"][0]["filters"] == 4
    assert content["training"]["optimizer"] == "adam"
    assert content["dataset"]["classes"] == ["zero", "one"]
    assert content["versions"] == [["keras", "3.15.1"], ["python", "3.11.7"]]
    assert content["status"] == "running"
    assert text.count("\n") > 20


def test_that_the_record_can_be_replaced(tmp_path: Path, record: RunRecord) -> None:
    folder = RunFolder.create(tmp_path / "run", record)
    ended = msgspec.structs.replace(record, status="completed", finished="2026-11-21T10:20:00+01:00", epochs_done=3)
    folder.write(ended)
    assert folder.read() == ended


def test_that_epochs_are_kept_and_cut_back_to_the_checkpoint(
    tmp_path: Path, record: RunRecord, epoch: Callable[[int], EpochEnded]
) -> None:
    folder = RunFolder.create(tmp_path / "run", record)
    for number in (1, 2, 3):
        folder.append_epoch(epoch(number))
    assert [e.epoch for e in folder.history()] == [1, 2, 3]
    folder.truncate_history(2)
    assert [e.epoch for e in RunFolder(tmp_path / "run").history()] == [1, 2]


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("gone")])
def test_that_an_existing_path_is_refused_without_force(
    tmp_path: Path, record: RunRecord, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "run"
    make(path)
    error = _refusal(lambda: RunFolder.create(path, record))
    assert f"{path} exists already" in error.message
    assert "--force" in error.hint
    assert _files(path) == set()


def _old_run(path: Path, record: RunRecord) -> RunFolder:
    run = RunFolder.create(path, record)
    run.probes.mkdir()
    for file in (run.history_csv, run.initial_weights, run.checkpoint, run.model, run.best, run.probe(0), run.probe(1)):
        file.write_bytes(b"old")
    return run


def test_that_force_empties_an_old_run(tmp_path: Path, record: RunRecord) -> None:
    run = _old_run(tmp_path / "run", msgspec.structs.replace(record, name="old"))
    (run.path / ".tmp-123-456-model.h5").write_bytes(b"killed")
    RunFolder.create(run.path, record, force=True)
    assert _files(run.path) == {"run.json"}
    assert not run.probes.exists()
    assert run.read() == record


def test_that_force_leaves_files_that_are_not_of_a_run(tmp_path: Path, record: RunRecord) -> None:
    run = _old_run(tmp_path / "run", record)
    (run.path / "notes.txt").write_text("mine")
    (run.probes / "mine.npz").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    RunFolder.create(run.path, record, force=True)
    assert _files(run.path) == {"run.json", "notes.txt", "probes/mine.npz"}


def test_that_force_never_reaches_through_a_link(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    other = tmp_path / "other"
    other.mkdir()
    (other / "epoch-00001.npz").write_text("another run's")
    run.probes.symlink_to(other)
    run.model.symlink_to(other / "epoch-00001.npz")
    RunFolder.create(run.path, record, force=True)
    assert (other / "epoch-00001.npz").read_text() == "another run's"
    assert not run.model.is_symlink()


def test_that_force_takes_an_empty_folder(tmp_path: Path, record: RunRecord) -> None:
    (tmp_path / "run").mkdir()
    assert RunFolder.create(tmp_path / "run", record, force=True).read() == record


@pytest.mark.parametrize("run_json", [None, "not json", "[]", '{"name": "a run of another program"}'])
def test_that_force_never_touches_a_folder_that_is_no_run(
    tmp_path: Path, record: RunRecord, run_json: str | None
) -> None:
    path = tmp_path / "thesis"
    path.mkdir()
    (path / "model.h5").write_text("years of work")
    if run_json is not None:
        (path / "run.json").write_text(run_json)
    before = _files(path)
    error = _refusal(lambda: RunFolder.create(path, record, force=True))
    assert "holds other files and no run" in error.message
    assert _files(path) == before
    assert (path / "model.h5").read_text() == "years of work"


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("gone")])
def test_that_force_never_replaces_a_file_by_a_run(
    tmp_path: Path, record: RunRecord, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "run")
    assert "not a folder" in _refusal(lambda: RunFolder.create(tmp_path / "run", record, force=True)).message


def test_that_a_name_too_long_for_the_disk_is_a_sentence(tmp_path: Path, record: RunRecord) -> None:
    assert "too long" in _refusal(lambda: RunFolder.create(tmp_path / ("x" * 300), record)).message


def test_that_a_file_among_the_parents_is_a_sentence(tmp_path: Path, record: RunRecord) -> None:
    (tmp_path / "file").touch()
    error = _refusal(lambda: RunFolder.create(tmp_path / "file" / "run", record))
    assert "is a file and not a folder" in error.message


@pytest.mark.parametrize(("number", "words"), [(errno.EACCES, "no right"), (errno.EROFS, "read-only")])
def test_that_a_parent_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, record: RunRecord, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "mkdir", refuse)
    error = _refusal(lambda: RunFolder.create(tmp_path / "run", record))
    assert words in error.message
    assert str(tmp_path / "run") in error.message


def test_that_a_disk_without_room_leaves_no_folder(tmp_path: Path, record: RunRecord, room_for: RoomFor) -> None:
    with room_for(100):
        _refusal(lambda: RunFolder.create(tmp_path / "run", record))
    assert list(tmp_path.iterdir()) == []


def test_that_a_disk_without_room_leaves_an_old_run_whole(tmp_path: Path, record: RunRecord, room_for: RoomFor) -> None:
    run = _old_run(tmp_path / "run", record)
    before = _files(run.path)
    with room_for(100):
        _refusal(lambda: RunFolder.create(run.path, msgspec.structs.replace(record, name="new"), force=True))
    assert _files(run.path) == before
    assert run.read() == record


def test_that_a_failed_replacement_of_the_record_keeps_the_old_one(
    tmp_path: Path, record: RunRecord, room_for: RoomFor
) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    with room_for(100):
        _refusal(lambda: run.write(msgspec.structs.replace(record, status="completed")))
    assert run.read() == record
    assert _files(run.path) == {"run.json"}


def test_that_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    run.best.mkdir()
    assert "best.h5 could not be removed" in _refusal(lambda: RunFolder.create(run.path, record, force=True)).message
    assert run.read() == record


def test_that_what_is_no_run_is_said_so(tmp_path: Path) -> None:
    assert "does not exist" in _refusal(RunFolder(tmp_path / "gone").read).message
    (tmp_path / "file").touch()
    assert "is a file, not the folder of a run" in _refusal(RunFolder(tmp_path / "file").read).message
    assert "run.json is missing" in _refusal(RunFolder(tmp_path).read).message
    (tmp_path / "run.json").mkdir()
    assert "could not be read" in _refusal(RunFolder(tmp_path).read).message
    assert "could not be read" in _refusal(RunFolder(tmp_path / ("x" * 300)).read).message


@pytest.mark.parametrize(
    ("keys", "value", "words"),
    [
        (("training", "epochs"), "many", 'training.epochs: expected an integer from 1 to 100000, got "many"'),
        (("architecture", "layers", 0, "filters"), 0, "architecture.layers[0].filters: expected an integer"),
        (("dataset", "classes", 1), 5, "dataset.classes[1]: expected a text, got 5"),
        (("versions", 0), "keras", 'versions[0]: expected a list of 2 texts, got "keras"'),
        (("status",), "done", 'status: expected one of "running", "completed", "stopped", "failed", got "done"'),
        (("format",), 2, "format: expected 1, got 2"),
        (("note",), "x", "note: unknown key"),
        (("sweep",), {"sweep": "seeds", "settings": 3}, "sweep.settings: expected an object, got 3"),
        (("rate_changes",), [{"epoch": "x"}], "rate_changes[0].epoch: expected an integer"),
    ],
)
def test_that_a_wrong_value_in_run_json_is_named_by_its_path(
    tmp_path: Path, record: RunRecord, keys: tuple[Any, ...], value: object, words: str
) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    content = json.loads(run.run_json.read_text())
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    run.run_json.write_text(json.dumps(content))
    assert _refusal(run.read).message.startswith(f"{run.run_json}: {words}")


def test_that_a_record_cut_off_anywhere_is_refused(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    whole = run.run_json.read_bytes()
    for length in range(0, len(whole) - 2, 37):
        run.run_json.write_bytes(whole[:length])
        assert str(run.run_json) in _refusal(run.read).message


def test_that_leftovers_of_a_killed_process_can_be_removed(tmp_path: Path, record: RunRecord) -> None:
    run = _old_run(tmp_path / "run", record)
    before = _files(run.path)
    (run.path / ".tmp-99-99-checkpoint.keras").write_bytes(b"half")
    (run.probes / ".tmp-99-99-epoch-00001.npz").write_bytes(b"half")
    run.remove_leftovers()
    assert _files(run.path) == before
    RunFolder(tmp_path / "gone").remove_leftovers()


# ------------------------------------------------------------------------------------ batches, notes, log


def _batches(epoch: int, steps: int = 3) -> list[BatchEnded]:
    return [
        BatchEnded(epoch=epoch, step=step, loss=1 / step, accuracy=0.1 * step, learning_rate=1e-3, seconds=0.5 * step)
        for step in range(1, steps + 1)
    ]


def test_that_batches_come_back_as_arrays(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    assert run.batches().loss.shape == (0,)
    run.append_batches(_batches(1))
    run.append_batches(_batches(2))
    run.append_batches([])
    found = run.batches()
    assert found.epoch.tolist() == [1, 1, 1, 2, 2, 2]
    assert found.step.tolist() == [1, 2, 3] * 2
    assert found.loss.tolist() == [1 / 1, 1 / 2, 1 / 3] * 2
    assert found.accuracy.tolist() == [0.1, 0.2, 0.1 * 3] * 2
    assert found.learning_rate.tolist() == [1e-3] * 6


def test_that_a_half_written_batch_is_passed_over_and_a_damaged_one_named(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    run.append_batches(_batches(1))
    with run.batches_csv.open("a") as file:
        file.write("2,1,0.5")
    assert run.batches().epoch.tolist() == [1, 1, 1]
    for line in ("", "2,1", "2,x,0,0,0,0", "2,1.5,0,0,0,0"):
        run.batches_csv.write_text("epoch,step,loss,accuracy,learning_rate,seconds\n1,1,0,0,0,0\n" + line + "\n")
        if line != "2,1.5,0,0,0,0":  # NumPy takes it for a number, and it is one
            assert f"{run.batches_csv}, line 3: expected 6 numbers" in _refusal(run.batches).message


def test_that_batches_are_cut_back_with_the_history(
    tmp_path: Path, record: RunRecord, epoch: Callable[[int], EpochEnded]
) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    for number in (1, 2, 3):
        run.append_batches(_batches(number))
    run.append_epoch(epoch(1))
    run.truncate_history(2)
    assert run.batches().epoch.tolist() == [1, 1, 1, 2, 2, 2]
    assert len(run.history()) == 1


def test_that_batches_that_do_not_fit_leave_the_earlier_ones(
    tmp_path: Path, record: RunRecord, room_for: RoomFor
) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    run.append_batches(_batches(1))
    before = run.batches_csv.read_bytes()
    with room_for(len(before) + 60):
        assert "batches.csv could not be written" in _refusal(lambda: run.append_batches(_batches(2))).message
    assert run.batches_csv.read_bytes() == before


def test_that_notes_survive_what_the_run_writes_meanwhile(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    assert run.annotation() == Annotation()
    run.annotate(title="A name")
    with run.working():
        RunFolder(run.path).annotate(notes="é, \U0001f600, and\na line")
        run.write(msgspec.structs.replace(record, epochs_done=2))
    assert run.annotation() == Annotation("A name", "é, \U0001f600, and\na line")
    run.annotate(title="")
    assert run.annotation().title == ""
    assert run.annotation().notes
    assert run.read().epochs_done == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"title": 3}', b"\xff\xfe", b"[" * 100_000])
def test_that_damaged_notes_keep_nobody_from_the_run(tmp_path: Path, record: RunRecord, content: bytes) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    run.notes_json.write_bytes(content)
    assert run.annotation() == Annotation()
    run.annotate(title="New")
    assert run.annotation().title == "New"


def test_that_the_log_has_a_time_before_each_entry(tmp_path: Path, record: RunRecord) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    run.say("One")
    run.say("Two\n  of several lines\n")
    first, second, third = run.log.read_text(encoding="utf-8").splitlines()
    begun, _, text = first.partition("  ")
    assert abs(datetime.fromisoformat(begun).timestamp() - time.time()) < 600
    assert text == "One"
    assert second.endswith("  Two")
    assert third == "      of several lines"


def test_that_a_log_that_cannot_be_written_harms_nobody(tmp_path: Path, record: RunRecord, room_for: RoomFor) -> None:
    run = RunFolder.create(tmp_path / "run", record)
    run.say("One")
    with room_for(run.log.stat().st_size):
        run.say("Two")
    RunFolder(tmp_path / "gone").say("Three")
    assert len(run.log.read_text().splitlines()) == 1
