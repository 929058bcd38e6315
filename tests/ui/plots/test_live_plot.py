"""The live plot alone: following, zooming, the cursor, logarithmic values, and very many points."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.plots.data import ACCURACY, LEARNING_RATE, LOSS, CurveData, Quantity, Series
from cnn_explorer.ui.plots.live_plot import LivePlot
from cnn_explorer.ui.session.runs.colors import CurveStyle
from cnn_explorer.ui.theme import Mode, theme


def falling(count: int = 100, epochs: int = 2) -> CurveData:
    position = np.linspace(epochs / count, epochs, count)
    loss = 1 / (1 + position)
    return CurveData(position, loss, loss, np.arange(1.0, epochs + 1), np.linspace(0.6, 0.4, epochs), planned=epochs)


def show(plot: LivePlot, data: CurveData) -> None:
    """One run alone."""
    plot.show_series((Series("run", "This run", data),))


@pytest.fixture
def plot(qtbot: QtBot) -> Iterator[LivePlot]:
    plot = LivePlot(LOSS)
    qtbot.addWidget(plot)
    plot.resize(500, 320)
    with qtbot.waitExposed(plot):
        plot.show()
    show(plot, falling())
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
    show(plot, falling(150, epochs=3))
    assert 3 <= plot.view_range()[0][1] < 3.3


def test_that_an_empty_plot_says_what_will_come_and_leaves_room_for_the_run(plot: LivePlot) -> None:
    show(plot, CurveData.empty(planned=7))
    assert 7 <= plot.view_range()[0][1] < 7.7
    assert plot._empty.isVisible()
    show(plot, falling())
    assert not plot._empty.isVisible()


def test_that_the_wheel_zooms_until_a_double_click_shows_everything_again(plot: LivePlot, qtbot: QtBot) -> None:
    whole = plot.view_range()
    middle = canvas(plot).rect().center()
    with qtbot.waitSignal(plot.following_changed):
        turn_wheel(plot, middle)
    zoomed = plot.view_range()
    assert zoomed[0][1] - zoomed[0][0] < whole[0][1] - whole[0][0]
    show(plot, falling(120))
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


@pytest.mark.parametrize("quantity", [LOSS, ACCURACY, LEARNING_RATE])
def test_that_the_values_stay_inside_the_plot(qtbot: QtBot, quantity: Quantity) -> None:
    plot = LivePlot(quantity)
    qtbot.addWidget(plot)
    plot.resize(420, 300)
    with qtbot.waitExposed(plot):
        plot.show()
    show(plot, falling())
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
    show(plot, CurveData(position, raw, raw, np.array([1.0]), np.array([0.0])))
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
    show(plot, CurveData(position, values, values, np.empty(0), np.empty(0)))
    plot.grab()
    batches, line = plot._items["run"].shown_points()
    assert batches == 0  # they are one picture
    assert line <= 2 * plot.width()


def test_that_the_colours_follow_the_theme(plot: LivePlot) -> None:
    modes: tuple[Mode, ...] = ("light", "dark")
    for mode in modes:
        theme().set_mode(mode)
        corner = plot.grab().toImage().pixelColor(2, 2)
        assert corner == theme().color("surface")
        training, validation = plot._items["run"].pens()
        assert training.color() == theme().color("accent")
        assert validation.color() == theme().color("second")


def test_that_dragging_with_shift_zooms_to_a_part(plot: LivePlot, qtbot: QtBot) -> None:
    whole = plot.view_range()
    middle, shift = canvas(plot).rect().center(), Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(canvas(plot), Qt.MouseButton.LeftButton, shift, pos=middle)
    for step in range(1, 9):
        place = middle + QPoint(10 * step, 5 * step)
        move = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(place), QPointF(canvas(plot).mapToGlobal(place)), Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton, shift,
        )  # fmt: skip
        QApplication.sendEvent(canvas(plot), move)
    with qtbot.waitSignal(plot.epochs_chosen) as chosen:
        qtbot.mouseRelease(canvas(plot), Qt.MouseButton.LeftButton, shift, pos=middle + QPoint(80, 40))
    (left, right), (low, high) = plot.view_range()
    assert chosen.args == [left, right]
    assert right - left < (whole[0][1] - whole[0][0]) / 3
    assert high - low < (whole[1][1] - whole[1][0]) / 3


def test_that_heights_follow_what_another_plot_zooms_to(plot: LivePlot) -> None:
    whole = plot.view_range()
    plot.show_epochs(1.5, 2.0)
    assert plot.view_range()[0] == (1.5, 2.0)
    assert plot.view_range()[1][1] < whole[1][1]
    assert not plot.is_following
    plot.reset_view()
    assert plot.view_range() == whole


def test_that_runs_that_do_not_grow_are_painted_in_their_colours(plot: LivePlot) -> None:
    runs = tuple(Series(str(n), f"run {n}", falling(epochs=2 + n), CurveStyle(n)) for n in range(8))
    plot.show_series(runs)
    assert plot.view_range()[0][1] >= 9
    picture = plot.grab().toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert set(theme().palette.series) <= seen
    plot.show_series(runs[:1])
    picture = plot.grab().toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert not set(theme().palette.series[1:]) & seen


def test_that_a_change_of_the_rate_is_marked_and_described(qtbot: QtBot) -> None:
    plot = LivePlot(LEARNING_RATE)
    qtbot.addWidget(plot)
    plot.resize(420, 300)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.show_series((Series("run", "This run", falling(), marks=((1.25, "set by hand: 0.1"),)),))
    plot.set_cursor(1.25)
    assert "set by hand: 0.1" in plot._read_out.text()
    plot.set_cursor(0.5)
    assert "set by hand" not in plot._read_out.text()


@pytest.mark.parametrize("quantity", [LOSS, ACCURACY, LEARNING_RATE])
@pytest.mark.parametrize("style", [None, CurveStyle(1, 1)])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("raw", [[], [0.5], [math.nan] * 3, [math.inf, 0.5, -1.0, 0.0], [1e30, 1e-30]])
def test_that_any_curve_can_be_drawn(
    qtbot: QtBot, quantity: Quantity, style: CurveStyle | None, log: bool, raw: list[float]
) -> None:
    plot = LivePlot(quantity)
    qtbot.addWidget(plot)
    plot.set_log(log)
    values = np.array(raw)
    data = CurveData(np.arange(len(raw)) + 0.5, values, values, np.arange(1.0, len(raw) + 1), values)
    plot.show_series((Series("run", "run", data, style), Series("none", "none", CurveData.empty(), style)))
    plot.set_cursor(0.4)
    plot.grab()
    low, high = plot.view_range()[1]
    assert math.isfinite(low)
    assert low < high < math.inf
