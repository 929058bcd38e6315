"""The table of runs when the disk changes: only what is new moves, and the columns share the window."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.runs.page import RunsPage
from cnn_explorer.ui.session.session import Session
from tests.store.run_makers import epochs_of, make_run
from tests.ui.fakes import FakeEngine
from tests.ui.pages.runs.driver import KEYS, open_page, select, selected, titles

NAME, NOTES = KEYS.index("name"), KEYS.index("notes")
MANY = 40


@pytest.fixture
def home(engine: FakeEngine, tmp_path: Path) -> Path:
    """Many runs, t00 the oldest."""
    engine.home = tmp_path / "runs"
    for number in range(MANY):
        make_run(
            engine.home / f"{number:02}", title=f"t{number:02}", epochs=epochs_of(2, 0.9 + number / 1000, number),
            created=f"2025-03-01T08:{number:02}:00+00:00",
        )  # fmt: skip
    return engine.home


@pytest.fixture
def page(qtbot: QtBot, session: Session, home: Path) -> RunsPage:
    """The page with all of them, newest first."""
    return open_page(qtbot, session, MANY)


class Watch:
    """What the table's model tells the view."""

    def __init__(self, page: RunsPage) -> None:
        model = page.table.runs
        self._tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
        self.inserted, self.removed = QSignalSpy(model.rowsInserted), QSignalSpy(model.rowsRemoved)
        self.reset, self.changed = QSignalSpy(model.modelReset), QSignalSpy(model.dataChanged)

    @property
    def steps(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Spans of rows that were removed, and that were inserted."""
        return self._spans(self.removed), self._spans(self.inserted)

    @property
    def changed_rows(self) -> list[tuple[int, int]]:
        """Spans of rows whose texts changed."""
        return [(first.row(), last.row()) for first, last, _ in map(self.changed.at, range(self.changed.count()))]

    @staticmethod
    def _spans(spy: QSignalSpy) -> list[tuple[int, int]]:
        return [tuple(spy.at(number)[1:]) for number in range(spy.count())]


def refresh(qtbot: QtBot, page: RunsPage, done: Callable[[], bool]) -> None:
    page.session.runs_changed.emit()
    qtbot.waitUntil(lambda: done() and not page.session.disk.busy)


def test_that_a_new_run_is_one_row_more_and_nothing_begins_anew(qtbot: QtBot, page: RunsPage, home: Path) -> None:
    watch = Watch(page)
    make_run(home / "new", title="new", created="2025-03-01T08:30:30+00:00")
    refresh(qtbot, page, lambda: len(titles(page)) == MANY + 1)
    place = titles(page).index("new")
    assert titles(page)[place - 1 : place + 2] == ["t31", "new", "t30"]
    assert watch.steps == ([], [(place, place)])
    assert (watch.reset.count(), watch.changed_rows) == (0, [])


def test_that_runs_that_are_gone_leave_the_others_alone(qtbot: QtBot, page: RunsPage, home: Path) -> None:
    select(page, "t20", "t11")
    watch = Watch(page)
    for name in ("10", "12", "13"):
        shutil.rmtree(home / name)
    refresh(qtbot, page, lambda: len(titles(page)) == MANY - 3)
    assert watch.steps == ([(MANY - 11, MANY - 11), (MANY - 14, MANY - 13)], [])
    assert (watch.reset.count(), watch.changed_rows) == (0, [])
    assert selected(page) == ["t20", "t11"]


def test_that_a_run_that_has_changed_is_the_only_row_that_is_shown_anew(
    qtbot: QtBot, page: RunsPage, home: Path
) -> None:
    select(page, "t05")
    watch = Watch(page)
    RunFolder(home / "07").annotate(notes="a note")
    refresh(qtbot, page, lambda: page.table.runs.rows[MANY - 8].run.notes == "a note")
    assert watch.steps == ([], [])
    assert (watch.reset.count(), watch.changed_rows) == (0, [(MANY - 8, MANY - 8)])
    assert selected(page) == ["t05"]


def test_that_a_refresh_without_news_touches_nothing(qtbot: QtBot, page: RunsPage) -> None:
    watch, rows = Watch(page), page.table.runs.rows
    chosen = QSignalSpy(page.table.selection_changed)
    refresh(qtbot, page, lambda: True)
    assert page.table.runs.rows is rows
    assert (watch.steps, watch.changed_rows, watch.reset.count(), chosen.count()) == (([], []), [], 0, 0)


def test_that_a_run_that_becomes_the_best_one_goes_to_its_place_and_stays_selected(
    qtbot: QtBot, page: RunsPage, home: Path
) -> None:
    page.table.horizontalHeader().setSortIndicator(KEYS.index("accuracy"), Qt.SortOrder.DescendingOrder)
    select(page, "t05")
    at = titles(page).index("t05")
    watch = Watch(page)
    RunFolder(home / "05").append_epoch(epoch_of(3, 0.999))
    refresh(qtbot, page, lambda: titles(page)[0] == "t05")
    assert watch.steps == ([(at, at)], [(0, 0)])
    assert watch.reset.count() == 0
    assert selected(page) == ["t05"]
    assert page.table.currentIndex().row() == 0


def epoch_of(number: int, accuracy: float) -> EpochEnded:
    return msgspec.structs.replace(epochs_of(number)[-1], val_accuracy=accuracy)


def test_that_what_one_looks_at_stays_in_its_place_when_a_run_comes_above_it(
    qtbot: QtBot, page: RunsPage, home: Path
) -> None:
    bar = page.table.verticalScrollBar()
    bar.setValue(bar.maximum() // 2 + 3)
    seen = page.table.runs.rows[page.table.rowAt(40)].run.title
    place = page.table.rowViewportPosition(titles(page).index(seen))
    make_run(home / "new", title="new", created="2026-01-01T00:00:00+00:00")
    refresh(qtbot, page, lambda: titles(page)[0] == "new")
    assert page.table.rowViewportPosition(titles(page).index(seen)) == place
    bar.setValue(0)
    make_run(home / "newer", title="newer", created="2026-01-02T00:00:00+00:00")
    refresh(qtbot, page, lambda: titles(page)[0] == "newer")
    assert bar.value() == 0  # who is at the top sees what is new


# The columns


def name_width(page: RunsPage) -> int:
    return page.table.columnWidth(NAME)


def test_that_the_names_take_room_in_a_wide_window_and_give_it_back(qtbot: QtBot, page: RunsPage) -> None:
    narrow, room = name_width(page), page.table.viewport().width()
    page.resize(1800, 950)
    qtbot.waitUntil(lambda: page.table.viewport().width() > room + 400)
    assert name_width(page) - narrow > (page.table.viewport().width() - room) // 2
    header = page.table.horizontalHeader()
    assert header.length() == page.table.viewport().width()  # nothing is cut off, nothing is empty
    page.resize(1190, 700)
    qtbot.waitUntil(lambda: page.table.viewport().width() == room)
    assert name_width(page) == narrow


def test_that_a_width_from_a_small_window_does_not_hold_in_a_large_one(
    qtbot: QtBot, session: Session, page: RunsPage
) -> None:
    narrow, state = name_width(page), bytes(page.table.horizontalHeader().saveState().data())
    page.hide()
    second = RunsPage(session)
    qtbot.addWidget(second)
    second.table.horizontalHeader().restoreState(QByteArray(state))
    second.resize(1800, 950)
    second.show()
    qtbot.waitUntil(lambda: second.table.viewport().width() > 1200)
    assert name_width(second) > narrow + 150


def test_that_a_width_that_someone_gave_the_names_stays(qtbot: QtBot, session: Session, page: RunsPage) -> None:
    header = page.table.horizontalHeader()
    edge = QPoint(header.sectionViewportPosition(NAME) + header.sectionSize(NAME) - 2, header.height() // 2)
    before = name_width(page)
    qtbot.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(header.viewport(), edge + QPoint(20, 0))
    QTest.mouseMove(header.viewport(), edge + QPoint(37, 0))
    qtbot.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(37, 0))
    chosen = name_width(page)
    assert chosen == before + 37
    page.resize(1500, 800)
    assert name_width(page) == chosen
    state = bytes(header.saveState().data())
    page.hide()
    second = RunsPage(session)
    qtbot.addWidget(second)
    second.table.horizontalHeader().restoreState(QByteArray(state))
    second.resize(1800, 950)
    second.show()
    assert name_width(second) == chosen
