"""Comparing on the Inspect page: another image, a class, another model, a pin; in the fake model every map is the
image's first rows plus the map's number, so that differences are known by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.ui.pages.inspect.compare.controller import Comparing
from cnn_explorer.ui.pages.inspect.compare.state import ClassMean, OtherFile, OtherImage, OtherModel
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, FakeModel
from tests.ui.pages.inspect.compare.driver import action, beside, compare, corner, grid_node, shown
from tests.ui.pages.inspect.driver import Message, child, click, load, wait_for_image

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def comparing(loaded: InspectPage) -> Comparing:
    return loaded.comparing


def test_that_the_difference_of_two_images_is_shown_node_by_node(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    compare(qtbot, comparing, 7)
    pair = shown(comparing)
    assert pair.comparison is not None
    assert pair.comparison.difference[0, 0].tolist() == [corner(loaded, 0) - corner(loaded, 7)] * 32 == [-7.0] * 32
    images = loaded.session.dataset.test_images[[0, 7]].astype(np.float32)
    wanted = [np.resize(image[..., 0], (26, 26)) for image in images]
    assert np.array_equal(pair.comparison.difference[..., 5], wanted[0] - wanted[1])
    assert comparing.view.isVisible()
    assert [head.isVisible() for head in comparing.view.heads] == [True] * 3
    assert child(loaded, "compare_head_a_title").text() == "test 0"
    assert "Predicted 7" in child(loaded, "compare_head_b_words").text()


def test_that_nothing_brings_the_maps_back(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    assert not child(loaded, "compare_end").isVisible()
    compare(qtbot, comparing, 7)
    click(qtbot, loaded, "compare_end")
    assert loaded.view.isVisible()
    assert not comparing.view.isVisible()
    assert comparing.choice is None


def test_that_side_b_stays_when_the_image_in_view_changes(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    compare(qtbot, comparing, 7)
    passes = loaded.model.passes
    qtbot.keyClick(loaded, Qt.Key.Key_Period)
    wait_for_image(qtbot, loaded, 1)
    qtbot.waitUntil(lambda: float(shown(comparing).comparison.difference[0, 0, 0]) == -6)
    assert loaded.model.passes == passes + 1


def test_that_shift_steps_side_b_alone(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    compare(qtbot, comparing, 7)
    qtbot.keyClick(loaded, Qt.Key.Key_Period, SHIFT)
    beside(qtbot, comparing, 8)
    qtbot.keyClick(loaded, Qt.Key.Key_Less, SHIFT)  # what Shift and , are on some keyboards
    beside(qtbot, comparing, 7)
    assert loaded.images.place == ("test", 0)
    assert comparing.view.index.value() == 7


def test_that_an_image_of_a_class_is_followed_by_one_of_the_same(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    assert loaded.session.dataset is not None
    labels = loaded.session.dataset.test_labels
    number = int(np.bincount(labels).argmax())
    first, second = np.flatnonzero(labels == number)[:2].tolist()
    compare(qtbot, comparing, first, number)
    comparing.step(1)
    beside(qtbot, comparing, second)
    click(qtbot, loaded, "compare_previous_image")
    beside(qtbot, comparing, first)
    comparing.step(-1)  # there is none before it
    assert comparing.choice == OtherImage("test", first, number)


def test_that_an_index_can_be_typed_for_side_b(qtbot: QtBot, comparing: Comparing) -> None:
    compare(qtbot, comparing, 7)
    comparing.view.index.setValue(12)
    beside(qtbot, comparing, 12)


def test_that_another_layer_needs_no_engine(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    compare(qtbot, comparing, 7)
    passes = loaded.model.passes
    loaded.inspection.choose_layer("Conv2D_2")
    qtbot.waitUntil(lambda: shown(comparing).a.shape == (11, 11, 64))
    assert shown(comparing).comparison is not None
    assert loaded.model.passes == passes


def test_that_the_pointed_node_is_marked_and_read_on_all_sides(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    compare(qtbot, comparing, 7)
    view, told = comparing.view, []
    loaded.inspection.node_pointed.connect(told.append)
    for side in range(3):
        qtbot.mouseMove(view.grids.grids[side], grid_node(view, side, 3, 5, 6))
        qtbot.mouseMove(view.grids.grids[side], grid_node(view, side, 3, 0, 0))
        assert [grid.marked for grid in view.grids.grids] == [(0, 0, 3)] * 3
    assert view.status.text() == "map 3 · row 0, column 0 · A 3.0000 · B 10.0000 · A − B −7.0000"
    assert told[-1].node == (0, 0, 3)


def test_that_a_click_enlarges_the_map_on_all_sides_and_escape_shows_all_again(
    qtbot: QtBot, comparing: Comparing
) -> None:
    compare(qtbot, comparing, 7)
    view = comparing.view
    small = view.grids.grids[0].node_size
    qtbot.mouseClick(view.grids.grids[1], Qt.MouseButton.LeftButton, pos=grid_node(view, 1, 9, 4, 4))
    qtbot.waitUntil(lambda: view.grids.enlarged == 9)  # a second click could have followed
    for grid in view.grids.grids:
        place = grid.map_rectangle(9)
        assert place.width() == pytest.approx(grid.width(), abs=2)
        assert abs(place.left()) < 2
        assert grid.chosen == 9
    assert view.grids.grids[0].node_size > 2 * small
    view.grids.grids[0].setFocus()
    qtbot.keyClick(view.grids.grids[0], Qt.Key.Key_Right)
    assert view.grids.enlarged == 10
    qtbot.keyClick(view.grids.grids[0], Qt.Key.Key_Escape)
    assert view.grids.enlarged is None
    assert view.grids.grids[2].node_size == pytest.approx(small)


def test_that_a_double_click_opens_the_node_and_enlarges_nothing(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    compare(qtbot, comparing, 7)
    grids, told = comparing.view.grids, []
    comparing.view.node_opened.connect(told.append)
    place = grid_node(comparing.view, 2, 9, 4, 5)
    qtbot.mouseMove(grids.grids[2], place)
    for act in (qtbot.mouseClick, qtbot.mouseDClick):
        act(grids.grids[2], Qt.MouseButton.LeftButton, pos=place)
    assert told == [(4, 5, 9)]
    assert grids.enlarged is None
    grids.grids[0].setFocus()
    qtbot.keyClick(grids.grids[0], Qt.Key.Key_M)
    assert told == [(4, 5, 9)] * 2


def test_that_zooming_one_grid_zooms_all(qtbot: QtBot, comparing: Comparing) -> None:
    compare(qtbot, comparing, 7)
    grids = comparing.view.grids.grids
    qtbot.keyClick(grids[2], Qt.Key.Key_Plus)
    assert grids[0].view.zoom > 1
    assert grids[0].view == grids[1].view == grids[2].view
    click_fit = comparing.view.controls.fit
    qtbot.mouseClick(click_fit, Qt.MouseButton.LeftButton)
    assert grids[0].view.zoom == grids[1].view.zoom == 1


def test_that_the_maps_that_differ_most_come_first_if_one_likes(
    qtbot: QtBot, comparing: Comparing, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = FakeModel.forward

    def louder(model: FakeModel, image: np.ndarray) -> object:
        found = forward(model, image)
        for values in found.activations.values():
            if values.ndim == 3:
                values *= np.where(np.arange(values.shape[2]) == 20, 3, 1)
        return found

    monkeypatch.setattr(FakeModel, "forward", louder)
    compare(qtbot, comparing, 7)
    assert "differ most" in comparing.view.status.text()
    qtbot.mouseClick(
        comparing.view.sorted, Qt.MouseButton.LeftButton, pos=QPoint(8, comparing.view.sorted.height() // 2)
    )
    assert [grid.numbers[0] for grid in comparing.view.grids.grids] == [20, 20, 20]


def test_that_vectors_stand_as_pairs_of_bars(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    loaded.inspection.choose_layer("Dense_2")
    compare(qtbot, comparing, 7)
    view = comparing.view
    assert shown(comparing).as_bars
    assert view.bars.isVisible()
    qtbot.mouseMove(view.bars, view.bars.area(1).center().toPoint())
    qtbot.mouseMove(view.bars, view.bars.area(7).center().toPoint())
    assert view.status.text() == "value 7 · A 0.0000 · B 1.0000 · A − B −1.0000"
    view.bars.setFocus()
    qtbot.keyClick(view.bars, Qt.Key.Key_Right)
    assert view.status.text().startswith("value 8")


def test_that_long_vectors_stand_as_strips(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    loaded.inspection.choose_layer("Flatten_1")
    compare(qtbot, comparing, 7)
    view = comparing.view
    assert not shown(comparing).as_bars
    columns = shown(comparing).painted[0].values.shape[1]
    qtbot.mouseMove(view.grids.grids[0], grid_node(view, 0, 0, 0, 0))
    qtbot.mouseMove(view.grids.grids[0], grid_node(view, 0, 0, 2, 3))
    assert view.status.text().startswith(f"value {2 * columns + 3} · A ")


def test_that_the_average_of_a_class_gives_deviations(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    assert loaded.session.dataset is not None
    labels = loaded.session.dataset.test_labels
    number = int(labels[5])
    first = int(np.flatnonzero(labels == number)[0])
    comparing.choose(ClassMean("test", number))
    beside(qtbot, comparing, first)
    view = comparing.view
    assert child(loaded, "compare_head_b_title").text() == f"Average of class {number}"
    assert view.units.isVisible()
    view.units.setChecked(True)
    qtbot.waitUntil(lambda: shown(comparing).units is not None)
    qtbot.mouseMove(view.grids.grids[0], grid_node(view, 0, 0, 5, 6))
    qtbot.mouseMove(view.grids.grids[0], grid_node(view, 0, 0, 0, 0))
    assert view.status.text().endswith(f"−{first:.1f}σ" if first else "+0.0σ")  # the fake's deviation is 1


def test_that_an_average_is_found_once_and_can_be_cancelled(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    assert loaded.session.dataset is not None
    number = int(loaded.session.dataset.test_labels[5])
    comparing.choose(ClassMean("test", number))
    comparing.other.average.cancel()
    again = child(loaded, "compare_average_again")
    assert again.isVisible()
    qtbot.waitUntil(lambda: loaded.childAt(again.mapTo(loaded, again.rect().center())) is again)  # it has its place
    click(qtbot, loaded, "compare_average_again")
    qtbot.waitUntil(lambda: comparing.side is not None)
    passes = loaded.model.passes
    comparing.choose(None)
    comparing.choose(ClassMean("test", number))
    qtbot.waitUntil(lambda: comparing.side is not None)
    assert loaded.model.passes == passes


def test_that_another_model_sees_every_image_that_comes_into_view(
    qtbot: QtBot, loaded: InspectPage, engine: FakeEngine, comparing: Comparing
) -> None:
    path = Path("runs/2-mnist-simple/model.h5")
    comparing.choose(OtherModel(path))
    beside(qtbot, comparing, 0)
    assert child(loaded, "compare_head_b_title").text() == "2-mnist-simple/model.h5"
    opened = len(engine.opened)
    qtbot.keyClick(loaded, Qt.Key.Key_Period)
    beside(qtbot, comparing, 1)
    assert len(engine.opened) == opened == 2
    assert not shown(comparing).comparison.largest


def test_that_a_layer_of_the_other_model_can_be_chosen_and_why_it_has_no_difference(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    comparing.choose(OtherModel(Path("runs/2-mnist-simple/model.h5")))
    beside(qtbot, comparing, 0)
    box = comparing.view.layer_box
    assert box.isVisible()
    assert box.currentText() == "Conv2D_1"
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: bool(shown(comparing).why))
    assert box.currentText() == "Max_Pool_1"
    assert comparing.view.grids.why.text() == "There is no difference to show: A is 26×26×32, B is 13×13×32."
    assert [grid.isVisible() for grid in comparing.view.grids.grids] == [True, True, False]


def test_that_a_model_that_cannot_be_opened_ends_the_comparison_with_the_reason(
    qtbot: QtBot, engine: FakeEngine, comparing: Comparing, messages: list[Message]
) -> None:
    engine.fail_opening = ExplorerError("No model in there.")
    comparing.choose(OtherModel(Path("nothing.h5")))
    qtbot.waitUntil(lambda: comparing.choice is None)
    assert messages[-1][1] == "No model in there."
    assert not comparing.view.isVisible()


def test_that_an_image_file_is_brought_to_the_input(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(np.full((56, 56), 9, np.uint8)).save(tmp_path / "nine.png")
    monkeypatch.setattr(comparing, "choose_file", lambda *_: tmp_path / "nine.png")
    action(comparing, "compare_file").trigger()
    qtbot.waitUntil(lambda: comparing.side is not None and comparing.view.shown is not None)
    assert comparing.choice == OtherFile(tmp_path / "nine.png")
    qtbot.waitUntil(lambda: child(loaded, "compare_head_b_title").text() == "nine.png")


def test_that_the_menu_offers_images_classes_models_and_pins(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    assert loaded.session.dataset is not None
    assert action(comparing, "compare_nothing").isChecked()
    action(comparing, "compare_next").trigger()
    beside(qtbot, comparing, 1)
    labels = loaded.session.dataset.test_labels
    for name in ("compare_of_class", "compare_mean"):
        menu = comparing.menu.choices.findChild(QMenu, name)
        assert isinstance(menu, QMenu)
        assert [entry.text() for entry in menu.actions()] == [str(n) for n in sorted(set(labels.tolist()))]
    action(comparing, "compare_frozen").trigger()
    beside(qtbot, comparing, 0)
    qtbot.keyClick(loaded, Qt.Key.Key_P)
    assert action(comparing, "compare_pin_0").text() == "mnist-simple · Conv2D_1 · test 0"


def test_that_c_opens_the_menu(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[bool] = []
    monkeypatch.setattr(comparing.menu, "showMenu", lambda: opened.append(True))
    qtbot.keyClick(loaded, Qt.Key.Key_C)
    assert opened


def test_that_letters_are_the_pages_while_one_types_an_index(qtbot: QtBot, loaded: InspectPage) -> None:
    loaded.picker.index.setFocus()
    qtbot.keyClick(loaded.picker.index, Qt.Key.Key_P)
    assert len(loaded.comparing.pins.pins) == 1


def test_that_one_side_is_shown_where_there_is_no_room_for_three(qtbot: QtBot, comparing: Comparing) -> None:
    compare(qtbot, comparing, 7)
    grids = comparing.view.grids
    grids.resize(420, 300)
    assert grids.single == "difference"
    assert [grid.isVisible() for grid in grids.grids] == [False, False, True]
    assert comparing.view.side.isVisible()
    qtbot.mouseClick(child_of(comparing.view, "compare_side_b"), Qt.MouseButton.LeftButton)
    assert [grid.isVisible() for grid in grids.grids] == [False, True, False]
    assert [head.isVisible() for head in comparing.view.heads] == [False, True, False]


def child_of(widget: QWidget, name: str) -> QWidget:
    found = widget.findChild(QWidget, name)
    assert isinstance(found, QWidget)
    return found


def test_that_another_data_set_ends_a_comparison_with_its_images(
    qtbot: QtBot, session: Session, comparing: Comparing, messages: list[Message]
) -> None:
    compare(qtbot, comparing, 7)
    session.dataset_changed.emit()
    assert comparing.choice is None
    assert "nothing is compared any more" in messages[-1][1]


def test_that_another_model_in_view_looks_at_side_b_too(
    qtbot: QtBot, loaded: InspectPage, engine: FakeEngine, comparing: Comparing
) -> None:
    compare(qtbot, comparing, 7)
    load(qtbot, loaded, Path("runs/3/model.h5"))
    beside(qtbot, comparing, 7)
    assert comparing.side is not None
    assert comparing.side.model.path == Path("runs/3/model.h5")
