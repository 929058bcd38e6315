"""history.csv and batches.csv survive kills, full disks and editors."""

from __future__ import annotations

import csv
import errno
import math
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.store import struct_csv

Epoch = Callable[..., EpochEnded]
RoomFor = Callable[[int], AbstractContextManager[None]]
numbers = st.floats(allow_nan=False)
epochs = st.builds(
    EpochEnded, epoch=st.integers(1, 10**6), loss=numbers, accuracy=numbers, val_loss=numbers, val_accuracy=numbers,
    learning_rate=numbers, seconds=numbers, images_per_second=numbers,
)  # fmt: skip


def append_epoch(path: Path, one: EpochEnded) -> None:
    struct_csv.append(path, [one])


def read_epochs(path: Path) -> tuple[EpochEnded, ...]:
    return struct_csv.read(path, EpochEnded)


def keep_epochs(path: Path, last: int) -> None:
    struct_csv.keep(path, EpochEnded, last)


def test_that_the_file_is_plain_csv_with_the_fields_of_an_epoch_as_columns(tmp_path: Path, epoch: Epoch) -> None:
    path = tmp_path / "history.csv"
    append_epoch(path, epoch(1))
    append_epoch(path, epoch(2))
    assert path.read_text().splitlines()[0] == (
        "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second"
    )
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[1]["loss"]) == 1 / 3
    assert float(rows[1]["val_loss"]) == 2.5e-7


def test_that_each_epoch_is_on_the_disk_when_append_returns(
    tmp_path: Path, epoch: Epoch, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_size))
    append_epoch(tmp_path / "history.csv", epoch(1))
    assert synced == [(tmp_path / "history.csv").stat().st_size]


@given(st.lists(epochs, max_size=4))
def test_that_numbers_read_back_exactly(tmp_path_factory: pytest.TempPathFactory, written: list[EpochEnded]) -> None:
    path = tmp_path_factory.getbasetemp() / "exact.csv"
    path.unlink(missing_ok=True)
    for one in written:
        append_epoch(path, one)
    assert read_epochs(path) == tuple(written)


def test_that_a_long_history_stays_whole_when_a_kill_is_repaired(tmp_path: Path, epoch: Epoch) -> None:
    path = tmp_path / "history.csv"
    for number in range(1, 61):
        append_epoch(path, epoch(number))
    path.write_bytes(path.read_bytes()[:-3])
    append_epoch(path, epoch(60))
    assert read_epochs(path) == tuple(epoch(number) for number in range(1, 61))


def test_that_a_diverged_run_reads_back(tmp_path: Path, epoch: Epoch) -> None:
    append_epoch(tmp_path / "history.csv", epoch(1, math.nan))
    append_epoch(tmp_path / "history.csv", epoch(2, math.inf))
    first, second = read_epochs(tmp_path / "history.csv")
    assert math.isnan(first.accuracy)
    assert second.accuracy == math.inf


def test_that_no_file_is_no_epochs(tmp_path: Path) -> None:
    assert read_epochs(tmp_path / "history.csv") == ()


def test_that_a_kill_at_any_byte_loses_at_most_the_line_being_written(tmp_path: Path, epoch: Epoch) -> None:
    path = tmp_path / "history.csv"
    ends = []
    for number in (1, 2, 3):
        append_epoch(path, epoch(number))
        ends.append(path.stat().st_size)
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        safe = [number for number, end in enumerate(ends, start=1) if end <= length]
        assert [e.epoch for e in read_epochs(path)] == safe
        append_epoch(path, epoch(9))
        assert [e.epoch for e in read_epochs(path)] == [*safe, 9]
        assert path.read_bytes().count(b"epoch") == 1


def test_that_long_rubbish_behind_the_last_line_is_cut_off(tmp_path: Path, epoch: Epoch) -> None:
    path = tmp_path / "history.csv"
    append_epoch(path, epoch(1))
    good = path.read_bytes()
    path.write_bytes(good + bytes(20_000))
    assert read_epochs(path) == (epoch(1),)
    append_epoch(path, epoch(2))
    assert read_epochs(path) == (epoch(1), epoch(2))
    path.write_bytes(bytes(20_000))
    append_epoch(path, epoch(1))
    assert path.read_bytes() == good


def test_that_an_epoch_that_does_not_fit_leaves_the_earlier_ones(
    tmp_path: Path, epoch: Epoch, room_for: RoomFor
) -> None:
    path = tmp_path / "history.csv"
    append_epoch(path, epoch(1))
    before = path.read_bytes()
    for room in (len(before), len(before) + 5, len(before) + 40):
        with room_for(room), pytest.raises(ExplorerError, match=r"history\.csv could not be written"):
            append_epoch(path, epoch(2))
        assert path.read_bytes() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_that_a_full_disk_is_called_full(tmp_path: Path, epoch: Epoch) -> None:
    (tmp_path / "history.csv").symlink_to("/dev/full")
    with pytest.raises(ExplorerError, match="disk is full"):
        append_epoch(tmp_path / "history.csv", epoch(1))


def test_that_a_disk_that_fails_late_leaves_the_earlier_epochs(
    tmp_path: Path, epoch: Epoch, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.csv"
    append_epoch(path, epoch(1))

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ExplorerError, match="disk is full"):
        append_epoch(path, epoch(2))
    assert read_epochs(path) == (epoch(1),)


def test_that_epochs_after_the_checkpoint_are_dropped(tmp_path: Path, epoch: Epoch) -> None:
    path = tmp_path / "history.csv"
    for number in (1, 2, 3):
        append_epoch(path, epoch(number))
    keep_epochs(path, 3)
    assert [e.epoch for e in read_epochs(path)] == [1, 2, 3]
    keep_epochs(path, 2)
    assert read_epochs(path) == (epoch(1), epoch(2))
    append_epoch(path, epoch(3))
    assert [e.epoch for e in read_epochs(path)] == [1, 2, 3]
    keep_epochs(path, 0)
    assert read_epochs(path) == ()
    append_epoch(path, epoch(1))
    assert read_epochs(path) == (epoch(1),)


def test_that_dropping_from_no_file_makes_none(tmp_path: Path) -> None:
    keep_epochs(tmp_path / "history.csv", 2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", ["2,a,0,0,0,0,0,0", "2,0.1", "1.5,0,0,0,0,0,0,0", "", "2,0,0,0,0,0,0,0,0"])
def test_that_a_damaged_line_is_named(tmp_path: Path, epoch: Epoch, line: str) -> None:
    path = tmp_path / "history.csv"
    append_epoch(path, epoch(1))
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ExplorerError) as caught:
        read_epochs(path)
    assert f"{path}, line 3: expected 8 numbers" in caught.value.message


def test_that_another_table_is_not_taken_for_a_history(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("name,age\nx,1\n")
    with pytest.raises(ExplorerError, match=r'line 1: .*got "name,age"'):
        read_epochs(tmp_path / "history.csv")


def test_that_line_ends_of_another_system_are_read(tmp_path: Path, epoch: Epoch) -> None:
    path = tmp_path / "history.csv"
    append_epoch(path, epoch(1))
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_epochs(path) == (epoch(1),)


def test_that_a_folder_in_its_place_is_a_sentence(tmp_path: Path, epoch: Epoch) -> None:
    (tmp_path / "history.csv").mkdir()
    with pytest.raises(ExplorerError, match="could not be read"):
        read_epochs(tmp_path / "history.csv")
    with pytest.raises(ExplorerError, match="this is a folder"):
        append_epoch(tmp_path / "history.csv", epoch(1))
