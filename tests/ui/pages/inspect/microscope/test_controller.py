"""The microscope in its window: real numbers, keys from node to node, and the walk down to the pixel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.nodes.steps import Node, Source
from cnn_explorer.ui.pages.inspect.images.state import ChosenImage
from cnn_explorer.ui.pages.inspect.inspection import Inspection, NodeAt
from cnn_explorer.ui.pages.inspect.microscope.controller import InspectMicroscope
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme
from tests.ui.pages.inspect.microscope.driver import IMAGE, SmallModel


def an_image(seed: int = 1) -> ChosenImage:
    """Bright enough everywhere that no unit is silent for want of light."""
    return ChosenImage(np.random.default_rng(seed).integers(40, 256, IMAGE, dtype=np.uint8), f"test-{seed}")


_PLAIN = Qt.KeyboardModifier.NoModifier


def forward_all(inspection: Inspection, image: ChosenImage) -> None:
    """What the page does when an image has been chosen."""
    assert inspection.model is not None
    inspection.set_forward(None)
    inspection.set_image(image)
    inspection.set_forward(inspection.model.forward(image.image))


@pytest.fixture
def model() -> SmallModel:
    return SmallModel()


@pytest.fixture
def marks() -> list[Node | None]:
    """What the grid of the page was told to mark."""
    return []


@pytest.fixture
def inspection(model: SmallModel) -> Inspection:
    inspection = Inspection()
    inspection.set_model(model, "conv")
    forward_all(inspection, an_image())
    return inspection


@pytest.fixture
def microscope(
    qtbot: QtBot, session: Session, inspection: Inspection, marks: list[Node | None]
) -> Iterator[InspectMicroscope]:
    page = QWidget()
    qtbot.addWidget(page)
    yield InspectMicroscope(session, inspection, marks.append, page)
    if theme().mode != "system":
        theme().set_mode("system")


def opened(qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection, layer: str, node: Node) -> None:
    with qtbot.waitActive(microscope.window):
        inspection.microscope_wanted.emit(NodeAt(layer, node))
    wait(qtbot, microscope)


def wait(qtbot: QtBot, microscope: InspectMicroscope) -> None:
    """Until the numbers of the node where one is have come."""
    walk = microscope.walk
    assert walk is not None

    def there() -> bool:
        step = microscope.step
        return not walk.here.layer or (
            step is not None and (step.layer, step.node) == (walk.here.layer, walk.here.node)
        )

    qtbot.waitUntil(there)


def press(qtbot: QtBot, microscope: InspectMicroscope, key: Qt.Key, modifier: Qt.KeyboardModifier = _PLAIN) -> Source:
    """The place after a key."""
    qtbot.keyClick(microscope.window, key, modifier)
    assert microscope.walk is not None
    wait(qtbot, microscope)
    return microscope.walk.here


def text(microscope: InspectMicroscope, name: str) -> str:
    label = microscope.window.findChild(QLabel, name)
    assert label is not None
    return label.text()


def test_that_the_numbers_of_a_convolution_are_those_of_model_and_image(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection, model: SmallModel
) -> None:
    opened(qtbot, microscope, inspection, "conv", (5, 6, 2))
    assert inspection.image is not None
    assert inspection.forward is not None
    patch = inspection.image.image[5:8, 6:9, 0].astype(float)
    products = patch * model.kernel[:, :, 0, 2]
    equation = microscope.window.body.equation.equation
    assert equation is not None
    for plate, values in zip(equation.plates, (patch, model.kernel[:, :, 0, 2], products), strict=True):
        np.testing.assert_allclose(plate.values, values)
    said = inspection.forward.activations["conv"][5, 6, 2]
    assert said == pytest.approx(max(0, products.sum() + model.bias[2]), rel=1e-6)
    assert text(microscope, "inspect_microscope_title") == "conv · row 5, column 6 of map 2"
    assert text(microscope, "inspect_microscope_agreement").startswith("the layer says ")
    assert text(microscope, "inspect_microscope_remarks") == "relu(x) = x if x > 0, else 0"
    assert microscope.window.body.terms_card.isHidden()


def test_that_keys_go_from_node_to_node_and_stop_at_the_edges(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "pool", (0, 3, 2))
    ways = (
        (Qt.Key.Key_Up, (0, 3, 2)), (Qt.Key.Key_Right, (0, 4, 2)), (Qt.Key.Key_Right, (0, 4, 2)),
        (Qt.Key.Key_Down, (1, 4, 2)), (Qt.Key.Key_Left, (1, 3, 2)), (Qt.Key.Key_PageDown, (1, 3, 3)),
        (Qt.Key.Key_BracketRight, (1, 3, 3)), (Qt.Key.Key_BracketLeft, (1, 3, 2)), (Qt.Key.Key_PageUp, (1, 3, 1)),
    )  # fmt: skip
    for key, node in ways:
        assert press(qtbot, microscope, key) == Source("pool", node)
    shown = microscope.window.body.equation.equation
    assert shown is not None
    assert shown.where == "rows 2–3, columns 6–7"


def test_that_one_walks_to_the_pixel_and_forward_again(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "dense", (3,))
    seen = [press(qtbot, microscope, Qt.Key.Key_Backspace) for _ in range(5)]
    assert [place.layer for place in seen] == ["flat", "mix", "pool", "conv", ""]
    assert inspection.image is not None
    row, column, channel = seen[-1].node
    assert microscope.window.body.sum.accessibleName() == (
        f"The sum: in the image {inspection.image.image[row, column, channel]} → as the network gets it "
        f"{float(inspection.image.image[row, column, channel]):.4f}"
    )
    assert not microscope.window.head.strongest.isEnabled()
    assert press(qtbot, microscope, Qt.Key.Key_Backspace) == seen[-1]
    back = [press(qtbot, microscope, Qt.Key.Key_F) for _ in range(5)]
    assert back == [*reversed(seen[:-1]), Source("dense", (3,))]
    assert not microscope.window.head.forward.isEnabled()
    microscope.window.head.crumb_clicked.emit(4)
    wait(qtbot, microscope)
    assert microscope.walk is not None
    assert microscope.walk.here == seen[3]


def test_that_what_contributed_most_is_gone_to(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "pool", (4, 2, 1))
    assert inspection.forward is not None
    window = inspection.forward.activations["conv"][8:10, 4:6, 1]
    row, column = np.unravel_index(int(window.argmax()), window.shape)
    assert press(qtbot, microscope, Qt.Key.Key_B) == Source("conv", (8 + row, 4 + column, 1))


def test_that_a_click_on_a_cell_goes_to_its_node(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "mix", (0, 2, 3))
    view = microscope.window.body.equation
    cell, term = view.rectangles()[0], microscope.window.body.chosen
    corner = QPointF(cell.width() / 6, cell.height() / 6)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=(cell.topLeft() + corner).toPoint())
    assert microscope.walk is not None
    assert microscope.walk.here.layer == "mix"  # that cell is padding
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=(cell.bottomRight() - corner).toPoint())
    assert microscope.walk.here == Source("pool", (1, 3, term))


def test_that_cells_and_terms_are_reached_by_keys(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "mix", (2, 2, 0))
    body, terms = microscope.window.body, microscope.window.body.terms
    order = [int(term) for term in terms._order]
    assert body.chosen == order[0]
    press(qtbot, microscope, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert body.chosen == order[1]
    assert body.equation.equation is not None
    assert body.equation.equation.map == order[1]
    press(qtbot, microscope, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)  # to the middle
    press(qtbot, microscope, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert body.equation.cell == (0, 1)
    assert body.equation.words.startswith("row 1, column 2: ")
    # The chosen map stays while one goes on to the next node.
    press(qtbot, microscope, Qt.Key.Key_Right)
    assert body.chosen == order[1]
    assert press(qtbot, microscope, Qt.Key.Key_Return) == Source("pool", (1, 3, order[1]))


def test_that_a_line_of_a_dense_sum_leads_to_the_last_maps(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection, model: SmallModel
) -> None:
    opened(qtbot, microscope, inspection, "dense", (7,))
    assert inspection.forward is not None
    products = inspection.forward.activations["flat"] * model.weight[:, 7]
    best = int(np.abs(products).argmax())
    terms = microscope.window.body.terms
    assert terms.chosen == best
    assert microscope.window.body.terms_title.text() == "100 inputs of mix × weights"
    qtbot.mouseClick(terms.viewport(), Qt.MouseButton.LeftButton, pos=terms.line_rectangle(best).center())
    assert microscope.walk is not None
    assert microscope.walk.here == Source("mix", tuple(int(at) for at in np.unravel_index(best, (5, 5, 4))))


def test_that_the_list_of_terms_is_sorted_as_asked(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "dense", (7,))
    body = microscope.window.body
    button = body.orders.findChild(QWidget, "inspect_microscope_order_number")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert body.terms.step(1) == body.chosen + 1
    assert body.terms.viewport().rect().contains(body.terms.line_rectangle(body.chosen).center())


def test_that_another_image_is_computed_for_the_same_node(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "conv", (5, 6, 2))
    forward_all(inspection, an_image(2))
    wait(qtbot, microscope)
    assert microscope.step is not None
    assert inspection.forward is not None
    assert microscope.step.output == inspection.forward.activations["conv"][5, 6, 2]
    assert microscope.walk is not None
    assert microscope.walk.here == Source("conv", (5, 6, 2))
    inspection.set_image(None)
    inspection.set_forward(None)
    assert text(microscope, "inspect_microscope_obstacle") == "There is no image to look at."


def test_that_a_model_without_the_layer_is_said_and_one_with_it_goes_on(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "mix", (3, 4, 2))
    inspection.set_model(SmallModel(without="mix"), "conv")
    forward_all(inspection, an_image())
    assert text(microscope, "inspect_microscope_obstacle").startswith("This model has no layer mix.")
    assert not microscope.window.head.strongest.isEnabled()
    inspection.set_model(SmallModel(), "conv")
    forward_all(inspection, an_image())
    wait(qtbot, microscope)
    assert microscope.step is not None
    assert microscope.step.node == (3, 4, 2)


class FieldsOfThree:
    """Of a model with three layers: nobody knows what the nodes of others see."""

    def rectangle(self, layer: str, node: Node) -> Rectangle | None:
        return {"conv": (0, 0, 3, 3), "pool": (0, 0, 4, 4), "flat": None}[layer]


@pytest.mark.parametrize("close", [False, True])
def test_that_fields_of_a_model_without_the_layer_are_not_asked_for_it(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection, close: bool
) -> None:
    opened(qtbot, microscope, inspection, "mix", (3, 4, 2))
    if close:
        microscope.window.close()
    inspection.set_model(SmallModel(without="mix"), "conv")
    forward_all(inspection, an_image())
    inspection.set_receptive_fields(FieldsOfThree())
    opened(qtbot, microscope, inspection, "conv", (0, 0, 1))
    assert text(microscope, "inspect_microscope_facts").endswith("sees 3×3 pixels of the image: rows 0–2, columns 0–2")


def test_that_a_pixel_of_another_input_is_not_marked_in_this_one(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    told: list[NodeAt | None] = []
    inspection.node_marked.connect(told.append)
    opened(qtbot, microscope, inspection, "conv", (5, 6, 2))
    press(qtbot, microscope, Qt.Key.Key_B)
    assert told[-1] is not None
    assert told[-1].layer == ""
    press(qtbot, microscope, Qt.Key.Key_F)
    inspection.choose_input(1)
    press(qtbot, microscope, Qt.Key.Key_B)
    assert told[-1] is None


def test_that_the_grid_marks_the_node_only_in_its_own_layer(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection, marks: list[Node | None]
) -> None:
    told: list[NodeAt | None] = []
    inspection.node_marked.connect(told.append)
    opened(qtbot, microscope, inspection, "conv", (5, 6, 2))
    assert marks[-1] == (5, 6, 2)
    press(qtbot, microscope, Qt.Key.Key_Right)
    assert marks[-1] == (5, 7, 2)
    inspection.choose_layer("pool")
    assert marks[-1] is None
    assert told[-1] == NodeAt("conv", (5, 7, 2))
    qtbot.keyClick(microscope.window, Qt.Key.Key_Escape)
    assert not microscope.window.isVisible()
    assert told[-1] is None


def test_that_a_key_held_down_asks_for_no_more_than_is_shown(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection, model: SmallModel
) -> None:
    opened(qtbot, microscope, inspection, "conv", (5, 0, 2))
    for _ in range(9):
        qtbot.keyClick(microscope.window, Qt.Key.Key_Right)
    wait(qtbot, microscope)
    assert microscope.step is not None
    assert microscope.step.node == (5, 9, 2)
    assert len(model.steps) < 9


def test_that_a_failure_is_shown_and_reported(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection, model: SmallModel,
    monkeypatch: pytest.MonkeyPatch, session: Session,
) -> None:  # fmt: skip
    def fail(*_: object) -> None:
        raise ExplorerError("The step failed.", "Try another.")

    monkeypatch.setattr(model, "step", fail)
    with qtbot.waitSignal(session.message):
        inspection.microscope_wanted.emit(NodeAt("conv", (1, 1, 1)))
    assert text(microscope, "inspect_microscope_obstacle") == "The step failed."


def test_that_clicks_on_the_maps_move_and_walk(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "pool", (3, 3, 2))
    after, before = microscope.window.body.after.view, microscope.window.body.before.view
    qtbot.mouseClick(after, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    wait(qtbot, microscope)
    assert microscope.walk is not None
    assert microscope.walk.here == Source("pool", (0, 0, 2))
    qtbot.mouseClick(before, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert microscope.walk.here == Source("conv", (0, 0, 2))
    assert microscope.walk.can_return


def test_that_the_microscope_is_painted_in_both_themes(
    qtbot: QtBot, microscope: InspectMicroscope, inspection: Inspection
) -> None:
    opened(qtbot, microscope, inspection, "mix", (0, 0, 0))
    light = microscope.window.grab().toImage()
    theme().set_mode("dark")
    dark = microscope.window.grab().toImage()
    assert light.pixelColor(4, 4).lightness() > 200 > 60 > dark.pixelColor(4, 4).lightness()
    card = microscope.window.body.equation
    middle = card.mapTo(microscope.window, card.rectangles()[1].center().toPoint())
    assert light.pixelColor(middle) != dark.pixelColor(middle)
