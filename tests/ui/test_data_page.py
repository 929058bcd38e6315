"""The Data page: the gallery follows data set and split, is filtered and checked, and leads on to Inspect and Train."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from fakes import FakeEngine, digits
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model_info import Judgement
from cnn_explorer.core.presets import preset
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import split_again
from cnn_explorer.ui.pages.data import DataPage
from cnn_explorer.ui.pages.data_state import Filter
from cnn_explorer.ui.services import OpenModel
from cnn_explorer.ui.session import Session

MODEL = Path("runs/1-mnist-simple/model.h5")
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


def make(qtbot: QtBot, session: Session) -> DataPage:
    page = DataPage(session)
    qtbot.addWidget(page)
    page.resize(1190, 660)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    return page


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> Iterator[DataPage]:
    """The page with 64 training and 20 test images of digits."""
    page = make(qtbot, session)
    qtbot.waitUntil(lambda: page.gallery.grid.count == 84)
    yield page
    qtbot.waitUntil(lambda: not (session.measures.busy or session.thumbnails.busy))


@pytest.fixture
def checked(qtbot: QtBot, page: DataPage, session: Session) -> DataPage:
    """The page after the fake model was asked about all images: every third one of a part is wrong."""
    session.model_ready.emit(MODEL)
    click(qtbot, page, "gallery_check")
    qtbot.waitUntil(lambda: not page.gallery.check.running)
    return page


def child(page: DataPage, name: str) -> QWidget:
    found = page.findChild(QWidget, name)
    assert isinstance(found, QWidget), name
    return found


def click(qtbot: QtBot, page: DataPage, name: str) -> None:
    qtbot.mouseClick(child(page, name), LEFT)


def choose(qtbot: QtBot, page: DataPage, number: int) -> None:
    grid = page.gallery.grid
    grid.choose(number)  # so that it is in sight
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.rectangle(number).center())


def told(session: Session) -> list[str]:
    said: list[str] = []
    session.message.connect(lambda _level, text, *_: said.append(text))
    return said


# What is shown


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
    page = make(qtbot, session)
    # The first stratified split of a process imports much of scikit-learn.
    qtbot.waitUntil(lambda: page.gallery.grid.count == 84, timeout=30_000)
    assert any("split" in text for text in said)
    qtbot.waitUntil(lambda: not (session.measures.busy or session.thumbnails.busy))


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
    page = make(qtbot, session)
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

    def judged(self, model: OpenModel, dataset: Dataset, split: str, watch: Watch) -> Judgement:
        if split == "train":
            done = 0
            while True:
                done += 1
                watch("Judging 64 images", min(done, 63), 64)
        return super().judged(model, dataset, split, watch)


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


@pytest.mark.parametrize("split", ["official", "shuffled"])
def test_that_inspect_gets_exactly_this_image(qtbot: QtBot, page: DataPage, session: Session, split: str) -> None:
    gallery = page.gallery
    session.config = msgspec.structs.replace(session.config, split=split, split_seed=4)
    expected = split_again(digits(), split, 4)
    text = f"Test image 2 · class {expected.test_labels[2]}"
    qtbot.waitUntil(lambda: gallery.grid.describe(66).sentence.startswith(text))
    asked: list[tuple[str, int]] = []
    pages: list[str] = []
    session.image_requested.connect(lambda part, index: asked.append((part, index)))
    session.page_requested.connect(pages.append)
    choose(qtbot, page, 66)
    click(qtbot, page, "gallery_inspect")
    qtbot.keyClick(gallery.grid, Qt.Key.Key_Return)
    qtbot.mouseDClick(gallery.grid.viewport(), LEFT, pos=gallery.grid.rectangle(66).center())
    assert pages == ["inspect"] * 3
    assert len(set(asked)) == 1
    part, index = asked[0]
    assert np.array_equal(digits().part(part)[0][index], expected.test_images[2])


def test_that_a_test_image_is_pinned_for_the_film(qtbot: QtBot, page: DataPage, session: Session) -> None:
    choose(qtbot, page, 64 + 9)
    click(qtbot, page, "gallery_pin")
    assert session.config.probe_index == 9
    assert page.gallery.grid.pinned == 73
    assert page.gallery.facts.text().endswith(", pinned for the film")
    choose(qtbot, page, 64 + 4)
    qtbot.keyClick(page.gallery.grid, Qt.Key.Key_P)
    assert session.config.probe_index == 4
    assert page.gallery.grid.pinned == 68


def test_that_a_training_image_cannot_be_pinned(qtbot: QtBot, page: DataPage, session: Session) -> None:
    before = session.config
    choose(qtbot, page, 9)
    assert not child(page, "gallery_pin").isEnabled()
    assert "test images" in child(page, "gallery_pin").toolTip()
    qtbot.keyClick(page.gallery.grid, Qt.Key.Key_P)
    assert session.config is before


def test_that_an_image_is_copied_as_it_is(qtbot: QtBot, page: DataPage) -> None:
    choose(qtbot, page, 12)
    qtbot.keyClick(page.gallery.grid, Qt.Key.Key_C, CONTROL)
    picture = QGuiApplication.clipboard().image()
    assert (picture.width(), picture.height()) == (28, 28)
    assert picture.pixelColor(0, 0).red() == 12


def test_that_an_image_is_saved_in_any_scale(
    qtbot: QtBot, page: DataPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed: list[str] = []

    def ask(_parent: QWidget, _title: str, name: str, _kind: str) -> tuple[str, str]:
        proposed.append(Path(name).name)
        return str(tmp_path / "digit"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    choose(qtbot, page, 12)
    save = page.gallery.save
    save.scale.setValue(3)
    assert save.pixels.text() == "84×84 pixels"
    qtbot.mouseClick(save.write, LEFT)
    picture = QImage(str(tmp_path / "digit.png"))
    assert (picture.width(), picture.height()) == (84, 84)
    assert picture.pixelColor(2, 2).red() == 12
    assert picture.pixelColor(3, 3).red() == 0
    assert proposed == [f"mnist_train-12_{digits().labels[12]}_3x.png"]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_that_the_context_menu_has_all_of_it(qtbot: QtBot, page: DataPage) -> None:
    page.gallery.grid.choose(70)
    page.gallery.grid.menu_wanted.emit(70, page.mapToGlobal(QPoint(300, 300)))
    menu = page.gallery.findChild(QMenu, "gallery_menu")
    names = [action.objectName() for action in menu.actions()]
    assert names == [f"gallery_action_{name}" for name in ("inspect", "pin", "copy", "save")]
    assert all(action.isEnabled() for action in menu.actions())
    menu.close()


def test_that_nothing_is_offered_before_an_image_is_chosen(page: DataPage) -> None:
    for name in ("gallery_inspect", "gallery_pin", "gallery_save"):
        assert not child(page, name).isEnabled()
    actions = page.gallery.grid.actions()
    assert actions
    assert not any(action.isEnabled() for action in actions if isinstance(action, QAction))


def test_that_the_line_below_tells_of_the_image_that_its_buttons_are_for(qtbot: QtBot, page: DataPage) -> None:
    gallery = page.gallery
    qtbot.mouseMove(gallery.grid.viewport(), gallery.grid.rectangle(5).center())
    assert gallery.facts.text().startswith("Training image 5 ")
    choose(qtbot, page, 2)
    qtbot.mouseMove(gallery.grid.viewport(), gallery.grid.rectangle(5).center())
    assert gallery.facts.text().startswith("Training image 2 ")


def test_that_the_cross_of_the_index_field_goes_with_what_it_clears(qtbot: QtBot, page: DataPage) -> None:
    indices = page.gallery.filter.indices
    cross = indices.findChild(QToolButton)
    assert cross is not None
    qtbot.keyClicks(indices, "500-600")
    qtbot.keyClick(indices, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cross.property("opacity") == 1.0)
    click(qtbot, page, "gallery_show_all")
    assert indices.text() == ""
    assert page.gallery.filter.filter.indices == ""
    qtbot.waitUntil(lambda: cross.property("opacity") == 0.0)


def test_that_ctrl_plus_is_the_gallerys_while_it_has_the_keys(qtbot: QtBot, page: DataPage) -> None:
    grid = page.gallery.grid
    slider = page.gallery.findChild(QWidget, "gallery_zoom")
    before = slider.value()
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Plus, CONTROL)
    assert grid.zoom == slider.value() == before + 1
    slider.setValue(0)
    assert grid.zoom == 0


def test_that_every_control_of_the_gallery_has_a_name_a_tooltip_and_words(checked: DataPage) -> None:
    names = (
        "gallery_part_all", "gallery_classes", "gallery_indices", "gallery_verdict_right", "gallery_confidence_from",
        "gallery_confidence_to", "gallery_order", "gallery_zoom", "gallery_check", "gallery_inspect", "gallery_pin",
        "gallery_save", "gallery_save_scale", "gallery_save_png", "gallery_copy", "gallery_show_all",
    )  # fmt: skip
    for name in names:
        control = child(checked, name)
        assert control.toolTip(), name
        assert control.accessibleName() or control.text(), name
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, name
