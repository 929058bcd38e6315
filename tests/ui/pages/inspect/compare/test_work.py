"""Comparing of large layers: what waits meanwhile, what is found anew, and where the keyboard goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.compare.controller import Comparing
from cnn_explorer.ui.pages.inspect.compare.state import ClassMean, OtherImage, told_apart
from cnn_explorer.ui.pages.inspect.page import InspectPage
from tests.ui.pages.inspect.driver import child


@pytest.fixture
def comparing(qtbot: QtBot, loaded: InspectPage) -> Comparing:
    """Image 7 stands on side B."""
    loaded.view.grid.setFocus()
    loaded.comparing.choose(OtherImage("test", 7))
    qtbot.waitUntil(lambda: loaded.comparing.view.shown is not None and loaded.comparing.view.shown.pair.b is not None)
    return loaded.comparing


def test_that_the_keyboard_stays_on_the_maps(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    assert loaded.window().focusWidget() is comparing.view.grids.grids[0]
    comparing.end_button.setFocus()
    qtbot.keyClick(comparing.end_button, Qt.Key.Key_Space)
    assert loaded.window().focusWidget() is loaded.view.grid


def test_that_the_hidden_maps_are_painted_once_the_comparison_ends(loaded: InspectPage, comparing: Comparing) -> None:
    before = loaded.view.grid.rows
    layers = [layer for layer in loaded.inspection.model.info.layers if layer.has_maps]
    loaded.inspection.choose_layer(layers[1].name)
    assert loaded.view.grid.rows is before, "nobody sees them"
    comparing.choose(None)
    assert loaded.view.grid.rows.shape == layers[1].output_shape


def test_that_saving_while_comparing_takes_the_layer_in_view(loaded: InspectPage, comparing: Comparing) -> None:
    layers = [layer for layer in loaded.inspection.model.info.layers if layer.has_maps]
    loaded.inspection.choose_layer(layers[1].name)
    loaded.saving.menu.choice_changed.emit()
    assert loaded.view.grid.rows.shape == layers[1].output_shape
    assert loaded.saving.menu.size_text.text().endswith("side A alone")


def test_that_other_colours_are_made_ready_in_the_background(qtbot: QtBot, comparing: Comparing) -> None:
    view = comparing.view
    first = view.shown
    assert first is not None
    box = view.controls.colormap
    box.setCurrentIndex(box.findData("magma"))
    assert view.shown is first, "colours of the same kind need nothing"
    box.setCurrentIndex(box.findData("coolwarm"))
    qtbot.waitUntil(lambda: view.shown is not first)
    assert view.shown is not None
    assert view.shown.pair.is_ready(view.choice)
    assert view.grids.grids[0].choice.colormap == "coolwarm"


def test_that_strips_have_no_lines_to_choose(qtbot: QtBot, loaded: InspectPage, comparing: Comparing) -> None:
    assert comparing.view.controls.lines.isVisibleTo(loaded)
    vector = next(layer for layer in loaded.inspection.model.info.layers if layer.output_shape == (576,))
    loaded.inspection.choose_layer(vector.name)
    qtbot.waitUntil(lambda: comparing.view.shown is not None and comparing.view.shown.pair.is_vector)
    assert not comparing.view.controls.lines.isVisibleTo(loaded)
    assert comparing.view.controls.colormap.isVisibleTo(loaded)


def test_that_an_average_on_its_way_stands_in_the_place_of_b(
    qtbot: QtBot, loaded: InspectPage, comparing: Comparing
) -> None:
    grids, line = comparing.view.grids, child(loaded, "compare_average_again")
    sizes = [grid.size() for grid in grids.grids]
    comparing.choose(ClassMean("test", 4))
    comparing.other.average.cancel()
    qtbot.waitUntil(lambda: comparing.view.shown is not None and comparing.view.shown.pair.b is None)
    assert grids.grids[0].size() == sizes[0], "side A does not move"
    assert grids.columns[1].contains(line.mapTo(grids, line.rect().center()))
    assert grids.bars[0].isHidden(), "a scale of nothing"


def test_that_two_models_of_the_same_name_are_told_apart(loaded: InspectPage) -> None:
    info = loaded.inspection.model.info
    one, other = (replace(info, path=Path(path)) for path in ("/a/run/m.h5", "/b/run/m.h5"))
    assert (told_apart(one, other), told_apart(other, one)) == ("a/run/m.h5", "b/run/m.h5")
    assert told_apart(one, one) == "run/m.h5"
