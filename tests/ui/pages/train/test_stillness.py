"""What stands on the screen keeps its place and is drawn once: every move of a plot costs the window a long moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import Ended
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.pages.train.state import Status
from cnn_explorer.ui.pages.train.status import StatusCard
from cnn_explorer.ui.plots import curves as plot_curves
from cnn_explorer.ui.plots.card import PlotCard
from cnn_explorer.ui.plots.curves import RunItems
from cnn_explorer.ui.plots.run_plots import RunPlots
from cnn_explorer.ui.plots.stored_curves import RunCurves
from cnn_explorer.ui.session.runs.colors import ColorBook
from cnn_explorer.ui.session.services import RunRequest
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.main_window import MainWindow
from tests.store.run_makers import epochs_of
from tests.ui.fakes import FakeEngine, Turnstile
from tests.ui.pages.train.driver import Emit, batch, click, epoch_ended, started, text

PAGES = (QSize(919, 594), QSize(1190, 660), QSize(1830, 950))
"""The page in a window of 1024 × 680, 1280 × 800 and 1920 × 1080 points."""
LONG_END = "Trained 10 epochs; validation accuracy 0.9880, the best was 0.9921 after epoch 7."


class Resizes(QObject):
    """Notes each new size of the widgets that it watches."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.seen: list[tuple[str, int, int]] = []
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.seen.append((watched.objectName(), watched.width(), watched.height()))
        return False


class EndsWithManyWords(FakeEngine):
    """Two whole epochs, and an ending that takes several lines."""

    def train(self, request: RunRequest, dataset: Dataset, emit: Emit, control: RunControl) -> None:
        self.requests.append(request)
        request.folder.mkdir(parents=True)
        emit(started(request, epochs=2, steps=2))
        for epoch in (1, 2):
            for step in (1, 2):
                if self.gate is not None:
                    self.gate.wait(10)
                emit(batch(epoch, step))
            emit(epoch_ended(epoch))
        emit(Ended(status="completed", message=LONG_END, model=""))


