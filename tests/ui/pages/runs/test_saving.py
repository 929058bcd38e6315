"""The files that the Runs page writes for other programs, and the layout that the window remembers for it."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.export.script.keras_script import training_script
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.runs.page import RunsPage
from cnn_explorer.ui.pages.runs.state import COLUMNS
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.shell.page_table import PageEntry
from tests.store.run_makers import epochs_of, make_run
from tests.ui.fakes import FakeEngine
from tests.ui.pages.inspect.driver import Message

NAME = [column.key for column in COLUMNS].index("name")


@pytest.fixture
def page(qtbot: QtBot, session: Session, engine: FakeEngine, tmp_path: Path) -> RunsPage:
    """The page with two runs of a sweep, the newest of them selected."""
    engine.home = tmp_path / "runs"
    for seed in (1, 2):
        make_run(
            engine.home / "seeds" / f"run-{seed}", epochs=epochs_of(seed + 1), seed=seed, title=f"run {seed}",
            batches=3, created=f"2025-03-0{seed}T08:00:00+00:00", sweep=SweepPlace("seeds", {"seed": seed}),
        )  # fmt: skip
    page = RunsPage(session)
    qtbot.addWidget(page)
    page.resize(1190, 700)
    page.show()
    qtbot.waitUntil(lambda: len(page.table.selected) == 1)
    return page


def answer(page: RunsPage, monkeypatch: pytest.MonkeyPatch, path: Path | None) -> list[str]:
    """Answer all dialogues with ``path``; the names that they propose."""
    proposed: list[str] = []

    def ask(_title: str, name: str, _kind: str) -> Path | None:
        proposed.append(name)
        return path

    monkeypatch.setattr(page.saving, "_ask_path", ask)
    return proposed


def save(page: RunsPage, key: str) -> None:
    action = page.commands.actions[key]
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def test_that_the_epochs_of_the_selected_runs_are_saved_as_one_table(
    page: RunsPage, messages: list[Message], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proposed = answer(page, monkeypatch, tmp_path / "out.csv")
    save(page, "csv")
    page.table.selectAll()
    assert (tmp_path / "out.csv").read_bytes() == RunFolder(page.table.selected[0].path).history_csv.read_bytes()
    save(page, "csv")
    assert proposed == ["run-2_epochs.csv", "runs_epochs.csv"]
    read = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert [line["run"] for line in read] == ["run 2"] * 3 + ["run 1"] * 2
    assert messages[-1][:2] == ("success", f"Saved {tmp_path / 'out.csv'}.")


def test_that_a_sweep_is_saved_as_one_table_of_its_settings_and_results(
    page: RunsPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page.parts.sweeps.setCurrentIndex(1)
    page.parts.sweeps.activated.emit(1)
    answer(page, monkeypatch, tmp_path / "sweep")  # gets its suffix
    save(page, "table")
    read = list(csv.DictReader(io.StringIO((tmp_path / "sweep.csv").read_text())))
    assert [(line["run"], line["seed"], line["epochs_done"]) for line in read] == [
        ("run 2", "2", "3"),
        ("run 1", "1", "2"),
    ]


def test_that_a_name_without_suffix_never_replaces_a_file(
    page: RunsPage, messages: list[Message], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "out.csv").write_text("mine")
    answer(page, monkeypatch, tmp_path / "out")
    save(page, "csv")
    assert (tmp_path / "out.csv").read_text() == "mine"
    assert messages[-1][0] == "error"


def test_that_a_dialogue_that_is_cancelled_writes_nothing(
    page: RunsPage, messages: list[Message], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    answer(page, monkeypatch, None)
    for key in ("csv", "table", "png", "tensorboard", "script"):
        save(page, key)
    assert sorted(tmp_path.rglob("*")) == before
    assert messages == []


def test_that_the_plots_are_saved_as_a_picture(
    qtbot: QtBot, page: RunsPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: len(page.plots.runs) == 1)
    answer(page, monkeypatch, tmp_path / "curves.png")
    save(page, "png")
    picture = QImage(str(tmp_path / "curves.png"))
    assert picture.width() > 800
    assert len({picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}) > 9


def test_that_the_script_repeats_the_run(page: RunsPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    proposed = answer(page, monkeypatch, tmp_path / "repeat.py")
    save(page, "script")
    text = (tmp_path / "repeat.py").read_text()
    ast.parse(text)
    record = page.table.selected[0].run.record
    assert text == training_script(record.architecture, record.training, "mnist")
    assert proposed == ["run-2.py"]


def test_that_one_run_goes_into_the_folder_for_tensorboard_and_several_into_folders_of_their_own(
    qtbot: QtBot, page: RunsPage, messages: list[Message], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer(page, monkeypatch, tmp_path / "one")
    save(page, "tensorboard")
    qtbot.waitUntil(lambda: messages[-1][0] == "success")
    assert list((tmp_path / "one").iterdir()) == []  # the fake engine makes an empty folder
    page.table.selectAll()
    answer(page, monkeypatch, tmp_path / "both")
    save(page, "tensorboard")
    qtbot.waitUntil(lambda: messages[-1][1] == f"Saved {tmp_path / 'both'}.")
    assert sorted(path.name for path in (tmp_path / "both").iterdir()) == ["run-1", "run-2"]
    assert str(tmp_path / "both") in messages[-1][2]


def test_that_a_folder_that_exists_is_not_used_for_tensorboard(
    qtbot: QtBot, page: RunsPage, messages: list[Message], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page.table.selectAll()
    answer(page, monkeypatch, tmp_path)
    save(page, "tensorboard")
    qtbot.waitUntil(lambda: messages[-1][0] == "error")
    assert messages[-1][1] == f"{tmp_path} exists already."


def test_that_the_window_remembers_the_columns(qtbot: QtBot, engine: FakeEngine, tmp_path: Path) -> None:
    engine.home = tmp_path / "runs"
    make_run(engine.home / "r")
    entries = (PageEntry("runs", "Runs", "history", "Runs.", RunsPage, at_once=True),)
    kept: list[Settings] = [Settings()]
    widths = []
    for width in (333, 0):
        session = Session(engine.services(), preset("mnist-simple").architecture)
        window = MainWindow(session, entries, kept[-1], kept.append)
        qtbot.addWidget(window)
        window.show()
        page = window.page("runs")
        assert isinstance(page, RunsPage)
        if width:
            page.table.setColumnWidth(NAME, width)
        widths.append(page.table.columnWidth(NAME))
        window.close()
    assert widths == [333, 333]
