"""The grid of maps, the enlarged map and the vector: what is painted, and what mouse and keys do."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.maps.imaging import colorize, scale_maps
from cnn_explorer.core.maps.rows import map_rows
from cnn_explorer.core.maps.statistics import map_statistics
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.text.legend import legend
from cnn_explorer.ui.maps.image_grid import ImageGrid
from cnn_explorer.ui.maps.pixel_view import colored, photo
from cnn_explorer.ui.pages.inspect.maps.map_detail import EnlargedMap, MapDetail
from cnn_explorer.ui.pages.inspect.maps.vector_view import VectorView
from cnn_explorer.ui.theme import theme

MAPS = np.random.default_rng(3).random((5, 4, 10)).astype(np.float32)
NO_LINES = MapStyle(columns=4, lines=False)


@pytest.fixture
def grid(qtbot: QtBot) -> ImageGrid:
    """Ten maps of 5×4 nodes, four a row: 15×16 nodes, each of them 20×20 pixels on the screen."""
    grid = ImageGrid()
    show(qtbot, grid, 320, 300)
    return grid


def show(qtbot: QtBot, widget: QWidget, width: int, height: int) -> None:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()


def color_at(widget: QWidget, x: float, y: float) -> tuple[int, int, int]:
    color = widget.grab().toImage().pixelColor(int(x), int(y))
    return color.red(), color.green(), color.blue()


def turn_wheel(widget: QWidget, place: QPointF, steps: int) -> None:
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_that_pictures_have_the_colours_of_the_files() -> None:
    scaled = np.linspace(0, 1, 1000, dtype=np.float32).reshape(20, 50)
    picture = colored(scaled, colormap("magma"))
    wanted = colorize(scaled, colormap("magma"))
    for row, column in ((0, 0), (3, 7), (11, 30), (19, 49)):
        assert picture.pixelColor(column, row) == QColor(*wanted[row, column].tolist())


def test_that_a_colour_photo_keeps_its_channels_and_a_grey_one_is_grey() -> None:
    red = np.zeros((2, 3, 3), np.uint8)
    red[0, 1] = (255, 128, 0)
    assert photo(red, 0, 255).pixelColor(1, 0) == QColor(255, 128, 0)
    grey = np.array([[-1.0, 1.0, 0.0]], np.float32)[..., np.newaxis]
    assert [photo(grey, -1, 1).pixelColor(x, 0).red() for x in range(3)] == [0, 255, 128]


def test_that_every_node_is_a_square_of_its_own_colour(grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    wanted = colorize(scale_maps(MAPS, "map")[..., 6], colormap("viridis"))
    place = grid.map_rectangle(6)  # second row, third column
    assert (place.left(), place.top(), place.width(), place.height()) == (160, 100, 80, 100)
    for row in range(5):
        for column in range(4):
            x, y = place.left() + 20 * column, place.top() + 20 * row
            expected = tuple(wanted[row, column].tolist())
            assert color_at(grid, x + 1, y + 1) == color_at(grid, x + 18, y + 18) == expected


def test_that_cells_without_a_map_show_nothing_and_say_nothing(qtbot: QtBot, grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    assert color_at(grid, 280, 250) == theme().color("surface").getRgb()[:3]
    with qtbot.assertNotEmitted(grid.map_hovered):
        qtbot.mouseMove(grid, QPoint(280, 250))
    with qtbot.assertNotEmitted(grid.map_clicked):
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(280, 250))


def test_that_lines_stand_between_maps_and_can_be_taken_away(grid: ImageGrid) -> None:
    surface = theme().color("surface").getRgb()[:3]
    grid.show_maps(MAPS, MapStyle(columns=4, lines=True))
    assert color_at(grid, 80, 50) == surface
    grid.show_maps(MAPS, NO_LINES)
    assert color_at(grid, 80, 50) != surface


def test_that_the_mouse_tells_map_row_and_column(qtbot: QtBot, grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    with qtbot.waitSignal(grid.map_hovered) as hovered:
        qtbot.mouseMove(grid, QPoint(160 + 20 * 3 + 10, 100 + 20 * 4 + 10))
    assert hovered.args == [6, 4, 3]
    with qtbot.waitSignal(grid.map_clicked) as clicked:
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(85, 205))
    assert clicked.args == [9]


def test_that_the_wheel_zooms_around_the_cursor_and_fit_goes_back(qtbot: QtBot, grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    place = QPointF(90, 110)
    node = grid.to_picture(place)
    with qtbot.waitSignal(grid.zoomed) as zoomed:
        turn_wheel(grid, place, 3)
    assert zoomed.args == [True]
    assert grid.node_size > 25
    after = grid.to_picture(place)
    assert (after.x(), after.y()) == pytest.approx((node.x(), node.y()))
    with qtbot.waitSignal(grid.zoomed) as fitted:
        grid.fit()
    assert fitted.args == [False]
    assert grid.node_size == 20


def test_that_one_cannot_zoom_out_of_the_picture_or_into_a_node(grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    turn_wheel(grid, QPointF(10, 10), -5)
    assert grid.node_size == 20
    turn_wheel(grid, QPointF(10, 10), 50)
    assert grid.node_size == pytest.approx(96)
    corner = grid.to_picture(QPointF(0, 0))
    assert corner.x() >= 0
    assert corner.y() >= 0


def test_that_dragging_moves_a_zoomed_grid_and_does_not_click(qtbot: QtBot, grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    turn_wheel(grid, QPointF(160, 150), 5)
    held = grid.to_picture(QPointF(160, 150))
    with qtbot.assertNotEmitted(grid.map_clicked):
        qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=QPoint(160, 150))
        qtbot.mouseMove(grid, QPoint(190, 170))
        qtbot.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=QPoint(190, 170))
    moved = grid.to_picture(QPointF(190, 170))
    assert (moved.x(), moved.y()) == pytest.approx((held.x(), held.y()))


def test_that_plus_minus_and_zero_zoom_by_keyboard(qtbot: QtBot, grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    qtbot.keyClick(grid, Qt.Key.Key_Plus)
    qtbot.keyClick(grid, Qt.Key.Key_Plus)
    assert grid.node_size == pytest.approx(20 * 1.25**2)
    qtbot.keyClick(grid, Qt.Key.Key_Minus)
    assert grid.node_size == pytest.approx(25)
    qtbot.keyClick(grid, Qt.Key.Key_0)
    assert grid.node_size == 20


def test_that_the_zoom_stays_over_images_and_goes_with_another_layout(grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    turn_wheel(grid, QPointF(160, 150), 5)
    zoomed = grid.node_size
    grid.show_maps(MAPS * 2, NO_LINES)
    assert grid.node_size == zoomed
    grid.show_maps(MAPS, MapStyle(columns=5))
    assert grid.node_size == min(320 / 20, 300 / 10)


def test_that_arrows_walk_over_the_maps_and_stop_at_the_edges(qtbot: QtBot, grid: ImageGrid) -> None:
    grid.show_maps(MAPS, NO_LINES)
    walked: list[int] = []
    grid.map_chosen.connect(walked.append)
    keys = (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up)
    for key in keys:
        qtbot.keyClick(grid, key)
    assert walked == [0, 1, 5, 4, 0]  # the second Up would leave the grid
    with qtbot.waitSignal(grid.map_entered) as entered:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert entered.args == [0]


def test_that_a_map_that_is_zero_is_marked_and_others_are_not(grid: ImageGrid) -> None:
    maps = MAPS.copy()
    maps[..., 1] = 0
    grid.show_maps(maps, NO_LINES)
    picture = grid.grab().toImage()
    place = grid.map_rectangle(1).toRect()
    left, top, right, bottom = place.getCoords()
    colors = {picture.pixel(x, y) for x in range(left, right) for y in range(top, bottom)}
    assert len(colors) > 1
    assert grid.quiet.zero == (1,)


def test_that_an_enlarged_map_tells_its_figures_and_shows_numbers_where_they_fit(qtbot: QtBot) -> None:
    detail = MapDetail()
    show(qtbot, detail, 400, 400)
    values = np.array([[1.0, -2.0], [4.0, 0.5]], np.float32)
    maps = values[..., np.newaxis]
    words, figures = legend(values, "map", False, many=False), map_statistics(maps).of(0)
    detail.show_map(EnlargedMap(7, values, map_rows(maps, "map")[..., 0], "viridis", words, "", figures))
    assert detail.title.text() == "Map 7"
    deviation = np.std([1.0, -2.0, 4.0, 0.5])
    assert detail.figures == {
        "min": "−2.0000", "mean": "0.8750", "max": "4.0000", "σ": f"{deviation:.4f}", "zeros": "0 %",
    }  # fmt: skip
    assert detail.picture.bar.legend.high == "4.0000"
    nodes = detail.view.grab().toImage()
    half = int(detail.view.node_size)
    colors = {nodes.pixel(x, y) for x in range(2, half - 2) for y in range(2, half - 2)}
    assert len(colors) > 1, "the number 1.00 is not painted"


def test_that_a_short_vector_is_bars_and_tells_the_value_under_the_cursor(qtbot: QtBot) -> None:
    view = VectorView()
    show(qtbot, view, 500, 300)
    view.show_vector(np.linspace(-1, 1, 70, dtype=np.float32), (), MapStyle())
    assert view.shows_bars
    with qtbot.waitSignal(view.value_hovered) as hovered:
        qtbot.mouseMove(view.bars, view.bars.bar_area(42).center().toPoint())
    assert hovered.args == [42]


def test_that_bars_grow_from_zero_upwards_and_downwards(qtbot: QtBot) -> None:
    view = VectorView()
    show(qtbot, view, 400, 300)
    view.show_vector(np.array([1.0, -1.0], np.float32), ("up", "down"), MapStyle())
    picture = view.bars.grab().toImage()
    for index, above in ((0, True), (1, False)):
        area = view.bars.bar_area(index)
        x = int(area.center().x())
        upper = picture.pixel(x, int(area.top() + area.height() / 4))
        lower = picture.pixel(x, int(area.top() + area.height() * 3 / 4))
        background = picture.pixel(int(area.left() + 2), int(area.top() + area.height() / 4))
        assert (upper != background) is above
        assert (lower != background) is not above


def test_that_a_long_vector_is_a_strip_and_tells_the_value_under_the_cursor(qtbot: QtBot) -> None:
    view = VectorView()
    show(qtbot, view, 600, 400)
    view.show_vector(np.arange(576, dtype=np.float32), (), MapStyle())
    assert not view.shows_bars
    place = view.strip.screen_rectangle(2, 5, 3, 6).center().toPoint()  # 32 values a row
    with qtbot.waitSignal(view.value_hovered) as hovered:
        qtbot.mouseMove(view.strip, place)
    assert hovered.args == [2 * 32 + 5]


def test_that_the_cells_behind_the_last_value_of_a_strip_are_empty(qtbot: QtBot) -> None:
    view = VectorView()
    show(qtbot, view, 600, 400)
    view.show_vector(np.ones(257, np.float32), (), MapStyle())  # 23 values a row, 4 in the last of 12
    behind = view.strip.screen_rectangle(11, 6, 12, 7).center()
    assert color_at(view.strip, behind.x(), behind.y()) == theme().color("surface").getRgb()[:3]
    with qtbot.assertNotEmitted(view.value_hovered):
        qtbot.mouseMove(view.strip, behind.toPoint())