@pytest.mark.parametrize("engine", [EndsWithManyWords], indirect=True)
@pytest.mark.parametrize("size", PAGES, ids=lambda size: f"{size.width()}x{size.height()}")
def test_that_no_plot_is_moved_or_resized_while_a_run_begins_goes_and_ends(
    qtbot: QtBot, train_page: TrainPage, session: Session, gate: Turnstile, size: QSize
) -> None:
    page = train_page
    page.resize(size)
    page.grab()
    QApplication.processEvents()  # narrow legends take a second line afterwards
    plots = page.plots.plots
    resizes = Resizes(page.status, *plots)
    places = [plot.mapTo(page, plot.rect().topLeft()) for plot in plots]
    click(page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase").startswith("Training"))
    page.grab()
    gate.let_through(3)
    qtbot.waitUntil(lambda: len(page.plots.accuracy.data.epoch) == 1)
    page.grab()
    gate.set()
    qtbot.waitUntil(lambda: page.controls.resume.isVisible() and len(page.plots.accuracy.data.epoch) == 2)
    page.grab()
    assert text(page, "train_message") == LONG_END
    assert resizes.seen == []
    assert [plot.mapTo(page, plot.rect().topLeft()) for plot in plots] == places


@pytest.mark.parametrize("width", [170, 247, 380])
def test_that_the_card_of_the_run_is_as_high_as_its_fullest_state(qtbot: QtBot, width: int) -> None:
    card = StatusCard()
    qtbot.addWidget(card)
    card.resize(width, 300)
    card.show()
    facts, best = (("Time left", "0:10"), ("Speed", "214 images/s")), "best validation accuracy · epoch 7"
    going = Status("Training epoch 8 of 10", "accent", "activity", "", 0.7, facts, "99.21 %", best, 0.001, True)
    ended = Status("Completed", "success", "circle-check", LONG_END, 1.0, facts, "99.21 %", best)
    for status in (going, ended):
        card.show_status(status, None)
        card.grab()
        layout = card.layout()
        assert layout is not None
        assert layout.minimumSize().height() <= card.minimumHeight()
        assert layout.minimumSize().width() <= card.minimumWidth()


def test_that_a_short_message_does_not_keep_the_room_of_a_long_one(qtbot: QtBot) -> None:
    card = StatusCard()
    qtbot.addWidget(card)
    card.resize(247, 300)
    card.show()
    card.show_status(Status("Failed", "error", "circle-alert", 5 * LONG_END), None)
    high = card.message.minimumHeight()
    card.show_status(Status("Completed", "success", "circle-check", "Trained."), None)
    assert card.message.minimumHeight() < high / 3


def test_that_a_message_takes_its_place_in_one_step(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    bar = window.message_bar
    for said in ("Saved.", "Saved again."):
        resizes = Resizes(bar)
        session.say("success", said, "Open it again at any time.")
        qtbot.waitUntil(bar.isVisible)
        window.grab()
        heights = {height for _, _, height in resizes.seen if height}
        assert heights == {bar.height()}
        bar.close_message()


def run(number: int) -> RunCurves:
    position = np.arange(1, 61) / 20
    return RunCurves(
        path=Path(f"/runs/{number}"), title=f"run {number}", position=position,
        loss=1 / (1 + position), accuracy=position / (1 + position), learning_rate=np.full(60, 0.001),
        steps_per_epoch=20, epochs=tuple(epochs_of(3, seed=number)), planned=3,
    )  # fmt: skip


@pytest.fixture
def plots(qtbot: QtBot) -> Iterator[RunPlots]:
    window = QWidget()
    plots = RunPlots(ColorBook())
    QVBoxLayout(window).addWidget(plots)
    qtbot.addWidget(window)
    window.resize(1000, 500)
    with qtbot.waitExposed(window):
        window.show()
    plots.set_runs((run(0),))
    qtbot.waitUntil(lambda: all(len(plot.series) == 1 for plot in plots.plots))
    yield plots
    window.hide()


def test_that_a_new_size_is_drawn_afterwards_once_and_plot_by_plot(
    qtbot: QtBot, plots: RunPlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    turns: list[str] = []
    draw, show_series = RunItems.draw, PlotCard.show_series

    def remember(items: RunItems, *args: object, **more: object) -> None:
        drawn.append(items)
        draw(items, *args, **more)  # type: ignore[arg-type]  # they are what came

    def count(card: PlotCard, *args: object) -> None:
        turns.append(card.plot.quantity.key)
        show_series(card, *args)  # type: ignore[arg-type]  # they are what came

    monkeypatch.setattr(RunItems, "draw", remember)
    monkeypatch.setattr(PlotCard, "show_series", count)
    width = plots.loss.width()
    for step in range(1, 4):
        plots.window().resize(1000 + 30 * step, 500 + 20 * step)
        plots.window().grab()
    assert plots.loss.width() > width
    assert drawn == []
    qtbot.waitUntil(lambda: len(turns) == 3)
    assert turns == ["loss", "accuracy", "learning_rate"]
    assert len(drawn) == 3


def test_that_a_zoom_goes_on_to_one_plot_a_frame(qtbot: QtBot, plots: RunPlots) -> None:
    before = plots.loss.view_range()[0]
    qtbot.keyClick(plots.accuracy, "+")
    qtbot.keyClick(plots.accuracy, "+")
    chosen = plots.accuracy.view_range()[0]
    assert plots.loss.view_range()[0] == plots.learning_rate.view_range()[0] == before
    seen = []
    plots.loss._box.sigXRangeChanged.connect(lambda *_: seen.append(("loss", plots.learning_rate.is_following)))
    qtbot.waitUntil(lambda: plots.learning_rate.view_range()[0] == pytest.approx(chosen))
    assert plots.loss.view_range()[0] == pytest.approx(chosen)
    assert seen == [("loss", True)]


def test_that_showing_all_takes_back_what_others_have_not_followed_yet(qtbot: QtBot, plots: RunPlots) -> None:
    whole = plots.loss.view_range()[0]
    qtbot.keyClick(plots.accuracy, "+")
    qtbot.keyClick(plots.accuracy, "0")
    with qtbot.waitSignal(plots._timer.timeout):  # long after the last plot would have followed
        plots.request_drawing()
    assert all(plot.is_following and plot.view_range()[0] == whole for plot in plots.plots)


def test_that_a_zoom_over_many_runs_makes_no_new_curves(
    qtbot: QtBot, plots: RunPlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    plots.set_runs(tuple(run(number) for number in range(4)))
    qtbot.waitUntil(lambda: all(len(plot.series) == 4 for plot in plots.plots))
    plots.grab()
    made: list[None] = []
    item = plot_curves.pg.PlotCurveItem

    def make(*args: object, **more: object) -> object:
        made.append(None)
        return item(*args, **more)

    monkeypatch.setattr(plot_curves.pg, "PlotCurveItem", make)
    qtbot.keyClick(plots.loss, "+")
    plots.grab()
    assert made == []
