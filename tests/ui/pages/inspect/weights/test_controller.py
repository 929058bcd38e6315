"""The weights of a layer on the Inspect page: kernels, biases, statistics, settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from cnn_explorer.core.model.info import ForwardPass, LayerWeight
from cnn_explorer.core.model.weight_pictures import Histogram, WeightPicture
from cnn_explorer.text.weights import cell_text, layer_rows, picture_note
from cnn_explorer.ui.pages.inspect.inspection import Inspection
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.pages.inspect.weights.controller import InspectWeights
from cnn_explorer.ui.pages.inspect.weights.histogram import HistogramView
from cnn_explorer.ui.pages.inspect.weights.view import WeightsView
from cnn_explorer.ui.session.session import Session
from tests.ui.pages.inspect.branching_models import TwinModel, WeighedModel
from tests.ui.pages.inspect.driver import MODEL, click


@pytest.fixture
def weighed(qtbot: QtBot, session: Session) -> InspectWeights:
    """The weights of ``Conv2D_1`` in view, 32 kernels over three input maps, without the rest of Inspect."""
    inspection = Inspection(session)
    weights = InspectWeights(session, inspection, session)
    qtbot.addWidget(weights.view)
    weights.view.resize(900, 420)
    inspection.set_model(WeighedModel(MODEL), "Conv2D_1")
    with qtbot.waitExposed(weights.view):
        weights.view.show()
    _wait(qtbot, session, weights.view, "kernel · 3×3×3×32")
    return weights


def test_that_an_input_is_named_where_there_are_several() -> None:
    info = TwinModel(MODEL).info
    told = {layer.name: dict(layer_rows(info, layer)) for layer in info.layers}
    assert told["left_conv"]["takes"] == "left"
    assert told["right_conv"]["shape in"] == "28×28×1"
    assert told["both"]["takes"] == "left_conv and right_conv"


def _wait(qtbot: QtBot, session: Session, view: WeightsView, title: str) -> None:
    """Until the picture of an array is there."""
    shown: list[object] = []
    qtbot.waitUntil(lambda: view.array.currentText() == title)
    session.pictures.submit(lambda _: None, shown.append)  # comes behind the picture
    qtbot.waitUntil(lambda: bool(shown))


def _choose(qtbot: QtBot, session: Session, weighed: InspectWeights, box: QComboBox, key: object) -> None:
    index = box.findData(key)
    assert index >= 0, key
    box.setCurrentIndex(index)
    box.activated.emit(index)
    _wait(qtbot, session, weighed.view, weighed.view.array.currentText())


def _weight(weighed: InspectWeights) -> LayerWeight:
    model = weighed.inspection.model
    assert model is not None
    return model.weights(weighed.inspection.layer)[0]


def _place(view: WeightsView, number: int, row: int, column: int) -> QPoint:
    return view.kernels.grid.node_rectangle((row, column, number)).center().toPoint()


def test_that_kernels_over_three_maps_come_in_colours(weighed: InspectWeights) -> None:
    view = weighed.view
    assert view.way.currentData() == "colors"
    grid = view.kernels.grid
    assert grid.layout_ is not None
    assert (grid.layout_.height, grid.layout_.width, grid.layout_.count) == (3, 3, 32)
    kernel, image = _weight(weighed).values, grid.image
    assert image is not None
    found = image.pixelColor(1, 0)  # kernel 0, row 0, column 1
    wanted = kernel[0, 1, :, 0] / np.abs(kernel).max() * 127.5 + 128
    assert np.abs(np.array(found.getRgb()[:3]) - wanted).max() <= 1


def test_that_the_part_for_one_input_map_can_be_chosen_and_read(
    qtbot: QtBot, session: Session, weighed: InspectWeights
) -> None:
    view = weighed.view
    _choose(qtbot, session, weighed, view.way, "input")
    assert view.number.isVisible()
    view.number.setValue(2)
    _wait(qtbot, session, view, "kernel · 3×3×3×32")
    qtbot.mouseMove(view.kernels.grid, _place(view, 5, 1, 2))
    value = f"{_weight(weighed).values[1, 2, 2, 5]:.4f}".replace("-", "−")
    assert view.status.text() == f"kernel 5 · row 1, column 2 · {value}"


def test_that_keys_enlarge_a_kernel_and_escape_goes_back(qtbot: QtBot, weighed: InspectWeights) -> None:
    kernels = weighed.view.kernels
    grid = kernels.grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert kernels.detail.isVisible()
    assert kernels.detail.title.text() == "Kernel 0"
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert kernels.detail.title.text() == "Kernel 1"
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert not kernels.detail.isVisible()


def test_that_the_scale_can_be_that_of_each_kernel(qtbot: QtBot, session: Session, weighed: InspectWeights) -> None:
    view = weighed.view
    assert not view.scale.isVisible(), "colours have one scale for all"
    _choose(qtbot, session, weighed, view.way, "mean")
    bar = view.kernels.framed.bar
    assert "same for all" in bar.toolTip()
    _choose(qtbot, session, weighed, view.scale, False)
    assert "each map" in bar.toolTip()


def test_that_biases_and_the_figures_of_normalization_are_bars(
    qtbot: QtBot, session: Session, weighed: InspectWeights
) -> None:
    view = weighed.view
    _choose(qtbot, session, weighed, view.array, "bias")
    assert view.kernels.currentWidget() is view.kernels.vector
    assert view.kernels.vector.shows_bars
    weighed.inspection.choose_layer("Max_Pool_1")
    _wait(qtbot, session, view, "gamma · 32")
    texts = [view.array.itemText(at) for at in range(view.array.count())]
    assert texts[1:] == ["beta · 32", "moving_mean · 32 · not trained", "moving_variance · 32 · not trained"]


def test_that_the_statistics_are_those_of_the_array(weighed: InspectWeights) -> None:
    view, values = weighed.view, _weight(weighed).values
    names, figures = [label.text() for label in view.figure_names], [label.text() for label in view.figure_values]
    shown = dict(zip(names, figures, strict=True))
    assert shown["count"] == f"{3 * 3 * 3 * 32:,}"
    assert float(shown["std"]) == pytest.approx(values.std(), abs=1e-4)
    assert float(shown["min"].replace("−", "-")) == pytest.approx(values.min(), abs=1e-4)


def test_that_the_settings_and_shapes_are_listed(weighed: InspectWeights) -> None:
    facts = weighed.view.facts
    items = ((facts.item(row, 0), facts.item(row, 1)) for row in range(facts.rowCount()))
    rows = {name.text(): value.text() for name, value in items if name is not None and value is not None}
    assert rows["type"] == "Conv2D"
    assert rows["shape out"] == "26×26×32"
    assert rows["receptive field"] == "3×3 pixels"


def test_that_a_layer_without_weights_says_so(qtbot: QtBot, weighed: InspectWeights) -> None:
    view = weighed.view
    weighed.inspection.choose_layer("Flatten_1")
    qtbot.waitUntil(lambda: view.empty.isVisible())
    assert view.empty.text() == "This layer has no weights."
    assert not view.array.isVisible()


def test_that_weights_are_asked_for_only_when_someone_looks(
    qtbot: QtBot, loaded: InspectPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    model = loaded.model
    monkeypatch.setattr(type(model), "weights", lambda _model, layer: asked.append(layer) or ())
    loaded.card.layers.step(1)
    loaded.card.layers.step(1)
    click(qtbot, loaded, "inspect_view_weights")
    qtbot.waitUntil(lambda: bool(asked))
    assert asked == ["Conv2D_2"]


def test_that_weights_can_be_seen_where_no_image_fits(
    qtbot: QtBot, page: InspectPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path, trusted: bool = False) -> WeighedModel:
        model = WeighedModel(path)
        model.info = replace(model.info, input_shape=(64, 64, 3))
        monkeypatch.setattr(model, "forward", lambda _image: ForwardPass((), {}, None))
        return model

    monkeypatch.setattr(page.session, "services", replace(page.session.services, open_model=opened))
    page.session.model_ready.emit(Path("large.h5"))
    qtbot.waitUntil(page.no_image.isVisible)
    click(qtbot, page, "inspect_view_weights")
    _wait(qtbot, page.session, page.weights.view, "kernel · 3×3×3×32")
    assert page.pane.title.text() == "Conv2D_1"


def test_that_a_cell_of_a_reduced_matrix_says_which_weights_it_stands_for() -> None:
    picture = WeightPicture("matrix", np.full((4, 3, 1), -0.25, np.float32), block=(8, 2))
    assert cell_text(picture, 0, 1, 2) == "input 8…15 · output 4…5 · −0.2500"
    assert picture_note(picture) == "Each pixel stands for 8×2 weights, and shows the strongest of them."
    assert picture_note(replace(picture, block=(1, 1))) == ""


def test_that_a_histogram_tells_its_bars(qtbot: QtBot) -> None:
    view = HistogramView()
    qtbot.addWidget(view)
    view.resize(200, 80)
    view.show()
    view.show_histogram(Histogram(-1.0, 1.0, (3, 0, 0, 1)))
    assert view.bar_at(199) == 3
    assert view.bar_text(3) == "0.5 to 1: 1 weight (25.0 %)"
    assert view.bar_at(200) is None
    picture = view.grab().toImage()
    assert picture.pixelColor(25, 20) != picture.pixelColor(75, 20), "a full bar, and none"
