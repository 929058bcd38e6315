"""What the Inspect page does with files: models that open or do not, grids and numbers that are saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.ui.pages.inspect.page import InspectPage
from tests.ui.fakes import FakeEngine, FakeModel, digits
from tests.ui.pages.inspect.driver import MODEL, Message, child, load, model_of, press, wait_for_image


def test_that_npz_and_png_hold_what_is_shown(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals: list[str] = []

    def choose(proposal: str, kind: str) -> Path:
        proposals.append(proposal)
        return tmp_path / f"saved.{kind}"

    monkeypatch.setattr(loaded.saving, "choose_file", choose)
    (tmp_path / "saved.npz").write_bytes(b"older")  # the dialog has asked already
    loaded.saving.menu.legend.setChecked(False)
    press(loaded, "inspect_save_npz")
    press(loaded, "inspect_save_png")
    qtbot.waitUntil(lambda: len(messages) == 2)
    assert [level for level, *_ in messages] == ["success", "success"]
    assert proposals == ["mnist-simple_Conv2D_1_test-0.npz", "mnist-simple_Conv2D_1_test-0.png"]
    forward = loaded.forward
    assert forward is not None
    with np.load(tmp_path / "saved.npz", allow_pickle=False) as saved:
        assert np.array_equal(saved["activations"], forward.activations["Conv2D_1"][np.newaxis])
        assert np.array_equal(saved["image"], forward.image)
        assert str(saved["layer"]) == "Conv2D_1"
    with Image.open(tmp_path / "saved.png") as picture:
        assert picture.width > 8 * 26
        assert picture.width / picture.height == pytest.approx(2, rel=0.05)


def test_that_a_vector_can_be_saved_too(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded.saving, "choose_file", lambda _, kind: tmp_path / f"v.{kind}")
    loaded.card.layers.step(5)
    press(loaded, "inspect_save_png")
    press(loaded, "inspect_save_npz")
    qtbot.waitUntil(lambda: len(messages) == 2)
    with np.load(tmp_path / "v.npz", allow_pickle=False) as saved:
        assert saved["activations"].shape == (1, 576)
    assert (tmp_path / "v.png").stat().st_size > 0


@pytest.mark.parametrize("kind", ["png", "npz"])
def test_that_a_missing_suffix_is_added_and_replaces_no_file_that_nobody_was_asked_about(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "maps"), ""))
    mine = tmp_path / f"maps.{kind}"
    mine.write_bytes(b"mine")
    press(loaded, f"inspect_save_{kind}")
    assert messages[-1][:2] == ("error", f"{mine} exists already.")
    assert not loaded.session.engine.busy
    assert mine.read_bytes() == b"mine"
    mine.unlink()
    press(loaded, f"inspect_save_{kind}")
    qtbot.waitUntil(lambda: messages[-1][0] == "success")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [mine.name]


def test_that_a_cancelled_dialog_saves_nothing(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded.saving, "choose_file", lambda *_: None)
    press(loaded, "inspect_save_png")
    assert not loaded.session.engine.busy
    assert messages == []


def test_that_a_file_that_cannot_be_written_is_a_message(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded.saving, "choose_file", lambda *_: tmp_path / "file" / "x.npz")
    (tmp_path / "file").write_text("not a folder")
    press(loaded, "inspect_save_npz")
    qtbot.waitUntil(lambda: len(messages) == 1)
    level, text, _, _ = messages[0]
    assert level == "error"
    assert "inside the program" not in text
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_that_a_model_that_does_not_open_is_a_message_and_the_old_one_stays(
    qtbot: QtBot, loaded: InspectPage, engine: FakeEngine, messages: list[Message]
) -> None:
    engine.fail_opening = ExplorerError("broken.h5 is cut off.", "Copy it again.")
    loaded.session.model_ready.emit(Path("broken.h5"))
    assert loaded.card.origin.text() == "Opening broken.h5 …"
    qtbot.waitUntil(lambda: len(messages) == 1)
    assert messages[0][:3] == ("error", "broken.h5 is cut off.", "Copy it again.")
    assert loaded.card.origin.text() == "1-mnist-simple/model.h5"
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_Period)
    wait_for_image(qtbot, loaded, 1)


def test_that_an_empty_page_stays_empty_if_the_model_does_not_open(
    qtbot: QtBot, page: InspectPage, engine: FakeEngine, messages: list[Message]
) -> None:
    engine.fail_opening = ExplorerError("broken.h5 is cut off.")
    page.session.model_ready.emit(Path("broken.h5"))
    qtbot.waitUntil(lambda: len(messages) == 1)
    assert child(page, "inspect_go_to_train").isVisible()


def test_that_a_model_without_preprocessing_is_warned_of_once_and_asked_about(
    qtbot: QtBot, page: InspectPage, engine: FakeEngine, messages: list[Message]
) -> None:
    engine.foreign = True
    load(qtbot, page)
    assert [level for level, *_ in messages] == ["warning"]
    combo = child(page, "inspect_preprocessing")
    assert isinstance(combo, QComboBox)
    assert combo.isVisible()
    assert combo.currentData() == "scale"
    before = page.model
    qtbot.keyClick(combo, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: page.model is not before and page.forward is not None)
    assert model_of(page).info.preprocessing == "standardize_image"
    assert combo.isVisible()
    assert len(messages) == 1
    qtbot.keyClick(page.view.grid, Qt.Key.Key_Period)
    wait_for_image(qtbot, page, 1)
    assert len(messages) == 1


def test_that_a_model_with_preprocessing_is_not_asked_about(loaded: InspectPage) -> None:
    assert not child(loaded, "inspect_preprocessing").isVisible()


def test_that_images_of_another_shape_are_said_to_be_so(
    qtbot: QtBot, page: InspectPage, engine: FakeEngine, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = FakeEngine.open_model

    def open_fruits(path: Path) -> FakeModel:
        model = made(engine, path)
        assert isinstance(model, FakeModel)
        model.info = replace(model.info, input_shape=(100, 100, 3), preprocessing_is_guess=True)
        return model

    monkeypatch.setattr(page.session, "services", replace(page.session.services, open_model=open_fruits))
    page.session.model_ready.emit(MODEL)
    qtbot.waitUntil(page.no_image.isVisible)
    assert page.no_image.text.text() == "This model takes images of 100×100×3; those of MNIST are 28×28×1."
    assert not page.picker.body.isVisible()
    assert model_of(page).passes == 0
    assert messages == []
    with qtbot.waitSignal(page.session.page_requested) as asked:
        qtbot.mouseClick(page.no_image.data, Qt.MouseButton.LeftButton)
    assert asked.args == ["data"]


def test_that_a_smaller_data_set_brings_the_index_back(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.picker.index.setValue(19)
    wait_for_image(qtbot, loaded, 19)
    loaded.session.dataset = digits(test=6)
    loaded.session.dataset_changed.emit()
    wait_for_image(qtbot, loaded, 5)
    assert loaded.picker.index.maximum() == 5


def test_that_a_forward_pass_that_fails_is_a_message_and_the_next_image_still_comes(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = FakeModel.forward

    def failing(model: FakeModel, image: NDArray[np.uint8]) -> ForwardPass:
        if image[0, 0, 0] == 1:
            raise ExplorerError("This image is too much.")
        return forward(model, image)

    monkeypatch.setattr(FakeModel, "forward", failing)
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: len(messages) == 1)
    assert loaded.no_image.isVisible()
    assert not loaded.no_image.data.isVisible(), "another data set is not the way out"
    loaded.picker.step(1)
    wait_for_image(qtbot, loaded, 2)
    assert loaded.view.grid.isVisible()


def test_that_the_file_menu_opens_models(qtbot: QtBot, page: InspectPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "choose_model_file", lambda: MODEL)
    action, _ = page.file_actions()
    with qtbot.waitSignal(page.session.page_requested) as requested:
        action.trigger()
    assert requested.args == ["inspect"]
    qtbot.waitUntil(lambda: page.forward is not None)
