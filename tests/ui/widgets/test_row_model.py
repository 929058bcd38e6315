"""The model behind lists and tables: whatever is shown after whatever, rows and selections are the right ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QTableView, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.widgets.row_model import ROW, RowModel


class Pair(NamedTuple):
    number: int
    text: str


class Pairs(RowModel[Pair]):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda row: row.number)

    @property
    def width(self) -> int:
        return 2

    def cell(self, row: Pair, column: int, role: int) -> Any:
        return row[column] if role == Qt.ItemDataRole.DisplayRole else None

    def head(self, column: int, role: int) -> Any:
        return ("number", "text")[column] if role == Qt.ItemDataRole.DisplayRole else None


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


LISTS = st.lists(st.integers(0, 12), unique=True, max_size=10).map(
    lambda numbers: tuple(Pair(number, str(number)) for number in numbers)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LISTS, min_size=1, max_size=5))
def test_that_any_list_after_any_other_is_shown_and_rows_are_followed(
    owner: QWidget, lists: list[tuple[Pair, ...]]
) -> None:
    model = Pairs(owner)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    followed: dict[int, QPersistentModelIndex] = {}
    for rows in lists:
        model.show(rows)
        assert model.rows == rows
        assert [model.at(place).data(ROW) for place in range(model.rowCount())] == list(rows)
        assert [model.index(place, 1).data() for place in range(model.rowCount())] == [row.text for row in rows]
        for number, index in followed.items():
            assert not index.isValid() or index.data(ROW).number == number
        followed |= {row.number: QPersistentModelIndex(model.at(place)) for place, row in enumerate(rows)}
    tester.deleteLater()
    model.deleteLater()


def test_that_a_selection_stays_on_its_row_and_only_what_changed_is_told(owner: QWidget, qtbot: QtBot) -> None:
    model, view = Pairs(owner), QTableView(owner)
    view.setModel(model)
    rows = [Pair(number, "same") for number in range(4)]
    model.show(rows)
    view.setCurrentIndex(model.at(2))
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.show([Pair(9, "new"), rows[1], rows[2], Pair(3, "other")])
    assert view.currentIndex().data(ROW) is rows[2]
    assert told == [(3, 3)]
    told.clear()
    model.show(model.rows, everything=True)
    assert told == [(0, 3)]
    model.begin_anew(rows[:1])
    assert not view.currentIndex().isValid()


def test_that_a_list_that_shares_little_with_the_one_before_begins_anew(owner: QWidget) -> None:
    model = Pairs(owner)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.show(Pair(number, "") for number in range(100))
    assert resets == []
    swapped = [number ^ 1 for number in range(100)]  # each pair of neighbours
    model.show(Pair(number, "") for number in swapped)
    assert len(resets) == 1
    assert [row.number for row in model.rows] == swapped


def test_that_heads_stand_above_columns_and_nothing_below_a_row(owner: QWidget) -> None:
    model = Pairs(owner)
    model.show([Pair(1, "one")])
    horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    assert [model.headerData(column, horizontal) for column in range(2)] == ["number", "text"]
    assert model.headerData(0, vertical) is None
    assert (model.rowCount(model.at(0)), model.columnCount(model.at(0))) == (0, 0)
    assert model.data(QModelIndex()) is None
