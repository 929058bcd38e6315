"""While the engine is busy, whatever lies in run folders is shown all the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.events import BatchEnded, Started
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.train.plots import TrainPlots
from cnn_explorer.ui.session.session import Session
from tests.store.run_makers import make_run
from tests.ui.fakes import FakeEngine
from tests.ui.pages.train.film.driver import film_of, open_film, open_panel

# What the screen without a screen says of menus that open.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    return FakeEngine(home=tmp_path)


@pytest.fixture(autouse=True)
def blocked(session: Session) -> Iterator[None]:
    """The engine loads a large model, say, until the end of the test."""
    end = threading.Event()
    session.engine.submit(lambda _job: end.wait(30), lambda _done: None)
    yield
    assert session.engine.busy
    end.set()


@pytest.fixture
def plots(qtbot: QtBot, session: Session) -> TrainPlots:
    plots = TrainPlots(session, ())
    qtbot.addWidget(plots)
    with qtbot.waitExposed(plots):
        plots.show()
    return plots


def test_that_runs_to_compare_with_are_offered(qtbot: QtBot, plots: TrainPlots, tmp_path: Path) -> None:
    make_run(tmp_path / "other", title="Other")
    menu = plots.compare.choices
    menu.popup(plots.mapToGlobal(QPoint(10, 10)))
    qtbot.waitUntil(lambda: any(action.text().startswith("Other") for action in menu.actions()))
    menu.close()


def test_that_the_batches_before_a_continuation_are_drawn(qtbot: QtBot, plots: TrainPlots, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", epochs=4, batches=5)
    plots.begin(
        Started(
            run=str(folder), epochs=9, first_epoch=4, steps_per_epoch=5, batch_size=64, train_count=320,
            validation_count=20, device="CPU", earlier=RunFolder(folder).history()[:3],
        )
    )  # fmt: skip
    plots.add(BatchEnded(epoch=4, step=1, loss=7.0, accuracy=0.5, learning_rate=0.01, seconds=1.0))
    qtbot.waitUntil(lambda: len(plots.loss.data.position) == 16)


def test_that_the_film_is_shown(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    open_film(qtbot, open_panel(qtbot, session), film_of(tmp_path / "run"))
