"""Grids of many maps: columns, scrolling, zooming, the chosen map in view; two grids linked."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.maps.arrangement import AUTOMATIC
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.ui.maps.image_grid import ImageGrid
from cnn_explorer.ui.maps.picture_with_bar import PictureWithBar
from cnn_explorer.ui.maps.pixel_view import View

MANY = np.random.default_rng(5).random((7, 7, 2048)).astype(np.float32)
AUTO = MapStyle(AUTOMATIC)


@pytest.fixture
def picture(qtbot: QtBot) -> PictureWithBar:
    """2,048 maps of 7×7 with their scroll bars, in 900×300 pixels."""
    picture = PictureWithBar(ImageGrid())
    qtbot.addWidget(picture)
    picture.resize(900, 300)
    with qtbot.waitExposed(picture):
        picture.show()
    grid_of(picture).show_maps(MANY, AUTO)
    return picture


def grid_of(picture: PictureWithBar) -> ImageGrid:
    assert isinstance(picture.view, ImageGrid)
    return picture.view


def turn_wheel(widget: QWidget, steps: int, control: bool = False, place: QPointF | None = None) -> None:
    place = place or QPointF(widget.rect().center())
    held = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton, held,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def side(grid: ImageGrid) -> float:
    """Of a map on the screen, in pixels."""
    return 7 * grid.node_size


def test_that_2048_maps_have_a_size_to_be_seen_and_begin_at_the_upper_end(picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    assert grid.scrolls_at_first
    assert side(grid) >= 48
    assert grid.map_rectangle(0).top() == pytest.approx(0, abs=0.01)
    assert grid.layout_ is not None
    assert grid.choice.columns == grid.layout_.columns > 8
    assert (picture.down.isVisible(), picture.across.isVisible()) == (True, False)


def test_that_the_wheel_scrolls_and_the_bar_shows_where_one_is(picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    before = side(grid)
    turn_wheel(grid, -3)
    assert side(grid) == before
    assert -grid.map_rectangle(0).top() == pytest.approx(picture.down.value(), abs=1)
    assert picture.down.value() == pytest.approx(3 * 60, abs=1)
    turn_wheel(grid, 99)
    assert picture.down.value() == 0
    picture.down.setValue(picture.down.maximum())
    assert grid.map_rectangle(2047).bottom() == pytest.approx(grid.height(), abs=1)


def test_that_control_and_the_wheel_zoom_around_the_cursor(picture: PictureWithBar) -> None:
    grid, place = grid_of(picture), QPointF(300, 120)
    held = grid.to_picture(place)
    turn_wheel(grid, 2, control=True, place=place)
    assert side(grid) > 60
    after = grid.to_picture(place)
    assert (after.x(), after.y()) == pytest.approx((held.x(), held.y()))
    assert picture.across.isVisible()
    picture.across.setValue(40)
    assert grid.offset().x() == pytest.approx(40)


def test_that_one_can_zoom_out_to_all_maps_and_go_back(qtbot: QtBot, picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    first = side(grid)
    for _ in range(20):
        qtbot.keyClick(grid, Qt.Key.Key_Minus)
    assert grid.whole_size().height() <= grid.height() + 0.01
    assert not picture.down.isVisible()
    qtbot.keyClick(grid, Qt.Key.Key_0)
    assert side(grid) == first
    assert grid.map_rectangle(0).top() == pytest.approx(0, abs=0.01)


def test_that_the_keys_keep_the_chosen_map_in_view(qtbot: QtBot, picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    for _ in range(12):  # the first one chooses map 0
        qtbot.keyClick(grid, Qt.Key.Key_Down)
    number = 11 * grid.choice.columns
    assert grid.chosen == number
    assert grid.rect().contains(grid.map_rectangle(number).center().toPoint())
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.chosen == 2047
    assert grid.map_rectangle(2047).bottom() == pytest.approx(grid.height(), abs=1)
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert grid.chosen == 0
    assert grid.map_rectangle(0).top() == pytest.approx(0, abs=1)


def test_that_columns_follow_the_room_and_the_upper_end_stays(qtbot: QtBot, picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    before = grid.choice.columns
    picture.resize(500, 300)
    qtbot.waitUntil(lambda: grid.choice.columns <= before // 2 + 1)
    assert side(grid) >= 48
    assert grid.map_rectangle(0).top() == pytest.approx(0, abs=0.01)
    picture.resize(500, 500)
    qtbot.waitUntil(lambda: grid.height() == 500)
    assert grid.map_rectangle(0).top() == pytest.approx(0, abs=0.01)


def test_that_dragging_scrolls(qtbot: QtBot, picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    with qtbot.assertNotEmitted(grid.map_clicked):
        qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=QPoint(100, 200))
        qtbot.mouseMove(grid, QPoint(100, 120))
        qtbot.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=QPoint(100, 120))
    assert picture.down.value() == 80


def test_that_another_image_leaves_the_place(picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    turn_wheel(grid, -4)
    before = grid.offset().y()
    grid.show_maps(MANY * 2, AUTO)
    assert grid.offset().y() == before > 0


def test_that_maps_in_another_order_keep_their_numbers(qtbot: QtBot, picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    grid.show_maps(MANY, AUTO, order=np.arange(2048)[::-1].copy())
    assert grid.numbers[:3] == (2047, 2046, 2045)
    assert grid.map_rectangle(2047).topLeft() == QPointF(0, 0)
    with qtbot.waitSignal(grid.map_hovered) as hovered:
        qtbot.mouseMove(grid, QPoint(int(1.5 * side(grid)), 5))
    assert hovered.args[0] == 2046
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.chosen == 2046


@pytest.mark.parametrize("order", [None, np.array([2, 0, 1])])
def test_that_the_picture_shows_each_map_at_its_place(picture: PictureWithBar, order: np.ndarray | None) -> None:
    grid = grid_of(picture)
    maps = np.zeros((1, 2, 3), np.float32)
    maps[0, :, 1] = [0, 1]  # dark, light
    maps[0, :, 2] = [1, 0]  # light, dark
    grid.show_maps(maps, MapStyle(3), order=order)
    assert grid.image is not None
    light = [grid.image.pixelColor(x, 0).lightness() > 100 for x in range(6)]
    one, two = [False, True], [True, False]
    assert light == ([False, False, *one, *two] if order is None else [*two, False, False, *one])


def test_that_linked_grids_show_the_same_part(qtbot: QtBot, picture: PictureWithBar) -> None:
    other = ImageGrid()
    qtbot.addWidget(other)
    other.resize(grid_of(picture).size())
    other.show_maps(MANY, AUTO)
    grid = grid_of(picture)
    grid.view_changed.connect(lambda: other.set_view(grid.view))
    with qtbot.assertNotEmitted(other.view_changed):
        turn_wheel(grid, 3, control=True)
        turn_wheel(grid, -2)
    assert other.view == grid.view
    assert other.view != View(1.0, 0.0, 0.0)


def test_that_a_mark_comes_into_view_and_waits_for_its_map(picture: PictureWithBar) -> None:
    grid = grid_of(picture)
    grid.mark((6, 6, 2047))
    assert grid.marked == (6, 6, 2047)
    assert picture.down.value() == picture.down.maximum()
    grid.mark((9, 9, 3))
    assert grid.marked is None
    grid.show_maps(np.ones((10, 10, 4), np.float32), AUTO)
    assert grid.marked == (9, 9, 3)
