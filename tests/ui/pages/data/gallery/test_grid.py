"""The gallery's tiles: blocks of thumbnails from another thread, painted where they belong, under mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.data.gallery import blocks as gallery_blocks
from cnn_explorer.ui.pages.data.gallery.blocks import block_length, compose, picture_of
from cnn_explorer.ui.pages.data.gallery.grid import GalleryGrid
from cnn_explorer.ui.pages.data.gallery.plane import Tile
from cnn_explorer.ui.session.jobs import JobRunner

COUNT = 5000
CONTROL = Qt.KeyboardModifier.ControlModifier


def gray(count: int = COUNT, side: int = 28) -> NDArray[np.uint8]:
    """Image i is grey of the value i modulo 251, its first pixel white."""
    images = np.empty((count, side, side, 1), np.uint8)
    images[:] = (np.arange(count) % 251)[:, None, None, None]
    images[:, 0, 0] = 255
    return images


def describe(number: int) -> Tile:
    return Tile(f"{number % 10}", f"{number % 10}", f"image {number}")


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner("thumbnails")
    yield runner
    runner.shut_down()


@pytest.fixture
def grid(qtbot: QtBot, runner: JobRunner) -> GalleryGrid:
    """5,000 grey images in a window of 640 × 480 points."""
    grid = GalleryGrid(runner)
    qtbot.addWidget(grid)
    grid.resize(640, 480)
    with qtbot.waitActive(grid):
        grid.show()
        grid.activateWindow()
    grid.set_images(gray(), np.arange(COUNT), describe)
    grid.setFocus()
    settle(qtbot, grid)
    return grid


def settle(qtbot: QtBot, grid: GalleryGrid) -> None:
    """Wait until everything in sight has been composed."""
    grid.viewport().repaint()
    qtbot.waitUntil(lambda: grid.store.idle)
    grid.viewport().repaint()


def middle(grid: GalleryGrid, number: int) -> QPoint:
    return grid.rectangle(number).center()


def value_at(grid: GalleryGrid, number: int) -> int:
    """The grey that is painted in the middle of a tile."""
    picture = grid.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    point = middle(grid, number) * ratio
    return picture.pixelColor(point).red()


# Blocks


@pytest.mark.parametrize("count", [1, 2, 7, 256])
def test_that_each_thumbnail_of_a_block_is_its_image_to_the_pixel(count: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (count, 9, 5, 3), np.uint8)
    block = compose(images, (5, 9))
    for number in range(count):
        part = block.picture.copy(block.source(number))
        assert part.size() == QSize(5, 9)
        for row, column in ((0, 0), (8, 4), (4, 2)):
            color = part.pixelColor(column, row)
            assert [color.red(), color.green(), color.blue()] == images[number, row, column].tolist()


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_that_other_numbers_of_channels_show_the_first_in_grey(channels: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, (6, 4, channels), np.uint8)
    color = picture_of(image).pixelColor(2, 3)
    assert color.red() == color.green() == color.blue() == image[3, 2, 0]


def test_that_large_images_are_averaged_when_they_are_made_smaller() -> None:
    images = np.zeros((3, 100, 100, 3), np.uint8)
    images[1, ::2] = 200  # lines that nearest neighbours would show as all or nothing
    images[2] = 255
    block = compose(images, (25, 25))
    reds = [block.picture.copy(block.source(number)).pixelColor(12, 12).red() for number in range(3)]
    assert reds[0] == 0
    assert abs(reds[1] - 100) < 8
    assert reds[2] == 255


def test_that_blocks_of_large_images_hold_few() -> None:
    assert block_length((28, 28, 1), (28, 28)) == 256
    assert block_length((1000, 1000, 3), (128, 128)) == 1
    assert block_length((100, 100, 3), (64, 64)) * 30_000 <= 2**20


# Painting and scrolling


def test_that_every_tile_in_sight_shows_its_own_image(qtbot: QtBot, grid: GalleryGrid) -> None:
    for place in (0, 3000, grid.verticalScrollBar().maximum()):
        grid.verticalScrollBar().setValue(place)
        settle(qtbot, grid)
        seen = grid.visible()
        for number in (seen.start + grid.layout_.columns, seen.start + grid.layout_.columns + 3):
            assert value_at(grid, number) == number % 251


def test_that_pixels_stay_squares_of_one_size(qtbot: QtBot, grid: GalleryGrid) -> None:
    scale = grid.layout_.size.scale
    picture = grid.viewport().grab().toImage()
    place = grid.rectangle(10).topLeft()
    inside = picture.pixelColor(place + QPoint(scale - 1, scale - 1))
    outside = picture.pixelColor(place + QPoint(scale, 0))
    assert scale > 1
    assert inside.red() == 255
    assert outside.red() == 10


def test_that_what_is_scrolled_past_is_not_composed(
    qtbot: QtBot, grid: GalleryGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[int] = []
    compose = gallery_blocks.compose

    def note(images: NDArray[np.uint8], size: tuple[int, int]) -> gallery_blocks.Block:
        composed.append(int(images[0, 1, 1, 0]))
        return compose(images, size)

    monkeypatch.setattr(gallery_blocks, "compose", note)
    grid.set_images(gray(60_000), np.arange(60_000), describe)
    bar = grid.verticalScrollBar()
    for value in range(0, bar.maximum() + 1, bar.maximum() // 60):
        bar.setValue(value)
        grid.viewport().repaint()
    settle(qtbot, grid)
    assert len(composed) < 60_000 // 256
    last = grid.visible().stop - grid.layout_.columns
    assert value_at(grid, last) == last % 251


def test_that_only_so_much_is_kept(qtbot: QtBot, grid: GalleryGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_blocks, "CACHE_BYTES", 3 * 2**20)
    for value in range(0, grid.verticalScrollBar().maximum(), 400):
        grid.verticalScrollBar().setValue(value)
        settle(qtbot, grid)
    assert 0 < grid.store.bytes <= 3 * 2**20


def test_that_images_that_cannot_be_read_are_reported_once(qtbot: QtBot, runner: JobRunner) -> None:
    class Gone(np.ndarray):
        def __getitem__(self, key: object) -> NDArray[np.uint8]:
            raise OSError("the disk is gone")

    grid = GalleryGrid(runner)
    qtbot.addWidget(grid)
    grid.resize(300, 200)
    told: list[object] = []
    runner.failed.connect(told.append)
    with qtbot.waitExposed(grid):
        grid.show()
    grid.set_images(gray(20).view(Gone), np.arange(20), describe)
    for _ in range(3):
        settle(qtbot, grid)
    assert len(told) == 1
    grid.set_images(gray(20), np.arange(20), describe)
    settle(qtbot, grid)
    assert value_at(grid, 7) == 7


def test_that_a_scroll_bar_leads_to_the_last_of_very_many(qtbot: QtBot, grid: GalleryGrid) -> None:
    places = np.arange(1_000_000) % COUNT
    grid.set_images(gray(), places, describe)
    grid.set_zoom(len(grid.sizes) - 1)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    assert grid.visible().stop == 1_000_000


# Zoom


def test_that_the_zoom_has_keys_a_wheel_and_ends(qtbot: QtBot, grid: GalleryGrid) -> None:
    begun = grid.zoom
    qtbot.keyClick(grid, Qt.Key.Key_Plus, CONTROL)
    assert grid.zoom == begun + 1
    qtbot.keyClick(grid, Qt.Key.Key_Minus, CONTROL)
    assert grid.zoom == begun
    for _ in range(20):
        qtbot.keyClick(grid, Qt.Key.Key_Minus, CONTROL)
    assert grid.zoom == 0
    point = QPointF(200, 200)
    wheel = QWheelEvent(
        point, grid.viewport().mapToGlobal(point), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, CONTROL,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(grid.viewport(), wheel)
    assert grid.zoom == 2


def test_that_zooming_keeps_the_current_image_in_sight(qtbot: QtBot, grid: GalleryGrid) -> None:
    grid.choose(2500)
    place = middle(grid, 2500)
    for key in (*(3 * [Qt.Key.Key_Minus]), *(12 * [Qt.Key.Key_Plus]), *(5 * [Qt.Key.Key_Minus])):
        qtbot.keyClick(grid, key, CONTROL)
        assert 2500 in grid.visible()
    assert abs(middle(grid, 2500).y() - place.y()) < grid.layout_.step[1]


def test_that_zooming_keeps_the_image_in_the_middle(qtbot: QtBot, grid: GalleryGrid) -> None:
    bar, centre = grid.verticalScrollBar(), grid.viewport().rect().center()
    bar.setValue(bar.maximum() // 2)
    number, _share = grid.layout_.nearest(centre.x(), centre.y() + bar.value())
    grid.set_zoom(len(grid.sizes) - 1)
    assert number in grid.visible()


def test_that_another_size_of_image_keeps_the_size_of_the_tiles(qtbot: QtBot, grid: GalleryGrid) -> None:
    grid.set_zoom(2)
    side = grid.layout_.size.side
    grid.set_images(gray(50, 100), np.arange(50), describe)
    assert abs(grid.layout_.size.side - side) <= 32
    settle(qtbot, grid)
    assert value_at(grid, 9) == 9


# Hands


def test_that_the_arrows_go_from_image_to_image(qtbot: QtBot, grid: GalleryGrid) -> None:
    columns = grid.layout_.columns
    keys = {
        Qt.Key.Key_Right: 0, Qt.Key.Key_Down: columns, Qt.Key.Key_Left: columns - 1, Qt.Key.Key_Up: columns - 1,
        Qt.Key.Key_End: COUNT - 1, Qt.Key.Key_Home: 0,
    }  # fmt: skip
    for key, expected in keys.items():
        qtbot.keyClick(grid, key)
        assert grid.current == expected, key
    assert grid.current in grid.visible()


def test_that_page_keys_go_a_screen_on_and_stop_at_the_ends(qtbot: QtBot, grid: GalleryGrid) -> None:
    grid.choose(0)
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    page = grid.current
    assert page > 2 * grid.layout_.columns
    assert page % grid.layout_.columns == 0
    assert page in grid.visible()
    qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.current == 0
    qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.current == 0
    grid.choose(COUNT - 2)
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    assert grid.current == COUNT - 1
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.current == COUNT - 1


def test_that_a_click_chooses_and_a_double_click_or_return_opens(qtbot: QtBot, grid: GalleryGrid) -> None:
    opened: list[int] = []
    grid.opened.connect(opened.append)
    with qtbot.waitSignal(grid.current_changed) as caught:
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle(grid, 5))
    assert caught.args == [5]
    assert not opened
    qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=middle(grid, 6))
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert opened == [6, 6]


def test_that_a_click_beside_the_tiles_changes_nothing(qtbot: QtBot, grid: GalleryGrid) -> None:
    grid.choose(2)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert grid.current == 2


def test_that_the_cursor_tells_which_image_lies_under_it(qtbot: QtBot, grid: GalleryGrid) -> None:
    hovered: list[int] = []
    grid.hovered_changed.connect(hovered.append)
    qtbot.mouseMove(grid.viewport(), middle(grid, 3))
    qtbot.mouseMove(grid.viewport(), QPoint(1, 1))
    assert hovered == [3, -1]


def test_that_the_menu_opens_for_the_image_under_it_by_mouse_and_key(qtbot: QtBot, grid: GalleryGrid) -> None:
    asked: list[int] = []
    grid.menu_wanted.connect(lambda number, _point: asked.append(number))
    point = middle(grid, 8)
    mouse = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, grid.viewport().mapToGlobal(point))
    QApplication.sendEvent(grid.viewport(), mouse)
    assert grid.current == 8
    grid.choose(2)
    QApplication.sendEvent(grid, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint()))
    assert asked == [8, 2]


def test_that_a_screen_reader_hears_the_current_image(qtbot: QtBot, grid: GalleryGrid) -> None:
    assert "no image" in grid.accessibleName()
    grid.choose(17)
    assert grid.accessibleName().endswith("image 17")


def test_that_who_comes_by_tab_sees_where_the_arrows_begin(qtbot: QtBot, grid: GalleryGrid) -> None:
    grid.clearFocus()
    grid.setFocus(Qt.FocusReason.TabFocusReason)
    assert grid.current == 0


def test_that_wrong_and_pinned_images_are_marked(qtbot: QtBot, grid: GalleryGrid) -> None:
    def corner(number: int, right: bool) -> QImage:
        place = grid.rectangle(number)
        point = place.topRight() - QPoint(2, -1) if right else place.topLeft() + QPoint(4, 10)
        return grid.viewport().grab().toImage().pixelColor(point)

    assert corner(3, right=True).red() == corner(3, right=True).green()
    grid.mark(np.arange(COUNT) == 3, 4)
    assert corner(3, right=True).red() > 150 > corner(3, right=True).green()
    assert corner(2, right=True).red() == corner(2, right=True).green()
    assert corner(4, right=False).blue() > corner(4, right=False).red()
    assert corner(5, right=False).blue() == corner(5, right=False).red()


def test_that_the_place_is_kept_when_the_width_changes(qtbot: QtBot, grid: GalleryGrid) -> None:
    grid.verticalScrollBar().setValue(9000)
    first = grid.visible().start
    grid.resize(500, 480)
    assert abs(grid.visible().start - first) <= 2 * grid.layout_.columns
