"""How many places a change touches (docs/architecture.md): what is one row, or one field, needs nothing else."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import pytest
from msgspec import Meta
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from cnn_explorer.cli import main
from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.arrays.npz import PublishedArrays
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.data.sources import registry
from cnn_explorer.text import run_differences
from cnn_explorer.text.run_differences import Setup, differences
from cnn_explorer.ui.forms.spec_form import SpecForm
from cnn_explorer.ui.pages.data.sources.state import source_rows
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.shell.page_table import PageEntry
from tests.ui.fakes import FakeEngine
from tests.ui.shell.driver import SMALL_PAGES, SmallPage, action


def _stripes(_folder: Path) -> PublishedArrays:
    images = np.zeros((6, 4, 4, 1), np.uint8)
    images[::2, 1], images[1::2, :, 1] = 255, 255
    labels = np.arange(6) % 2
    return PublishedArrays(images[:4], labels[:4], images[4:], labels[4:])


def test_that_a_published_data_set_is_one_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = dataclasses.replace(
        registry.source_of("mnist"), name="stripes", title="Stripes", image_shape=(4, 4, 1), classes=("down", "across"),
        train_count=4, test_count=2, fingerprint="", load=_stripes,
    )  # fmt: skip
    monkeypatch.setattr(registry, "SOURCES", (*registry.SOURCES, row))
    assert main(["datasets", "--json"]) == 0
    assert "stripes" in {one["name"] for one in json.loads(capsys.readouterr().out)}
    assert "Stripes" in {one.title for one in source_rows(registry.SOURCES, {}, (), frozenset(), None, None)}
    dataset = load_dataset("stripes")
    assert (dataset.title, dataset.classes, dataset.image_shape) == ("Stripes", ("down", "across"), (4, 4, 1))


def _extended() -> Any:
    """The training configuration with one more option."""
    patience = Annotated[
        int, Meta(title="Rounds", description="How many rounds.", extra={"group": "Run", "when": {}}, ge=1, le=9)
    ]
    return msgspec.defstruct(
        "Extended", [("rounds", patience, 3)], bases=(TrainingConfig,), frozen=True, kw_only=True,
        forbid_unknown_fields=True,
    )  # fmt: skip


def test_that_a_training_option_is_one_field(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    extended = _extended()
    field = fields_of(extended)[-1]
    assert (field.name, field.title, field.group, field.default) == ("rounds", "Rounds", "Run", 3)

    form = SpecForm()
    qtbot.addWidget(form)
    form.set_value(extended(rounds=5))
    box = form.findChild(QSpinBox, "field_rounds")
    assert isinstance(box, QSpinBox)
    assert (box.value(), box.minimum(), box.maximum()) == (5, 1, 9)
    box.setValue(7)
    value: Any = form.value()
    assert value == extended(rounds=7)

    assert msgspec.json.decode(msgspec.json.encode(value), type=extended) == value
    monkeypatch.setattr(run_differences, "TrainingConfig", extended)
    network = preset("mnist-mlp").architecture
    rows = differences([Setup(network, extended(rounds=rounds), {}) for rounds in (3, 7)])
    assert [(row.group, row.name, row.values) for row in rows] == [("Run", "Rounds", ("3", "7"))]


@pytest.fixture
def window_with(qtbot: QtBot, tmp_path: Path) -> Callable[..., MainWindow]:
    """A function from rows of pages to a window with them."""

    def make(*rows: PageEntry) -> MainWindow:
        session = Session(FakeEngine(home=tmp_path).services(), preset("mnist-mlp").architecture)
        window = MainWindow(session, rows, Settings(), lambda _settings: None)
        qtbot.addWidget(window, before_close_func=MainWindow.close_now)
        with qtbot.waitSignal(window.ready):
            window.show()
        return window

    return make


def test_that_a_page_is_one_row(window_with: Callable[..., MainWindow]) -> None:
    row = PageEntry("evaluate", "Evaluate", "box", "How good is it?", lambda session: SmallPage(session, "evaluate"))
    window = window_with(*SMALL_PAGES, row)
    shown = next(one for one in window.findChildren(QAction) if one.text() == "Evaluate")
    assert shown.shortcut().toString() == f"Ctrl+{len(SMALL_PAGES) + 1}"
    shown.trigger()
    assert window.current_page == "evaluate"
    assert isinstance(window.page("evaluate"), SmallPage)
    assert action(window, "quit").isEnabled()
