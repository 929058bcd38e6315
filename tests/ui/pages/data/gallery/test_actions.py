"""What the Data page does with one image: inspect it, pin it, copy and save it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.data.split import split_again
from cnn_explorer.ui.pages.data.page import DataPage
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import digits
from tests.ui.pages.data.driver import CONTROL, LEFT, child, choose, click


@pytest.fixture
def page(data_page: DataPage) -> DataPage:
    """Of the pages, the Data page is meant here."""
    return data_page


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
