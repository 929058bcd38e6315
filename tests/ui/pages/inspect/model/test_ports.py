"""Models with several inputs and outputs on the Inspect page: which input the image goes to, which output is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.page import InspectPage
from tests.ui.pages.inspect.branching_models import TwinModel
from tests.ui.pages.inspect.driver import load


@pytest.fixture
def twin(qtbot: QtBot, page: InspectPage, monkeypatch: pytest.MonkeyPatch) -> InspectPage:
    """The page with a model of two images, a table, and two outputs."""
    services = replace(page.session.services, open_model=TwinModel)
    monkeypatch.setattr(page.session, "services", services)
    load(qtbot, page)
    return page


def _model(page: InspectPage) -> TwinModel:
    assert isinstance(page.model, TwinModel)
    return page.model


def _choose(qtbot: QtBot, page: InspectPage, box: str, down: int) -> None:
    """With the keys, as without a mouse."""
    combo = page.ports.bar.inputs if box == "input" else page.ports.bar.outputs
    combo.setFocus()
    for _ in range(abs(down)):
        qtbot.keyClick(combo, Qt.Key.Key_Down if down > 0 else Qt.Key.Key_Up)


def test_that_an_ordinary_model_has_no_ports_to_choose(loaded: InspectPage) -> None:
    assert not loaded.ports.bar.isVisible()


def test_that_images_can_go_to_image_inputs_only_and_the_rest_is_said(twin: InspectPage) -> None:
    bar = twin.ports.bar
    assert bar.isVisible()
    assert [bar.inputs.itemText(at) for at in range(bar.inputs.count())] == ["left · 28×28×1", "right · 28×28×1"]
    assert bar.said.text() == "left: test-0 · table: zeros · right: zeros"
    assert _model(twin).seen == [{0: 0}]


def test_that_each_input_keeps_its_image(qtbot: QtBot, twin: InspectPage) -> None:
    twin.picker.step(1)
    qtbot.waitUntil(lambda: _model(twin).seen[-1] == {0: 1})
    _choose(qtbot, twin, "input", 1)
    qtbot.waitUntil(lambda: _model(twin).seen[-1] == {0: 1, 2: 1})
    assert twin.inspection.input_number == 2
    twin.picker.step(1)
    qtbot.waitUntil(lambda: _model(twin).seen[-1] == {0: 1, 2: 2})
    assert twin.ports.bar.said.text() == "left: test-1 · table: zeros · right: test-2"


def test_that_the_prepared_image_is_that_of_the_chosen_input(qtbot: QtBot, twin: InspectPage) -> None:
    _choose(qtbot, twin, "input", 1)
    twin.picker.step(5)
    qtbot.waitUntil(lambda: twin.forward is not None and _model(twin).seen[-1] == {0: 0, 2: 5})
    assert twin.forward is not None
    assert round(float(twin.ports.prepared(twin.forward)[0, 0, 0]) * 255) == 5


def test_that_the_prediction_is_that_of_the_chosen_output(qtbot: QtBot, twin: InspectPage) -> None:
    passes = len(_model(twin).seen)
    assert len(twin.picker.bars.bars) == 10
    _choose(qtbot, twin, "output", 1)
    assert [bar.name for bar in twin.picker.bars.bars] == ["0", "1"]
    assert len(_model(twin).seen) == passes, "the answer was there already"


def test_that_another_preparation_keeps_the_images(
    qtbot: QtBot, twin: InspectPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _choose(qtbot, twin, "input", 1)
    twin.picker.step(3)
    qtbot.waitUntil(lambda: _model(twin).seen[-1] == {0: 0, 2: 3})
    other = TwinModel(_model(twin).info.path)
    monkeypatch.setattr(TwinModel, "with_preprocessing", lambda *_: other)
    twin.picker.preprocessing_chosen.emit("none")
    qtbot.waitUntil(lambda: twin.model is other and bool(other.seen))
    assert other.seen == [{0: 0, 2: 3}]
    assert twin.inspection.input_number == 2


def test_that_a_model_with_other_inputs_begins_anew(
    qtbot: QtBot, twin: InspectPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _choose(qtbot, twin, "input", 1)
    _choose(qtbot, twin, "output", 1)
    monkeypatch.setattr(twin.session, "services", replace(twin.session.services, open_model=_only_images))
    load(qtbot, twin)
    assert twin.inspection.input_number == 0
    assert twin.ports.output == "digit"
    assert twin.ports.bar.said.text() == "left: test-0 · right: zeros"


def _only_images(path: Path, trusted: bool = False) -> TwinModel:
    model = TwinModel(path)
    left, _, right = model.info.inputs
    model.info = replace(model.info, inputs=(left, right))
    return model
