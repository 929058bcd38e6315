"""The Data page: the gallery follows data set and split, and is filtered."""

from __future__ import annotations

import threading
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import split_again
from cnn_explorer.ui.pages.data.gallery.state import Filter
from cnn_explorer.ui.pages.data.page import DataPage
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, digits
from tests.ui.pages.data.driver import LEFT, child, choose, click, open_page, told


@pytest.fixture
def page(data_page: DataPage) -> DataPage:
    """Of the pages, the Data page is meant here."""
    return data_page


def test_that_all_images_are_there_with_their_classes(page: DataPage) -> None:
    gallery = page.gallery
    assert gallery.count.text() == "84 images"
    labels = digits().labels
    assert [gallery.grid.describe(number).caption for number in range(84)] == [str(label) for label in labels]
    assert gallery.grid.describe(64).sentence.startswith("Test image 0 ")


def test_that_the_gallery_follows_the_split_of_the_configuration(
    qtbot: QtBot, page: DataPage, session: Session
) -> None:
    session.config = msgspec.structs.replace(session.config, split="shuffled", split_seed=5)
    expected = split_again(digits(), "shuffled", 5)
    qtbot.waitUntil(
        lambda: page.gallery.grid.describe(0).sentence == f"Training image 0 · class {expected.train_labels[0]}"
    )
    click(qtbot, page, "gallery_part_test")
    captions = [page.gallery.grid.describe(number).caption for number in range(20)]
    assert captions == [str(label) for label in expected.test_labels]


def test_that_a_split_that_cannot_be_is_reported_and_the_images_stay(
    qtbot: QtBot, session: Session, engine: FakeEngine
) -> None:
    labels = np.zeros(84, np.int64)
    labels[3] = 1
    session.dataset = replace(digits(), labels=labels)
    said = told(session)
    session.config = msgspec.structs.replace(session.config, split="stratified")
    page = open_page(qtbot, session)
    # The first stratified split of a process imports much of scikit-learn.
    qtbot.waitUntil(lambda: page.gallery.grid.count == 84, timeout=30_000)
    assert any("split" in text for text in said)
    qtbot.waitUntil(lambda: not (session.scans.busy or session.thumbnails.busy))


def test_that_parts_classes_and_indices_filter(qtbot: QtBot, page: DataPage) -> None:
    gallery, labels = page.gallery, digits().labels
    click(qtbot, page, "gallery_part_train")
    assert gallery.count.text() == "64 of 84"
    qtbot.keyClicks(child(page, "gallery_indices"), "10-20, 42")
    qtbot.keyClick(child(page, "gallery_indices"), Qt.Key.Key_Return)
    assert gallery.shown.tolist() == [*range(10, 21), 42]
    page.facts.class_chosen.emit(int(labels[12]))
    assert gallery.shown.tolist() == [n for n in (*range(10, 21), 42) if labels[n] == labels[12]]
    page.facts.class_chosen.emit(-1)
    assert gallery.grid.count == 12


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_that_several_classes_can_be_chosen_by_clicks(qtbot: QtBot, page: DataPage) -> None:
    button = page.gallery.filter.classes
    button.menu().popup(button.mapToGlobal(QPoint(0, 30)))
    for row in (2, 5):
        place = button.list.visualItemRect(button.list.item(row)).center()
        qtbot.mouseClick(button.list.viewport(), LEFT, pos=place)
    button.menu().close()
    labels = digits().labels
    assert page.gallery.shown.tolist() == np.flatnonzero(np.isin(labels, (2, 5))).tolist()
    assert button.text() == "2 and 5"
    qtbot.mouseClick(button.all, LEFT)
    assert page.gallery.grid.count == 84


def test_that_one_class_is_marked_in_the_histogram(qtbot: QtBot, page: DataPage) -> None:
    with qtbot.waitSignal(page.gallery.class_shown) as caught:
        page.gallery.show_class(7)
    assert caught.args == [7]


def test_that_typed_nonsense_is_told_at_the_line_and_changes_nothing(qtbot: QtBot, page: DataPage) -> None:
    line = child(page, "gallery_indices")
    qtbot.keyClicks(line, "3-x")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.property("invalid") is True
    assert "3-x" in line.toolTip()
    assert page.gallery.grid.count == 84
    line.clear()
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.property("invalid") is False


def test_that_an_empty_result_says_so_and_leads_back(qtbot: QtBot, page: DataPage) -> None:
    qtbot.keyClicks(child(page, "gallery_indices"), "9999")
    qtbot.waitUntil(lambda: page.gallery.nothing.isVisible())
    assert page.gallery.count.text() == "0 of 84"
    click(qtbot, page, "gallery_show_all")
    assert page.gallery.grid.isVisible()
    assert page.gallery.grid.count == 84
    assert page.gallery.filter.indices.text() == ""


def test_that_duplicates_are_shown_alone_until_one_wants_all_again(qtbot: QtBot, page: DataPage) -> None:
    page.facts.images_chosen.emit((70, 3))
    assert page.gallery.shown.tolist() == [70, 3]
    assert child(page, "gallery_places").isVisible()
    click(qtbot, page, "gallery_places")
    assert page.gallery.grid.count == 84


def test_that_the_current_image_stays_when_the_filter_lets_it_pass(qtbot: QtBot, page: DataPage) -> None:
    choose(qtbot, page, 70)
    click(qtbot, page, "gallery_part_test")
    assert page.gallery.grid.current == 6
    click(qtbot, page, "gallery_part_train")
    assert page.gallery.grid.current == -1
    assert page.gallery.current is None


def test_that_loading_and_failing_are_told_while_there_are_no_images(qtbot: QtBot, engine: FakeEngine) -> None:
    gate = threading.Event()

    def load(_spec: DatasetSpec, watch: Watch) -> Dataset:
        watch("Reading 60,000 images", 15, 60)
        assert gate.wait(10)
        raise ExplorerError("The file is damaged.", "Take another one.")

    session = Session(replace(engine.services(), load_dataset=load), preset("mnist-simple").architecture)
    page = open_page(qtbot, session)
    session.load_dataset(DatasetSpec())
    qtbot.waitUntil(lambda: "Reading 60,000 images" in page.gallery.empty.text.text())
    assert "25 %" in page.gallery.empty.text.text()
    gate.set()
    qtbot.waitUntil(lambda: "The file is damaged." in page.gallery.empty.text.text())
    page.hide()
    session.shut_down()


def test_that_another_data_set_takes_its_place(
    qtbot: QtBot, page: DataPage, session: Session, engine: FakeEngine
) -> None:
    page.gallery.show_class(3)
    choose(qtbot, page, 1)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30, 100, 100, 3), np.uint8)
    labels = np.arange(30) % 2
    engine.dataset = Dataset.of_parts(
        "fruits", "Fruits", ("Apple", "Pear"), "2" * 64, images[:20], labels[:20], images[20:], labels[20:]
    )
    session.load_dataset(DatasetSpec())
    qtbot.waitUntil(lambda: page.gallery.grid.count == 30)
    assert page.gallery.filter.filter == Filter()
    assert page.gallery.grid.describe(1).caption == "Pear"
    assert page.gallery.current is None


# The model's answers
