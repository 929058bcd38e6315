"""The curves of the Train page: nothing is lost, little is drawn, and all plots go together."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.plots.card import PlotCard
from cnn_explorer.ui.session.session import Session
from tests.ui.pages.train.driver import Flood, cells, click, text, train_to_the_end


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    return train_page


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One number for each drawing of a plot: how many batches the first run has."""
    drawn: list[int] = []
    show_series = PlotCard.show_series

    def remember(card: PlotCard, series: tuple, span: object) -> None:
        drawn.append(len(series[0].data.raw) if series else 0)
        show_series(card, series, span)

    monkeypatch.setattr(PlotCard, "show_series", remember)
    return drawn


@pytest.mark.slow
@pytest.mark.parametrize("engine", [Flood], indirect=True)
def test_that_100000_batches_are_all_kept_and_drawn_a_few_times(
    qtbot: QtBot, page: TrainPage, drawn: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    set_epochs = page.table.set_epochs
    monkeypatch.setattr(page.table, "set_epochs", lambda *args: (shown.append(1), set_epochs(*args)))
    click(page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed", timeout=60_000)
    qtbot.waitUntil(lambda: len(page.plots.learning_rate.data.raw) == 100_000)
    assert drawn[-1] == 100_000
    # At most 10 drawings a second of three plots: even a minute stays far below one a batch.
    assert len(drawn) < 2000
    assert len(shown) < 1000


def test_that_a_hidden_page_draws_nothing_and_catches_up_when_it_is_shown(
    qtbot: QtBot, page: TrainPage, session: Session, drawn: list[int]
) -> None:
    page.hide()
    drawn.clear()
    session.train()
    qtbot.waitUntil(lambda: session.runs.state.ended is not None and not session.runs.is_running)
    assert drawn == []
    page.show()
    qtbot.waitUntil(lambda: len(page.plots.accuracy.data.raw) == 50)
    assert len(cells(page)) == 5


def test_that_all_plots_are_shown_whole_again_with_one_click(qtbot: QtBot, page: TrainPage) -> None:
    train_to_the_end(qtbot, page)
    assert not page.plots.reset.isVisible()
    for plot in page.plots.plots:
        qtbot.keyClick(plot, "+")
    click(page, "train_reset_view")
    assert all(plot.is_following for plot in page.plots.plots)
    assert not page.plots.reset.isVisible()
