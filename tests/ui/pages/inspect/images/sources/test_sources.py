"""The user's own images on the Inspect page: files, the clipboard, what is dropped; and the data set's by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QClipboard, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.shell.main_window import MainWindow
from tests.ui.fakes import FakeModel
from tests.ui.pages.inspect.driver import (
    MODEL,
    Message,
    child,
    click,
    network_input,
    press,
    said,
    wait_for_image,
)
from tests.ui.pages.inspect.images.drawing_driver import LINE, stroke


@pytest.fixture
def clipboard() -> Iterator[QClipboard]:
    """The clipboard, empty again at the end."""
    found = QGuiApplication.clipboard()
    yield found
    found.clear()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of dark ink on bright paper, 64 × 48."""
    page = np.full((48, 64, 3), 235, np.uint8)
    page[12:30, 20:26] = (20, 30, 90)
    return _saved(tmp_path / "holiday.png", page)


def _saved(path: Path, pixels: NDArray[np.uint8]) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def _mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def _drop(target: InspectPage | MainWindow, data: QMimeData) -> bool:
    place, action = QPoint(9, 9), Qt.DropAction.CopyAction
    held = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, action, data, *held)
    enter.setAccepted(False)
    target.dragEnterEvent(enter)
    if enter.isAccepted():
        target.dropEvent(QDropEvent(QPointF(place), action, data, *held))
    return enter.isAccepted()


def _open(qtbot: QtBot, page: InspectPage, *paths: Path) -> None:
    page.open_paths(list(paths))
    qtbot.waitUntil(lambda: page.forward is not None and page.picker.source == "files" and bool(said(page)))


def _box(page: InspectPage, name: str) -> QCheckBox:
    found = child(page, name)
    assert isinstance(found, QCheckBox)
    return found


def test_that_saved_grids_are_named_after_the_image(
    qtbot: QtBot, loaded: InspectPage, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals: list[str] = []
    monkeypatch.setattr(loaded.saving, "choose_file", lambda proposal, _: proposals.append(proposal))
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.forward is not None)
    press(loaded, "inspect_save_png")
    _open(qtbot, loaded, photo)
    press(loaded, "inspect_save_npz")
    assert proposals == ["mnist-simple_Conv2D_1_drawn.png", "mnist-simple_Conv2D_1_holiday.npz"]


# Own images


