"""The Runs page with real run folders: what it lists, compares, and says of one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.runs.offers import OFFERS
from cnn_explorer.ui.pages.runs.page import RunsPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme
from tests.store.run_makers import epochs_of, make_run
from tests.ui.fakes import FakeEngine
from tests.ui.pages.inspect.driver import Message
from tests.ui.pages.runs.driver import KEYS, click, open_page, select, selected, three, titles

Key, Button = Qt.Key, Qt.MouseButton


@pytest.fixture
def home(engine: FakeEngine, tmp_path: Path) -> Path:
    """Where the engine keeps runs: empty."""
    engine.home = tmp_path / "runs"
    return engine.home


# Listing


def test_that_an_empty_disk_says_what_to_do_first(qtbot: QtBot, session: Session, home: Path) -> None:
    page = open_page(qtbot, session, 0)
    assert page.parts.to_train.isVisible()
    with qtbot.waitSignal(session.page_requested) as asked:
        page.parts.to_train.click()
    assert asked.args == ["train"]


def test_that_runs_are_listed_newest_first_and_the_newest_is_shown(qtbot: QtBot, session: Session, home: Path) -> None:
    three(home)
    page = open_page(qtbot, session, 3)
    assert titles(page) == ["a", "b", "c"]
    assert selected(page) == ["a"]
    assert page.card.title.text() == "a"
    assert not page.parts.to_train.isVisible()


def test_that_a_click_on_a_heading_sorts_by_the_numbers(qtbot: QtBot, session: Session, home: Path) -> None:
    three(home)
    page = open_page(qtbot, session, 3)
    header = page.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(KEYS.index("accuracy")) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Button.LeftButton, pos=place)
    best = [row.best.val_accuracy for row in page.table.runs.rows if row.best]
    assert best == sorted(best, reverse=True)
    qtbot.mouseClick(header.viewport(), Button.LeftButton, pos=place)
    assert [row.best.val_accuracy for row in page.table.runs.rows if row.best] == sorted(best)
    assert selected(page) == ["a"]


def test_that_typing_filters_and_says_so_when_nothing_is_left(qtbot: QtBot, session: Session, home: Path) -> None:
    three(home)
    page = open_page(qtbot, session, 3)
    qtbot.keyClicks(page.parts.search, "folder-b")
    assert titles(page) == ["b"]
    assert page.parts.count.text() == "1 of 3 runs"
    qtbot.keyClicks(page.parts.search, "x")
    assert titles(page) == []
    assert page.parts._no_match.isVisible()
    page.parts.search.clear()
    assert titles(page) == ["a", "b", "c"]


def test_that_a_new_run_appears_and_selection_and_place_stay(qtbot: QtBot, session: Session, home: Path) -> None:
    for number in range(40):
        make_run(home / f"{number:02}", title=f"t{number:02}", created=f"2025-03-01T08:{number:02}:00+00:00", epochs=1)
    page = open_page(qtbot, session, 40)
    select(page, "t05")
    bar = page.table.verticalScrollBar()
    before = bar.value()
    assert before > 0
    make_run(home / "new", title="new", created="2024-01-01T00:00:00+00:00")
    session.runs_changed.emit()
    qtbot.waitUntil(lambda: len(titles(page)) == 41)
    assert titles(page)[-1] == "new"
    assert selected(page) == ["t05"]
    assert bar.value() == before


def test_that_a_run_that_goes_grows_row_by_row(qtbot: QtBot, session: Session, engine: FakeEngine, home: Path) -> None:
    path = home / "1-mnist-simple"
    make_run(path, epochs=epochs_of(1), status="running")
    page = open_page(qtbot, session, 1)
    RunFolder(path).append_epoch(epochs_of(2)[1])
    session.train()  # the fake engine says that epochs of a run in this very folder have ended
    qtbot.waitUntil(lambda: session.runs.last_folder is not None and not session.runs.is_running)
    qtbot.waitUntil(lambda: page.table.runs.rows[0].done == 2)


def test_that_damaged_folders_are_mentioned_and_explained(
    qtbot: QtBot, session: Session, home: Path, messages: list[Message]
) -> None:
    three(home)
    (home / "broken").mkdir()
    (home / "broken" / "run.json").write_text("{}")
    page = open_page(qtbot, session, 3)
    assert page.parts.damage.text() == "1 run folder cannot be read"
    qtbot.mouseClick(page.parts.damage, Button.LeftButton)
    assert messages[-1][0] == "warning"
    assert str(home / "broken") in messages[-1][3]


def test_that_a_sweep_is_filtered_with_its_settings_as_columns(qtbot: QtBot, session: Session, home: Path) -> None:
    three(home)
    for seed in (0, 1):
        make_run(home / "my-sweep" / f"{seed}", seed=seed, sweep=SweepPlace("my-sweep", {"seed": seed}))
    page = open_page(qtbot, session, 5)
    assert page.table.isColumnHidden(KEYS.index("setting_1"))
    qtbot.keyClick(page.parts.sweeps, Key.Key_Down)
    assert page.parts.sweeps.currentText() == "my-sweep"
    assert len(titles(page)) == 2
    assert not page.table.isColumnHidden(KEYS.index("setting_1"))
    assert page.table.isColumnHidden(KEYS.index("setting_2"))
    assert page.table.runs.headerData(KEYS.index("setting_1"), Qt.Orientation.Horizontal) == "Seed"
    qtbot.keyClick(page.parts.sweeps, Key.Key_Up)
    assert len(titles(page)) == 5
    assert page.table.isColumnHidden(KEYS.index("setting_1"))


def test_that_a_thousand_runs_are_sorted_and_shown_at_once(qtbot: QtBot, session: Session, home: Path) -> None:
    # Not a stop-watch: one row is read from the disk, the others are the same under other folders.
    make_run(home / "one")
    page = open_page(qtbot, session, 1)
    assert page._listing is not None
    (row,) = page._listing.rows
    many = tuple(replace(row, run=replace(row.run, path=home / f"{number}")) for number in range(1000))
    page._show_listing(replace(page._listing, rows=many))
    assert page.table.runs.rowCount() == 1000
    assert page.parts.count.text() == "1,000 runs"


# Comparing


def test_that_a_click_on_the_box_compares_a_run_and_does_not_select_it(
    qtbot: QtBot, session: Session, home: Path
) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    click(qtbot, page, "b", "compare")
    assert session.compared == (paths[1],)
    assert selected(page) == ["a"]
    click(qtbot, page, "c", "compare")
    assert session.compared == (paths[1], paths[2])
    click(qtbot, page, "b", "compare")
    assert session.compared == (paths[2],)


def test_that_space_compares_all_selected_runs_and_takes_them_away_again(
    qtbot: QtBot, session: Session, home: Path
) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    page.table.setFocus()
    select(page, "a", "c")
    qtbot.keyClick(page.table, Key.Key_Space)
    assert session.compared == (paths[0], paths[2])
    qtbot.keyClick(page.table, Key.Key_Space)
    assert session.compared == ()


def test_that_the_curves_of_compared_and_selected_runs_are_drawn(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    qtbot.waitUntil(lambda: [run.path for run in page.plots.runs] == [paths[0]])
    session.compare((paths[2],))
    qtbot.waitUntil(lambda: [run.path for run in page.plots.runs] == [paths[2], paths[0]])
    page.plots.removed.emit(paths[2])
    assert session.compared == ()
    qtbot.waitUntil(lambda: [run.path for run in page.plots.runs] == [paths[0]])


def test_that_a_box_has_the_colour_of_the_runs_curves_and_keeps_it(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    assert page.table.runs.colors == {paths[0]: theme().color("accent")}  # alone, a run has the colour of training
    session.compare((paths[1], paths[2]))
    colors = dict(page.table.runs.colors)
    assert {path: color.name() for path, color in colors.items()} == {
        path: theme().palette.series[session.colors.style(path).color] for path in paths
    }
    assert len({color.name() for color in colors.values()}) == 3
    session.compare((paths[2],))
    assert page.table.runs.colors[paths[2]] == colors[paths[2]]


def test_that_runs_that_are_only_passed_by_use_up_no_colours(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    session.compare((paths[0],))
    for title in ("b", "c", "b"):
        select(page, title)
    assert session.colors.style(paths[0]).color == 0
    assert session.colors.style(paths[1]).color == 1


def test_that_settings_stand_side_by_side_where_they_differ(qtbot: QtBot, session: Session, home: Path) -> None:
    three(home)
    page = open_page(qtbot, session, 3)
    page.parts.tabs.setCurrentIndex(1)
    select(page, "a", "b")
    shown = {row.name: row.values for row in page.parts.differences.model.rows}
    assert shown == {"Epochs": ("1", "2"), "Seed": ("1", "2")}
    select(page, "a")
    whole = {row.name for row in page.parts.differences.model.rows}
    assert {"Optimizer", "Batch size", "Conv2D_1"} <= whole


# The card


def test_that_a_failed_run_says_why(qtbot: QtBot, session: Session, home: Path) -> None:
    make_run(home / "f", status="failed", message="The loss became not a number.")
    page = open_page(qtbot, session, 1)
    assert page.card.message.text() == "The loss became not a number."


def test_that_notes_are_saved_when_one_leaves_them(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    page.card.notes.setFocus()
    qtbot.keyClicks(page.card.notes, "good one")
    assert RunFolder(paths[0]).annotation().notes == ""
    page.table.setFocus()
    qtbot.waitUntil(lambda: RunFolder(paths[0]).annotation().notes == "good one")
    qtbot.waitUntil(lambda: page.table.runs.rows[0].run.notes == "good one")
    assert RunFolder(paths[0]).annotation().title == "a"


def test_that_notes_are_saved_when_another_run_is_selected(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    qtbot.keyClicks(page.card.notes, "for a")
    click(qtbot, page, "b")
    assert page.card.notes.toPlainText() == ""
    qtbot.waitUntil(lambda: RunFolder(paths[0]).annotation().notes == "for a")
    assert RunFolder(paths[1]).annotation().notes == ""


def test_that_notes_being_written_survive_a_refresh(qtbot: QtBot, session: Session, home: Path) -> None:
    three(home)
    page = open_page(qtbot, session, 3)
    qtbot.keyClicks(page.card.notes, "half a sen")
    make_run(home / "new", title="d")
    session.runs_changed.emit()
    qtbot.waitUntil(lambda: len(titles(page)) == 4)
    assert page.card.notes.toPlainText() == "half a sen"


def test_that_notes_are_saved_at_once_when_the_window_closes(qtbot: QtBot, session: Session, home: Path) -> None:
    paths = three(home)
    page = open_page(qtbot, session, 3)
    qtbot.keyClicks(page.card.notes, "last words")
    assert page.confirm_leaving()
    assert RunFolder(paths[0]).annotation().notes == "last words"


def test_that_several_runs_are_summed_up(qtbot: QtBot, session: Session, home: Path) -> None:
    three(home)
    page = open_page(qtbot, session, 3)
    page.table.selectAll()
    assert page.card.title.text() == "3 runs selected"
    assert not page.card.notes.isVisible()


# The whole


def test_that_every_offer_is_in_the_context_menu_with_its_reason(qtbot: QtBot, session: Session, home: Path) -> None:
    make_run(home / "r", epochs=0, files=False)
    page = open_page(qtbot, session, 1)
    menu = page._menu()
    assert {action.objectName() for action in menu.actions() if not action.isSeparator()} == {
        f"runs_{offer.key}" for offer in OFFERS if offer.key != "open"
    }
    inspect = page.commands.actions["inspect"]
    assert not inspect.isEnabled()
    assert "The run has no model.h5 yet." in inspect.toolTip()


def test_that_the_file_menu_gets_opening_and_the_exports(qtbot: QtBot, session: Session, home: Path) -> None:
    page = open_page(qtbot, session, 0)
    opening, exports = page.file_actions()
    assert opening.objectName() == "runs_open"
    menu = exports.menu()
    assert isinstance(menu, QMenu)
    names = [action.objectName() for action in menu.actions()]
    assert names == ["runs_csv", "runs_table", "runs_png", "runs_tensorboard", "runs_script"]


def test_that_columns_keep_widths_order_and_sorting_from_one_session_to_the_next(
    qtbot: QtBot, session: Session, home: Path
) -> None:
    three(home)
    first = open_page(qtbot, session, 3)
    header = first.table.horizontalHeader()
    header.resizeSection(KEYS.index("name"), 321)
    header.moveSection(header.visualIndex(KEYS.index("status")), 1)
    header.setSortIndicator(KEYS.index("epochs"), Qt.SortOrder.DescendingOrder)
    assert titles(first) == ["c", "b", "a"]
    state = bytes(header.saveState().data())
    first.hide()

    second = RunsPage(session)
    qtbot.addWidget(second)
    second.table.horizontalHeader().restoreState(QByteArray(state))
    second.resize(1800, 950)
    second.show()
    qtbot.waitUntil(lambda: titles(second) == ["c", "b", "a"])
    again = second.table.horizontalHeader()
    assert again.sectionSize(KEYS.index("name")) == 321
    assert again.visualIndex(KEYS.index("status")) == 1


def test_that_every_control_is_named_and_explained(qtbot: QtBot, session: Session, home: Path) -> None:
    three(home)
    page = open_page(qtbot, session, 3)
    for action in page.commands.actions.values():
        assert action.objectName()
        assert action.toolTip()
        assert not action.icon().isNull()
    for widget in (page.parts.search, page.parts.sweeps, page.table, page.card.notes, page.card.epochs):
        assert widget.objectName()
        assert widget.accessibleName()
