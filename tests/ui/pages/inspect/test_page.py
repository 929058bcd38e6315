"""The Inspect page on a fake engine, driven by mouse and keys: layers, images, maps, values."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from cnn_explorer.core.model.info import ForwardPass, LayerInfo
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeModel, Turnstile
from tests.ui.pages.inspect.driver import MODEL, Message, click, load, model_of, node, wait_for_image


def test_that_the_empty_page_leads_to_training_and_to_a_file(
    qtbot: QtBot, page: InspectPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(page.session.page_requested) as requested:
        click(qtbot, page, "inspect_go_to_train")
    assert requested.args == ["train"]
    monkeypatch.setattr(page, "choose_model_file", lambda: MODEL)
    click(qtbot, page, "inspect_open_first_model")
    qtbot.waitUntil(lambda: page.forward is not None)
    assert page.card.isVisible()


def test_that_a_new_model_shows_its_first_convolution_for_the_first_test_image(
    loaded: InspectPage, messages: list[Message]
) -> None:
    assert loaded.card.name.text() == "mnist-simple"
    assert loaded.card.size_text.text() == "96,844 parameters · 28×28×1"
    assert loaded.card.origin.text() == "1-mnist-simple/model.h5"
    assert loaded.card.layers.chosen == "Conv2D_1"
    assert loaded.pane.title.text() == "Conv2D_1"
    assert loaded.pane.size_text.text() == "32 maps of 26×26"
    assert (loaded.picker.index.value(), loaded.picker.index.maximum()) == (0, 19)
    assert messages == []


def test_that_a_model_trained_before_the_page_was_made_is_shown(qtbot: QtBot, session: Session) -> None:
    session.model_ready.emit(MODEL)
    page = InspectPage(session)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page.forward is not None)
    assert page.card.name.text() == "mnist-simple"


def test_that_another_layer_needs_no_engine(qtbot: QtBot, loaded: InspectPage) -> None:
    layers = loaded.card.layers
    place = layers.visualRect(layers.model().index(2, 0)).center()
    qtbot.mouseClick(layers.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert loaded.pane.title.text() == "Conv2D_2"
    layout = loaded.view.grid.layout_
    assert layout is not None
    assert (layout.height, layout.width, layout.count) == (11, 11, 64)
    assert model_of(loaded).passes == 1


def test_that_page_keys_move_over_the_layers_even_from_the_index_box(qtbot: QtBot, loaded: InspectPage) -> None:
    for focus in (loaded.view.grid, loaded.picker.index, loaded.card.layers):
        focus.setFocus()
        qtbot.keyClick(focus, Qt.Key.Key_PageDown)
        assert loaded.pane.title.text() == "Max_Pool_1"
        qtbot.keyClick(focus, Qt.Key.Key_PageUp)
        assert loaded.pane.title.text() == "Conv2D_1"
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_PageUp)
    assert loaded.card.layers.chosen == "Conv2D_1"
    assert loaded.picker.index.value() == 0


def test_that_buttons_step_through_the_images(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_next_image")
    wait_for_image(qtbot, loaded, 1)
    click(qtbot, loaded, "inspect_next_image")
    wait_for_image(qtbot, loaded, 2)
    click(qtbot, loaded, "inspect_previous_image")
    wait_for_image(qtbot, loaded, 1)


def test_that_comma_and_full_stop_step_through_the_images_wherever_the_focus_is(
    qtbot: QtBot, loaded: InspectPage
) -> None:
    for focus in (loaded.view.grid, loaded.card.layers, loaded.picker.index):
        focus.setFocus()
        qtbot.keyClick(focus, Qt.Key.Key_Period)
        wait_for_image(qtbot, loaded, 1)
        qtbot.keyClick(focus, Qt.Key.Key_Comma)
        wait_for_image(qtbot, loaded, 0)
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_Comma)
    assert loaded.picker.index.value() == 0


def test_that_an_index_can_be_typed(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.picker.index.selectAll()
    qtbot.keyClicks(loaded.picker.index, "17")
    wait_for_image(qtbot, loaded, 17)


def test_that_random_shows_another_image(qtbot: QtBot, loaded: InspectPage) -> None:
    seen = {0}
    for _ in range(8):
        before = loaded.picker.index.value()
        click(qtbot, loaded, "inspect_random_image")
        assert loaded.picker.index.value() != before
        seen.add(loaded.picker.index.value())
    wait_for_image(qtbot, loaded, loaded.picker.index.value())
    assert len(seen) > 2


def test_that_the_training_part_has_its_own_images(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_part_train")
    loaded.picker.index.setValue(63)
    wait_for_image(qtbot, loaded, 63)
    click(qtbot, loaded, "inspect_part_test")  # which has 20 images only
    wait_for_image(qtbot, loaded, 19)
    assert loaded.picker.dataset.count.text() == "20 images"


def test_that_stale_replies_are_dropped(qtbot: QtBot, loaded: InspectPage, monkeypatch: pytest.MonkeyPatch) -> None:
    started, gate, shown = threading.Event(), threading.Event(), list[int]()
    forward, model = FakeModel.forward, model_of(loaded)

    def slow(model: FakeModel, image: NDArray[np.uint8]) -> ForwardPass:
        if image[0, 0, 0] == 1:
            started.set()
            gate.wait(10)
        return forward(model, image)

    monkeypatch.setattr(FakeModel, "forward", slow)
    show = loaded.picker.show_prepared
    monkeypatch.setattr(
        loaded.picker, "show_prepared", lambda image: (shown.append(round(float(image[0, 0, 0]) * 255)), show(image))
    )
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_Period)
    qtbot.waitUntil(started.is_set)
    for _ in range(4):
        qtbot.keyClick(loaded.view.grid, Qt.Key.Key_Period)
    gate.set()
    wait_for_image(qtbot, loaded, 5)
    assert shown == [5]
    assert model.passes == 3, "images 2 to 4 were waiting, and nobody wanted them any more"


def test_that_right_and_wrong_predictions_are_told_in_words(qtbot: QtBot, loaded: InspectPage) -> None:
    dataset = loaded.session.dataset
    assert dataset is not None
    predicted = np.arange(20) % 10  # what the fake network says of image i
    right = int(np.flatnonzero(dataset.test_labels == predicted)[0])
    wrong = int(np.flatnonzero((dataset.test_labels != predicted) & ~np.isin(dataset.test_labels, (8,)))[-1])
    loaded.picker.index.setValue(right)
    wait_for_image(qtbot, loaded, right)
    assert loaded.picker.verdict.text() == f"Predicted {predicted[right]}, which is right"
    loaded.picker.index.setValue(wrong)
    wait_for_image(qtbot, loaded, wrong)
    truth = dataset.test_labels[wrong]
    assert loaded.picker.verdict.text() == f"Predicted {predicted[wrong]}, it is a {truth}"
    assert loaded.picker.dataset.truth.text() == f"True class {truth}"
    bars = loaded.picker.bars.bars
    assert [bar.name for bar in bars if bar.predicted] == [str(predicted[wrong])]
    assert [bar.name for bar in bars if bar.true] == [str(truth)]


def test_that_the_status_line_tells_the_unscaled_value_under_the_cursor(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.picker.index.setValue(7)
    wait_for_image(qtbot, loaded, 7)
    loaded.view.controls.scale.setCurrentIndex(2)
    qtbot.mouseMove(loaded.view.grid, node(loaded, 12, 0, 0))
    assert loaded.view.status.text() == "map 12 · row 0, column 0 · value 19.0000"
    dataset = loaded.session.dataset
    assert dataset is not None
    window = np.resize(dataset.test_images[7, ..., 0], (26, 26))  # as the fake network makes its maps
    row, column = np.argwhere(window == 255)[5]
    qtbot.mouseMove(loaded.view.grid, node(loaded, 31, row, column))
    assert loaded.view.status.text() == f"map 31 · row {row}, column {column} · value 286.0000"
    qtbot.mouseMove(loaded.card, QPoint(5, 5))
    assert "value" in loaded.view.status.text()
    assert "map 31" not in loaded.view.status.text()


def test_that_a_map_that_is_zero_gives_the_reason(qtbot: QtBot, loaded: InspectPage) -> None:
    layer = LayerInfo("L", "Conv2D", (2, 2, 2), 0)
    maps = np.zeros((2, 2, 2), np.float32)
    maps[..., 1] = [[1, 2], [3, 4]]
    loaded.view.show_activation(layer, maps, ())
    assert loaded.view.status.text() == "1 of 2 maps is zero on this image: 0"
    qtbot.mouseMove(loaded.view.grid, node(loaded, 0, 1, 1))
    assert loaded.view.status.text() == "map 0 · row 1, column 1 · value 0.0000 · zero on this image"


def test_that_a_click_enlarges_a_map_and_escape_goes_back(qtbot: QtBot, loaded: InspectPage) -> None:
    qtbot.mouseClick(loaded.view.grid, Qt.MouseButton.LeftButton, pos=node(loaded, 5, 3, 3))
    detail = loaded.view.detail
    assert loaded.view.grid.chosen == 5, "its frame does not wait for a second click"
    qtbot.waitUntil(detail.isVisible)
    assert detail.title.text() == "Map 5"
    assert (detail.figures["min"], detail.figures["max"]) == ("5.0000", "260.0000")
    loaded.picker.index.setFocus()
    qtbot.keyClick(loaded.picker.index, Qt.Key.Key_Escape)
    assert not detail.isVisible()
    assert loaded.view.enlarged is None


def test_that_a_click_into_the_enlarged_map_or_on_its_button_goes_back(qtbot: QtBot, loaded: InspectPage) -> None:
    for name in ("inspect_enlarged_map", "inspect_map_close"):
        qtbot.mouseClick(loaded.view.grid, Qt.MouseButton.LeftButton, pos=node(loaded, 5, 3, 3))
        qtbot.waitUntil(lambda: loaded.view.detail.isVisible() and loaded.view.detail.view.width() > 100)
        click(qtbot, loaded, name)
        qtbot.waitUntil(lambda: not loaded.view.detail.isVisible())


def test_that_arrows_and_buttons_move_over_the_enlarged_maps(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.view.grid.choose(5)
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_Return)
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_Right)
    assert loaded.view.detail.title.text() == "Map 6"
    qtbot.keyClick(loaded.view.detail.view, Qt.Key.Key_Down)
    assert loaded.view.detail.title.text() == "Map 14"
    click(qtbot, loaded, "inspect_map_before")
    assert loaded.view.detail.title.text() == "Map 13"
    click(qtbot, loaded, "inspect_map_behind")
    assert loaded.view.grid.chosen == 14


def test_that_an_enlarged_map_follows_the_image_and_closes_with_the_layer(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.view.enlarge(3)
    loaded.picker.index.setValue(9)
    wait_for_image(qtbot, loaded, 9)
    assert loaded.view.detail.isVisible()
    qtbot.mouseMove(loaded.view.detail.view, loaded.view.detail.view.to_screen(0.5, 0.5).toPoint())
    assert loaded.view.status.text() == "map 3 · row 0, column 0 · value 12.0000"
    qtbot.keyClick(loaded.view.grid, Qt.Key.Key_PageDown)
    assert not loaded.view.detail.isVisible()


def test_that_a_dense_layer_is_bars_with_the_value_under_the_cursor(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.card.layers.step(6)
    assert loaded.pane.title.text() == "Dense_1"
    bars = loaded.view.vector.bars
    assert bars.isVisible()
    qtbot.waitUntil(lambda: bars.width() > 400)
    qtbot.mouseMove(bars, bars.bar_area(69).center().toPoint())
    assert loaded.view.status.text() == "value 69 · 1.0000"
    assert not loaded.view.controls.columns.isVisible()


def test_that_flattened_maps_are_a_strip_with_colours(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.card.layers.step(5)
    strip = loaded.view.vector.strip
    qtbot.waitUntil(strip.isVisible)
    assert loaded.view.controls.colormap.isVisible()
    qtbot.mouseMove(strip, strip.screen_rectangle(17, 31, 18, 32).center().toPoint())  # 18 rows of 32 values
    assert loaded.view.status.text() == "value 575 · 1.0000"


def test_that_the_controls_change_the_picture_and_stay_over_layers(qtbot: QtBot, loaded: InspectPage) -> None:
    controls, grid = loaded.view.controls, loaded.view.grid
    before = grid.image
    assert before is not None
    controls.columns.setValue(16)
    assert grid.image is not None
    assert (grid.image.width(), grid.image.height()) == (16 * 26, 2 * 26)
    qtbot.keyClicks(controls.colormap, "magma")
    assert grid.image.pixelColor(0, 0) != before.pixelColor(0, 0)
    controls.scale.setCurrentIndex(controls.scale.findData("layer"))
    assert loaded.view.picture.bar.legend.low == "0.0000"
    assert loaded.view.picture.bar.legend.high == "286.0000"
    controls.colormap.setCurrentIndex(controls.colormap.findData("coolwarm"))
    assert loaded.view.picture.bar.legend.low == "−286.0000"
    click(qtbot, loaded, "inspect_lines")
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    assert (controls.choice.columns, controls.choice.colormap, controls.choice.lines) == (16, "coolwarm", False)


def test_that_layer_image_and_colours_stay_when_another_run_has_ended(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.card.layers.step(2)
    loaded.picker.index.setValue(11)
    loaded.view.controls.columns.setValue(12)
    wait_for_image(qtbot, loaded, 11)
    load(qtbot, loaded, Path("runs/2-mnist-simple/model.h5"))
    assert loaded.card.origin.text() == "2-mnist-simple/model.h5"
    assert loaded.card.layers.chosen == loaded.pane.title.text() == "Conv2D_2"
    assert loaded.picker.index.value() == 11
    assert loaded.view.choice.columns == 12
    layout = loaded.view.grid.layout_
    assert layout is not None
    assert layout.columns == 12


def test_that_every_control_has_a_name_and_says_what_it_does(loaded: InspectPage) -> None:
    assert loaded.weights.view is not loaded.comparing.view  # both are made when they are first wanted
    found = [*loaded.findChildren(QAbstractButton), *loaded.findChildren(QComboBox), *loaded.findChildren(QSpinBox)]
    controls = [control for control in found if not control.objectName().startswith("qt_")]  # Qt's own, in a table
    assert len(controls) > 15
    for control in controls:
        assert control.objectName().startswith(("inspect_", "compare_")), control
        assert control.toolTip(), control.objectName()
        assert control.accessibleName() or isinstance(control, QAbstractButton), control.objectName()


def test_that_the_empty_page_tells_of_a_model_that_is_on_its_way(
    qtbot: QtBot, page: InspectPage, session: Session, gate: Turnstile
) -> None:
    assert page._empty.text.text().startswith("Train a network")
    session.train()
    assert page._empty.text.text().startswith("A network is being trained")
    gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
