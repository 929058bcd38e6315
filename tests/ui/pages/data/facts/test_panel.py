"""The facts panel: the split is edited here as on Train, and everything shown follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.dataset import Dataset, Skipped
from cnn_explorer.ui.pages.data.facts.class_list import ClassRow
from cnn_explorer.ui.pages.data.facts.panel import FactsPanel
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, digits

INPUT, CLASSES, DUPLICATES, ABOUT = range(4)


def with_a_duplicate() -> Dataset:
    """Training image 3 is test image 5, under another label; two remarks and three skipped files."""
    dataset = digits()
    images, labels = dataset.images.copy(), dataset.labels.copy()
    images[:, 0, 0, 0] = np.arange(len(images))
    images[69], labels[69] = images[3], (labels[3] + 1) % 10
    return replace(
        dataset, images=images, labels=labels, remarks=("Colours became grey.", "A part was drawn."),
        skipped=tuple(Skipped(f"a/{number}.png", "damaged") for number in range(3)),
    )  # fmt: skip


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(dataset=with_a_duplicate())


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> Iterator[FactsPanel]:
    panel = FactsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(320, 628)
    with qtbot.waitExposed(panel):
        panel.show()
    yield panel
    qtbot.waitUntil(lambda: not session.scans.busy)


def text(panel: FactsPanel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert label is not None, name
    return label.text()


def test_that_the_tensor_is_that_of_the_training_images(qtbot: QtBot, panel: FactsPanel, session: Session) -> None:
    qtbot.waitUntil(lambda: panel.input.tensor.result is not None)
    assert text(panel, "data_tensor_shape_0") == "(64, 28, 28, 1)"
    assert text(panel, "data_tensor_shape_1") == "(None, 28, 28, 1)"
    assert text(panel, "data_tensor_type") == "float32"
    session.config = TrainingConfig(preprocessing="scale")
    qtbot.waitUntil(lambda: text(panel, "data_tensor_maximum") == "1")
    assert text(panel, "data_tensor_minimum") == "0"


def test_that_an_edit_here_is_an_edit_of_the_one_configuration(
    qtbot: QtBot, panel: FactsPanel, session: Session
) -> None:
    box = panel.input.form.findChild(QComboBox, "field_split")
    assert box is not None
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert session.config.split == "shuffled"


def test_that_an_edit_elsewhere_is_seen_here(qtbot: QtBot, panel: FactsPanel, session: Session) -> None:
    session.config = msgspec.structs.replace(session.config, validation_split=0.25, train_limit=40)
    assert [(part.title, part.count) for part in panel.input.parts.parts] == [
        ("Training", 30), ("Validation", 10), ("Test", 20),
    ]  # fmt: skip
    assert panel.input.note.text() == "24 images are left out by the limits."
    qtbot.waitUntil(lambda: text(panel, "data_tensor_shape_0") == "(30, 28, 28, 1)")


def test_that_the_table_can_be_copied(qtbot: QtBot, panel: FactsPanel) -> None:
    qtbot.waitUntil(lambda: panel.input.tensor.result is not None)
    button = panel.findChild(QToolButton, "data_tensor_copy")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "(64, 28, 28, 1)" in QGuiApplication.clipboard().text()
    assert "Deviation\t" in QGuiApplication.clipboard().text()


def test_that_only_what_can_be_seen_is_measured(qtbot: QtBot, panel: FactsPanel) -> None:
    qtbot.waitUntil(lambda: panel.input.tensor.result is not None)
    assert panel.classes.moments.result is None
    assert not panel.classes.moments.running
    assert not panel.duplicates.found.running


def test_that_classes_have_counts_and_mean_images(qtbot: QtBot, panel: FactsPanel, session: Session) -> None:
    panel.tabs.setCurrentIndex(CLASSES)
    qtbot.waitUntil(lambda: panel.classes.moments.result is not None and bool(panel.classes.list.rows))
    dataset = session.dataset
    assert dataset is not None
    expected = [
        ClassRow(name, int((dataset.train_labels == label).sum()), int((dataset.test_labels == label).sum()))
        for label, name in enumerate(dataset.classes)
    ]
    assert list(panel.classes.list.rows) == expected
    assert panel.classes.pictures.mean.image is not None


def test_that_a_click_on_a_class_filters_and_a_second_one_ends_it(qtbot: QtBot, panel: FactsPanel) -> None:
    panel.tabs.setCurrentIndex(CLASSES)
    view = panel.classes.list
    qtbot.waitUntil(lambda: len(view.rows) == 10)
    place = view.visualRect(view.model().index(4, 0)).center()
    for marked, expected in ((-1, 4), (4, -1)):
        panel.show_class(marked)
        with qtbot.waitSignal(panel.class_chosen) as chosen:
            qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert chosen.args == [expected]


def test_that_the_keys_go_from_class_to_class_and_choose_one(qtbot: QtBot, panel: FactsPanel) -> None:
    panel.tabs.setCurrentIndex(CLASSES)
    view = panel.classes.list
    qtbot.waitUntil(lambda: panel.classes.moments.result is not None and len(view.rows) == 10)
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert "Class 1" in panel.classes.pictures.values.text()
    with qtbot.waitSignal(panel.class_chosen) as chosen:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert chosen.args == [1]


def test_that_a_pixel_under_the_cursor_tells_its_values(qtbot: QtBot, panel: FactsPanel) -> None:
    panel.tabs.setCurrentIndex(CLASSES)
    qtbot.waitUntil(lambda: panel.classes.moments.result is not None)
    picture = panel.classes.pictures.mean
    moments = panel.classes.moments.result
    at = picture.to_screen(10.5, 12.5).toPoint()
    qtbot.mouseMove(picture, QPoint(1, 1))
    qtbot.mouseMove(picture, at)
    qtbot.waitUntil(lambda: "row 12, column 10" in panel.classes.pictures.values.text())
    assert f"mean {moments.mean[0][12, 10, 0]:.1f}" in panel.classes.pictures.values.text()


def test_that_duplicates_are_counted_and_shown_in_the_gallery(qtbot: QtBot, panel: FactsPanel) -> None:
    panel.tabs.setCurrentIndex(DUPLICATES)
    qtbot.waitUntil(lambda: panel.duplicates.found.result is not None)
    assert text(panel, "data_duplicates_verdict") == "1 test image is among the training images."
    assert text(panel, "data_duplicates_across") == "1"
    view = panel.duplicates.list
    assert view.model().rowCount() == 1
    assert view.row(0).title == "Training 3 = Test 5"
    assert view.row(0).warns
    with qtbot.waitSignal(panel.images_chosen) as chosen:
        place = view.visualRect(view.model().index(0, 0)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [(3, 69)]
    with qtbot.waitSignal(panel.images_chosen) as chosen:
        qtbot.mouseClick(panel.duplicates.all, Qt.MouseButton.LeftButton)
    assert chosen.args == [(3, 69)]


def test_that_remarks_and_skipped_files_are_counted_listed_and_copied(qtbot: QtBot, panel: FactsPanel) -> None:
    assert panel.tabs.tabText(ABOUT) == "About (5)"
    panel.tabs.setCurrentIndex(ABOUT)
    assert text(panel, "data_remarks") == "• Colours became grey.\n• A part was drawn."
    assert text(panel, "data_skipped_title") == "3 files were left out"
    assert "a/1.png: damaged" in panel.about.skipped.toPlainText()
    qtbot.mouseClick(panel.about.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().count("damaged") == 3
    qtbot.mouseClick(panel.about.fingerprint.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "0" * 64


def test_that_everything_follows_another_data_set(
    qtbot: QtBot, panel: FactsPanel, session: Session, engine: FakeEngine
) -> None:
    panel.tabs.setCurrentIndex(CLASSES)
    qtbot.waitUntil(lambda: len(panel.classes.list.rows) == 10)
    letters = replace(
        digits(30, 6), classes=tuple("abcdefghijk"), title="Letters", fingerprint="2" * 64, remarks=(), skipped=()
    )
    engine.dataset = letters
    session.load_dataset(DatasetSpec())
    qtbot.waitUntil(lambda: len(panel.classes.list.rows) == 11)
    panel.tabs.setCurrentIndex(ABOUT)
    assert text(panel, "data_title") == "Letters"
    assert panel.tabs.tabText(ABOUT) == "About"
    assert not panel.about.skipped.isVisible()


def test_that_a_class_without_training_images_says_so(qtbot: QtBot, panel: FactsPanel, engine: FakeEngine) -> None:
    engine.dataset = replace(digits(), classes=(*"0123456789", "none"), fingerprint="3" * 64)
    panel.tabs.setCurrentIndex(CLASSES)
    panel.classes._session.load_dataset(DatasetSpec())
    view = panel.classes.list
    qtbot.waitUntil(lambda: len(view.rows) == 11 and panel.classes.moments.result is not None)
    view.setCurrentIndex(view.model().index(10, 0))
    assert panel.classes.pictures.values.text() == "Class none has no training images"


def test_that_the_panel_stands_empty_before_there_is_a_data_set(qtbot: QtBot) -> None:
    session = Session(FakeEngine().services(), preset("mnist-simple").architecture)
    panel = FactsPanel(session)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    for tab in range(4):
        panel.tabs.setCurrentIndex(tab)
    assert panel.input.parts.parts == ()
    session.shut_down()
