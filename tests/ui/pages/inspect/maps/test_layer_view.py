"""The view of a layer: scales, order, figures, reasons, and the nodes that are pointed at and opened."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.maps.dead_maps import DeadMaps
from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.ui.pages.inspect.maps.layer_view import LayerView

MAPS = np.random.default_rng(3).random((5, 4, 10)).astype(np.float32)
SIGNED = MAPS - 0.5


def info(name: str = "L", shape: tuple[int, ...] = MAPS.shape) -> LayerInfo:
    return LayerInfo(name, "Conv2D", shape, 0)


@pytest.fixture
def view(qtbot: QtBot) -> LayerView:
    """Ten maps of 5×4 in a window of 900×400 pixels."""
    view = LayerView()
    qtbot.addWidget(view)
    view.resize(900, 400)
    with qtbot.waitExposed(view):
        view.show()
    view.show_activation(info(), MAPS, ())
    view.grid.repaint()
    return view


def place(view: LayerView, number: int, row: int, column: int) -> QPoint:
    return view.grid.node_rectangle((row, column, number)).center().toPoint()


def choose_scale(view: LayerView, data: str) -> None:
    view.controls.scale.setCurrentIndex(view.controls.scale.findData(data))


def test_that_colours_diverge_for_negative_values_only(view: LayerView) -> None:
    assert view.grid.choice.colormap == "viridis"
    view.show_activation(info("signed"), SIGNED, ())
    assert view.grid.choice.colormap == "coolwarm"
    view.show_activation(info("signed"), MAPS, ())
    assert view.grid.choice.colormap == "coolwarm", "another image of the same layer does not change the colours"
    view.show_activation(info(), MAPS, ())
    assert view.grid.choice.colormap == "viridis"
    view.controls.colormap.setCurrentIndex(view.controls.colormap.findData("magma"))
    view.show_activation(info("signed"), SIGNED, ())
    assert view.grid.choice.colormap == "magma", "who has chosen gets what he chose"


def test_that_the_limits_of_all_layers_are_asked_for_only_if_wanted(view: LayerView) -> None:
    asked: list[None] = []

    def everywhere() -> tuple[np.ndarray, np.ndarray]:
        asked.append(None)
        return np.array([-1.0]), np.array([4.0])

    view.show_activation(info(), MAPS, (), everywhere)
    assert asked == []
    choose_scale(view, "everywhere")
    assert asked
    legend = view.picture.bar.legend
    assert (legend.low, legend.middle, legend.high) == ("−4.0000", "0", "4.0000")
    assert view.grid.choice.colormap == "coolwarm", "as in the layer that has negative values"
    assert view.grid.rows.max() == round(255 * (MAPS.max() + 4) / 8)


def test_that_maps_are_sorted_and_keep_their_numbers(qtbot: QtBot, view: LayerView) -> None:
    view.controls.order.setCurrentIndex(1)
    view.controls.order.activated.emit(1)
    by_mean = np.argsort(-MAPS.mean(axis=(0, 1))).tolist()
    assert list(view.shown_numbers) == by_mean
    qtbot.mouseMove(view.grid, place(view, by_mean[3], 2, 1))
    assert view.status.text().startswith(f"map {by_mean[3]} · row 2, column 1 ·")
    view.enlarge(by_mean[0])
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    assert view.detail.title.text() == f"Map {by_mean[1]}"
    view.detail.stepped.emit(1)
    assert view.detail.title.text() == f"Map {by_mean[2]}"


def test_that_maps_are_sorted_by_likeness_to_the_chosen_one(qtbot: QtBot, view: LayerView) -> None:
    view.grid.choose(6)
    qtbot.keyClick(view.grid, Qt.Key.Key_S)
    assert view.shown_numbers[0] == 6
    assert view.controls.order.currentData() == view.order == "similarity"
    assert view.status.text().startswith("Sorted by similarity to map 6")
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    before = view.shown_numbers
    view.show_activation(info(), MAPS, ())
    assert view.shown_numbers == before, "walking over the maps does not sort them anew"


def test_that_figures_stand_beside_the_value_and_below_the_enlarged_map(qtbot: QtBot, view: LayerView) -> None:
    qtbot.mouseMove(view.grid, place(view, 3, 1, 1))
    values = MAPS[..., 3]
    assert f"mean {values.mean():.3g}" in view.figures.text()
    assert f"deviation {values.std():.3g}" in view.figures.text()
    view.enlarge(3)
    assert view.detail.figures["mean"] == f"{values.mean():.4f}"
    assert view.detail.figures["zeros"] == "0 %"


def test_that_other_images_are_part_of_the_reason(qtbot: QtBot, view: LayerView) -> None:
    maps = MAPS.copy()
    maps[..., 2] = 0
    view.show_activation(info(), maps, ())
    view.show_dead_maps(DeadMaps(1000, zero=(2,), constant=()))
    qtbot.mouseMove(view.grid, place(view, 2, 0, 0))
    assert view.status.text().endswith("zero on this image and on all 1,000 images looked at")
    view.show_activation(info("other"), maps, ())
    assert view.grid.quiet.dead_maps is None, "what is known of one layer says nothing of another"
    view.show_dead_maps(DeadMaps(5, zero=(), constant=()), "L")
    view.show_activation(info(), maps, ())
    assert view.grid.quiet.dead_maps == DeadMaps(5, (), ())


def test_that_the_node_under_the_cursor_is_told(qtbot: QtBot, view: LayerView) -> None:
    pointed: list[object] = []
    view.node_pointed.connect(pointed.append)
    qtbot.mouseMove(view.grid, place(view, 3, 1, 2))
    qtbot.mouseMove(view.grid, place(view, 3, 1, 2) + QPoint(1, 0))  # the same node
    view.grid.hover_ended.emit()
    assert pointed == [(1, 2, 3), None]
    view.enlarge(7)
    qtbot.waitUntil(lambda: view.detail.view.width() > 100)
    qtbot.mouseMove(view.detail.view, view.detail.view.to_screen(1.5, 4.5).toPoint())
    assert pointed[-1] == (4, 1, 7)
    view.enlarge(None)
    view.show_activation(info("D", (9,)), np.arange(9, dtype=np.float32), ())
    qtbot.waitUntil(lambda: view.vector.bars.width() > 400)
    qtbot.mouseMove(view.vector.bars, view.vector.bars.bar_area(4).center().toPoint())
    assert pointed[-1] == (4,)


def double_click(qtbot: QtBot, widget: QWidget, pos: QPoint) -> None:
    """As Qt delivers it: press, release, double click, release."""
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=pos)
    qtbot.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=pos)


def test_that_a_double_click_opens_the_node_and_enlarges_nothing(qtbot: QtBot, view: LayerView) -> None:
    enlarged: list[bool] = []
    view.enlarged_changed.connect(enlarged.append)
    with qtbot.waitSignal(view.node_opened) as opened:
        double_click(qtbot, view.grid, place(view, 6, 3, 1))
    assert opened.args == [(3, 1, 6)]
    assert not view._clicks.waiting, "the first half of it is forgotten"
    assert (view.chosen, enlarged) == (6, [])
    view.enlarge(6)
    qtbot.waitUntil(lambda: view.detail.view.width() > 100)
    with qtbot.waitSignal(view.node_opened) as opened:
        double_click(qtbot, view.detail.view, view.detail.view.to_screen(2.5, 0.5).toPoint())
    assert opened.args == [(0, 2, 6)]
    assert view.enlarged == 6


def test_that_a_value_of_a_vector_is_opened_by_double_click_and_by_key(qtbot: QtBot, view: LayerView) -> None:
    view.show_activation(info("D", (9,)), np.arange(9, dtype=np.float32), ())
    qtbot.waitUntil(lambda: view.vector.bars.width() > 400)
    with qtbot.waitSignal(view.node_opened) as opened:
        double_click(qtbot, view.vector.bars, view.vector.bars.bar_area(4).center().toPoint())
    assert opened.args == [(4,)]
    view.vector.hover_ended.emit()
    for _ in range(3):
        qtbot.keyClick(view.vector.bars, Qt.Key.Key_Right)
    assert view.status.text() == "value 2 · 2.0000"
    with qtbot.waitSignal(view.node_opened) as opened:
        qtbot.keyClick(view.vector.bars, Qt.Key.Key_M)
    assert opened.args == [(2,)]


def test_that_shift_and_the_arrows_move_over_nodes_and_m_opens_one(qtbot: QtBot, view: LayerView) -> None:
    view.grid.choose(4)
    shift = Qt.KeyboardModifier.ShiftModifier
    for focus in (view.grid, view.detail.view):
        qtbot.keyClick(focus, Qt.Key.Key_Right, shift)
        qtbot.keyClick(focus, Qt.Key.Key_Down, shift)
        view.enlarge(4)
    assert view.grid.cursor_node == (4, 3, 4), "from the middle, (2, 2); one right, two down, and the edge holds"
    assert view.status.text().startswith("map 4 · row 4, column 3")
    with qtbot.waitSignal(view.node_opened) as opened:
        qtbot.keyClick(view.detail.view, Qt.Key.Key_M)
    assert opened.args == [(4, 3, 4)]
    qtbot.mouseMove(view.grid, place(view, 1, 0, 0))
    assert view.grid.cursor_node is None, "the hand has taken over"


def test_that_the_chosen_map_is_told(qtbot: QtBot, view: LayerView) -> None:
    told: list[object] = []
    view.map_changed.connect(told.append)
    view.grid.setFocus()
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    view.show_activation(info("other"), MAPS, ())
    assert told == [0, 1, None]


def test_that_a_mark_is_drawn_in_grid_enlarged_map_and_vector(qtbot: QtBot, view: LayerView) -> None:
    view.enlarge(3)
    qtbot.waitUntil(lambda: view.detail.view.width() > 100)
    before = view.grid.grab().toImage(), view.detail.view.grab().toImage()
    view.mark((1, 1, 3))
    assert (view.grid.grab().toImage() != before[0], view.detail.view.grab().toImage() != before[1]) == (True, True)
    view.mark(None)
    assert (view.grid.grab().toImage(), view.detail.view.grab().toImage()) == before
    view.show_activation(info("D", (300,)), np.arange(300, dtype=np.float32), ())
    qtbot.waitUntil(lambda: view.vector.strip.width() > 200)
    strip = view.vector.strip.grab().toImage()
    view.mark((17,))
    assert view.vector.strip.grab().toImage() != strip


def test_that_many_maps_get_columns_of_their_own_until_someone_chooses(view: LayerView) -> None:
    assert view.controls.columns.value() == 8
    many = np.ones((7, 7, 512), np.float32)
    view.show_activation(info("many"), many, ())
    assert view.controls.columns.text() == "automatic"
    assert view.grid.choice.columns > 8
    view.show_activation(info(), MAPS, ())
    assert view.grid.choice.columns == view.controls.columns.value() == 8
    view.controls.columns.setValue(6)
    view.show_activation(info("many"), many, ())
    assert view.grid.choice.columns == 6


def test_that_outputs_with_more_axes_say_how_to_get_at_them(view: LayerView) -> None:
    view.show_activation(info("3D", (2, 3, 4, 5)), np.ones((2, 3, 4, 5), np.float32), ())
    assert "4 axes, 2×3×4×5" in view._too_many.text()
    assert "NPZ" in view._too_many.text()
    assert view._too_many.isVisible()
    assert not view.controls.colormap.isVisible()
    assert view.chosen is None


def test_that_a_plane_is_one_map(qtbot: QtBot, view: LayerView) -> None:
    view.show_activation(info("T", (6, 5)), np.arange(30, dtype=np.float32).reshape(6, 5), ())
    assert view.shown_numbers == (0,)
    qtbot.mouseMove(view.grid, view.grid.to_screen(2.5, 3.5).toPoint())
    assert view.status.text() == "map 0 · row 3, column 2 · value 17.0000"


def test_that_one_look_is_painted_once(qtbot: QtBot, view: LayerView, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[QPointF] = []
    paint = view.grid.paint_over
    monkeypatch.setattr(view.grid, "paint_over", lambda painter: (painted.append(QPointF()), paint(painter)))
    view.grid.repaint()
    painted.clear()
    for step in range(5):  # five looks arrive before the window comes to paint
        view.show_activation(info(), MAPS * step, ())
    qtbot.waitUntil(lambda: bool(painted))
    assert len(painted) == 1


def test_that_no_figure_of_an_enlarged_map_is_cut_off_in_a_narrow_window(view: LayerView) -> None:
    view.resize(660, 420)
    view.enlarge(3)
    QApplication.processEvents()
    labels = [label for label in view.detail.findChildren(QLabel) if label.text() in view.detail.figures.values()]
    assert len(labels) >= len(view.detail.figures)
    assert all(label.width() >= label.sizeHint().width() for label in labels)
    assert all(view.detail.rect().contains(label.mapTo(view.detail, label.rect().bottomRight())) for label in labels)
