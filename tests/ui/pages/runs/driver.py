"""How tests drive the Runs page: make runs, open the page, choose rows, click cells, take actions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.runs.page import RunsPage
from cnn_explorer.ui.pages.runs.state import COLUMNS
from cnn_explorer.ui.session.session import Session
from tests.store.run_makers import epochs_of, make_run

KEYS = [column.key for column in COLUMNS]


def three(home: Path) -> list[Path]:
    """Runs with the titles a, b and c; a is the newest."""
    return [
        make_run(
            home / f"folder-{title}", title=title, epochs=epochs_of(count, best), seed=count, batches=5,
            created=f"2025-03-0{4 - count}T08:00:00+00:00",
        )
        for title, count, best in (("a", 1, 0.99), ("b", 2, 0.9), ("c", 3, 0.95))
    ]  # fmt: skip


def open_page(qtbot: QtBot, session: Session, count: int) -> RunsPage:
    page = RunsPage(session)
    qtbot.addWidget(page)
    page.resize(1190, 700)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    qtbot.waitUntil(lambda: page._listing is not None and len(page._listing.rows) == count)
    return page


def titles(page: RunsPage) -> list[str]:
    return [row.run.title for row in page.table.runs.rows]


def selected(page: RunsPage) -> list[str]:
    return [row.run.title for row in page.table.selected]


def select(page: RunsPage, *wanted: str) -> None:
    page.table.select([row.path for row in page.table.runs.rows if row.run.title in wanted])


def cell(page: RunsPage, title: str, key: str) -> QPoint:
    index = page.table.runs.index(titles(page).index(title), KEYS.index(key))
    return page.table.visualRect(index).center()


def click(qtbot: QtBot, page: RunsPage, title: str, key: str = "name") -> None:
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=cell(page, title, key))


def trigger(page: RunsPage, key: str) -> None:
    action = page.commands.actions[key]
    assert action.isEnabled(), action.toolTip()
    action.trigger()
