"""Activations as a table: every value to its last bit, in an order that can be read without a manual."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.export.pictures.activation_table import map_text, save_activations_csv

RNG = np.random.default_rng(0)


def _read(path: Path) -> tuple[list[str], np.ndarray]:
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    return head, np.array([[float(cell) for cell in row] for row in rows])


def test_that_maps_come_back_to_the_last_bit(tmp_path: Path) -> None:
    bits = RNG.integers(0, 2**32, 3 * 4 * 5, dtype=np.uint32)
    maps = bits.view(np.float32).reshape(3, 4, 5)
    maps = np.where(np.isfinite(maps), maps, np.float32(1 / 3))
    save_activations_csv(tmp_path / "a.csv", maps)
    head, rows = _read(tmp_path / "a.csv")
    assert head == ["map", "row", "column", "value"]
    found = np.full_like(maps, np.nan)
    number, row, column = rows[:, :3].astype(int).T
    found[row, column, number] = rows[:, 3].astype(np.float32)
    np.testing.assert_array_equal(found.view(np.uint32), maps.view(np.uint32))
    assert rows[:5, :3].tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 0, 3], [0, 1, 0]]


@pytest.mark.parametrize(
    ("shape", "head"),
    [((6,), ["index"]), ((2, 3), ["row", "column"]), ((2, 1, 3, 2), ["axis0", "axis1", "axis2", "axis3"]),
     ((), ["index"])],
)  # fmt: skip
def test_that_other_shapes_have_columns_of_their_own(tmp_path: Path, shape: tuple[int, ...], head: list[str]) -> None:
    values = RNG.normal(size=shape).astype(np.float32)
    save_activations_csv(tmp_path / "a.csv", np.asarray(values))
    found, rows = _read(tmp_path / "a.csv")
    assert found == [*head, "value"]
    places = tuple(rows[:, :-1].astype(int).T)
    np.testing.assert_array_equal(np.atleast_1d(values)[places], rows[:, -1].astype(np.float32))
    assert len(rows) == values.size


def test_that_broken_numbers_are_written_as_such(tmp_path: Path) -> None:
    save_activations_csv(tmp_path / "a.csv", np.array([np.nan, np.inf, -np.inf], np.float32))
    assert (tmp_path / "a.csv").read_text() == "index,value\n0,nan\n1,inf\n2,-inf\n"


def test_that_an_existing_table_is_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine")
    with pytest.raises(ExplorerError, match="exists already"):
        save_activations_csv(path, np.zeros(2, np.float32))
    assert path.read_text() == "mine"
    save_activations_csv(path, np.zeros(2, np.float32), force=True)
    assert path.read_text() == "index,value\n0,0.0\n1,0.0\n"


def test_that_a_table_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    def watch(what: str, done: int, total: int) -> None:
        if done == 2:
            raise CancelledError("ended")

    with pytest.raises(CancelledError):
        save_activations_csv(tmp_path / "a.csv", np.zeros((2, 2, 5), np.float32), watch=watch)
    assert list(tmp_path.iterdir()) == []


def test_that_the_clipboard_gets_rows_and_columns() -> None:
    assert map_text(np.array([[1, 0.1], [-2, 3]], np.float32)) == "1.0\t0.1\n-2.0\t3.0\n"
    assert map_text(np.array([1, 2], np.float32)) == "1.0\n2.0\n"
