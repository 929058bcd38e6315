"""What the Runs page reads from the disk: all runs, wherever they lie, and rows that stay the same objects."""

from __future__ import annotations

import shutil
from pathlib import Path

from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.runs.reading import RunReader
from cnn_explorer.ui.pages.runs.words import damage_words
from tests.store.run_makers import epochs_of, make_run


def test_that_run_folders_from_elsewhere_are_listed_once(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    make_run(home / "mine")
    make_run(elsewhere / "theirs" / "one")
    make_run(elsewhere / "theirs" / "two")
    found = RunReader().read(home, (elsewhere / "theirs", elsewhere / "theirs" / "one"))
    assert sorted(row.path.name for row in found.rows) == ["mine", "one", "two"]


def test_that_damaged_folders_are_told_apart_with_their_problem(tmp_path: Path) -> None:
    make_run(tmp_path / "good")
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "run.json").write_text("{")
    listing = RunReader().read(tmp_path)
    assert [row.path.name for row in listing.rows] == ["good"]
    ((path, problem),) = listing.damaged
    assert path == bad
    assert "run.json" in problem
    assert damage_words(listing.damaged) == "1 run folder cannot be read"
    assert damage_words(()) == ""


def test_that_rows_stay_the_same_objects_until_their_runs_change(tmp_path: Path) -> None:
    a, b = (make_run(tmp_path / name) for name in "ab")
    reader = RunReader()
    first = reader.read(tmp_path)
    assert reader.read(tmp_path).is_same_as(first)
    RunFolder(a).append_epoch(epochs_of(4)[3])
    second = reader.read(tmp_path)
    assert not second.is_same_as(first)
    before, after = ({row.path: row for row in listing.rows} for listing in (first, second))
    assert after[b] is before[b]
    assert (before[a].done, after[a].done) == (3, 4)
    assert reader.row(a) is after[a]


def test_that_a_model_that_comes_or_goes_makes_a_new_row(tmp_path: Path) -> None:
    run = RunFolder(make_run(tmp_path / "a"))
    reader = RunReader()
    (row,) = reader.read(tmp_path).rows
    assert row.has_best
    run.best.unlink()
    (row,) = reader.read(tmp_path).rows
    assert not row.has_best


def test_that_a_run_that_was_moved_away_has_no_row(tmp_path: Path) -> None:
    path = make_run(tmp_path / "a")
    reader = RunReader()
    assert reader.row(path) is not None
    shutil.rmtree(path)
    assert reader.row(path) is None
    assert reader.read(tmp_path).rows == ()
