"""The canvas, drawn on with real mouse and pen events."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.images.draw_canvas import SIDE, DrawCanvas
from cnn_explorer.ui.theme import theme
from tests.ui.pages.inspect.images.drawing_driver import stroke

LINE = [(60, 140), (100, 140), (140, 140), (220, 140)]


@pytest.fixture
def canvas(qtbot: QtBot) -> Iterator[DrawCanvas]:
    """A canvas of 280 × 280 points, in an active window."""
    canvas = DrawCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(SIDE, SIDE)
    with qtbot.waitActive(canvas):
        canvas.show()
        canvas.activateWindow()
    canvas.setFocus()
    yield canvas
    if theme().mode != "system":
        theme().set_mode("system")


def test_that_a_stroke_leaves_smooth_bright_ink_of_the_pens_width(canvas: DrawCanvas) -> None:
    canvas.pen_width = 20
    stroke(canvas, LINE)
    ink = canvas.ink
    assert (ink.shape, ink.dtype) == ((SIDE, SIDE), np.uint8)
    assert ink[140, 60:221].min() == 255
    assert abs(int((ink[:, 140] > 127).sum()) - 20) <= 1
    rows, columns = np.nonzero(ink)
    assert (columns.min(), columns.max()) == pytest.approx((50, 230), abs=2)
    assert (rows.min(), rows.max()) == pytest.approx((130, 150), abs=2)
    stroke(canvas, [(40, 40), (80, 60), (90, 110)])
    assert np.unique(canvas.ink).size > 20, "edges are antialiased"


def test_that_a_fast_stroke_is_a_curve_and_has_no_gaps(canvas: DrawCanvas) -> None:
    canvas.pen_width = 10
    stroke(canvas, [(60, 220), (140, 20), (220, 220)])
    ink = canvas.ink
    assert ink[:, 60:221].max(axis=0).min() == 255, "every column between the ends has ink"
    assert not ink[:60, 130:150].any(), "the curve rounds the corner that the mouse jumped over"


def test_that_a_click_leaves_a_dot(canvas: DrawCanvas) -> None:
    canvas.pen_width = 20
    stroke(canvas, [(100, 50)])
    assert canvas.ink[50, 100] == 255
    assert int((canvas.ink > 127).sum()) == pytest.approx(np.pi * 100, rel=0.1)


def test_that_changed_follows_every_move(qtbot: QtBot, canvas: DrawCanvas) -> None:
    told: list[int] = []
    canvas.changed.connect(lambda: told.append(int(canvas.ink.sum())))
    stroke(canvas, LINE)
    assert len(told) >= len(LINE)
    assert told == sorted(told)


def test_that_the_eraser_takes_ink_away_by_button_and_by_key(qtbot: QtBot, canvas: DrawCanvas) -> None:
    canvas.pen_width = 20
    stroke(canvas, LINE)
    with qtbot.waitSignal(canvas.eraser_changed) as told:
        qtbot.keyClick(canvas, Qt.Key.Key_E)
    assert told.args == [True]
    stroke(canvas, [(140, 100), (140, 180)])
    ink = canvas.ink
    assert ink[140, 140] == 0
    assert ink[140, 80] == 255
    qtbot.keyClick(canvas, Qt.Key.Key_E)
    assert not canvas.erases


def test_that_rubbing_along_a_stroke_leaves_nothing_of_it(canvas: DrawCanvas) -> None:
    stroke(canvas, LINE)
    canvas.set_erases(True)
    stroke(canvas, [(x, y + 1) for x, y in LINE])
    assert canvas.is_empty, "not even the soft edges"


def test_that_a_wiped_canvas_takes_the_pen_again(qtbot: QtBot, canvas: DrawCanvas) -> None:
    stroke(canvas, LINE)
    canvas.set_erases(True)
    with qtbot.waitSignal(canvas.eraser_changed) as told:
        qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert told.args == [False]
    stroke(canvas, LINE)
    assert not canvas.is_empty


def test_that_strokes_and_clearing_can_be_undone_and_done_again(qtbot: QtBot, canvas: DrawCanvas) -> None:
    stroke(canvas, LINE)
    one = canvas.ink
    stroke(canvas, [(20, 20), (60, 20)])
    two = canvas.ink
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.is_empty
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    for expected in (two, one, np.zeros_like(one)):
        qtbot.keyClick(canvas, Qt.Key.Key_Z, ctrl)
        np.testing.assert_array_equal(canvas.ink, expected)
    assert not canvas.can_undo
    qtbot.keyClick(canvas, Qt.Key.Key_Z, ctrl)  # nothing left to undo
    for expected in (one, two):
        qtbot.keyClick(canvas, Qt.Key.Key_Z, ctrl | shift)
        np.testing.assert_array_equal(canvas.ink, expected)
    stroke(canvas, [(200, 200), (220, 200)])
    assert not canvas.can_redo


def test_that_many_strokes_are_remembered_and_not_more(canvas: DrawCanvas) -> None:
    for number in range(120):
        stroke(canvas, [(number * 2, 100)])
    count = 0
    while canvas.can_undo:
        canvas.undo()
        count += 1
    assert count == 100


@pytest.mark.parametrize(("width", "height"), [(560, 560), (140, 140), (500, 280)])
def test_that_the_ink_is_the_same_at_any_size_on_the_screen(canvas: DrawCanvas, width: int, height: int) -> None:
    canvas.pen_width = 20
    stroke(canvas, LINE)
    small = canvas.ink
    canvas.clear()
    canvas.resize(width, height)
    stroke(canvas, LINE)
    assert np.abs(canvas.ink.astype(int) - small).mean() < 3


def test_that_the_pens_pressure_is_its_width_and_its_other_end_an_eraser(canvas: DrawCanvas) -> None:
    canvas.pen_width = 40

    def draw(pressure: float, y: int, kind: QPointingDevice.PointerType) -> int:
        device = QPointingDevice("pen", 1, QInputDevice.DeviceType.Stylus, kind, QInputDevice.Capability.Pressure, 1, 3)
        for what, x in (("Press", 60), ("Move", 120), ("Move", 180), ("Release", 220)):
            place = QPointF(x, y)
            held = Qt.MouseButton.NoButton if what == "Release" else Qt.MouseButton.LeftButton
            event = QTabletEvent(
                getattr(QEvent.Type, f"Tablet{what}"), device, place, QPointF(canvas.mapToGlobal(place)), pressure,
                0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, held,
            )  # fmt: skip
            QApplication.sendEvent(canvas, event)
            assert event.isAccepted()
        return int((canvas.ink[:, 140] > 127).sum())

    thick = draw(1.0, 200, QPointingDevice.PointerType.Pen)
    canvas.clear()
    thin = draw(0.1, 200, QPointingDevice.PointerType.Pen)
    assert thick == pytest.approx(40, abs=2)
    assert 10 < thin < 20
    assert draw(1.0, 200, QPointingDevice.PointerType.Eraser) == 0


def test_that_the_canvas_says_where_to_draw_and_shows_the_ink(canvas: DrawCanvas) -> None:
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        empty = canvas.grab().toImage()
        stroke(canvas, LINE)
        drawn = canvas.grab().toImage()
        assert empty != drawn
        assert drawn.pixelColor(140, 140).lightness() == 255
        assert drawn.pixelColor(140, 40).lightness() == 0
        canvas.clear()


def test_that_nothing_else_than_the_left_button_draws(qtbot: QtBot, canvas: DrawCanvas) -> None:
    stroke(canvas, LINE, button=Qt.MouseButton.RightButton)
    assert canvas.is_empty
    qtbot.mouseMove(canvas)
    assert canvas.is_empty
    assert not canvas.can_undo
