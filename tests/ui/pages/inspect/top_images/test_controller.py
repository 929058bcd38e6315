"""The images that activate a map most, in the window: found little by little, shown, and gone to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.pages.inspect.top_images.tiles import TopImageTiles
from cnn_explorer.ui.pages.inspect.top_images.view import TopImagesView
from tests.ui.fakes import CLASSES, FakeEngine, Turnstile
from tests.ui.pages.inspect.driver import MODEL, Message, child, click, wait_for_image


@pytest.fixture
def images(qtbot: QtBot, loaded: InspectPage) -> InspectPage:
    """The page with the fake model, at its view of images."""
    click(qtbot, loaded, "inspect_view_images")
    return loaded


def view(page: InspectPage) -> TopImagesView:
    return page.top_images.view


def tiles(page: InspectPage) -> TopImageTiles:
    return view(page).tiles


def find(qtbot: QtBot, page: InspectPage) -> None:
    """Press the button and wait for the end, and for the images."""
    click(qtbot, page, "inspect_top_images_find")
    qtbot.waitUntil(lambda: not page.top_images.running)
    found = page.top_images.result
    assert found is not None
    best = [each.index for each in found.best(view(page).map.value())]
    qtbot.waitUntil(lambda: indices(page) == best and tiles(page).width() == view(page).width())


def indices(page: InspectPage) -> list[int]:
    """Which images are shown."""
    return [int(tile.sentence.split()[1]) for tile in tiles(page).tiles]


def at(page: InspectPage, number: int) -> QPoint:
    return tiles(page).rectangle(number).center().toPoint()


def test_that_the_nine_images_with_the_largest_values_are_shown_with_class_and_value(
    qtbot: QtBot, images: InspectPage
) -> None:
    words = "Find the images of the data set that activate each map of Conv2D_1 most."
    assert view(images).empty.text.text() == words
    with qtbot.waitSignal(images.top_images.dead_maps_found) as told:
        find(qtbot, images)
    dead_maps, layer = told.args
    assert (dead_maps.count, dead_maps.zero, dead_maps.constant, layer) == (20, (1,), (2,), "Conv2D_1"), "for the grid"
    assert indices(images) == list(range(19, 10, -1))
    dataset = images.session.dataset
    assert dataset is not None
    first = tiles(images).tiles[0]
    name = dataset.classes[dataset.test_labels[19]]
    assert (first.title, first.figure) == (name, "19.0000")
    assert first.sentence == f"Image 19 of the test part, class {name}: 19.0000 at row 0, column 0"
    assert first.picture.pixelColor(0, 0).red() == 19, "image i has the value i in its corner"
    assert view(images).said.text() == "after 20 images"
    assert view(images).facts.text().startswith("map 0: 0.0000 … 19.0000, mean 9.5000")


def test_that_a_click_or_enter_shows_the_image_on_the_page(qtbot: QtBot, images: InspectPage) -> None:
    find(qtbot, images)
    qtbot.mouseClick(tiles(images), Qt.MouseButton.LeftButton, pos=at(images, 3))
    wait_for_image(qtbot, images, 16)
    assert view(images).isVisible()
    qtbot.keyClick(tiles(images), Qt.Key.Key_Right)
    qtbot.keyClick(tiles(images), Qt.Key.Key_Return)
    wait_for_image(qtbot, images, 15)
    assert images.picker.index.value() == 15
    assert "Image 15 of the test part" in tiles(images).accessibleName()


def test_that_arrows_walk_over_the_images_and_stop_at_the_ends(qtbot: QtBot, images: InspectPage) -> None:
    find(qtbot, images)
    shown = tiles(images)
    view(images).crop.setFocus()
    qtbot.keyClick(view(images).crop, Qt.Key.Key_Tab)
    assert shown.hasFocus()
    assert shown.current == 0, "who comes by keyboard sees where the arrows start"
    places = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Right):
        qtbot.keyClick(shown, key)
        places.append(shown.current)
    columns = sum(shown.rectangle(number).top() == shown.rectangle(0).top() for number in range(9))
    assert places == [0, 1, 1 + columns, 1, 8, 8]
    qtbot.keyClick(shown, Qt.Key.Key_Home)
    assert shown.current == 0


def test_that_another_map_needs_no_search_and_dead_and_constant_ones_are_explained(
    qtbot: QtBot, images: InspectPage, engine: FakeEngine
) -> None:
    find(qtbot, images)
    box = view(images).map
    assert (box.maximum(), view(images).of.text()) == (31, "of 32")
    box.setValue(5)
    qtbot.waitUntil(lambda: bool(tiles(images).tiles) and tiles(images).tiles[0].figure == "24.0000")
    box.setValue(1)
    assert view(images).empty.text.text() == "Map 1 is zero on all 20 images: nothing activates it."
    box.setValue(2)
    assert view(images).empty.text.text() == (
        "Map 2 is 7.0000 everywhere on all 20 images: it does not depend on them."
    )
    assert view(images).facts.text() == ("1 of 32 maps zero on all images: 1 · 1 of 32 maps constant on all images: 2")
    box.setValue(3)
    qtbot.waitUntil(lambda: indices(images) == [6, 4])
    assert "zero on 90 % of the images; only 2 images activate it" in view(images).facts.text()
    assert len(engine.passes) == 1


def test_that_the_map_that_is_chosen_in_the_grid_is_the_one_whose_images_are_shown(
    qtbot: QtBot, loaded: InspectPage
) -> None:
    loaded.view.grid.choose(7)
    click(qtbot, loaded, "inspect_view_images")
    assert view(loaded).map.value() == 7


def test_that_results_come_while_images_are_looked_at_and_stay_after_a_cancel(
    qtbot: QtBot, images: InspectPage, engine: FakeEngine
) -> None:
    engine.pass_gate = gate = Turnstile()
    try:
        click(qtbot, images, "inspect_top_images_find")
        assert view(images).empty.text.text() == "Looking at the first images …"
        gate.let_through(1)
        qtbot.waitUntil(lambda: view(images).said.text() == "8 of 20 images")
        qtbot.waitUntil(lambda: indices(images) == list(range(7, 0, -1)))
        assert view(images).progress.isVisible()
        click(qtbot, images, "inspect_top_images_cancel")
    finally:
        gate.set()
    assert not view(images).progress.isVisible()
    assert view(images).search.isVisible()
    assert view(images).said.text() == "8 of 20 images"
    qtbot.waitUntil(lambda: not images.session.engine.busy)
    assert indices(images) == list(range(7, 0, -1)), "the slice that was under way counts for nothing"


def test_that_a_forward_pass_comes_between_two_slices(qtbot: QtBot, images: InspectPage, engine: FakeEngine) -> None:
    engine.pass_gate = gate = Turnstile()
    try:
        click(qtbot, images, "inspect_top_images_find")
        gate.let_through(1)
        qtbot.waitUntil(lambda: view(images).said.text() == "8 of 20 images")
        qtbot.keyClick(view(images), Qt.Key.Key_Period)  # while the second slice waits
        gate.let_through(1)
        wait_for_image(qtbot, images, 1)
        assert engine.passes[0].advances == 2, "the third slice came after the forward pass"
        assert images.top_images.running
    finally:
        gate.set()
    qtbot.waitUntil(lambda: not images.top_images.running)


def test_that_what_was_found_is_kept_for_each_layer_part_and_count(
    qtbot: QtBot, images: InspectPage, engine: FakeEngine
) -> None:
    find(qtbot, images)
    images.inspection.choose_layer("Conv2D_2")
    assert not tiles(images).tiles
    assert view(images).of.text() == "of 64"
    find(qtbot, images)
    images.inspection.choose_layer("Conv2D_1")
    qtbot.waitUntil(lambda: len(tiles(images).tiles) == 9)
    click(qtbot, images, "inspect_top_images_part_train")
    assert not tiles(images).tiles
    find(qtbot, images)
    assert indices(images)[0] == 63
    assert len(engine.passes) == 3
    qtbot.mouseClick(tiles(images), Qt.MouseButton.LeftButton, pos=at(images, 0))
    wait_for_image(qtbot, images, 63)
    images.inspection.choose_layer("Dense_1")
    assert (view(images).unit.text(), view(images).of.text()) == ("Value", "of 70")
    find(qtbot, images)
    assert view(images).facts.text().startswith("value 0:")


def test_that_a_search_goes_on_while_another_layer_is_looked_at(
    qtbot: QtBot, images: InspectPage, engine: FakeEngine
) -> None:
    engine.pass_gate = gate = Turnstile()
    try:
        click(qtbot, images, "inspect_top_images_find")
        gate.let_through(1)
        qtbot.waitUntil(lambda: view(images).said.text() == "8 of 20 images")
        images.inspection.choose_layer("Conv2D_2")
        assert view(images).said.text() == "Conv2D_1: 8 of 20 images"
    finally:
        gate.set()
    qtbot.waitUntil(lambda: not images.top_images.running)
    assert not tiles(images).tiles
    images.inspection.choose_layer("Conv2D_1")
    qtbot.waitUntil(lambda: len(tiles(images).tiles) == 9)


def test_that_another_model_ends_the_search_and_forgets_its_results(
    qtbot: QtBot, images: InspectPage, engine: FakeEngine
) -> None:
    engine.pass_gate = gate = Turnstile()
    before = images.model
    try:
        click(qtbot, images, "inspect_top_images_find")
        gate.let_through(1)
        qtbot.waitUntil(lambda: view(images).said.text() == "8 of 20 images")
        images.session.model_ready.emit(MODEL)
    finally:
        gate.set()
    qtbot.waitUntil(lambda: images.model is not before and images.forward is not None)
    assert not images.top_images.running
    assert images.top_images.result is None
    assert engine.passes[0].advances <= 3


def test_that_what_the_node_sees_is_framed_and_can_be_cut_out(qtbot: QtBot, images: InspectPage) -> None:
    find(qtbot, images)
    qtbot.waitUntil(lambda: all(tile.field == (0, 0, 2, 2) for tile in tiles(images).tiles))
    whole = tiles(images).grab().toImage()
    click(qtbot, images, "inspect_top_images_crop")
    place = tiles(images).rectangle(0)
    x, y = int(place.left() + 0.2 * place.width()), int(place.top() + 0.2 * place.width())
    assert whole.pixelColor(x, y).red() == 0
    assert tiles(images).grab().toImage().pixelColor(x, y).red() == 19


def choices(page: InspectPage) -> list[str]:
    box = child(page, "inspect_top_images_count")
    assert isinstance(box, QComboBox)
    return [box.itemText(number) for number in range(box.count())]


def colour() -> Dataset:
    """Images that do not fit the model."""
    images, labels = np.zeros((6, 32, 32, 3), np.uint8), np.arange(6) % 2
    return Dataset.of_parts("other", "Other", CLASSES[:2], "1" * 64, images, labels, images, labels)


def test_that_another_data_set_offers_other_counts_or_says_why_it_does_not_fit(
    qtbot: QtBot, images: InspectPage
) -> None:
    assert choices(images) == ["All 20 images"]
    dataset = images.session.dataset
    assert dataset is not None
    more = np.zeros((2300, 28, 28, 1), np.uint8)
    images.session.dataset = replace(
        dataset, images=more, labels=np.zeros(2300, np.int64), train=range(150), test=range(150, 2300)
    )
    images.session.dataset_changed.emit()
    assert choices(images) == ["100 images", "1,000 images", "All 2,150 images"]
    assert view(images).images == 1000
    click(qtbot, images, "inspect_top_images_part_train")
    assert choices(images) == ["100 images", "All 150 images"]
    images.session.dataset = colour()
    images.session.dataset_changed.emit()
    assert not view(images).search.isEnabled()
    said = "This model takes images of 28×28×1; those of Other are 32×32×3. Choose another one on the Data page."
    assert view(images).empty.text.text() == said


def test_that_a_failure_is_reported_and_ends_the_search(
    qtbot: QtBot, images: InspectPage, engine: FakeEngine, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_pass: object, _seconds: float) -> None:
        raise ExplorerError("The images can no longer be read.")

    monkeypatch.setattr("tests.ui.fakes.FakePass.advance", fail)
    click(qtbot, images, "inspect_top_images_find")
    qtbot.waitUntil(lambda: not images.top_images.running)
    assert [message[:2] for message in messages] == [("error", "The images can no longer be read.")]
    assert view(images).search.isVisible()