def test_that_no_image_yet_leads_to_the_dialog(
    qtbot: QtBot, loaded: InspectPage, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    click(qtbot, loaded, "inspect_source_files")
    assert child(loaded, "inspect_open_first_images").isVisible()
    monkeypatch.setattr(loaded, "choose_image_files", lambda: [photo])
    click(qtbot, loaded, "inspect_open_first_images")
    qtbot.waitUntil(lambda: loaded.forward is not None)
    assert loaded.picker.files.list.count() == 1
    assert not child(loaded, "inspect_open_first_images").isVisible()


def test_that_ink_on_paper_is_inverted_in_the_open(qtbot: QtBot, loaded: InspectPage, photo: Path) -> None:
    _open(qtbot, loaded, photo)
    assert said(loaded) == "64×48 colour → grey, inverted, fitted into 28×28"
    assert _box(loaded, "inspect_inverted").isChecked()
    assert network_input(loaded)[0, 0, 0] == 20
    click(qtbot, loaded, "inspect_inverted")
    qtbot.waitUntil(lambda: said(loaded) == "64×48 colour → grey, fitted into 28×28")
    qtbot.waitUntil(lambda: loaded.forward is not None and network_input(loaded)[0, 0, 0] == 235)
    assert not _box(loaded, "inspect_inverted").isChecked()


def test_that_the_three_ways_and_centring_are_at_choice(qtbot: QtBot, loaded: InspectPage, photo: Path) -> None:
    _open(qtbot, loaded, photo)
    ways = child(loaded, "inspect_resize")
    assert isinstance(ways, QComboBox)
    qtbot.keyClick(ways, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: said(loaded).endswith("cropped to 28×28"))
    qtbot.keyClick(ways, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: said(loaded).endswith("stretched to 28×28"))
    assert not _box(loaded, "inspect_centre").isChecked()
    click(qtbot, loaded, "inspect_centre")
    qtbot.waitUntil(lambda: said(loaded).endswith("paper cleared, centred and scaled like MNIST in 28×28"))
    qtbot.waitUntil(lambda: loaded.forward is not None)
    rows = np.flatnonzero(network_input(loaded).any(axis=(1, 2)))
    assert rows[-1] - rows[0] + 1 == 20
    assert not ways.isEnabled()


def test_that_comma_and_full_stop_go_through_own_images(qtbot: QtBot, loaded: InspectPage, tmp_path: Path) -> None:
    images = [np.zeros((28, 28), np.uint8) for _ in range(3)]
    for number, image in enumerate(images, 1):
        image[0, 0] = number
    _open(qtbot, loaded, *(_saved(tmp_path / f"{n}.png", image) for n, image in enumerate(images)))
    qtbot.waitUntil(lambda: loaded.picker.files.list.count() == 3)
    wait_for_image(qtbot, loaded, 1)
    for key, expected in ((".", 2), (".", 3), (".", 3), (",", 2)):
        loaded.view.grid.setFocus()
        qtbot.keyClicks(loaded.view.grid, key)
        wait_for_image(qtbot, loaded, expected)
    assert said(loaded) == "28×28 grey, used as it is"
    click(qtbot, loaded, "inspect_remove_image")
    wait_for_image(qtbot, loaded, 3)
    assert loaded.picker.files.list.count() == 2


def test_that_a_choice_by_hand_of_one_image_stays_with_it(
    qtbot: QtBot, loaded: InspectPage, photo: Path, tmp_path: Path
) -> None:
    digit = np.zeros((28, 28), np.uint8)
    digit[5:20, 12:15] = 200
    _open(qtbot, loaded, photo, _saved(tmp_path / "digit.png", digit))
    click(qtbot, loaded, "inspect_inverted")
    qtbot.waitUntil(lambda: "inverted" not in said(loaded))
    qtbot.waitUntil(lambda: loaded.picker.files.list.count() == 2)
    loaded.picker.step(1)
    qtbot.waitUntil(lambda: said(loaded) == "28×28 grey, used as it is")
    loaded.picker.step(-1)
    qtbot.waitUntil(lambda: said(loaded) == "64×48 colour → grey, fitted into 28×28")


def test_that_images_that_cannot_be_read_are_told_of_and_the_rest_goes_on(
    qtbot: QtBot, loaded: InspectPage, photo: Path, tmp_path: Path, messages: list[Message]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not an image")
    _open(qtbot, loaded, broken, photo)
    qtbot.waitUntil(lambda: len(messages) == 1)
    assert "broken.png" in messages[0][1]
    assert "inside the program" not in messages[0][1]
    assert loaded.picker.files.list.count() == 1
    loaded.open_paths([broken, tmp_path / "missing.png"])
    qtbot.waitUntil(lambda: len(messages) == 2)
    assert messages[1][:2] == ("error", "2 of 2 images could not be read.")
    assert "broken.png" in messages[1][3]
    assert "missing.png" in messages[1][3]


def test_that_a_file_that_has_gone_meanwhile_is_a_sentence_and_the_next_one_comes(
    qtbot: QtBot, loaded: InspectPage, photo: Path, tmp_path: Path, messages: list[Message]
) -> None:
    second = _saved(tmp_path / "b.png", np.zeros((28, 28), np.uint8))
    _open(qtbot, loaded, photo, second)
    qtbot.waitUntil(lambda: loaded.picker.files.list.count() == 2)
    second.unlink()
    loaded.picker.step(1)
    qtbot.waitUntil(loaded.no_image.isVisible)
    assert "b.png" in loaded.no_image.text.text()
    assert len(messages) == 1
    assert loaded.picker.files.list.isVisible()
    loaded.picker.step(-1)
    qtbot.waitUntil(lambda: loaded.forward is not None and loaded.view.grid.isVisible())


def test_that_an_image_is_pasted_wherever_the_keys_are(
    qtbot: QtBot, loaded: InspectPage, photo: Path, clipboard: QClipboard
) -> None:
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    clipboard.setImage(picture)
    loaded.picker.index.setFocus()
    qtbot.keyClick(loaded.picker.index, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: said(loaded) == "40×30 grey → fitted into 28×28")
    clipboard.setMimeData(_mime(photo))
    loaded.view.grid.setFocus()
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: said(loaded).startswith("64×48 colour"))
    assert loaded.picker.files.list.count() == 2


def test_that_pasting_text_is_answered_in_a_sentence(
    qtbot: QtBot, loaded: InspectPage, clipboard: QClipboard, messages: list[Message]
) -> None:
    clipboard.setText("hello")
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert messages == [("info", "There is no image in the clipboard.", "Copy an image or an image file first.", "")]
    assert loaded.picker.source == "dataset"


def test_that_dropped_pixels_are_the_pages_and_dropped_files_the_windows(
    qtbot: QtBot, loaded: InspectPage, photo: Path
) -> None:
    assert not _drop(loaded, _mime(photo))
    picture = QImage(40, 30, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    data = QMimeData()
    data.setImageData(picture)
    assert _drop(loaded, data)
    qtbot.waitUntil(lambda: said(loaded) == "40×30 grey → put on white, fitted into 28×28")


def test_that_colour_models_get_colour_and_no_switch_for_ink(
    qtbot: QtBot, page: InspectPage, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_fruits(path: Path) -> FakeModel:
        model = FakeModel(path)
        model.info = replace(model.info, input_shape=(100, 100, 3))
        return model

    monkeypatch.setattr(page.session, "services", replace(page.session.services, open_model=open_fruits))
    page.session.model_ready.emit(MODEL)
    qtbot.waitUntil(page.no_image.isVisible)
    page.open_paths([photo])
    qtbot.waitUntil(lambda: page.forward is not None)
    assert said(page) == "64×48 colour → fitted into 100×100"
    assert not _box(page, "inspect_inverted").isVisible()
    assert not _box(page, "inspect_centre").isVisible()
    assert page.picker.body.isVisible()


def test_that_images_wait_for_a_model(qtbot: QtBot, page: InspectPage, photo: Path, messages: list[Message]) -> None:
    page.open_path(photo)
    assert [level for level, *_ in messages] == ["info"]
    page.session.model_ready.emit(MODEL)
    qtbot.waitUntil(lambda: page.forward is not None)
    assert said(page).startswith("64×48 colour")


# The data set, asked for from elsewhere


def test_that_an_image_of_the_data_set_can_be_asked_for(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    loaded.session.image_requested.emit("train", 17)
    wait_for_image(qtbot, loaded, 17)
    assert loaded.picker.source == "dataset"
    assert (loaded.picker.dataset.parts.key, loaded.picker.index.value()) == ("train", 17)


def test_that_images_dropped_on_the_window_come_to_inspect(
    qtbot: QtBot, whole_window: MainWindow, photo: Path, tmp_path: Path
) -> None:
    second = _saved(tmp_path / "b.png", np.zeros((28, 28), np.uint8))
    assert _drop(whole_window, _mime(photo, second))
    assert whole_window.current_page == "inspect"
    page = whole_window.page("inspect")
    assert isinstance(page, InspectPage)
    qtbot.waitUntil(lambda: page.picker.files.list.count() == 2)


def test_that_a_dropped_folder_is_a_data_set(
    whole_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[DatasetSpec] = []
    monkeypatch.setattr(whole_window.session, "load_dataset", asked.append)
    assert _drop(whole_window, _mime(tmp_path))
    assert asked == [DatasetSpec(source=str(tmp_path))]
