"""The Train page's plots beyond the current run: what it has behind it, and the runs laid over it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.events import BatchEnded, LearningRateChanged, Started
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.train.compare_button import MOST
from cnn_explorer.ui.pages.train.plots import TrainPlots
from cnn_explorer.ui.session.session import Session
from tests.store.run_makers import make_run
from tests.ui.fakes import FakeEngine

# What the screen without a screen says of menus that open.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    return FakeEngine(home=tmp_path)


@pytest.fixture
def plots(qtbot: QtBot, session: Session) -> TrainPlots:
    plots = TrainPlots(session, ())
    qtbot.addWidget(plots)
    plots.resize(900, 400)
    with qtbot.waitExposed(plots):
        plots.show()
    return plots


def started(folder: Path, first: int = 1, steps: int = 5) -> Started:
    earlier = RunFolder(folder).history()[: first - 1] if first > 1 else ()
    changes = (LearningRateChanged(epoch=1, step=3, learning_rate=0.1, reason="asked"),) if first > 1 else ()
    return Started(
        run=str(folder), epochs=9, first_epoch=first, steps_per_epoch=steps, batch_size=64, train_count=320,
        validation_count=20, device="CPU", earlier=earlier, earlier_changes=changes,
    )  # fmt: skip


def batch(epoch: int, step: int) -> BatchEnded:
    return BatchEnded(epoch=epoch, step=step, loss=7.0, accuracy=0.5, learning_rate=0.01, seconds=1.0)


def opened(qtbot: QtBot, plots: TrainPlots, entries: int) -> list[QAction]:
    """The actions of the menu, opened, when the runs have been found."""
    menu = plots.compare.choices
    menu.popup(plots.mapToGlobal(QPoint(10, 10)))
    qtbot.waitUntil(lambda: sum(action.isCheckable() for action in menu.actions()) == entries)
    return [action for action in menu.actions() if action.isCheckable()]


def test_that_a_continued_run_shows_what_it_has_behind_it(qtbot: QtBot, plots: TrainPlots, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", epochs=4, batches=5)
    plots.begin(started(folder, first=4))  # the fourth epoch of the files is not whole for this process
    plots.add(batch(4, 1))
    qtbot.waitUntil(lambda: len(plots.loss.data.position) == 16)
    plots.add(batch(4, 2))
    qtbot.waitUntil(lambda: all(len(plot.data.position) == 17 for plot in plots.plots))
    data = plots.loss.data
    assert data.position.tolist() == pytest.approx([*(np.arange(1, 16) / 5).tolist(), 3.2, 3.4])
    assert data.raw[-2:].tolist() == [7.0, 7.0]
    assert data.raw[:15].tolist() == RunFolder(folder).batches().loss[:15].tolist()
    assert data.epoch.tolist() == [1, 2, 3]
    assert plots.loss.view_range()[0][0] == 0
    assert plots.loss.series[0].marks == ((0.4, "set by hand: 0.1"),)


def test_that_the_batches_of_a_run_before_do_not_come_into_the_next_one(
    qtbot: QtBot, plots: TrainPlots, tmp_path: Path
) -> None:
    plots.begin(started(make_run(tmp_path / "old", epochs=4, batches=5), first=3))
    plots.begin(started(tmp_path / "new"))
    plots.add(batch(1, 1))
    qtbot.waitUntil(lambda: not plots._session.disk.busy)
    qtbot.waitUntil(lambda: plots.learning_rate.data.position.tolist() == [0.2])


def test_that_compared_runs_are_laid_over_the_run_that_goes_but_not_over_themselves(
    qtbot: QtBot, plots: TrainPlots, session: Session, tmp_path: Path
) -> None:
    own, other = make_run(tmp_path / "own", batches=5), make_run(tmp_path / "other", batches=5, title="Other")
    plots.begin(started(own))
    session.compare((own, other))
    qtbot.waitUntil(lambda: all(len(plot.series) == 2 for plot in plots.plots))
    assert [series.name for series in plots.loss.series] == ["This run", "Other"]
    plots.legend.removed.emit(other)
    assert session.compared == (own,)
    qtbot.waitUntil(lambda: all(len(plot.series) == 1 for plot in plots.plots))


def test_that_the_menu_offers_the_latest_other_runs_and_checks_those_that_are_compared(
    qtbot: QtBot, plots: TrainPlots, session: Session, tmp_path: Path
) -> None:
    folders = [
        make_run(tmp_path / f"{n:02}", title=f"run {n}", created=f"2025-03-14T16:{n:02}:00+00:00")
        for n in range(MOST + 3)
    ]
    make_run(tmp_path / "none", epochs=0)
    plots.begin(started(folders[-1]))
    session.compare((folders[3],))
    actions = opened(qtbot, plots, MOST)
    assert [action.text().split("\t")[0] for action in actions] == [f"run {n}" for n in range(MOST + 1, 1, -1)]
    assert [action.text().split("\t")[0] for action in actions if action.isChecked()] == ["run 3"]
    assert "2 more on the Runs page" in [action.text() for action in plots.compare.choices.actions()]


def test_that_the_menu_stays_open_while_one_checks_several(
    qtbot: QtBot, plots: TrainPlots, session: Session, tmp_path: Path
) -> None:
    folders = [make_run(tmp_path / name, created=f"2025-03-14T16:0{name}:00+00:00") for name in "12"]
    menu = plots.compare.choices
    second, first = opened(qtbot, plots, 2)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(first).center())
    menu.setActiveAction(second)
    qtbot.keyClick(menu, Qt.Key.Key_Space)
    assert menu.isVisible()
    assert session.compared == tuple(folders)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(first).center())
    assert session.compared == (folders[1],)
    next(action for action in menu.actions() if action.text() == "Compare with none").trigger()
    assert session.compared == ()
    menu.hide()


def test_that_the_menu_says_so_if_there_is_nothing_to_compare_with(qtbot: QtBot, plots: TrainPlots) -> None:
    menu = plots.compare.choices
    menu.popup(plots.mapToGlobal(QPoint(10, 10)))
    qtbot.waitUntil(lambda: "No other run" in menu.actions()[0].text())
    assert not menu.actions()[0].isEnabled()
    menu.hide()
