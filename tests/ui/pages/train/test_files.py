"""What the Train page saves: the table of epochs, the plots, the table of runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.store import struct_csv
from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme
from tests.ui.pages.train.driver import train_to_the_end


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    return train_page


def test_that_the_table_is_saved_with_the_columns_of_history_csv(
    qtbot: QtBot, page: TrainPage, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, plots = page.files.save_table, page.files.save_plots
    assert page.file_actions() == (page.files.open, page.files.save, table, plots)
    assert not table.isEnabled()
    assert not plots.isEnabled()
    train_to_the_end(qtbot, page)
    monkeypatch.setattr(page.files, "ask_save_path", lambda *_: tmp_path / "epochs")
    with qtbot.waitSignal(session.message) as said:
        table.trigger()
    assert said.args[:2] == ["success", f"Saved {tmp_path / 'epochs.csv'}."]
    assert struct_csv.read(tmp_path / "epochs.csv", EpochEnded) == session.runs.state.epochs


def test_that_the_plots_are_saved_as_a_picture(
    qtbot: QtBot, page: TrainPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to_the_end(qtbot, page)
    monkeypatch.setattr(page.files, "ask_save_path", lambda *_: tmp_path / "curves.png")
    page.files.save_plots.trigger()
    picture = QImage(str(tmp_path / "curves.png"))
    width = sum(card.width() for card in page.plots.cards)
    assert picture.width() >= 2 * width
    blue, orange = theme().color("accent").rgb(), theme().color("second").rgb()
    colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(0, picture.height(), 4)}
    assert {blue, orange} <= colours


def test_that_a_failed_export_is_reported_and_a_cancelled_one_is_not(
    qtbot: QtBot, page: TrainPage, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to_the_end(qtbot, page)
    table = page.files.save_table
    monkeypatch.setattr(page.files, "ask_save_path", lambda *_: None)
    with qtbot.assertNotEmitted(session.message):
        table.trigger()
    monkeypatch.setattr(page.files, "ask_save_path", lambda *_: tmp_path / "missing" / "epochs.csv")
    with qtbot.waitSignal(session.message) as said:
        table.trigger()
    assert said.args[0] == "error"
    assert "missing" in said.args[1]
    (tmp_path / "epochs.csv").write_text("mine")
    monkeypatch.setattr(page.files, "ask_save_path", lambda *_: tmp_path / "epochs")
    table.trigger()
    assert (tmp_path / "epochs.csv").read_text() == "mine"
