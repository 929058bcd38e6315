"""The table of epochs: the best one, those from before a continuation, and room for every word."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.config import Monitor
from cnn_explorer.core.run.events import EpochEnded, Started
from cnn_explorer.core.run.history import best_epoch
from cnn_explorer.ui.pages.train.epoch_table import COLUMNS, EpochTable
from cnn_explorer.ui.theme import theme


def epoch(number: int, val_loss: float = 0.5, val_accuracy: float = 0.9) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=0.4, accuracy=0.9876, val_loss=val_loss, val_accuracy=val_accuracy,
        learning_rate=1.31509732e-05, seconds=1234.5, images_per_second=12345.0,
    )  # fmt: skip


def started(first: int = 1, monitor: Monitor = "val_accuracy") -> Started:
    return Started(
        run="run", epochs=9, first_epoch=first, steps_per_epoch=1, batch_size=1, train_count=1, validation_count=1,
        device="CPU", monitor=monitor,
    )  # fmt: skip


@pytest.fixture
def table(qtbot: QtBot) -> EpochTable:
    table = EpochTable()
    qtbot.addWidget(table)
    table.resize(700, 200)
    with qtbot.waitExposed(table):
        table.show()
    return table


def told(table: EpochTable, row: int, role: Qt.ItemDataRole = Qt.ItemDataRole.ToolTipRole) -> object:
    return table.model.data(table.model.index(row, 0), role)


def test_that_the_best_epoch_is_that_of_the_run_s_monitor(table: EpochTable) -> None:
    epochs = (epoch(1, 0.3, 0.91), epoch(2, 0.4, 0.95), epoch(3, 0.5, 0.93))
    table.set_epochs(epochs, best_epoch(epochs, "val_accuracy"), started())
    assert told(table, 1) == "The best validation accuracy so far: this model is kept in best.h5."
    table.set_epochs(epochs, best_epoch(epochs, "val_loss"), started(monitor="val_loss"))
    assert told(table, 0) == "The best validation loss so far: this model is kept in best.h5."
    assert told(table, 1) is None


def test_that_the_best_epoch_stays_marked_when_the_same_history_is_read_again(table: EpochTable) -> None:
    epochs = (epoch(1), epoch(2, 0.1, 0.99))
    table.set_epochs(epochs, epochs[1], started())
    again = tuple(replace(each) for each in epochs)
    table.set_epochs(again, again[1], started())
    assert told(table, 1) == "The best validation accuracy so far: this model is kept in best.h5."


def test_that_epochs_from_before_a_continuation_are_muted(table: EpochTable) -> None:
    epochs = tuple(epoch(number, 1 / number, number / 10) for number in range(1, 5))
    table.set_epochs(epochs[:2], epochs[1], started(first=3))
    table.set_epochs(epochs, epochs[3], started(first=3))
    muted = [told(table, row, Qt.ItemDataRole.ForegroundRole) is not None for row in range(4)]
    assert muted == [True, True, False, False]
    assert told(table, 0) == "From before the run was continued."
    table.set_epochs(epochs, epochs[3], started(first=1))
    assert told(table, 0) is None
    assert table.model.rowCount() == 4


@pytest.mark.parametrize("width", [300, 400, 560, 1000])
@pytest.mark.parametrize("scale", [100, 150])
def test_that_no_heading_and_no_value_is_cut(qtbot: QtBot, table: EpochTable, width: int, scale: int) -> None:
    epochs = (epoch(1000, 12345.678, 1.0), epoch(1001))
    table.set_epochs(epochs, epochs[0], started())
    theme().set_text_scale(scale)
    try:
        table.resize(width, 200)
        header, view = table.view.horizontalHeader(), table.view
        bold = view.font()
        bold.setBold(True)
        for number, column in enumerate(COLUMNS):
            lines = [header.fontMetrics().horizontalAdvance(line) for line in column.title.split("\n")]
            value = QFontMetrics(bold).horizontalAdvance(column.text(epochs[0]))
            assert header.sectionSize(number) >= max(max(lines) + 12, value + 18), column.title
        total = sum(header.sectionSize(number) for number in range(len(COLUMNS)))
        assert (total > view.viewport().width()) == (view.horizontalScrollBar().maximum() > 0)
    finally:
        theme().set_text_scale(100)
