"""Runs that are read again and again: what has changed is seen, what has not is not read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.store.catalog import list_runs, summary_of
from cnn_explorer.store.known_runs import KnownRuns
from cnn_explorer.store.runs import RunFolder, RunRecord

Epoch = Callable[..., EpochEnded]


@pytest.fixture
def run(tmp_path: Path, record: RunRecord) -> RunFolder:
    """A completed run."""
    return RunFolder.create(tmp_path / "run", msgspec.structs.replace(record, status="completed"))


def test_that_a_run_that_is_as_it_was_is_not_read_again(run: RunFolder) -> None:
    known = KnownRuns()
    first = known.read(run.path)
    assert first == summary_of(run.path)
    assert known.read(run.path) is first


def test_that_an_epoch_a_note_and_a_new_status_are_seen(run: RunFolder, epoch: Epoch) -> None:
    known = KnownRuns()
    known.read(run.path)
    run.append_epoch(epoch(1))
    assert len(known.read(run.path).epochs) == 1
    run.annotate(notes="seen")
    assert known.read(run.path).notes == "seen"
    run.annotate(notes="SEEN")  # as large as before, and perhaps in the same tick of the disk's clock
    assert known.read(run.path).notes == "SEEN"
    run.write(msgspec.structs.replace(run.read(), status="failed"))
    assert known.read(run.path).status == "failed"
    run.notes_json.unlink()
    assert known.read(run.path).notes == ""


def test_that_a_process_that_comes_or_goes_is_seen_though_no_file_changes(tmp_path: Path, record: RunRecord) -> None:
    run, known = RunFolder.create(tmp_path / "run", record), KnownRuns()
    assert known.read(run.path).status == "interrupted"
    with run.working():
        assert known.read(run.path).status == "running"
    assert known.read(run.path).status == "interrupted"


def test_that_a_damaged_run_is_known_again_as_soon_as_it_is_mended(run: RunFolder) -> None:
    known, text = KnownRuns(), run.run_json.read_bytes()
    run.run_json.write_bytes(text[:40])
    with pytest.raises(ExplorerError, match=r"run\.json"):
        known.read(run.path)
    run.run_json.write_bytes(text)
    assert known.read(run.path).status == "completed"


def test_that_a_run_that_is_gone_is_forgotten(run: RunFolder, record: RunRecord) -> None:
    known = KnownRuns()
    first = known.read(run.path)
    known.forget_all_but([run.path])
    assert known.read(run.path) is first
    known.forget_all_but([])
    assert known.read(run.path) is not first


def test_that_a_list_can_be_made_of_what_is_known(run: RunFolder, record: RunRecord) -> None:
    known = KnownRuns()
    ((first,), _) = list_runs(run.path.parent, known.read)
    RunFolder.create(run.path.with_name("other"), record)
    runs, damaged = list_runs(run.path.parent, known.read)
    assert {one.path.name for one in runs} == {"run", "other"}
    assert any(one is first for one in runs)
    assert damaged == ()
