"""The live plot alone: following, zooming, the cursor, logarithmic values, and very many points."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.live_plot import LivePlot
from cnn_explorer.ui.widgets.plot_data import ACCURACY, LOSS, CurveData


def falling(count: int = 100, epochs: int = 2) -> CurveData:
    position = np.linspace(epochs / count, epochs, count)
    loss = 1 / (1 + position)
    return CurveData(position, loss, loss, np.arange(1.0, epochs + 1), np.linspace(0.6, 0.4, epochs), planned=epochs)


@pytest.fixture
def plot(qtbot: QtBot) -> Iterator[LivePlot]:
    plot = LivePlot(LOSS)
    qtbot.addWidget(plot)
    plot.resize(500, 320)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.show_data(falling())
    yield plot
    theme().set_mode("system")


def canvas(plot: LivePlot) -> QWidget:
    """The widget that gets the mouse."""
    found: QWidget = plot._view.viewport()
    return found


def read_out(plot: LivePlot) -> QFrame:
    found = plot.findChild(QFrame, "card")
    assert isinstance(found, QFrame)
    return found


def turn_wheel(plot: LivePlot, at: QPoint) -> None:
    up = QPoint(0, 120)
    place = canvas(plot).mapToGlobal(at)
    event = QWheelEvent(
        QPointF(at), QPointF(place), QPoint(), up, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas(plot), event)


def test_that_the_view_follows_the_curves_by_whole_epochs(plot: LivePlot) -> None:
    (left, right), (low, high) = plot.view_range()
    assert left == 0
    assert 2 <= right < 2.2
    assert low < 1 / 3
    assert high > 0.9
    plot.show_data(falling(150, epochs=3))
    assert 3 <= plot.view_range()[0][1] < 3.3


def test_that_an_empty_plot_says_what_will_come_and_leaves_room_for_the_run(plot: LivePlot) -> None:
    plot.show_data(CurveData.empty(planned=7))
    assert 7 <= plot.view_range()[0][1] < 7.7
    assert plot._empty.isVisible()
    plot.show_data(falling())
    assert not plot._empty.isVisible()


def test_that_the_wheel_zooms_until_a_double_click_shows_everything_again(plot: LivePlot, qtbot: QtBot) -> None:
    whole = plot.view_range()
    middle = canvas(plot).rect().center()
    with qtbot.waitSignal(plot.following_changed):
        turn_wheel(plot, middle)
    zoomed = plot.view_range()
    assert zoomed[0][1] - zoomed[0][0] < whole[0][1] - whole[0][0]
    plot.show_data(falling(120))
    assert plot.view_range() == zoomed
    qtbot.mouseDClick(canvas(plot), Qt.MouseButton.LeftButton, pos=middle)
    assert plot.is_following
    assert plot.view_range()[0] == whole[0]


def test_that_dragging_moves_the_view(plot: LivePlot, qtbot: QtBot) -> None:
    whole = plot.view_range()
    middle = canvas(plot).rect().center()
    qtbot.mousePress(canvas(plot), Qt.MouseButton.LeftButton, pos=middle)
    for step in range(1, 9):
        qtbot.mouseMove(canvas(plot), middle - QPoint(10 * step, 0))
    qtbot.mouseRelease(canvas(plot), Qt.MouseButton.LeftButton, pos=middle - QPoint(80, 0))
    qtbot.waitUntil(lambda: plot.view_range()[0][0] > whole[0][0])
    assert not plot.is_following


def test_that_the_cursor_shows_the_values_of_all_curves(plot: LivePlot, qtbot: QtBot) -> None:
    with qtbot.waitSignal(plot.cursor_moved) as moved:
        qtbot.mouseMove(canvas(plot), canvas(plot).rect().center())
    position = moved.args[0]
    assert 0 < position < 2
    assert read_out(plot).isVisible()
    text = plot._read_out.text()
    nearest = plot.data.near(position)
    for point in nearest:
        assert LOSS.text(point.value) in text
    assert [point.curve for point in nearest] == ["batch", "smoothed", "validation"]
    QApplication.sendEvent(canvas(plot), QEvent(QEvent.Type.Leave))
    assert not read_out(plot).isVisible()


@pytest.mark.parametrize("quantity", [LOSS, ACCURACY])
def test_that_the_values_stay_inside_the_plot(qtbot: QtBot, quantity: object) -> None:
    plot = LivePlot(quantity)  # type: ignore[arg-type]
    qtbot.addWidget(plot)
    plot.resize(420, 300)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.show_data(falling())
    for position in (0.0, 0.7, 1.3, 2.0):
        plot.set_cursor(position)
        assert plot.rect().contains(read_out(plot).geometry())


def test_that_the_keyboard_reaches_what_the_mouse_can(plot: LivePlot, qtbot: QtBot) -> None:
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    first = plot.cursor_position
    assert first is not None
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.cursor_position is not None
    assert plot.cursor_position < first
    before = plot.view_range()[0]
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    closer = plot.view_range()[0]
    assert closer[1] - closer[0] < before[1] - before[0]
    qtbot.keyClick(plot, Qt.Key.Key_Minus)
    assert plot.view_range()[0] == pytest.approx(before)
    qtbot.keyClick(plot, Qt.Key.Key_0)
    assert plot.is_following
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.cursor_position is None


def test_that_a_logarithmic_axis_takes_zeros_and_what_is_no_number(plot: LivePlot) -> None:
    position = np.linspace(0.1, 1, 10)
    raw = np.array([2.3, 1.0, 0.0, math.nan, 0.1, math.inf, 0.05, 0.01, 0.01, 0.01])
    plot.show_data(CurveData(position, raw, raw, np.array([1.0]), np.array([0.0])))
    plot.set_log(True)
    low, high = plot.view_range()[1]
    assert -2.3 < low < -2
    assert math.log10(2.3) < high < 0.6
    plot.set_cursor(0.3)
    plot.grab()
    plot.set_log(False)
    assert plot.view_range()[1][1] > 1


def test_that_very_many_batches_become_a_few_points_a_pixel(plot: LivePlot) -> None:
    position = np.arange(1, 300_001) / 1000
    values = np.random.default_rng(0).random(300_000)
    plot.show_data(CurveData(position, values, values, np.empty(0), np.empty(0)))
    plot.grab()
    for item in (plot._raw, plot._smooth):
        assert len(item.curve.getData()[0]) <= 4 * plot.width()


def test_that_the_colours_follow_the_theme(plot: LivePlot) -> None:
    for mode in ("light", "dark"):
        theme().set_mode(mode)  # type: ignore[arg-type]
        corner = plot.grab().toImage().pixelColor(2, 2)
        assert corner == theme().color("surface")
        assert plot._smooth.opts["pen"].color() == theme().color("accent")
        assert plot._validation.opts["pen"].color() == theme().color("second")
