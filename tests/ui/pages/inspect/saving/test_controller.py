"""What leaves the Inspect page: pictures of any size, values, reports; as files and on the clipboard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.export.pictures.grid import PictureStyle, grid_picture
from cnn_explorer.export.report.page import ReportMatter
from cnn_explorer.ui.pages.inspect.fact_table import FactTable
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.pages.inspect.saving import controller as inspect_saving
from tests.ui.pages.inspect.driver import Message, child, click, load, press, wait_for_image

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def _clipboard() -> NDArray[np.uint8]:
    """The picture on the clipboard: (y, x, 3)."""
    image = QGuiApplication.clipboard().image().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


def _activation(page: InspectPage) -> NDArray[np.float32]:
    assert page.forward is not None
    return page.forward.activations[page.inspection.layer]


@pytest.fixture
def saved_as(loaded: InspectPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """The dialog answers at once; the path of a kind of file."""
    monkeypatch.setattr(loaded.saving, "choose_file", lambda _, kind: tmp_path / f"saved.{kind}")
    return lambda kind: tmp_path / f"saved.{kind}"


def test_that_ctrl_c_copies_the_picture_as_it_is_on_the_screen(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message]
) -> None:
    loaded.saving.menu.legend.setChecked(False)
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_C, CONTROL)
    qtbot.waitUntil(lambda: bool(messages))
    choice, side = loaded.view.grid.choice, max(1, round(loaded.view.grid.node_size))
    expected = grid_picture(
        _activation(loaded), PictureStyle(MapStyle(columns=choice.columns, colormap=choice.colormap), pixels=side)
    )
    np.testing.assert_array_equal(_clipboard(), expected)
    assert messages[0][:3] == (
        "success", "The picture is on the clipboard.", f"{expected.shape[1]:,}×{expected.shape[0]:,} pixels",
    )  # fmt: skip


def test_that_a_copied_picture_has_the_order_and_the_scale_of_the_screen(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message]
) -> None:
    menu, controls = loaded.saving.menu, loaded.view.controls
    menu.legend.setChecked(False)
    menu.pixels.setValue(3)
    qtbot.keyClick(controls.order, Qt.Key.Key_Down)
    qtbot.keyClick(controls.scale, Qt.Key.Key_End)
    assert loaded.view.choice.everywhere
    numbers = loaded.view.shown_numbers
    assert numbers != tuple(range(32))
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_C, CONTROL)
    qtbot.waitUntil(lambda: bool(messages))
    assert loaded.forward is not None
    maps = [values for values in loaded.forward.activations.values() if values.ndim == 3]
    limits = np.array([min(map(np.min, maps))]), np.array([max(map(np.max, maps))])
    style = PictureStyle(MapStyle(scale="layer"), pixels=3, order=numbers, limits=limits)
    np.testing.assert_array_equal(_clipboard(), grid_picture(_activation(loaded), style))


def test_that_size_legend_and_numbers_are_those_of_the_menu(
    qtbot: QtBot, loaded: InspectPage, saved_as: Callable[[str], Path], messages: list[Message]
) -> None:
    menu = loaded.saving.menu
    menu.pixels.setValue(2)
    menu.numbers.setChecked(True)
    assert menu.size_text.text().endswith("pixels and the legend")
    press(loaded, "inspect_save_png")
    qtbot.waitUntil(lambda: bool(messages))
    with Image.open(saved_as("png")) as image:
        found = np.asarray(image)
    columns = loaded.view.grid.choice.columns
    style = PictureStyle(MapStyle(columns=columns, colormap=loaded.view.grid.choice.colormap), pixels=2, numbers=True)
    expected = grid_picture(_activation(loaded), style)
    high, wide, _ = expected.shape
    assert f"{wide:,}×{high:,} pixels" in menu.size_text.text()
    assert found.shape[0] > high
    rows = [y for y in range(found.shape[0] - high) if np.array_equal(found[y : y + high, 13 : 13 + wide], expected)]
    assert len(rows) == 1


def test_that_a_picture_that_cannot_be_is_refused_in_the_menu(loaded: InspectPage) -> None:
    menu = loaded.saving.menu
    menu.pixels.setValue(1)
    loaded.card.layers.step(4)  # maps of 3×3
    menu.numbers.setChecked(True)
    assert menu.size_text.text() == "The maps are too small for numbers. Take more pixels a node, or no numbers."
    assert not menu.png.isEnabled()
    assert not menu.copy_picture.isEnabled()
    menu.numbers.setChecked(False)
    assert menu.png.isEnabled()


def test_that_ctrl_shift_c_copies_the_chosen_map_as_a_table(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message]
) -> None:
    loaded.view.grid.choose(5)
    loaded.saving.menu.choice_changed.emit()  # it opens
    assert loaded.saving.menu.copy_values.text() == "Copy map 5"
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_C, CONTROL | SHIFT)
    assert messages[-1][1] == "The values of map 5 of Conv2D_1 are on the clipboard."
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    np.testing.assert_array_equal(np.array(rows, np.float32), _activation(loaded)[..., 5])
    loaded.card.layers.step(7)
    press(loaded, "inspect_copy_values")
    values = np.array(QGuiApplication.clipboard().text().split(), np.float32)
    np.testing.assert_array_equal(values, _activation(loaded))


def test_that_ctrl_c_in_a_field_copies_its_text(qtbot: QtBot, loaded: InspectPage, messages: list[Message]) -> None:
    index = loaded.picker.index
    assert isinstance(index, QSpinBox)
    index.setValue(17)
    wait_for_image(qtbot, loaded, 17)
    index.setFocus()
    index.selectAll()
    qtbot.keyClick(index.lineEdit(), Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "17"
    assert messages == []
    assert not loaded.session.engine.busy


def test_that_ctrl_c_in_a_table_copies_its_rows(qtbot: QtBot, loaded: InspectPage, messages: list[Message]) -> None:
    loaded.pane.show_view("weights")
    table = loaded.findChild(FactTable, "inspect_layer_facts")
    assert table is not None
    table.show_facts((("", (("filters", "32"),)),))
    table.setFocus()
    table.selectRow(0)
    qtbot.keyClick(table, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "filters\t32"
    assert messages == []


def test_that_there_is_nothing_to_copy_without_an_answer(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message]
) -> None:
    loaded.inspection.set_forward(None)
    loaded.saving.copy("picture")
    assert messages[-1][:2] == ("info", "There is nothing to copy yet.")
    loaded.saving.menu.choice_changed.emit()
    assert not loaded.saving.menu.png.isEnabled()
    loaded.saving.save("npz")
    assert not loaded.session.engine.busy


def test_that_the_table_holds_the_values(
    qtbot: QtBot, loaded: InspectPage, saved_as: Callable[[str], Path], messages: list[Message]
) -> None:
    press(loaded, "inspect_save_csv")
    qtbot.waitUntil(lambda: bool(messages))
    table = np.loadtxt(saved_as("csv"), delimiter=",", skiprows=1)
    number, row, column = table[:, :3].astype(int).T
    np.testing.assert_array_equal(_activation(loaded)[row, column, number], table[:, 3].astype(np.float32))
    assert len(table) == _activation(loaded).size


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # what a menu asks of the offscreen platform
def test_that_the_menu_opens_by_keyboard_and_every_part_of_it_is_reached(qtbot: QtBot, loaded: InspectPage) -> None:
    menu = loaded.saving.menu
    box = menu.menu()
    box.popup(menu.mapToGlobal(menu.rect().bottomLeft()))
    qtbot.waitUntil(menu.pixels.hasFocus)
    seen = []
    for _ in range(9):
        focus = box.focusWidget()  # that is who gets the keys of an open menu
        seen.append(focus.objectName())
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert seen == [
        "inspect_picture_pixels", "inspect_picture_legend", "inspect_picture_numbers", "inspect_copy_picture",
        "inspect_save_png", "inspect_copy_values", "inspect_save_npz", "inspect_save_csv", "inspect_save_html",
    ]  # fmt: skip
    qtbot.keyClick(menu.html, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not box.isVisible())


def test_that_the_report_is_a_page_on_this_model_and_image(
    qtbot: QtBot, loaded: InspectPage, saved_as: Callable[[str], Path], messages: list[Message]
) -> None:
    press(loaded, "inspect_save_html")
    assert loaded.saving.progress.isVisible()
    qtbot.waitUntil(lambda: bool(messages), timeout=20_000)
    assert messages[0][:3] == ("success", "Saved saved.html.", f"Open it in a browser: {saved_as('html')}")
    page = saved_as("html").read_text(encoding="utf-8")
    for words in ("mnist-simple", "Image test-0, as it is", "Conv2D_3", "Predicted 0", "Keras 3"):
        assert words in page, words
    assert not loaded.saving.progress.isVisible()


def test_that_a_report_can_be_cancelled_and_leaves_nothing(
    qtbot: QtBot, loaded: InspectPage, saved_as: Callable[[str], Path], messages: list[Message],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    begun, go_on = threading.Event(), threading.Event()
    save = inspect_saving.save_report

    def slow(path: Path, matter: ReportMatter, force: bool, watch: Callable[[str, int, int], None]) -> None:
        begun.set()
        go_on.wait(10)
        save(path, matter, force, watch)

    monkeypatch.setattr(inspect_saving, "save_report", slow)
    press(loaded, "inspect_save_html")
    assert begun.wait(10)
    click(qtbot, loaded, "inspect_report_cancel")
    assert messages == [("info", "The report was cancelled.", "", "")]
    assert not child(loaded, "inspect_report_cancel").isVisible()
    with qtbot.waitSignal(loaded.session.scans.busy_changed):
        go_on.set()
    assert not saved_as("html").exists()
    assert len(messages) == 1


def test_that_a_report_that_cannot_be_written_is_a_message(
    qtbot: QtBot, loaded: InspectPage, messages: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded.saving, "choose_file", lambda _, kind: tmp_path / "no" / f"r.{kind}")
    press(loaded, "inspect_save_html")
    qtbot.waitUntil(lambda: bool(messages), timeout=20_000)
    assert messages[0][0] == "error"
    assert "does not exist" in messages[0][1]
    assert not loaded.saving.progress.isVisible()


def test_that_another_model_does_not_end_the_report(
    qtbot: QtBot, loaded: InspectPage, saved_as: Callable[[str], Path], messages: list[Message]
) -> None:
    press(loaded, "inspect_save_html")
    load(qtbot, loaded, Path("runs/2-mnist-simple/model.h5"))
    qtbot.waitUntil(lambda: saved_as("html").exists(), timeout=20_000)
    assert "1-mnist-simple/model.h5" in saved_as("html").read_text(encoding="utf-8")
