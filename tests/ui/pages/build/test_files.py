"""New, open, save and copy on the Build page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from cnn_explorer.core.network.architecture import Architecture, MaxPooling2D
from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.session.session import Session
from tests.ui.pages.build.driver import Driver

SIMPLE = preset("mnist-simple").architecture


@pytest.fixture
def build(qtbot: QtBot, session: Session) -> Iterator[Driver]:
    """The page with ``mnist-simple``; its first layer is chosen."""
    driver = Driver(qtbot, session)
    yield driver
    driver.page.hide()


def test_that_a_saved_network_opens_again(build: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.json"
    monkeypatch.setattr(build.page.files, "_ask_save_path", lambda: path)
    build.add("Dropout")
    changed = build.document.architecture
    unsaved = build.page.findChild(QLabel, "build_unsaved")
    assert isinstance(unsaved, QLabel)
    assert unsaved.isVisible()
    build.press("build_save")
    assert not unsaved.isVisible()
    assert build.messages[-1][0] == "success"
    build.press("build_undo")
    assert unsaved.isVisible()
    monkeypatch.setattr(build.page.files, "_ask_to_save", lambda: "discard")
    assert build.page.open_path(path)
    assert build.document.architecture == changed
    assert build.document.path == path
    assert not build.document.unsaved


@pytest.mark.parametrize(
    ("answer", "opened", "saved"), [("cancel", False, False), ("discard", True, False), ("save", True, True)]
)
def test_that_unsaved_work_is_asked_about(
    build: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, opened: bool, saved: bool
) -> None:
    other, mine = tmp_path / "other.json", tmp_path / "mine.json"
    other.write_bytes(preset("lenet-5").architecture.to_json())
    monkeypatch.setattr(build.page.files, "_ask_to_save", lambda: answer)
    monkeypatch.setattr(build.page.files, "_ask_save_path", lambda: mine)
    build.add("Dropout")
    changed = build.document.architecture
    assert build.page.open_path(other) is opened
    assert build.document.architecture == (preset("lenet-5").architecture if opened else changed)
    assert mine.exists() is saved
    if saved:
        assert Architecture.from_json(mine.read_bytes()) == changed


def test_that_a_network_that_was_not_changed_goes_without_a_question(
    build: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("cnn_explorer.ui.pages.build.files.BuildFiles._ask_to_save")
    assert build.page.confirm_leaving()
    build.page.files.new.trigger()
    assert build.document.architecture == Architecture(input_shape=(28, 28, 1))
    assert build.row == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "not a JSON file"),
        (b'{"format": 1, "input_shape": [28, 28, 1], "layers": [{"type": "Dense", "name": "d", "units": "x"}]}',
         'layers[0].units: expected an integer from 1 to 65536, got "x"'),
        (b" " * (4 * 2**20 + 1), "too large"),
        (None, "could not be read"),
    ],
)  # fmt: skip
def test_that_a_file_that_is_no_network_is_explained_and_changes_nothing(
    build: Driver, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "wrong.json"
    if content is not None:
        path.write_bytes(content)
    build.add("Dropout")
    before = build.document.architecture
    assert not build.page.open_path(path)
    assert build.messages[-1][0] == "error"
    assert words in build.messages[-1][1]
    assert "wrong.json" in build.messages[-1][1]
    assert build.document.architecture == before


def test_that_a_save_that_fails_is_explained_and_leaves_the_network_unsaved(
    build: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build.page.files, "_ask_save_path", lambda: tmp_path / "nowhere" / "net.json")
    build.add("Dropout")
    build.press("build_save")
    assert build.messages[-1][0] == "error"
    assert build.document.unsaved
    monkeypatch.setattr(build.page.files, "_ask_to_save", lambda: "save")
    assert not build.page.confirm_leaving()
    monkeypatch.setattr(build.page.files, "_ask_save_path", lambda: None)  # the dialog was cancelled
    assert not build.page.confirm_leaving()


def test_that_a_missing_suffix_is_added_and_replaces_no_file_that_nobody_was_asked_about(
    build: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "net"), ""))
    build.add("Dropout")
    (tmp_path / "net.json").write_text("mine")
    build.page.files.save_as.trigger()
    level, text, hint, _ = build.messages[-1]
    assert (level, text) == ("error", f"{tmp_path / 'net.json'} exists already.")
    assert ".json" in hint
    assert (tmp_path / "net.json").read_text() == "mine"
    assert build.document.unsaved
    (tmp_path / "net.json").unlink()
    build.page.files.save_as.trigger()
    assert build.document.path == tmp_path / "net.json"
    assert Architecture.from_json((tmp_path / "net.json").read_bytes()) == build.document.architecture


def test_that_a_preset_never_goes_into_the_file_of_another_network(
    build: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, asked = tmp_path / "mine.json", tmp_path / "asked.json"
    mine.write_bytes(SIMPLE.to_json())
    assert build.page.open_path(mine)
    build.take("LeNet-5")
    monkeypatch.setattr(build.page.files, "_ask_save_path", lambda: asked)
    build.press("build_save")
    assert Architecture.from_json(mine.read_bytes()) == SIMPLE
    assert Architecture.from_json(asked.read_bytes()) == preset("lenet-5").architecture


def test_that_a_network_with_problems_can_be_saved(
    build: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Architecture(input_shape=(3, 3, 1), layers=(MaxPooling2D(name="p", pool_size=(4, 4)),))
    build.document.edit(broken, "break it")
    monkeypatch.setattr(build.page.files, "_ask_save_path", lambda: tmp_path / "broken.json")
    build.press("build_save")
    assert Architecture.from_json((tmp_path / "broken.json").read_bytes()) == broken


def test_that_the_keras_code_is_on_the_clipboard(build: Driver) -> None:
    build.press("build_copy_code")
    code = QGuiApplication.clipboard().text()
    compile(code, "copied", "exec")
    assert "layers.Conv2D(64" in code
    assert build.messages[-1][0] == "success"


def test_that_file_actions_have_names_and_tooltips(build: Driver) -> None:
    actions = build.page.file_actions()
    assert [action.objectName() for action in actions] == [
        "build_new", "build_open", "build_save", "build_save_as", "build_copy_code"
    ]  # fmt: skip
    assert all(action.toolTip() and action.text() for action in actions)
