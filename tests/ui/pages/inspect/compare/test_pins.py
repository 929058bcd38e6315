"""Pins of the Inspect page: what is in view, kept to come back to, and to compare with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.compare.controller import Comparing
from cnn_explorer.ui.pages.inspect.page import InspectPage
from tests.ui.pages.inspect.compare.driver import beside, shown
from tests.ui.pages.inspect.driver import Message, child, click, load, wait_for_image


@pytest.fixture
def comparing(loaded: InspectPage) -> Comparing:
    return loaded.comparing


def pin_buttons(page: InspectPage, number: int) -> list[QWidget]:
    return [child(page, f"pin_{number}_{what}") for what in ("go", "compare", "remove")]


def test_that_a_pin_brings_back_layer_image_and_colours(qtbot: QtBot, loaded: InspectPage) -> None:
    controls = loaded.view.controls
    loaded.inspection.choose_layer("Conv2D_2")
    controls.colormap.setCurrentIndex(controls.colormap.findData("magma"))
    controls.scale.setCurrentIndex(controls.scale.findData("layer"))
    click(qtbot, loaded, "inspect_pin")
    assert child(loaded, "pin_0").isVisible()
    loaded.inspection.choose_layer("Dense_1")
    controls.colormap.setCurrentIndex(controls.colormap.findData("gray"))
    loaded.session.image_requested.emit("train", 9)
    wait_for_image(qtbot, loaded, 9)
    click(qtbot, loaded, "pin_0_go")
    wait_for_image(qtbot, loaded, 0)
    assert loaded.inspection.layer == "Conv2D_2"
    assert (loaded.view.choice.colormap, loaded.view.choice.scale) == ("magma", "layer")
    assert loaded.images.place == ("test", 0)


def test_that_a_pin_can_be_compared_with_and_removed(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    click(qtbot, loaded, "inspect_pin")
    loaded.session.image_requested.emit("test", 4)
    wait_for_image(qtbot, loaded, 4)
    click(qtbot, loaded, "pin_0_compare")
    beside(qtbot, comparing, 0)
    assert float(shown(comparing).comparison.difference[0, 0, 0]) == 4
    loaded.inspection.choose_layer("Dense_2")
    qtbot.waitUntil(lambda: shown(comparing).as_bars)  # the pin keeps all layers
    click(qtbot, loaded, "pin_0_remove")
    assert not comparing.strip.isVisible()
    assert comparing.pins.pins == ()


def test_that_pins_of_the_same_state_have_different_names(loaded: InspectPage, comparing: Comparing) -> None:
    comparing.pins.add()
    comparing.pins.add()
    name = "mnist-simple · Conv2D_1 · test 0"
    assert [pin.name for pin in comparing.pins.pins] == [name, f"{name} (2)"]


def test_that_a_pin_opens_its_own_model_again(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing, tmp_path: Path
) -> None:
    first, second = tmp_path / "a.h5", tmp_path / "b.h5"
    first.write_text("a")
    load(qtbot, loaded, first)
    loaded.inspection.choose_layer("Conv2D_3")
    comparing.pins.add()
    load(qtbot, loaded, second)
    loaded.inspection.choose_layer("Dense_1")
    click(qtbot, loaded, "pin_0_go")
    qtbot.waitUntil(lambda: loaded.model is not None and loaded.model.info.path == first and loaded.forward is not None)
    assert loaded.inspection.layer == "Conv2D_3"


def test_that_a_pin_is_dropped_when_its_file_is_gone(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing, messages: list[Message], tmp_path: Path
) -> None:
    path = tmp_path / "gone.h5"
    path.write_text("a")
    load(qtbot, loaded, path)
    comparing.pins.add()
    load(qtbot, loaded)
    path.unlink()
    click(qtbot, loaded, "pin_0_go")
    qtbot.waitUntil(lambda: not comparing.pins.pins)
    assert messages[-1][:2] == ("warning", "gone.h5 is gone, and with it the pin “mnist-simple · Conv2D_1 · test 0”.")
    assert loaded.model is not None
    assert loaded.model.info.path != path


def test_that_a_pin_brings_a_drawing_back(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    click(qtbot, loaded, "inspect_source_drawing")
    ink = np.zeros_like(loaded.picker.canvas.ink)
    ink[100:160, 100:120] = 255
    loaded.picker.canvas.set_ink(ink)
    qtbot.waitUntil(lambda: loaded.inspection.image is not None and loaded.forward is not None)
    comparing.pins.add()
    assert comparing.pins.pins[0].name.endswith("· drawn")
    loaded.picker.canvas.clear()
    click(qtbot, loaded, "inspect_source_dataset")
    wait_for_image(qtbot, loaded, 0)
    click(qtbot, loaded, "pin_0_go")
    qtbot.waitUntil(lambda: loaded.images.source == "drawing" and loaded.forward is not None)
    assert np.array_equal(loaded.picker.canvas.ink, ink)


def test_that_there_is_nothing_to_pin_without_an_image(page: InspectPage, messages: list[Message]) -> None:
    page.comparing.pins.add()
    assert page.comparing.pins.pins == ()
    assert messages[-1][1] == "There is nothing to pin yet."
