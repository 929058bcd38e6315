"""Where the Inspect page's image comes from: the data set, the user's own files, or a drawing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from drawing_driver import move, stroke
from fakes import FakeEngine, FakeModel, digits
from inspect_page_driver import MODEL, Message, child, click, load, model_of, press, wait_for_image
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QClipboard, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from cnn_explorer.app import PAGES
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.model_info import Look
from cnn_explorer.data.handwriting import centred, uncentred
from cnn_explorer.ui.main_window import MainWindow
from cnn_explorer.ui.pages.inspect import InspectPage
from cnn_explorer.ui.pages.inspect_images import NOTHING_DRAWN
from cnn_explorer.ui.session import Session
from cnn_explorer.ui.settings import Settings

LINE = [(60, 60), (100, 90), (150, 100), (150, 200)]


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


@pytest.fixture
def whole_window(qtbot: QtBot, session: Session) -> MainWindow:
    """The window with the real Inspect page alone."""
    pages = [entry for entry in PAGES if entry.key == "inspect"]
    window = MainWindow(session, pages, Settings(), lambda _: None)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    with qtbot.waitSignal(window.ready), qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def _saved(path: Path, pixels: NDArray[np.uint8]) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def _said(page: InspectPage) -> str:
    return page.picker.said.text()


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
    qtbot.waitUntil(lambda: page.look is not None and page.picker.source == "files" and bool(_said(page)))


def _box(page: InspectPage, name: str) -> QCheckBox:
    found = child(page, name)
    assert isinstance(found, QCheckBox)
    return found


def _input(page: InspectPage) -> NDArray[np.uint8]:
    """The bytes that the fake network got."""
    assert page.look is not None
    return np.rint(page.look.image * 255).astype(np.uint8)


def _shows(page: InspectPage, expected: NDArray[np.uint8]) -> bool:
    return page.look is not None and np.array_equal(_input(page)[..., 0], expected)


# Drawing


def test_that_a_stroke_is_looked_at_as_mnist_would_have_it(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    assert loaded.no_drawing.text.text() == NOTHING_DRAWN
    assert loaded.no_drawing.isVisible()
    assert loaded.picker.canvas.width() >= 200
    stroke(loaded.picker.canvas, LINE)
    expected = centred(loaded.picker.canvas.ink)
    qtbot.waitUntil(lambda: _shows(loaded, expected))
    assert loaded.view.grid.isVisible()
    assert loaded.picker.verdict.text() == "Predicted 0"
    assert _said(loaded) == "Drawing → scaled into a box and centred by its mass in 28×28, like MNIST"


def test_that_the_switch_shows_the_difference(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.look is not None)
    click(qtbot, loaded, "inspect_draw_like_mnist")
    expected = uncentred(loaded.picker.canvas.ink)
    qtbot.waitUntil(lambda: _shows(loaded, expected))
    assert _said(loaded) == "Drawing → reduced to 28×28 as it is drawn"
    image = loaded.picker.raw.view.image
    assert image is not None
    shown = [[image.pixelColor(column, row).red() for column in range(28)] for row in range(28)]
    np.testing.assert_array_equal(shown, expected)


def test_that_maps_follow_while_the_pen_is_down(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    canvas = loaded.picker.canvas
    looks = [0]
    move(canvas, QEvent.Type.MouseButtonPress, 40, 40)
    for x in range(60, 240, 60):
        move(canvas, QEvent.Type.MouseMove, x, 40)
        qtbot.waitUntil(lambda: model_of(loaded).looks > looks[-1])
        qtbot.waitUntil(lambda: _shows(loaded, centred(canvas.ink)))
        looks.append(model_of(loaded).looks)
    move(canvas, QEvent.Type.MouseButtonRelease, 240, 40)
    qtbot.waitUntil(lambda: _shows(loaded, centred(canvas.ink)))


def test_that_no_queue_builds_up_behind_a_slow_network(
    qtbot: QtBot, loaded: InspectPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    look, gate, begun = FakeModel.look, threading.Event(), threading.Event()

    def slow(model: FakeModel, image: NDArray[np.uint8]) -> Look:
        begun.set()
        gate.wait(10)
        return look(model, image)

    monkeypatch.setattr(FakeModel, "look", slow)
    before = model_of(loaded).looks
    canvas = loaded.picker.canvas
    move(canvas, QEvent.Type.MouseButtonPress, 20, 20)
    qtbot.waitUntil(begun.is_set)
    for x in range(20, 240, 2):
        move(canvas, QEvent.Type.MouseMove, x, x)
    move(canvas, QEvent.Type.MouseButtonRelease, 240, 240)
    gate.set()
    qtbot.waitUntil(lambda: _shows(loaded, centred(canvas.ink)))
    assert model_of(loaded).looks - before == 2, "the first piece of the stroke, and all of it"


def test_that_undo_is_the_drawings_while_one_draws_and_the_networks_elsewhere(
    qtbot: QtBot, whole_window: MainWindow
) -> None:
    document, page = whole_window.session.document, whole_window.page("inspect")
    assert isinstance(page, InspectPage)
    document.edit(msgspec.structs.replace(document.architecture, name="another"), "Rename")
    whole_window.show_page("inspect")
    load(qtbot, page)
    click(qtbot, page, "inspect_source_drawing")
    canvas, ctrl = page.picker.canvas, Qt.KeyboardModifier.ControlModifier
    stroke(canvas, LINE)
    one = canvas.ink
    stroke(canvas, [(200, 30), (220, 60)])
    for focus in (canvas, page.picker.tools.like_mnist, page.card.layers):
        focus.setFocus()
        qtbot.keyClick(focus, Qt.Key.Key_Z, ctrl)
        np.testing.assert_array_equal(canvas.ink, one)
        click(qtbot, page, "inspect_draw_redo")
    click(qtbot, page, "inspect_draw_undo")
    np.testing.assert_array_equal(canvas.ink, one)
    assert document.architecture.name == "another"
    click(qtbot, page, "inspect_source_dataset")
    qtbot.keyClick(page.card.layers, Qt.Key.Key_Z, ctrl)
    assert document.architecture.name == "mnist-simple"


def test_that_clearing_goes_back_to_the_invitation(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    assert not child(loaded, "inspect_draw_clear").isEnabled()
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.look is not None)
    click(qtbot, loaded, "inspect_draw_clear")
    qtbot.waitUntil(loaded.no_drawing.isVisible)
    assert loaded.look is None
    assert loaded.picker.bars.bars == ()
    assert _said(loaded) == ""


def test_that_the_drawing_waits_while_one_looks_at_something_else(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.look is not None)
    ink = loaded.picker.canvas.ink
    click(qtbot, loaded, "inspect_source_dataset")
    wait_for_image(qtbot, loaded, 0)
    assert not loaded.picker.canvas.isVisible()
    assert _said(loaded) == ""
    click(qtbot, loaded, "inspect_source_drawing")
    qtbot.waitUntil(lambda: _shows(loaded, centred(ink)))


def test_that_one_can_draw_for_a_model_that_the_data_set_does_not_fit(
    qtbot: QtBot, page: InspectPage, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_fruits(path: Path) -> FakeModel:
        model = FakeModel(path)
        model.info = replace(model.info, input_shape=(100, 100, 3), classes=())
        return model

    monkeypatch.setattr(page.session, "services", replace(page.session.services, open_model=open_fruits))
    page.session.model_ready.emit(MODEL)
    qtbot.waitUntil(page.no_look.isVisible)
    click(qtbot, page, "inspect_source_drawing")
    stroke(page.picker.canvas, LINE)
    qtbot.waitUntil(lambda: page.look is not None)
    image = _input(page)
    assert image.shape == (100, 100, 3)
    assert (image == image[..., :1]).all()
    assert image.any()
    assert _said(page).endswith("grey in all three channels")
    click(qtbot, page, "inspect_source_dataset")
    assert page.no_look.text.text().startswith("This model takes images of 100×100×3")


def test_that_a_drawing_goes_through_another_model_too(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.look is not None)
    load(qtbot, loaded, Path("runs/2-mnist-simple/model.h5"))
    assert loaded.picker.source == "drawing"
    np.testing.assert_array_equal(_input(loaded)[..., 0], centred(loaded.picker.canvas.ink))


def test_that_saved_grids_are_named_after_the_image(
    qtbot: QtBot, loaded: InspectPage, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals: list[str] = []
    monkeypatch.setattr(loaded.saving, "choose_file", lambda proposal, _: proposals.append(proposal))
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.look is not None)
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
    qtbot.waitUntil(lambda: loaded.look is not None)
    assert loaded.picker.files.list.count() == 1
    assert not child(loaded, "inspect_open_first_images").isVisible()


def test_that_ink_on_paper_is_inverted_in_the_open(qtbot: QtBot, loaded: InspectPage, photo: Path) -> None:
    _open(qtbot, loaded, photo)
    assert _said(loaded) == "64×48 colour → grey, inverted, fitted into 28×28"
    assert _box(loaded, "inspect_inverted").isChecked()
    assert _input(loaded)[0, 0, 0] == 20
    click(qtbot, loaded, "inspect_inverted")
    qtbot.waitUntil(lambda: _said(loaded) == "64×48 colour → grey, fitted into 28×28")
    qtbot.waitUntil(lambda: loaded.look is not None and _input(loaded)[0, 0, 0] == 235)
    assert not _box(loaded, "inspect_inverted").isChecked()


def test_that_the_three_ways_and_centring_are_at_choice(qtbot: QtBot, loaded: InspectPage, photo: Path) -> None:
    _open(qtbot, loaded, photo)
    ways = child(loaded, "inspect_resize")
    assert isinstance(ways, QComboBox)
    qtbot.keyClick(ways, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: _said(loaded).endswith("cropped to 28×28"))
    qtbot.keyClick(ways, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: _said(loaded).endswith("stretched to 28×28"))
    assert not _box(loaded, "inspect_centre").isChecked()
    click(qtbot, loaded, "inspect_centre")
    qtbot.waitUntil(lambda: _said(loaded).endswith("paper cleared, centred and scaled like MNIST in 28×28"))
    qtbot.waitUntil(lambda: loaded.look is not None)
    rows = np.flatnonzero(_input(loaded).any(axis=(1, 2)))
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
    assert _said(loaded) == "28×28 grey, used as it is"
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
    qtbot.waitUntil(lambda: "inverted" not in _said(loaded))
    qtbot.waitUntil(lambda: loaded.picker.files.list.count() == 2)
    loaded.picker.step(1)
    qtbot.waitUntil(lambda: _said(loaded) == "28×28 grey, used as it is")
    loaded.picker.step(-1)
    qtbot.waitUntil(lambda: _said(loaded) == "64×48 colour → grey, fitted into 28×28")


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
    qtbot.waitUntil(loaded.no_look.isVisible)
    assert "b.png" in loaded.no_look.text.text()
    assert len(messages) == 1
    assert loaded.picker.files.list.isVisible()
    loaded.picker.step(-1)
    qtbot.waitUntil(lambda: loaded.look is not None and loaded.view.grid.isVisible())


def test_that_an_image_is_pasted_wherever_the_keys_are(
    qtbot: QtBot, loaded: InspectPage, photo: Path, clipboard: QClipboard
) -> None:
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    clipboard.setImage(picture)
    loaded.picker.index.setFocus()
    qtbot.keyClick(loaded.picker.index, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: _said(loaded) == "40×30 grey → fitted into 28×28")
    clipboard.setMimeData(_mime(photo))
    loaded.view.grid.setFocus()
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: _said(loaded).startswith("64×48 colour"))
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
    qtbot.waitUntil(lambda: _said(loaded) == "40×30 grey → put on white, fitted into 28×28")


def test_that_colour_models_get_colour_and_no_switch_for_ink(
    qtbot: QtBot, page: InspectPage, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_fruits(path: Path) -> FakeModel:
        model = FakeModel(path)
        model.info = replace(model.info, input_shape=(100, 100, 3))
        return model

    monkeypatch.setattr(page.session, "services", replace(page.session.services, open_model=open_fruits))
    page.session.model_ready.emit(MODEL)
    qtbot.waitUntil(page.no_look.isVisible)
    page.open_paths([photo])
    qtbot.waitUntil(lambda: page.look is not None)
    assert _said(page) == "64×48 colour → fitted into 100×100"
    assert not _box(page, "inspect_inverted").isVisible()
    assert not _box(page, "inspect_centre").isVisible()
    assert page.picker.body.isVisible()


def test_that_images_wait_for_a_model(qtbot: QtBot, page: InspectPage, photo: Path, messages: list[Message]) -> None:
    page.open_path(photo)
    assert [level for level, *_ in messages] == ["info"]
    page.session.model_ready.emit(MODEL)
    qtbot.waitUntil(lambda: page.look is not None)
    assert _said(page).startswith("64×48 colour")


# The data set, asked for from elsewhere


def test_that_an_image_of_the_data_set_can_be_asked_for(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    loaded.session.image_requested.emit("train", 17)
    wait_for_image(qtbot, loaded, 17)
    assert loaded.picker.source == "dataset"
    assert (loaded.picker.dataset.parts.key, loaded.picker.index.value()) == ("train", 17)


def test_that_a_new_data_set_leaves_the_drawing_alone(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.look is not None)
    loaded.session.dataset = replace(digits(), classes=tuple("abcdefghij"))
    loaded.session.dataset_changed.emit()
    qtbot.waitUntil(lambda: loaded.look is not None)
    np.testing.assert_array_equal(_input(loaded)[..., 0], centred(loaded.picker.canvas.ink))


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
