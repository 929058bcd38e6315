"""The Runs page without Qt: what the table shows in which order, what can be done, and tables for other programs."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from cnn_explorer.core.model.info import Device, DeviceReport
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import RuntimeOptions
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.text.run_differences import differences
from cnn_explorer.ui.pages.runs.export import epochs_csv, runs_csv
from cnn_explorer.ui.pages.runs.offers import OFFERS, Moment, continue_words, more_epochs
from cnn_explorer.ui.pages.runs.reading import RunReader
from cnn_explorer.ui.pages.runs.state import (
    COLUMNS,
    MOST_SHOWN,
    Listing,
    RunRow,
    SweepKey,
    columns_for,
    plotted,
    set_against,
    setup_of,
    short_time,
    shown_rows,
    sweeps,
    varied,
)
from cnn_explorer.ui.pages.runs.words import count_words, facts, facts_of_many, message_of
from tests.store.run_makers import epochs_of, make_run
from tests.ui.fakes import digits

DEVICE = DeviceReport((Device("cpu", "CPU"),), "cpu", "", (), RuntimeOptions())


def listed(folder: Path, key: str = "started", descending: bool = True, search: str = "") -> list[str]:
    rows = RunReader().read(folder).rows
    column = next(column for column in columns_for(()) if column.key == key)
    return [row.path.name for row in shown_rows(rows, search, None, column, descending)]


def row_at(path: Path) -> RunRow:
    row = RunReader().row(path)
    assert row is not None
    return row


def test_that_runs_are_sorted_by_their_numbers_and_not_by_their_texts(tmp_path: Path) -> None:
    for count in (2, 10, 9):
        make_run(tmp_path / f"r{count}", epochs=count)
    assert listed(tmp_path, "epochs", descending=False) == ["r2", "r9", "r10"]
    assert listed(tmp_path, "epochs", descending=True) == ["r10", "r9", "r2"]
    assert listed(tmp_path, "time", descending=False) == ["r2", "r9", "r10"]


def test_that_runs_without_a_value_stand_last_whichever_way_they_are_sorted(tmp_path: Path) -> None:
    make_run(tmp_path / "good", epochs=epochs_of(3, 0.99))
    make_run(tmp_path / "none", epochs=0, status="failed")
    make_run(tmp_path / "bad", epochs=epochs_of(3, 0.8))
    assert listed(tmp_path, "accuracy", descending=True) == ["good", "bad", "none"]
    assert listed(tmp_path, "accuracy", descending=False) == ["bad", "good", "none"]


def test_that_equal_runs_stay_newest_first(tmp_path: Path) -> None:
    for day in (1, 3, 2):
        make_run(tmp_path / f"day{day}", created=f"2025-03-0{day}T08:00:00+00:00")
    assert listed(tmp_path, "dataset", descending=False) == ["day3", "day2", "day1"]
    assert listed(tmp_path, "dataset", descending=True) == ["day3", "day2", "day1"]


def test_that_times_are_compared_across_zones(tmp_path: Path) -> None:
    make_run(tmp_path / "later", created="2025-03-01T08:00:00-05:00")
    make_run(tmp_path / "earlier", created="2025-03-01T09:00:00+00:00")
    assert listed(tmp_path, "started") == ["later", "earlier"]


def test_that_every_word_of_a_search_must_occur_somewhere(tmp_path: Path) -> None:
    make_run(tmp_path / "a", title="Baseline", notes="with SGD", optimizer="adam")
    make_run(tmp_path / "b", status="failed", dataset="fashion", optimizer="adam")
    assert listed(tmp_path, search="") == ["b", "a"]
    assert listed(tmp_path, search="adam") == ["b", "a"]
    assert listed(tmp_path, search="ADAM base") == ["a"]
    assert listed(tmp_path, search="failed") == ["b"]
    assert listed(tmp_path, search="sgd fashion") == []


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_that_each_column_can_show_and_sort_any_run(tmp_path: Path, column: object) -> None:
    make_run(tmp_path / "whole", notes="two\nlines")
    make_run(tmp_path / "empty", epochs=0, status="failed", created="nonsense")
    rows = RunReader().read(tmp_path).rows
    assert len(rows) == 2
    for descending in (False, True):
        assert set(shown_rows(rows, "", None, column, descending)) == set(rows)  # type: ignore[arg-type]
    assert all("\n" not in column.text(row) + column.aside(row) for row in rows)  # type: ignore[attr-defined]


def test_that_a_sweep_shows_its_runs_with_the_settings_that_it_varies(tmp_path: Path) -> None:
    for seed in (10, 9):
        place = SweepPlace("seeds", {"seed": seed})
        make_run(tmp_path / "seeds" / f"{seed:02}", seed=seed, sweep=place)
    make_run(tmp_path / "other" / "1", sweep=SweepPlace("seeds", {"optimizer": "adam"}))
    make_run(tmp_path / "alone")
    rows = RunReader().read(tmp_path).rows
    key = SweepKey(tmp_path / "seeds", "seeds")
    assert set(sweeps(rows)) == {key, SweepKey(tmp_path / "other", "seeds")}
    assert varied(rows, key) == ("seed",)
    assert varied(rows, None) == ()
    column = next(column for column in columns_for(("seed",)) if column.key == "setting_1")
    assert column.title == "Seed"
    shown = shown_rows(rows, "", key, column, False)
    assert [column.text(row) for row in shown] == ["9", "10"]


def test_that_a_run_whose_process_is_gone_is_called_interrupted_and_says_so(tmp_path: Path) -> None:
    row = row_at(make_run(tmp_path / "r", status="running"))
    assert row.run.status == "interrupted"
    assert "without a word" in message_of(row)
    assert message_of(row_at(make_run(tmp_path / "f", status="failed", message="The disk is full."))) == (
        "The disk is full."
    )


def test_that_ticked_runs_are_plotted_in_their_order_before_the_selected_ones(tmp_path: Path) -> None:
    a, b, c = (row_at(make_run(tmp_path / name)) for name in "abc")
    rows = (a, b, c)
    assert plotted(rows, (c.path, b.path, tmp_path / "gone"), (a, b)) == (c, b, a)
    assert set_against(rows, (c.path,), (a,)) == (c, a)
    assert set_against(rows, (c.path,), (b, a)) == (b, a)


def test_that_of_very_many_selected_runs_the_first_are_shown_but_every_ticked_one(tmp_path: Path) -> None:
    row = row_at(make_run(tmp_path / "r"))
    rows = tuple(replace(row, run=replace(row.run, path=tmp_path / str(number))) for number in range(100))
    paths = tuple(row.path for row in rows)
    assert plotted(rows, (), rows) == set_against(rows, (), rows) == rows[:MOST_SHOWN]
    assert plotted(rows, paths, rows[:1]) == rows


def test_that_the_differences_of_two_runs_are_those_of_what_they_began_with(tmp_path: Path) -> None:
    one = row_at(make_run(tmp_path / "a", seed=1))
    other = row_at(make_run(tmp_path / "b", seed=2, dataset="fashion", fingerprint="f" * 64))
    found = {row.name: row.values for row in differences([setup_of(one), setup_of(other)])}
    assert found == {"Name": ("mnist", "fashion"), "Fingerprint": ("0" * 12, "f" * 12), "Seed": ("1", "2")}


def test_that_the_card_says_what_the_files_say(tmp_path: Path) -> None:
    row = row_at(make_run(tmp_path / "r", epochs=epochs_of(4, 0.99), optimizer="sgd", learning_rate=0.01))
    found = dict(facts(row))
    best = max(epochs_of(4, 0.99), key=lambda epoch: epoch.val_accuracy)
    assert found["Best accuracy"] == f"{100 * best.val_accuracy:.2f} % in epoch {best.epoch}"
    assert found["Optimizer"] == "sgd, 0.01"
    assert found["Epochs"] == "4 of 4"


def test_that_several_runs_are_summed_up_by_their_best_epochs(tmp_path: Path) -> None:
    # 0.9, 0.92, 0.94: mean 0.92, deviation 0.02.
    rows = []
    for name, accuracy in (("a", 0.90), ("b", 0.92), ("c", 0.94)):
        epoch = msgspec.structs.replace(epochs_of(1)[0], val_accuracy=accuracy)
        rows.append(row_at(make_run(tmp_path / name, epochs=[epoch], title=name)))
    found = dict(facts_of_many(rows))
    assert (found["Best accuracy"], found["Reached by"]) == ("94.00 %", "c")
    assert (found["Mean"], found["Deviation"], found["Lowest"]) == ("92.00 %", "2.00 %", "90.00 %")
    assert facts_of_many([row_at(make_run(tmp_path / "none", epochs=0))]) == ()


def test_that_the_number_of_runs_is_said_with_and_without_a_filter(tmp_path: Path) -> None:
    listing = Listing((row_at(make_run(tmp_path / "a")), row_at(make_run(tmp_path / "b"))))
    assert count_words(2, listing) == "2 runs"
    assert count_words(1, listing) == "1 of 2 runs"


def test_that_a_run_of_another_year_is_dated_with_its_year(tmp_path: Path) -> None:
    row = row_at(make_run(tmp_path / "a", created="2001-05-06T12:00:00+00:00"))
    assert short_time(row.started) == "6 May 2001"
    assert short_time(None) == ""


# What can be done


def refusal(key: str, *rows: RunRow, **others: object) -> str:
    given = {"dataset": digits(), "device": DEVICE, "shown": 1, "has_curves": True, **others}
    return next(offer for offer in OFFERS if offer.key == key).refusal(Moment(rows, **given))  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [offer.key for offer in OFFERS])
def test_that_everything_can_be_done_with_one_whole_run(tmp_path: Path, key: str) -> None:
    assert refusal(key, row_at(make_run(tmp_path / "r"))) == ""


@pytest.mark.parametrize("key", [offer.key for offer in OFFERS if offer.key not in ("open", "table", "png")])
def test_that_what_needs_a_run_says_so(key: str) -> None:
    assert refusal(key) == "Select a run first."


@pytest.mark.parametrize("key", ["inspect", "inspect_best", "duplicate", "rename", "reveal", "script"])
def test_that_what_takes_one_run_refuses_two(tmp_path: Path, key: str) -> None:
    rows = row_at(make_run(tmp_path / "a")), row_at(make_run(tmp_path / "b"))
    assert refusal(key, *rows) == "Select one run only; 2 are selected."


@pytest.mark.parametrize("key", ["continue", "delete", "compare", "csv", "tensorboard"])
def test_that_what_takes_many_runs_takes_two(tmp_path: Path, key: str) -> None:
    assert refusal(key, row_at(make_run(tmp_path / "a")), row_at(make_run(tmp_path / "b"))) == ""


def test_that_a_run_that_goes_is_neither_deleted_nor_continued(tmp_path: Path) -> None:
    path = make_run(tmp_path / "r", status="running")
    with RunFolder(path).working():
        row = row_at(path)
    assert row.run.status == "running"
    assert "stop it first" in refusal("delete", row)
    assert "runs already" in refusal("continue", row)


def test_that_a_run_that_waits_in_the_queue_is_neither_deleted_nor_continued(tmp_path: Path) -> None:
    row = row_at(make_run(tmp_path / "r"))
    assert "waits" in refusal("delete", row, engaged=frozenset({row.path}))
    assert "waits" in refusal("continue", row, engaged=frozenset({row.path}))


def test_that_a_run_goes_on_only_with_its_data_its_checkpoint_and_its_tensorflow(tmp_path: Path) -> None:
    row = row_at(make_run(tmp_path / "r"))
    assert "still loading" in refusal("continue", row, device=None)
    assert "still loading" in refusal("continue", row, dataset=None)
    assert "other images: choose fashion on the Data page" in refusal(
        "continue", row_at(make_run(tmp_path / "f", dataset="fashion", fingerprint="f" * 64))
    )
    assert "other images of MNIST: they have changed" in refusal(
        "continue", row_at(make_run(tmp_path / "m", fingerprint="f" * 64))
    )
    assert "checkpoint.keras" in refusal("continue", row_at(make_run(tmp_path / "n", files=False)))
    assert "program starts" in refusal("continue", row_at(make_run(tmp_path / "t", intra_op_threads=3)))


def test_that_missing_files_are_named(tmp_path: Path) -> None:
    row = row_at(make_run(tmp_path / "r", epochs=0, files=False))
    assert "model.h5" in refusal("inspect", row)
    assert "best.h5" in refusal("inspect_best", row)
    assert refusal("csv", row) == "No epoch is whole yet."


def test_that_a_run_is_offered_the_epochs_that_it_lacks_else_as_many_again(tmp_path: Path) -> None:
    stopped = row_at(make_run(tmp_path / "s", epochs=epochs_of(3), status="stopped"))
    assert more_epochs(stopped) == 3
    path = make_run(tmp_path / "u", epochs=0, status="stopped")
    assert more_epochs(row_at(path)) == 1
    assert continue_words((stopped,), 2) == "Train mnist-simple on, to 5 epochs in all."


# Tables


def test_that_the_epochs_of_one_run_are_its_history_file(tmp_path: Path) -> None:
    row = row_at(make_run(tmp_path / "r", epochs=5))
    assert epochs_csv([row]) == RunFolder(row.path).history_csv.read_text()


def test_that_several_runs_are_one_table_with_a_column_of_names(tmp_path: Path) -> None:
    first = row_at(make_run(tmp_path / "a", epochs=2, title='odd, "name"'))
    rows = [first, *(row_at(make_run(tmp_path / name, epochs=1)) for name in "bc")]
    read = list(csv.DictReader(io.StringIO(epochs_csv(rows))))
    assert [line["run"] for line in read] == ['odd, "name"'] * 2 + ["mnist-simple (b)", "mnist-simple (c)"]
    assert [float(line["val_accuracy"]) for line in read[:2]] == [e.val_accuracy for e in first.run.epochs]


def test_that_the_table_of_a_sweep_holds_its_settings_and_results(tmp_path: Path) -> None:
    rows = [
        row_at(make_run(tmp_path / str(rate), learning_rate=rate, sweep=SweepPlace("rates", {"learning_rate": rate})))
        for rate in (0.1, 0.01)
    ]
    read = list(csv.DictReader(io.StringIO(runs_csv(rows, ("learning_rate",)))))
    assert [line["learning_rate"] for line in read] == ["0.1", "0.01"]
    assert float(read[0]["val_accuracy"]) == max(epoch.val_accuracy for epoch in rows[0].run.epochs)
    assert read[0]["parameters"] == str(rows[0].parameters) == "96844"
    assert read[0]["network"] == preset("mnist-simple").architecture.name
