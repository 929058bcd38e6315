"""Open recent: models and networks that were opened or saved last come back, also in the next session."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.pages.build.files import BuildFiles
from cnn_explorer.ui.session.recent_files import MOST, RecentFiles
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from tests.ui.pages.inspect.driver import load, open_page
from tests.ui.shell.driver import action, small, text_of


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A model and a network in a folder whose name has an ampersand."""
    folder = tmp_path / "cats & dogs"
    folder.mkdir()
    model, network = folder / "deep.h5", folder / "plain.json"
    model.write_bytes(b"\x89HDF\r\n\x1a\n keras_version")
    network.write_bytes(preset("mnist-mlp").architecture.to_json())
    return [model, network]


def menu(window: MainWindow) -> QMenu:
    found = window.findChild(QMenu, "menu_recent")
    assert isinstance(found, QMenu)
    return found


def entries(window: MainWindow) -> list[QAction]:
    return [entry for entry in menu(window).actions() if entry.objectName().startswith("action_recent_")][:-1]


def test_that_the_newest_file_is_first_each_stands_once_and_there_are_ten(tmp_path: Path) -> None:
    recent, told = RecentFiles(), list[int]()
    recent.changed.connect(lambda: told.append(len(recent.paths)))
    for number in range(MOST + 2):
        recent.add(tmp_path / f"{number}.h5")
    recent.add(tmp_path / "5.h5")
    assert [path.stem for path in recent.paths] == ["5", "11", "10", "9", "8", "7", "6", "4", "3", "2"]
    before = len(told)
    recent.add(tmp_path / "5.h5")
    assert len(told) == before  # nothing has changed
    recent.remove(tmp_path / "9.h5")
    assert [path.stem for path in recent.paths] == ["5", "11", "10", "8", "7", "6", "4", "3", "2"]


def test_that_a_file_is_kept_by_its_whole_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    recent = RecentFiles()
    recent.add(Path("model.h5"))
    assert recent.paths == (tmp_path / "model.h5",)


def test_that_the_menu_opens_what_is_chosen(window: MainWindow, session: Session, files: list[Path]) -> None:
    assert not menu(window).isEnabled()
    for path in files:
        session.recent.add(path)
    assert menu(window).isEnabled()
    assert [entry.text().split("  ")[:2] for entry in entries(window)] == [["&1", "plain.json"], ["&2", "deep.h5"]]
    assert "cats && dogs)" in entries(window)[0].text()  # one ampersand would be a key
    assert entries(window)[1].toolTip() == f"Open {files[0]}."
    entries(window)[1].trigger()
    assert small(window, "inspect").models == [files[0]]
    entries(window)[0].trigger()
    assert small(window, "build").opened == [files[1]]


def test_that_the_user_s_home_is_short_and_of_a_long_folder_the_end_is_shown(
    window: MainWindow, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    deep = tmp_path.joinpath("models", *["a" * 9] * 9)
    for folder in (deep, tmp_path / "models", tmp_path, tmp_path.parent / f"{tmp_path.name}s"):
        session.recent.add(folder / "m.h5")
    beside, home, inside, long = (entry.text().partition("(")[2].removesuffix(")") for entry in entries(window))
    assert (home, inside) == ("~", str(Path("~", "models")))
    assert beside.endswith(f"{tmp_path.name}s")
    assert not beside.startswith("~")
    assert (len(long), long[0]) == (48, "…")
    assert str(deep).endswith(long[1:])


def test_that_a_file_that_is_gone_is_told_of_and_leaves_the_menu(
    window: MainWindow, session: Session, files: list[Path]
) -> None:
    for path in files:
        session.recent.add(path)
    files[0].unlink()
    entries(window)[1].trigger()
    assert f"There is no file {files[0]}." in text_of(window)
    assert session.recent.paths == (files[1],)
    action(window, "recent_clear").trigger()
    assert session.recent.paths == ()
    assert not menu(window).isEnabled()


def test_that_the_files_come_back_in_the_next_session(
    qtbot: QtBot, window: MainWindow, session: Session, files: list[Path], kept: list[Settings]
) -> None:
    session.recent.add(files[0])
    qtbot.waitUntil(lambda: bool(kept))  # at once, as a kill shall not lose it
    assert kept[-1].recent == (str(files[0]),)


def test_that_a_model_is_remembered_when_it_could_be_opened_and_is_not_that_of_a_run(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    page = open_page(qtbot, session)
    load(qtbot, page)
    assert page.model is not None
    (first,) = session.recent.paths
    assert first == page.model.info.path.absolute()
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text("{}")
    with qtbot.waitSignal(page.opening.opened):
        page.open_model(run / "model.h5")
    assert session.recent.paths == (first,)


def test_that_a_network_is_remembered_when_it_was_opened_and_when_it_was_saved(
    window: MainWindow, session: Session, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    build = BuildFiles(session, window)
    assert not build.open_path(files[0])
    assert session.recent.paths == ()
    assert build.open_path(files[1])
    assert session.recent.paths == (files[1],)
    other = files[1].with_name("other.json")
    monkeypatch.setattr(build, "_ask_save_path", lambda: other)
    assert build.save_document_as()
    assert session.recent.paths == (other, files[1])
