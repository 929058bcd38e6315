"""The queue as a table, without Qt."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import BatchEnded, Ended, EpochEnded, Started
from cnn_explorer.core.run.history import RunState, reduce
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.ui.pages.train.queue.state import Column, columns_of, rows_of, sorted_rows, table_text
from cnn_explorer.ui.session.runs.queue import QueueEntry
from cnn_explorer.ui.session.services import ContinueRequest, TrainRequest
from tests.ui.fakes import digits

NETWORK = preset("mnist-simple").architecture
STARTED = Started(
    run="r", epochs=4, first_epoch=1, steps_per_epoch=10, batch_size=64, train_count=640, validation_count=20,
    device="cpu",
)  # fmt: skip


END = Ended(status="completed", message="m", model="m.h5")


def epoch(number: int, right: float = 0.9) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=0.5 / number, accuracy=0.9, val_loss=0.25, val_accuracy=right, learning_rate=0.001,
        seconds=61.0, images_per_second=640.0,
    )  # fmt: skip


def entry(number: int, settings: dict[str, Any] | None = None) -> QueueEntry:
    place = SweepPlace("s", settings) if settings else None
    folder = Path("runs") / str(number)
    return QueueEntry(number, TrainRequest(NETWORK, TrainingConfig(epochs=4), folder, sweep=place), digits(1, 1))


def state(*epochs: EpochEnded, ended: Ended | None = None) -> RunState:
    found = reduce(RunState(), STARTED)
    for one in epochs:
        found = reduce(found, one)
    return reduce(found, ended) if ended else found


def column(columns: tuple[Column, ...], title: str) -> Column:
    return next(column for column in columns if column.title == title)


def test_that_a_run_that_waits_goes_or_is_done_says_so() -> None:
    now = reduce(
        state(epoch(1, 0.95)),
        BatchEnded(epoch=2, step=5, loss=1.0, accuracy=0.5, learning_rate=0.1, seconds=9.0),
    )
    done = replace(entry(1), status="running").ended(state(epoch(1), epoch(2, 0.8), ended=END))
    rows = rows_of((done, replace(entry(2), status="running"), entry(3)), now)
    columns = columns_of(row.entry for row in rows)
    shown = [[column.text(row) for column in columns] for row in rows]
    assert [column.title for column in columns] == ["#", "Run", "Status", "Best", "Final loss", "Epochs", "Time"]
    assert shown[0] == ["1", "mnist-simple", "Completed", "90.00 % (1)", "0.25", "2/4", "2:02"]
    assert shown[1] == ["2", "mnist-simple", "Trains · 38 %", "95.00 % (1)", "0.5", "1/4", "1:10"]
    assert shown[2] == ["3", "mnist-simple", "Waits", "", "", "0/4", ""]


def test_that_an_entry_keeps_how_its_run_ended() -> None:
    going = replace(entry(1), status="running")
    stopped = going.ended(state(ended=Ended(status="stopped", message="By you.", model="", hint="Go on.")))
    assert (stopped.status, stopped.message) == ("stopped", "By you. Go on.")
    died = going.ended(RunState(), "The disk is full.")
    assert (died.status, died.message, died.best) == ("failed", "The disk is full.", None)


def test_that_each_setting_that_a_sweep_varies_has_a_column() -> None:
    queue = (entry(1), entry(2, {"seed": 0, "learning_rate": 0.001}), entry(3, {"seed": 1, "optimizer": "adam"}))
    rows, columns = rows_of(queue, RunState()), columns_of(queue)
    assert [c.title for c in columns][2:5] == ["Seed", "Learning rate", "Optimizer"]
    assert [column(columns, "Seed").text(row) for row in rows] == ["", "0", "1"]
    assert [column(columns, "Learning rate").text(row) for row in rows] == ["", "0.001", ""]


def test_that_a_continued_run_is_called_so_and_counts_to_its_new_end() -> None:
    request = ContinueRequest(NETWORK, TrainingConfig(epochs=4), Path("runs") / "1", 9)
    (row,) = rows_of((QueueEntry(1, request, digits(1, 1)),), RunState())
    columns = columns_of((row.entry,))
    assert column(columns, "Run").text(row) == "mnist-simple, continued"
    assert column(columns, "Epochs").text(row) == "0/9"


@pytest.mark.parametrize("descending", [False, True])
def test_that_rows_without_a_value_come_last_in_both_directions(descending: bool) -> None:
    queue = tuple(entry(n, {"seed": seed} if seed is not None else None) for n, seed in enumerate((10, None, 9, 2)))
    rows, columns = rows_of(queue, RunState()), columns_of(queue)
    seeds = [row.entry.settings.get("seed") for row in sorted_rows(rows, column(columns, "Seed"), descending)]
    assert seeds == ([10, 9, 2, None] if descending else [2, 9, 10, None])


def test_that_values_of_several_kinds_can_be_sorted() -> None:
    queue = (entry(1, {"train_limit": "all"}), entry(2, {"train_limit": 10}))
    rows, limit = rows_of(queue, RunState()), column(columns_of(queue), "Training limit")
    assert [row.entry.number for row in sorted_rows(rows, limit, False)] == [2, 1]  # as texts
    assert [row.entry.number for row in sorted_rows(rows, limit, True)] == [1, 2]


def test_that_every_column_can_be_sorted_by() -> None:
    done = replace(entry(1, {"seed": 1}), status="running").ended(state(epoch(1), ended=END))
    rows, columns = rows_of((done, entry(2)), RunState()), columns_of((done,))
    upwards = {"#": [1, 2], "Status": [2, 1], "Epochs": [2, 1]}
    for one in columns:
        up = [row.entry.number for row in sorted_rows(rows, one, False)]
        down = [row.entry.number for row in sorted_rows(rows, one, True)]
        # The other columns say nothing of a run that waits, or the same of both: as they were in both directions.
        assert up == upwards.get(one.title, [1, 2])
        assert down == (up[::-1] if one.title in upwards else [1, 2])
        assert one.tooltip.endswith(".")


def test_that_the_table_as_text_has_all_figures_in_full() -> None:
    done = replace(entry(1, {"seed": 7}), status="running").ended(state(epoch(1, 0.912345678), ended=END))
    (row,) = csv.DictReader(io.StringIO(table_text(rows_of((done,), RunState()))))
    assert (row["seed"], row["status"], row["folder"]) == ("7", "completed", str(Path("runs") / "1"))
    assert (row["best_val_accuracy"], row["best_epoch"], row["final_loss"]) == ("0.912345678", "1", "0.5")
    assert (row["epochs"], row["planned_epochs"], row["seconds"]) == ("1", "4", "61.0")
