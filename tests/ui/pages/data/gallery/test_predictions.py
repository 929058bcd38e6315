"""The Data page asks a model about the images: mistakes are marked, filtered by, and follow their images."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import Predictions
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.pages.data.page import DataPage
from cnn_explorer.ui.session.services import OpenModel
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, digits
from tests.ui.pages.data.driver import MODEL, child, click, told


@pytest.fixture
def page(data_page: DataPage) -> DataPage:
    """Of the pages, the Data page is meant here."""
    return data_page


def test_that_nothing_asks_for_answers_before_there_are_any(page: DataPage) -> None:
    assert not child(page, "gallery_check").isEnabled()
    assert "Train a network" in child(page, "gallery_check").toolTip()
    assert not child(page, "gallery_verdict_wrong").isVisible()
    assert not child(page, "gallery_order").isVisible()


def test_that_the_model_is_asked_and_mistakes_are_marked(qtbot: QtBot, checked: DataPage) -> None:
    gallery = checked.gallery
    wrong = [n for n in range(84) if (n if n < 64 else n - 64) % 3 == 0]
    assert gallery.check.said.text() == f"{84 - len(wrong)} right · {len(wrong)} wrong"
    assert np.flatnonzero(gallery.grid.wrong).tolist() == wrong
    label = int(digits().labels[3])
    assert f"predicted {(label + 1) % 10}" in gallery.grid.describe(3).sentence
    click(qtbot, checked, "gallery_verdict_wrong")
    assert gallery.shown.tolist() == wrong
    click(qtbot, checked, "gallery_part_test")
    assert gallery.shown.tolist() == [n for n in wrong if n >= 64]
    assert gallery.check.said.text() == "13 right · 7 wrong"


def test_that_confidence_and_order_filter(qtbot: QtBot, checked: DataPage) -> None:
    gallery = checked.gallery
    click(qtbot, checked, "gallery_part_test")
    order = gallery.filter.order
    order.setFocus()
    qtbot.keyClick(order, Qt.Key.Key_Down)
    assert (gallery.shown[:7] - 64).tolist() == [18, 15, 12, 9, 6, 3, 0]
    low = gallery.filter.low
    low.selectAll()
    qtbot.keyClicks(low, "50")
    qtbot.keyClick(low, Qt.Key.Key_Return)
    assert sorted(gallery.shown - 64) == list(range(10, 20))
    assert gallery.filter.high.minimum() == 50


def test_that_only_the_part_that_is_shown_is_asked_about(qtbot: QtBot, page: DataPage, session: Session) -> None:
    click(qtbot, page, "gallery_part_test")
    session.model_ready.emit(MODEL)
    click(qtbot, page, "gallery_check")
    qtbot.waitUntil(lambda: not page.gallery.check.running)
    click(qtbot, page, "gallery_part_all")
    assert page.gallery.check.said.text() == "13 right · 7 wrong"
    assert "predicted" not in page.gallery.grid.describe(3).sentence


def test_that_answers_follow_their_images_into_another_split(qtbot: QtBot, checked: DataPage, session: Session) -> None:
    gallery = checked.gallery
    click(qtbot, checked, "gallery_verdict_wrong")
    places = {0, *range(0, 64, 3), *range(64, 84, 3)}
    session.config = msgspec.structs.replace(session.config, split="shuffled", split_seed=1)
    order = np.random.default_rng(1).permutation(84)
    expected = [n for n in range(84) if order[n] in places]
    qtbot.waitUntil(lambda: gallery.shown.tolist() == expected)


def test_that_another_model_makes_the_answers_worthless(qtbot: QtBot, checked: DataPage, session: Session) -> None:
    click(qtbot, checked, "gallery_verdict_wrong")
    session.model_ready.emit(Path("other/model.h5"))
    assert checked.gallery.grid.count == 84
    assert not checked.gallery.grid.wrong.any()
    assert not child(checked, "gallery_verdict_wrong").isVisible()
    assert child(checked, "gallery_check").isEnabled()


class SlowEngine(FakeEngine):
    """Judges the training part until someone ends it."""

    def predicted(self, model: OpenModel, dataset: Dataset, split: str, watch: Watch) -> Predictions:
        if split == "train":
            done = 0
            while True:
                done += 1
                watch("Judging 64 images", min(done, 63), 64)
        return super().predicted(model, dataset, split, watch)


@pytest.mark.parametrize("engine", [SlowEngine], indirect=True)
def test_that_a_check_can_be_cancelled_and_whole_parts_stay(qtbot: QtBot, page: DataPage, session: Session) -> None:
    said = told(session)
    session.model_ready.emit(MODEL)
    click(qtbot, page, "gallery_check")
    qtbot.waitUntil(lambda: page.gallery.check.said.text().startswith("Judging 64"))
    assert child(page, "gallery_check_progress").isVisible()
    click(qtbot, page, "gallery_check_cancel")
    qtbot.waitUntil(lambda: not page.gallery.check.running)
    assert said == ["The check was cancelled."]
    assert page.gallery.check.said.text() == "13 right · 7 wrong"
    assert child(page, "gallery_check").isVisible()


def test_that_a_model_that_does_not_fit_is_reported(
    qtbot: QtBot, page: DataPage, session: Session, engine: FakeEngine
) -> None:
    engine.fail_opening = ExplorerError("This is no model.", "Choose another file.")
    said = told(session)
    session.model_ready.emit(MODEL)
    click(qtbot, page, "gallery_check")
    qtbot.waitUntil(lambda: said == ["This is no model."])
    assert not page.gallery.check.running


# What one does with an image
