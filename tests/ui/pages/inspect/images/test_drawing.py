"""The drawing as the image of the Inspect page: what the network gets of it, and maps that follow the pen."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.data.images.handwriting import centred, uncentred
from cnn_explorer.ui.pages.inspect.images.controller import NOTHING_DRAWN
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.shell.main_window import MainWindow
from tests.ui.fakes import FakeEngine, FakeModel, digits
from tests.ui.pages.inspect.driver import (
    MODEL,
    child,
    click,
    load,
    model_of,
    network_input,
    said,
    shows,
    wait_for_image,
)
from tests.ui.pages.inspect.images.drawing_driver import LINE, move, stroke


def test_that_a_stroke_is_looked_at_as_mnist_would_have_it(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    assert loaded.no_drawing.text.text() == NOTHING_DRAWN
    assert loaded.no_drawing.isVisible()
    assert loaded.picker.canvas.width() >= 200
    stroke(loaded.picker.canvas, LINE)
    expected = centred(loaded.picker.canvas.ink)
    qtbot.waitUntil(lambda: shows(loaded, expected))
    assert loaded.view.grid.isVisible()
    assert loaded.picker.verdict.text() == "Predicted 0"
    assert said(loaded) == "Drawing → scaled into a box and centred by its mass in 28×28, like MNIST"


def test_that_the_switch_shows_the_difference(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.forward is not None)
    click(qtbot, loaded, "inspect_draw_like_mnist")
    expected = uncentred(loaded.picker.canvas.ink)
    qtbot.waitUntil(lambda: shows(loaded, expected))
    assert said(loaded) == "Drawing → reduced to 28×28 as it is drawn"
    image = loaded.picker.raw.view.image
    assert image is not None
    shown = [[image.pixelColor(column, row).red() for column in range(28)] for row in range(28)]
    np.testing.assert_array_equal(shown, expected)


def test_that_maps_follow_while_the_pen_is_down(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    canvas = loaded.picker.canvas
    passes = [0]
    move(canvas, QEvent.Type.MouseButtonPress, 40, 40)
    for x in range(60, 240, 60):
        move(canvas, QEvent.Type.MouseMove, x, 40)
        qtbot.waitUntil(lambda: model_of(loaded).passes > passes[-1])
        qtbot.waitUntil(lambda: shows(loaded, centred(canvas.ink)))
        passes.append(model_of(loaded).passes)
    move(canvas, QEvent.Type.MouseButtonRelease, 240, 40)
    qtbot.waitUntil(lambda: shows(loaded, centred(canvas.ink)))


def test_that_no_queue_builds_up_behind_a_slow_network(
    qtbot: QtBot, loaded: InspectPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    forward, gate, begun = FakeModel.forward, threading.Event(), threading.Event()

    def slow(model: FakeModel, image: NDArray[np.uint8]) -> ForwardPass:
        begun.set()
        gate.wait(10)
        return forward(model, image)

    monkeypatch.setattr(FakeModel, "forward", slow)
    before = model_of(loaded).passes
    canvas = loaded.picker.canvas
    move(canvas, QEvent.Type.MouseButtonPress, 20, 20)
    qtbot.waitUntil(begun.is_set)
    for x in range(20, 240, 2):
        move(canvas, QEvent.Type.MouseMove, x, x)
    move(canvas, QEvent.Type.MouseButtonRelease, 240, 240)
    gate.set()
    qtbot.waitUntil(lambda: shows(loaded, centred(canvas.ink)))
    assert model_of(loaded).passes - before == 2, "the first piece of the stroke, and all of it"


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
    qtbot.waitUntil(lambda: loaded.forward is not None)
    click(qtbot, loaded, "inspect_draw_clear")
    qtbot.waitUntil(loaded.no_drawing.isVisible)
    assert loaded.forward is None
    assert loaded.picker.bars.bars == ()
    assert said(loaded) == ""


def test_that_the_drawing_waits_while_one_looks_at_something_else(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.forward is not None)
    ink = loaded.picker.canvas.ink
    click(qtbot, loaded, "inspect_source_dataset")
    wait_for_image(qtbot, loaded, 0)
    assert not loaded.picker.canvas.isVisible()
    assert said(loaded) == ""
    click(qtbot, loaded, "inspect_source_drawing")
    qtbot.waitUntil(lambda: shows(loaded, centred(ink)))


def test_that_one_can_draw_for_a_model_that_the_data_set_does_not_fit(
    qtbot: QtBot, page: InspectPage, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_fruits(path: Path) -> FakeModel:
        model = FakeModel(path)
        model.info = replace(model.info, input_shape=(100, 100, 3), classes=())
        return model

    monkeypatch.setattr(page.session, "services", replace(page.session.services, open_model=open_fruits))
    page.session.model_ready.emit(MODEL)
    qtbot.waitUntil(page.no_image.isVisible)
    click(qtbot, page, "inspect_source_drawing")
    stroke(page.picker.canvas, LINE)
    qtbot.waitUntil(lambda: page.forward is not None)
    image = network_input(page)
    assert image.shape == (100, 100, 3)
    assert (image == image[..., :1]).all()
    assert image.any()
    assert said(page).endswith("grey in all three channels")
    click(qtbot, page, "inspect_source_dataset")
    assert page.no_image.text.text().startswith("This model takes images of 100×100×3")


def test_that_a_drawing_goes_through_another_model_too(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.forward is not None)
    load(qtbot, loaded, Path("runs/2-mnist-simple/model.h5"))
    assert loaded.picker.source == "drawing"
    np.testing.assert_array_equal(network_input(loaded)[..., 0], centred(loaded.picker.canvas.ink))


def test_that_a_new_data_set_leaves_the_drawing_alone(qtbot: QtBot, loaded: InspectPage) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    stroke(loaded.picker.canvas, LINE)
    qtbot.waitUntil(lambda: loaded.forward is not None)
    loaded.session.dataset = replace(digits(), classes=tuple("abcdefghij"))
    loaded.session.dataset_changed.emit()
    qtbot.waitUntil(lambda: loaded.forward is not None)
    np.testing.assert_array_equal(network_input(loaded)[..., 0], centred(loaded.picker.canvas.ink))
