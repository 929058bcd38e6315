"""Runs in comparison: plots, legend, values, picture; and how their curves come from the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.events import LearningRateChanged
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.plots.run_plots import RunPlots
from cnn_explorer.ui.plots.stored_curves import CurveLoader, RunCurves, read_curves
from cnn_explorer.ui.plots.table import ValueTable
from cnn_explorer.ui.session.runs.colors import ColorBook
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme
from tests.store.run_makers import epochs_of, make_run


def run(number: int, epochs: int = 3, calls: int = 20, changes: tuple[LearningRateChanged, ...] = ()) -> RunCurves:
    position = np.arange(1, epochs * calls + 1) / calls
    return RunCurves(
        Path(f"/runs/{number}"), f"run {number}", position, (1 + number) / (1 + position), position / (1 + position),
        np.full(len(position), 0.001 * (1 + number)), calls, tuple(epochs_of(epochs, seed=number)), changes,
        planned=epochs,
    )  # fmt: skip


@pytest.fixture
def plots(qtbot: QtBot) -> Iterator[RunPlots]:
    window = QWidget()
    layout = QVBoxLayout(window)
    plots = RunPlots(ColorBook())
    layout.addWidget(plots)
    qtbot.addWidget(window)
    window.resize(1000, 500)
    with qtbot.waitExposed(window):
        window.show()
    yield plots
    window.hide()


def show(qtbot: QtBot, plots: RunPlots, *runs: RunCurves) -> None:
    plots.set_runs(runs)
    paths = [str(one.path) for one in runs]
    qtbot.waitUntil(lambda: all([one.key for one in plot.series] == paths for plot in plots.plots))


def table(plots: RunPlots) -> str:
    found = plots.window().findChild(ValueTable)
    assert isinstance(found, ValueTable)
    return found.text() if found.isVisible() else ""


def button(plots: RunPlots, name: str) -> QToolButton:
    found = plots.findChild(QToolButton, name)
    assert isinstance(found, QToolButton)
    return found


def test_that_the_cursor_shows_all_values_of_all_runs(qtbot: QtBot, plots: RunPlots) -> None:
    runs = run(0), run(1), run(2, epochs=9)
    show(qtbot, plots, *runs)
    plots.accuracy.set_cursor(2.0)
    assert plots.loss.cursor_position == plots.learning_rate.cursor_position == 2.0
    text = table(plots)
    for plot in plots.plots:
        for series in plot.series:
            assert series.name in text
            for point in series.data.near(2.0):
                if point.curve != "batch":
                    assert plot.quantity.text(point.value) in text
    found = plots.window().findChild(QFrame, "plot_values")
    assert isinstance(found, QFrame)
    picture = found.grab().toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(40) for y in range(picture.height())}
    assert set(theme().palette.series[:3]) <= seen
    plots.accuracy.set_cursor(None)
    assert table(plots) == ""


def test_that_the_values_of_twenty_runs_stay_inside_the_window(qtbot: QtBot, plots: RunPlots) -> None:
    show(qtbot, plots, *(run(number) for number in range(20)))
    plots.loss.set_cursor(1.0)
    window = plots.window()
    found = window.findChild(QFrame, "plot_values")
    assert found is not None
    assert window.rect().contains(found.geometry())
    plots.hide()
    assert not found.isVisible()


def test_that_a_run_keeps_its_colour_when_others_go(qtbot: QtBot, plots: RunPlots) -> None:
    show(qtbot, plots, run(0), run(1), run(2))
    before = {series.key: series.style for series in plots.loss.series}
    show(qtbot, plots, run(2), run(1))
    assert {series.key: series.style for series in plots.loss.series} == {
        key: before[key] for key in ("/runs/2", "/runs/1")
    }
    show(qtbot, plots, run(1))
    assert plots.loss.series[0].style is None  # alone it has the colours of training and validation


def test_that_a_click_in_the_legend_hides_and_shows_a_run(qtbot: QtBot, plots: RunPlots) -> None:
    show(qtbot, plots, run(0), run(1))
    qtbot.mouseClick(button(plots, "legend_1"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: all(len(plot.series) == 1 for plot in plots.plots))
    assert plots.loss.series[0].style is not None  # it is still a comparison
    again = button(plots, "legend_1")
    again.setFocus()
    qtbot.keyClick(again, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: all(len(plot.series) == 2 for plot in plots.plots))


def test_that_a_cross_asks_to_take_a_run_away_but_fixed_runs_have_none(qtbot: QtBot, plots: RunPlots) -> None:
    one, two = run(0), run(1)
    plots.set_runs((one, two), fixed=(one.path,))
    assert plots.findChild(QToolButton, "legend_remove_0") is None
    with qtbot.waitSignal(plots.removed) as removed:
        qtbot.mouseClick(button(plots, "legend_remove_1"), Qt.MouseButton.LeftButton)
    assert removed.args == [two.path]


def test_that_the_legend_is_there_for_comparisons_only(plots: RunPlots) -> None:
    one, two = run(0), run(1)
    plots.set_runs((one,), fixed=(one.path,))
    assert plots.legend.isHidden()
    plots.set_runs((one, two), fixed=(one.path,))
    assert plots.legend.isVisible()
    plots.set_runs((two,))  # someone must be able to take it away
    assert plots.legend.isVisible()


def test_that_a_zoom_is_shared_and_taken_back_everywhere(qtbot: QtBot, plots: RunPlots) -> None:
    show(qtbot, plots, run(0, epochs=8))
    qtbot.keyClick(plots.accuracy, "+")
    seen = plots.accuracy.view_range()[0]
    qtbot.waitUntil(lambda: all(plot.view_range()[0] == pytest.approx(seen) for plot in plots.plots))
    assert plots.reset.isVisible()
    qtbot.keyClick(plots.loss, "0")
    assert all(plot.is_following for plot in plots.plots)
    assert not plots.reset.isVisible()


def test_that_loss_and_rate_have_logarithmic_axes_of_their_own(qtbot: QtBot, plots: RunPlots) -> None:
    show(qtbot, plots, run(0))
    log = button(plots, "runs_log_learning_rate")
    log.setFocus()
    qtbot.keyClick(log, Qt.Key.Key_Space)
    assert (plots.loss.is_log, plots.learning_rate.is_log) == (False, True)
    assert not button(plots, "runs_log_accuracy").isVisible()


def test_that_the_picture_has_legend_and_plots_without_buttons(qtbot: QtBot, plots: RunPlots) -> None:
    show(qtbot, plots, run(0), run(1))
    alone_height = 2 * plots.cards[0].height()
    picture = plots.picture()
    assert picture.width() >= 2 * sum(card.width() for card in plots.cards)
    assert picture.height() > alone_height
    head = picture.copy(0, 0, picture.width(), picture.height() - alone_height)
    colours = {head.pixelColor(x, y).name() for x in range(head.width()) for y in range(head.height())}
    assert set(theme().palette.series[:2]) <= colours
    assert plots.cards[0].log.isVisible()


def test_that_many_batches_keep_their_means_in_the_outline() -> None:
    whole = run(0, epochs=100, calls=1000)
    outline = whole.outline
    assert len(outline.position) <= 4096
    assert outline.position[-1] == whole.position[-1]
    assert outline.loss.mean() == pytest.approx(whole.loss.mean(), rel=0.01)
    assert run(1).outline.loss is not None
    few = run(1)
    assert few.outline is few


def test_that_curves_come_from_the_files_of_a_run(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "a", epochs=4, batches=25, title="My run")
    curves = read_curves(folder)
    assert (curves.title, curves.steps_per_epoch, len(curves.position)) == ("My run", 25, 100)
    assert curves.position[[0, 24, 99]].tolist() == [0.04, 1.0, 4.0]
    assert curves.loss.tolist() == RunFolder(folder).batches().loss.tolist()
    assert curves.epochs == RunFolder(folder).history()


@pytest.mark.parametrize("damage", [None, b"rubbish\n1,2\n"])
def test_that_a_run_without_batches_shows_the_means_of_its_epochs(tmp_path: Path, damage: bytes | None) -> None:
    folder = make_run(tmp_path / "a", epochs=4)
    if damage is not None:
        RunFolder(folder).batches_csv.write_bytes(damage)
    curves = read_curves(folder)
    assert curves.position.tolist() == [1, 2, 3, 4]
    assert curves.loss.tolist() == [epoch.loss for epoch in RunFolder(folder).history()]


def test_that_wanted_runs_are_read_once_and_again_when_they_have_grown(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    folders = tuple(make_run(tmp_path / name, epochs=2, batches=5) for name in "ab")
    loader = CurveLoader(session, session)
    loader.set_folders(folders)
    qtbot.waitUntil(lambda: len(loader.runs) == 2)
    before = loader.runs
    assert [one.path for one in before] == list(folders)
    RunFolder(folders[1]).annotate(title="Grown")
    with qtbot.waitSignal(loader.changed):
        session.runs_changed.emit()
    assert loader.runs[0] is before[0]
    assert loader.runs[1].title == "Grown"
    loader.set_folders(folders[:1])
    assert loader.runs == before[:1]


def test_that_a_run_that_cannot_be_read_is_reported_and_the_others_are_shown(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    good = make_run(tmp_path / "good", epochs=2)
    loader = CurveLoader(session, session)
    with qtbot.waitSignal(session.message) as said:
        loader.set_folders((tmp_path / "gone", good))
    assert said.args[0] == "error"
    qtbot.waitUntil(lambda: [one.path for one in loader.runs] == [good])
