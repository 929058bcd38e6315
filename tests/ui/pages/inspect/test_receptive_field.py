"""What a node sees of the image: framed on its pictures, and named in pixels."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.ui.pages.inspect.images.picker import ImagePicker
from cnn_explorer.ui.pages.inspect.images.state import ChosenImage
from cnn_explorer.ui.pages.inspect.inspection import Inspection, NodeAt
from cnn_explorer.ui.pages.inspect.receptive_field import ReceptiveFieldMarks
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeModel
from tests.ui.pages.inspect.microscope.driver import IMAGE, SmallModel


@pytest.fixture
def picker(qtbot: QtBot) -> ImagePicker:
    picker = ImagePicker()
    qtbot.addWidget(picker)
    return picker


@pytest.fixture
def inspection(session: Session, picker: ImagePicker) -> Inspection:
    inspection = Inspection()
    ReceptiveFieldMarks(session, inspection, picker, inspection)
    return inspection


def load(inspection: Inspection, model: FakeModel) -> None:
    image = np.full(IMAGE, 9, np.uint8)
    inspection.set_model(model, "conv")
    inspection.set_image(ChosenImage(image, "test-0"))
    inspection.set_forward(model.forward(image))


def framed(picker: ImagePicker) -> tuple[Rectangle | None, Rectangle | None]:
    return picker.raw.view.frame, picker.prepared.view.frame


def test_that_the_field_of_the_node_under_the_cursor_is_framed_and_named(
    qtbot: QtBot, inspection: Inspection, picker: ImagePicker
) -> None:
    with qtbot.waitSignal(
        inspection.receptive_fields_changed, check_params_cb=lambda: inspection.receptive_fields is not None
    ):
        load(inspection, SmallModel())
    inspection.node_pointed.emit(NodeAt("conv", (4, 6, 1)))
    assert framed(picker) == ((3, 5, 6, 8), (3, 5, 6, 8))
    assert picker.field.text() == "conv sees 3×3 pixels of the image: rows 3–5, columns 5–7"
    inspection.node_pointed.emit(NodeAt("dense", (4,)))
    assert framed(picker)[0] == (0, 0, 12, 12)
    assert picker.field.text() == "dense sees the whole image: 12×12 pixels"
    inspection.node_pointed.emit(None)
    assert framed(picker) == (None, None)
    assert picker.field.text() == ""


def test_that_the_node_under_the_microscope_is_framed_while_nothing_is_pointed_at(
    qtbot: QtBot, inspection: Inspection, picker: ImagePicker
) -> None:
    with qtbot.waitSignal(
        inspection.receptive_fields_changed, check_params_cb=lambda: inspection.receptive_fields is not None
    ):
        load(inspection, SmallModel())
    inspection.node_marked.emit(NodeAt("conv", (1, 1, 0)))
    inspection.node_pointed.emit(NodeAt("conv", (4, 6, 1)))
    assert framed(picker)[0] == (3, 5, 6, 8)
    inspection.node_pointed.emit(None)
    assert framed(picker)[0] == (0, 0, 3, 3)
    inspection.node_marked.emit(NodeAt("", (7, 8, 0)))
    assert framed(picker)[0] == (7, 8, 8, 9)
    assert picker.field.text() == "row 7, column 8 of the image"
    inspection.node_marked.emit(None)
    assert framed(picker)[0] is None


class Counting(SmallModel):
    """Counts how often its fields are asked for."""

    asked = 0
    blind = False

    def receptive_fields(self, number: int) -> FakeModel:
        self.asked += 1
        if self.blind:
            raise ExplorerError("No.", "")
        return self

    def rectangle(self, layer: str, node: Node) -> Rectangle | None:
        return None


def test_that_fields_are_found_once_for_all_images_and_anew_for_another_model(
    qtbot: QtBot, inspection: Inspection, picker: ImagePicker
) -> None:
    first = Counting()
    load(inspection, first)
    inspection.node_pointed.emit(NodeAt("conv", (4, 6, 1)))
    assert (framed(picker)[0], picker.field.text()) == (None, "conv sees …")
    # While it is on its way, more images do not ask again.
    inspection.set_forward(first.forward(np.zeros(IMAGE, np.uint8)))
    qtbot.waitUntil(lambda: inspection.receptive_fields is first)
    assert picker.field.text() == "conv sees nothing of the image"
    inspection.set_forward(first.forward(np.zeros(IMAGE, np.uint8)))
    second = Counting()
    load(inspection, second)
    assert inspection.receptive_fields is None
    qtbot.waitUntil(lambda: inspection.receptive_fields is second)
    assert (first.asked, second.asked) == (1, 1)


def test_that_fields_that_cannot_be_found_are_said(qtbot: QtBot, inspection: Inspection, picker: ImagePicker) -> None:
    model = Counting()
    model.blind = True
    load(inspection, model)
    inspection.node_pointed.emit(NodeAt("conv", (4, 6, 1)))
    qtbot.waitUntil(lambda: picker.field.text() == "What it sees of the image is not known: No.")


def test_that_finding_fields_waits_until_the_engine_rests(
    qtbot: QtBot, session: Session, inspection: Inspection
) -> None:
    gate, model = Event(), Counting()
    load(inspection, model)
    session.engine.submit(lambda _: gate.wait(10), lambda _: None)
    (field,) = inspection.findChildren(ReceptiveFieldMarks)
    try:
        for _ in range(2):
            with qtbot.waitSignal(field.findChildren(QTimer)[0].timeout):
                pass
            assert session.engine.busy
    finally:
        gate.set()
    qtbot.waitUntil(lambda: not session.engine.busy)
    assert model.asked == 0  # it was not even queued
    qtbot.waitUntil(lambda: inspection.receptive_fields is model)
