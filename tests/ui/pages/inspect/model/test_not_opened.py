"""Model files that are not opened as they are: what is shown of them, and the ways on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import (
    LimitError,
    LimitNotBuiltError,
    ModelStructure,
    NotBuiltError,
    StoredLayer,
    StoredWeight,
    WeightsOnlyError,
)
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.ui.pages.inspect.model.not_opened import NotOpened, StructurePage, layer_facts_of
from cnn_explorer.ui.pages.inspect.model.opening import ModelOpening
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, FakeModel
from tests.ui.pages.inspect.driver import Message, click

FILE = Path("downloads/strange.h5")
STRUCTURE = ModelStructure(
    FILE, "strange", "It holds code.",
    (
        StoredLayer(
            "conv", "Conv2D", (("filters", "8"), ("padding", "same")),
            (StoredWeight("kernel", (3, 3, 1, 8), "float32"), StoredWeight("bias", (8,), "float32")),
        ),
        StoredLayer("twice", "Lambda", (("function", "4wEAAA"),)),
    ),
)  # fmt: skip


@pytest.fixture
def opening(qtbot: QtBot, session: Session) -> ModelOpening:
    """What opens models, with its page and without the rest of Inspect."""
    page = StructurePage()
    qtbot.addWidget(page)
    page.resize(1190, 660)
    opening = ModelOpening(session, page, page)
    opening.refused.connect(page.show)
    return opening


def _refuse(qtbot: QtBot, opening: ModelOpening, engine: FakeEngine, error: ExplorerError) -> StructurePage:
    engine.fail_opening = error
    opening.open(FILE)
    qtbot.waitUntil(opening.page.isVisible)
    return opening.page


def _facts(page: StructurePage) -> dict[str, str]:
    table = page.facts
    items = ((table.item(row, 0), table.item(row, 1)) for row in range(table.rowCount()))
    return {name.text(): value.text() for name, value in items if name is not None and value is not None}


def test_that_a_model_that_is_not_built_shows_its_layers_and_the_reason(
    qtbot: QtBot, opening: ModelOpening, engine: FakeEngine, messages: list[Message]
) -> None:
    page = _refuse(qtbot, opening, engine, NotBuiltError("It holds code.", "", STRUCTURE))
    assert page.reason.text() == "It holds code."
    assert page.size_text.text() == "2 layers · 80 weights in the file"
    assert page.layers.chosen == "twice", "a Lambda layer is what the reason is about"
    qtbot.keyClick(page.layers, Qt.Key.Key_Up)
    assert page.layers.chosen == "conv"
    assert _facts(page)["kernel"] == "3×3×1×8 · float32 · 72"
    assert _facts(page)["padding"] == "same"
    assert not page.trust.isVisible()
    assert not page.attach.isVisible()
    assert messages == [], "the page says it all"


def test_that_a_lambda_layer_says_why_it_is_not_run(qtbot: QtBot, opening: ModelOpening, engine: FakeEngine) -> None:
    page = _refuse(qtbot, opening, engine, NotBuiltError("It holds code.", "", STRUCTURE))
    assert "never run here" in page.layer_note.text()
    assert _facts(page) == {"function": "4wEAAA"}


@pytest.mark.parametrize("structure", [None, STRUCTURE])
def test_that_a_limit_can_be_raised_knowingly(
    qtbot: QtBot, opening: ModelOpening, engine: FakeEngine, structure: ModelStructure | None
) -> None:
    error = LimitNotBuiltError("Too large.", "", structure) if structure else LimitError("Too large.")
    page = _refuse(qtbot, opening, engine, error)
    assert "memory" in page.ways.text()
    assert page.layers.isVisible() == (structure is not None)
    with qtbot.waitSignal(opening.opened) as opened:
        qtbot.mouseClick(page.trust, Qt.MouseButton.LeftButton)
    assert opened.args == [engine.opened[-1]]


def test_that_weights_can_be_used_with_the_network_of_the_build_page(
    qtbot: QtBot, opening: ModelOpening, session: Session, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[tuple[str, Path]] = []

    def attach(architecture: Architecture, weights: Path) -> FakeModel:
        used.append((architecture.name, weights))
        return FakeModel(weights)

    monkeypatch.setattr(session, "services", replace(session.services, open_with_weights=attach))
    page = _refuse(qtbot, opening, engine, WeightsOnlyError("It holds weights only."))
    assert "mnist-simple" in page.ways.text()
    with qtbot.waitSignal(opening.opened):
        qtbot.mouseClick(page.attach, Qt.MouseButton.LeftButton)
    assert used == [("mnist-simple", FILE)]


def test_that_weights_that_do_not_fit_leave_the_offer_and_say_why(
    qtbot: QtBot, opening: ModelOpening, session: Session, engine: FakeEngine, messages: list[Message],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def attach(_architecture: Architecture, _weights: Path) -> FakeModel:
        raise ExplorerError("The weights do not fit.", "Choose the network that they come from.")

    monkeypatch.setattr(session, "services", replace(session.services, open_with_weights=attach))
    page = _refuse(qtbot, opening, engine, WeightsOnlyError("It holds weights only."))
    with qtbot.waitSignal(opening.failed):
        qtbot.mouseClick(page.attach, Qt.MouseButton.LeftButton)
    assert messages[0][:2] == ("error", "The weights do not fit.")
    assert page.attach.isVisible()
    assert "Opening" not in page.ways.text()


def test_that_one_can_go_back_to_the_model_before_or_open_another(
    qtbot: QtBot, loaded: InspectPage, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.fail_opening = NotBuiltError("It holds code.", "", STRUCTURE)
    for _ in range(2):
        loaded.session.model_ready.emit(FILE)
        qtbot.waitUntil(loaded.structure.isVisible)
        loaded.session.dataset_changed.emit()
        assert loaded.structure.isVisible(), "another data set is no reason to leave"
        assert loaded.structure.back.text() == "Back to mnist-simple"
        click(qtbot, loaded, "inspect_back_to_model")
        assert loaded.card.isVisible()
        assert loaded.card.origin.text() == "1-mnist-simple/model.h5"
    loaded.session.model_ready.emit(FILE)
    qtbot.waitUntil(loaded.structure.isVisible)
    engine.fail_opening = None
    monkeypatch.setattr(loaded, "choose_model_file", lambda: Path("other/model.h5"))
    click(qtbot, loaded, "inspect_open_another")
    qtbot.waitUntil(loaded.card.isVisible)
    assert loaded.card.origin.text() == "other/model.h5"


def test_that_what_the_page_shows_is_not_promised_again() -> None:
    promise = "Get it from its source. Its structure and weights can still be shown."
    file = NotOpened.of(FILE, NotBuiltError("Broken.", promise, STRUCTURE), "mnist-simple")
    assert file.hint == "Get it from its source."
    assert (file.risk, file.network) == ("", "")


def test_that_weights_without_a_layer_have_no_configuration() -> None:
    facts = layer_facts_of(StoredLayer("rest", "", (), (StoredWeight("scale", (), "float16"),)))
    assert facts == (("Weights in the file: shape, type, numbers", (("scale", "one number · float16 · 1"),)),)
