"""The graph of a branching model in the card of the Inspect page, beside the list: one choice in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSplitter
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.card_splitter import CardSplitter
from cnn_explorer.ui.pages.inspect.graph.plan import MARGIN
from cnn_explorer.ui.pages.inspect.graph.view import GraphView
from cnn_explorer.ui.pages.inspect.model.card import ModelCard
from cnn_explorer.ui.pages.inspect.page import InspectPage
from tests.ui.fakes import FakeModel
from tests.ui.pages.inspect.branching_models import BranchingModel, TwinModel, info_of, residual
from tests.ui.pages.inspect.driver import child, click, load

LYING, STANDING = (900, 300), (260, 500)


@pytest.fixture
def graph(qtbot: QtBot) -> Callable[..., GraphView]:
    """A graph of ``residual(blocks)`` in a widget of some size."""

    def made(size: tuple[int, int], blocks: int = 2) -> GraphView:
        view = GraphView()
        qtbot.addWidget(view)
        view.resize(*size)
        with qtbot.waitExposed(view):
            view.show()
        view.show_model(info_of(Path("runs/1/model.h5"), residual(blocks)), "stem")
        return view

    return made


@pytest.fixture
def branching(qtbot: QtBot, page: InspectPage, monkeypatch: pytest.MonkeyPatch) -> InspectPage:
    """The page with a branching model."""
    services = replace(page.session.services, open_model=BranchingModel)
    monkeypatch.setattr(page.session, "services", services)
    load(qtbot, page)
    return page


def _press(qtbot: QtBot, view: GraphView, *keys: Qt.Key) -> str:
    for key in keys:
        qtbot.keyClick(view, key)
    return view.chosen


def _middle(view: GraphView, name: str) -> QPoint:
    return view.box(name).center().toPoint()


@pytest.fixture
def card(qtbot: QtBot) -> ModelCard:
    """The card of ``residual()`` alone."""
    card = ModelCard()
    qtbot.addWidget(card)
    card.resize(*STANDING)
    with qtbot.waitExposed(card):
        card.show()
    card.show_model(info_of(Path("runs/1/model.h5"), residual()), "stem")
    return card


def _click(qtbot: QtBot, card: ModelCard, name: str) -> None:
    button = card.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_the_marks_name_the_inputs_where_there_are_several(graph: Callable[..., GraphView]) -> None:
    view = graph(STANDING)
    assert view.marks == {"stem": "input"}
    view.show_model(TwinModel(Path("runs/1/model.h5")).info, "both")
    assert view.marks == {"left_conv": "left", "right_conv": "right"}


def test_that_the_card_grows_with_a_large_window(qtbot: QtBot) -> None:
    splitter, card = CardSplitter("parts"), ModelCard()
    qtbot.addWidget(splitter)
    splitter.show_parts(card, QLabel())
    splitter.resize(1000, 500)
    with qtbot.waitExposed(splitter):
        splitter.show()
    assert splitter.sizes()[0] == card.sizeHint().width()
    splitter.resize(2412, 500)
    qtbot.waitUntil(lambda: splitter.sizes()[0] == 480)


def test_that_turning_the_graph_forgets_the_zoom_of_the_other_drawing(graph: Callable[..., GraphView]) -> None:
    view = graph(STANDING)
    view.show_all()
    small = view.zoom
    view.resize(*LYING)
    assert view.plan.lying
    assert view.zoom > small


def test_that_a_way_around_takes_hardly_any_room_from_the_boxes(graph: Callable[..., GraphView]) -> None:
    view = graph(STANDING, blocks=1)
    whole, box = view.plan.size.width(), view.plan.box.width()
    assert box < whole < 1.6 * box + 2 * MARGIN
    places = [*view.plan.boxes.values(), *(place for _, _, place in view.plan.curves)]
    assert all(place.left() > 0 and place.right() < whole for place in places)


def test_that_a_branching_model_comes_as_a_graph_and_can_be_a_list(qtbot: QtBot, card: ModelCard) -> None:
    assert card.graph.isVisible()
    assert not card.layers.isVisible()
    _click(qtbot, card, "inspect_layers_as_list")
    assert card.layers.isVisible()
    assert not card.wide.isVisible()


def test_that_a_plain_stack_is_a_list_without_a_switch(card: ModelCard) -> None:
    card.show_model(FakeModel(Path("runs/1/model.h5")).info, "Conv2D_1")
    assert card.layers.isVisible()
    assert not card.switch.isVisible()


def test_that_a_click_on_a_box_chooses_its_layer_in_the_list_too(qtbot: QtBot, card: ModelCard) -> None:
    card.graph.show_all()
    with qtbot.waitSignal(card.layers.layer_chosen) as chosen:
        qtbot.mouseClick(card.graph.viewport(), Qt.MouseButton.LeftButton, pos=_middle(card.graph, "add1"))
    assert chosen.args == ["add1"]
    assert card.layers.chosen == "add1"


def test_that_page_keys_move_both_and_scroll_to_the_layer(qtbot: QtBot, branching: InspectPage) -> None:
    graph, layers = branching.card.graph, branching.card.layers
    for _ in range(len(residual())):
        qtbot.keyClick(graph, Qt.Key.Key_PageDown)
        assert graph.chosen == layers.chosen == branching.inspection.layer
    assert graph.chosen == "digit"
    assert graph.viewport().rect().contains(_middle(graph, "digit"))
    branching.inspection.choose_layer("shortcut1")
    assert layers.chosen == graph.chosen == "shortcut1"


def test_that_arrow_keys_go_along_the_edges(qtbot: QtBot, graph: Callable[..., GraphView]) -> None:
    keys = Qt.Key
    view = graph(LYING)
    assert _press(qtbot, view, keys.Key_Right, keys.Key_Right) == "block0/norm"
    assert _press(qtbot, view, keys.Key_Left) == "block0/one"
    view.choose("block1/one")
    assert _press(qtbot, view, keys.Key_Down) == "shortcut1"
    assert _press(qtbot, view, keys.Key_Right) == "add1"
    standing = graph(STANDING)
    assert _press(qtbot, standing, keys.Key_Down, keys.Key_Down) == "block0/norm"
    standing.choose("shortcut1")
    assert _press(qtbot, standing, keys.Key_Left) == "block1/one"
    assert _press(qtbot, standing, keys.Key_Up) == "add0"


def test_that_columns_stand_side_by_side_where_there_is_width(graph: Callable[..., GraphView]) -> None:
    view = graph(LYING)
    assert view.box("block0/one").left() > view.box("stem").right()
    standing = graph(STANDING)
    assert standing.box("block0/one").top() > standing.box("stem").bottom()
    standing.resize(900, 300)
    assert standing.box("block0/one").left() > standing.box("stem").right()


def test_that_the_graph_can_be_zoomed_and_moved(qtbot: QtBot, graph: Callable[..., GraphView]) -> None:
    view = graph(LYING, blocks=12)
    before = view.zoom
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom == pytest.approx(before * 1.2)
    held = QPointF(400, 100)
    there = view.to_graph(held)
    _wheel(view, held, 120, Qt.KeyboardModifier.ControlModifier)
    assert view.zoom > before * 1.2
    assert view.to_graph(held).x() == pytest.approx(there.x(), abs=1), "what is under the cursor stays there"
    left = view.box("stem").left()
    _wheel(view, held, -120)
    assert view.box("stem").left() == pytest.approx(left - 60)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert all(view.viewport().rect().contains(_middle(view, layer.name)) for layer in residual(12))


def test_that_dragging_moves_the_graph_and_chooses_nothing(qtbot: QtBot, graph: Callable[..., GraphView]) -> None:
    view = graph(STANDING, blocks=12)
    start, end = _middle(view, "add0"), _middle(view, "add0") - QPoint(0, 120)
    top = view.box("stem").top()
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view.viewport(), start - QPoint(0, 60))
    qtbot.mouseMove(view.viewport(), end)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert view.box("stem").top() == pytest.approx(top - 120)
    assert view.chosen == "stem"


def test_that_two_hundred_layers_are_laid_out_and_painted(graph: Callable[..., GraphView]) -> None:
    view = graph(STANDING, blocks=45)
    assert len(view.plan.boxes) > 200
    view.choose("digit")
    assert view.viewport().rect().contains(_middle(view, "digit"))
    picture = view.grab().toImage()
    assert len({picture.pixel(x, 250) for x in range(0, 260, 2)}) > 3, "boxes, edges and frames are there"


def test_that_notes_are_counted_and_told_one_by_one(qtbot: QtBot) -> None:
    card = ModelCard()
    qtbot.addWidget(card)
    info = FakeModel(Path("old.h5")).info
    card.show_model(replace(info, notes=("The first layer got a shape.", "Groups were left out.")), "Conv2D_1")
    card.show()
    assert card.notes.button.text() == "2 things were adapted or assumed"
    assert not card.notes.text.isVisible()
    qtbot.keyClick(card.notes.button, Qt.Key.Key_Space)
    assert card.notes.text.isVisible()
    assert "Groups were left out." in card.notes.text.text()
    card.show_model(info, "Conv2D_1")
    assert not card.notes.isVisible()


def test_that_the_first_note_is_told_at_the_opening(
    qtbot: QtBot, page: InspectPage, messages: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path, trusted: bool = False) -> FakeModel:
        model = FakeModel(path)
        model.info = replace(model.info, notes=("One.", "Two.", "Three."))
        return model

    monkeypatch.setattr(page.session, "services", replace(page.session.services, open_model=opened))
    load(qtbot, page)
    (message,) = messages
    assert message[:3] == ("info", "One.", "2 more are listed beside the name of the model.")


def test_that_the_graph_gets_most_of_the_page_and_gives_it_back(qtbot: QtBot, branching: InspectPage) -> None:
    splitter = child(branching, "inspect_splitter")
    assert isinstance(splitter, QSplitter)
    usual = branching.card.width()
    click(qtbot, branching, "inspect_graph_wide")
    qtbot.waitUntil(lambda: branching.card.width() > 0.4 * splitter.width())
    click(qtbot, branching, "inspect_graph_wide")
    qtbot.waitUntil(lambda: branching.card.width() == usual)
    assert branching.pane.isVisible()


def test_that_long_names_do_not_widen_the_card(qtbot: QtBot) -> None:
    card = ModelCard()
    qtbot.addWidget(card)
    short = card.minimumSizeHint().width()
    info = info_of(Path("runs/" + 60 * "long" + "/model.h5"), residual())
    card.show_model(replace(info, name=60 * "name"), "stem")
    assert card.minimumSizeHint().width() <= short + 8


def _wheel(
    view: GraphView, place: QPointF, angle: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    event = QWheelEvent(
        place, view.viewport().mapToGlobal(place), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)
