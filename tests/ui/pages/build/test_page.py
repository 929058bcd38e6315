"""The Build page, driven by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.network.architecture import LAYER_KINDS, Conv2D
from cnn_explorer.core.network.presets import PRESETS, Preset, preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.ui.pages.build.layer_form import LayerPanel
from cnn_explorer.ui.pages.build.stack.drawing import volume
from cnn_explorer.ui.pages.build.stack.table import KIND_MIME, LayerStack
from cnn_explorer.ui.session.session import Session
from tests.ui.pages.build.driver import LEFT, Driver

SIMPLE = preset("mnist-simple").architecture


@pytest.fixture
def build(qtbot: QtBot, session: Session) -> Iterator[Driver]:
    """The page with ``mnist-simple``; its first layer is chosen."""
    driver = Driver(qtbot, session)
    yield driver
    driver.page.hide()


def test_that_the_page_starts_with_the_network_and_its_first_layer(build: Driver) -> None:
    assert [row.name for row in build.rows] == ["Input", *build.names]
    assert build.row == 1
    assert build.text("build_layer_title") == "Conv2D"
    assert build.text("build_layer_reference") == "keras.layers.Conv2D"
    assert "96,844" in build.text("build_totals")
    assert build.text("build_verdict").startswith("Ready to train on MNIST")


def test_that_a_click_on_the_palette_adds_below_the_chosen_layer(build: Driver) -> None:
    build.click_row(2)
    build.add("Dropout")
    assert build.names[:4] == ["Conv2D_1", "Max_Pool_1", "Dropout_1", "Conv2D_2"]
    assert build.row == 3
    assert build.text("build_layer_title") == "Dropout"
    build.press("build_undo")
    assert build.document.architecture == SIMPLE


def test_that_the_form_of_every_layer_fits_into_its_panel(build: Driver) -> None:
    for kind in LAYER_KINDS:
        layer = kind.new(build.names)
        optional = {field.name: (1, 1) for field in fields_of(kind.spec) if field.optional}  # or no boxes show
        layers = (replace(layer, **optional),)
        build.document.edit(replace(build.document.architecture, layers=layers), kind.spec.__name__)
        build.click_row(1)
        assert build.text("build_layer_title") == kind.spec.__name__
        area = build.page.findChild(LayerPanel).findChild(QScrollArea)
        assert area.widget().minimumSizeHint().width() <= area.viewport().width(), kind.spec.__name__


def test_that_the_palette_works_by_keys(build: Driver) -> None:
    palette = build.view(QListWidget, "build_palette")
    palette.setFocus()
    palette.setCurrentIndex(palette.model().index(1, 0))
    build.qtbot.keyClick(palette, Qt.Key.Key_Return)
    assert build.names[1] == "Conv2D_4"
    build.add("Convolution")  # a heading: nothing to add
    assert len(build.names) == 9


@pytest.mark.parametrize("each", PRESETS, ids=lambda each: each.name)
def test_that_a_preset_is_one_step_that_can_be_undone(build: Driver, each: Preset) -> None:
    before = build.document.undo_stack.count()
    build.take(each.title)
    assert build.document.architecture == each.architecture
    if each.architecture != SIMPLE:
        assert build.document.undo_stack.count() == before + 1
        build.press("build_undo")
    assert build.document.architecture == SIMPLE


def test_that_a_preset_is_shown_from_its_beginning(build: Driver) -> None:
    build.take("Dense network")
    build.click_row(1)  # Flatten_1, which the next network has far down
    build.take("Fruits, 18 layers")
    assert build.row == 1


def test_that_keys_delete_duplicate_and_move(build: Driver) -> None:
    build.click_row(2)
    build.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert build.names[1:3] == ["Max_Pool_1", "Max_Pool_3"]
    assert build.row == 3
    build.key(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert build.names[:3] == ["Conv2D_1", "Max_Pool_3", "Max_Pool_1"]
    assert build.row == 2
    build.key(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    build.key(Qt.Key.Key_Delete)
    assert build.document.architecture == SIMPLE
    assert build.row == 3


def test_that_the_delete_key_in_a_field_deletes_no_layer(build: Driver) -> None:
    line = build.field("name", QLineEdit)
    line.setFocus()
    build.qtbot.keyClick(line, Qt.Key.Key_Delete)
    assert len(build.names) == 8


def test_that_arrows_choose_layers(build: Driver) -> None:
    build.key(Qt.Key.Key_Down)
    assert build.text("build_layer_title") == "MaxPooling2D"
    build.key(Qt.Key.Key_End)
    assert build.text("build_layer_title") == "Dense"
    build.key(Qt.Key.Key_Home)
    assert build.text("build_layer_title") == "Input"


def test_that_buttons_are_off_where_they_could_do_nothing(build: Driver) -> None:
    enabled = {
        row: [name for name in ("move_up", "move_down", "duplicate", "delete") if _enabled(build, name, row)]
        for row in (0, 1, 8)
    }
    assert enabled == {
        0: [], 1: ["move_down", "duplicate", "delete"], 8: ["move_up", "duplicate", "delete"]
    }  # fmt: skip


def test_that_an_edit_shows_the_new_shapes_at_once(build: Driver) -> None:
    build.qtbot.keyClick(build.field("kernel_size_0"), Qt.Key.Key_Up)
    assert [row.shape_text for row in build.rows[1:4]] == ["25×26×32", "12×13×32", "10×11×64"]
    assert build.rows[1].settings == "32 filters, 4×3, relu"
    assert build.rows[1].params_text == f"{4 * 3 * 32 + 32}"


def test_that_turning_one_number_is_one_step_and_another_visit_another(build: Driver) -> None:
    stack = build.document.undo_stack
    filters = build.field("filters")
    for _ in range(3):
        build.qtbot.keyClick(filters, Qt.Key.Key_Up)
    assert stack.count() == 1
    assert stack.undoText() == "Change filters of Conv2D_1"
    build.click_row(3)
    build.click_row(1)
    build.qtbot.keyClick(build.field("filters"), Qt.Key.Key_Up)
    assert stack.count() == 2
    build.press("build_undo")
    assert build.document.architecture.layers[0].filters == 35
    build.press("build_undo")
    assert build.document.architecture == SIMPLE
    build.press("build_redo")
    assert build.rows[1].shape_text == "26×26×35"


def test_that_undo_goes_to_the_layer_that_it_changes_and_shows_the_old_value(build: Driver) -> None:
    build.qtbot.keyClick(build.field("filters"), Qt.Key.Key_Up)
    build.click_row(7)
    build.press("build_undo")
    assert build.row == 1
    filters = build.field("filters")
    assert isinstance(filters, QSpinBox)
    assert filters.value() == 32


def test_that_a_problem_is_marked_and_leads_to_its_layer(build: Driver) -> None:
    build.click_row(5)
    build.add("MaxPooling2D")
    for box in ("pool_size_0", "pool_size_1"):
        build.qtbot.keyClick(build.field(box), Qt.Key.Key_Up)
        build.qtbot.keyClick(build.field(box), Qt.Key.Key_Up)
    assert build.rows[6].problem.startswith("Max_Pool_3: the map is 3×3, a 4×4 window does not fit")
    assert build.rows[7].shape_text == "–"
    problem = next(label for label in build.page.findChildren(QLabel, "form_problem") if label.isVisible())
    assert problem.text().replace("\u200b", "") == build.rows[6].problem
    build.click_row(1)
    build.click_item(build.view(QListWidget, "build_problems"), 0)
    assert build.row == 6
    assert "not trained" in build.text("build_verdict")


def test_that_a_name_that_is_taken_is_a_problem_and_no_error(build: Driver) -> None:
    build.click_row(3)
    name = build.field("name", QLineEdit)
    assert isinstance(name, QLineEdit)
    name.selectAll()
    build.qtbot.keyClicks(name, "Conv2D_1")
    assert build.names.count("Conv2D_1") == 2
    assert "same name" in build.rows[3].problem
    assert build.row == 3


def test_that_the_input_takes_the_shape_of_the_data_set(build: Driver) -> None:
    build.take("LeNet-5")
    build.click_row(0)
    button = build.page.findChild(QPushButton, "build_use_data_shape")
    assert isinstance(button, QPushButton)
    assert not button.isVisible()
    build.qtbot.keyClick(build.field("input_shape_0"), Qt.Key.Key_Up)
    assert build.rows[0].shape_text == "29×28×1"
    assert button.text() == "Use the data set's shape, 28×28×1"
    build.qtbot.mouseClick(button, LEFT)
    assert build.rows[0].shape_text == "28×28×1"
    assert not button.isVisible()
    build.press("build_undo")
    assert build.rows[0].shape_text == "29×28×1"


def test_that_a_click_on_a_volume_chooses_its_layer(build: Driver) -> None:
    drawing = build.page.findChild(QScrollArea, "build_volumes")
    assert isinstance(drawing, QScrollArea)
    canvas = drawing.widget()
    build.qtbot.mouseClick(canvas, LEFT, pos=canvas.place(3).center().toPoint())
    assert build.row == 3
    build.qtbot.mouseClick(canvas, LEFT, pos=canvas.place(0).center().toPoint())
    assert build.row == 0


def test_that_volumes_are_as_large_as_what_they_stand_for() -> None:
    large, small, deep = volume((28, 28, 1), 28), volume((7, 7, 1), 28), volume((7, 7, 64), 28)
    assert large.height == 2 * small.height  # the root of 4
    assert deep.depth > small.depth > 0
    assert volume((14, 28, 1), 28).height < volume((14, 28, 1), 28).width
    assert volume((10,), 28).depth == 0
    assert volume((10,), 28).height < volume((576,), 28).height < volume((65_536,), 28).height + 1


def test_that_a_layer_is_dragged_to_another_place(build: Driver) -> None:
    data = build.stack.model().mimeData([build.stack.model().index(1, 0)])
    build.drop(data, build.stack.visualRect(build.stack.model().index(4, 0)).topLeft() + QPoint(40, 2))
    assert build.names[:4] == ["Max_Pool_1", "Conv2D_2", "Conv2D_1", "Max_Pool_2"]
    assert build.row == 3
    build.drop(
        build.stack.model().mimeData([build.stack.model().index(3, 0)]),
        build.stack.visualRect(build.stack.model().index(0, 0)).topLeft() + QPoint(40, 2),
    )
    assert build.document.architecture == SIMPLE  # above the input means in front of the first layer


def test_that_a_layer_is_dragged_from_the_palette(build: Driver) -> None:
    data = QMimeData()
    data.setData(KIND_MIME, b"BatchNormalization")
    build.drop(data, build.stack.visualRect(build.stack.model().index(2, 0)).topLeft() + QPoint(40, 2))
    assert build.names[:3] == ["Conv2D_1", "Batch_Norm_1", "Max_Pool_1"]
    build.drop(data, QPoint(40, build.stack.viewport().height() - 2))
    assert build.names[-1] == "Batch_Norm_2"


def test_that_foreign_things_are_not_taken(build: Driver) -> None:
    data = QMimeData()
    data.setText("Conv2D")
    build.drop(data, QPoint(40, 60))
    assert build.document.architecture == SIMPLE


def test_that_nothing_chosen_says_what_to_do(build: Driver) -> None:
    stack = build.page.findChild(LayerStack)
    assert isinstance(stack, LayerStack)
    stack.choose(-1)
    assert build.text("build_layer_description").startswith("Choose a layer")
    build.add("Flatten")  # at the end then
    assert build.names[-1] == "Flatten_2"
    assert build.row == 9


def test_that_memory_follows_the_batch_size_of_the_train_page(build: Driver) -> None:
    build.page.hide()
    build.session.config = TrainingConfig(batch_size=1)
    build.page.show()
    label = build.page.findChild(QLabel, "build_totals")
    assert isinstance(label, QLabel)
    assert "for a batch of 1:" in label.toolTip()


def test_that_every_control_has_a_name_and_a_tooltip(build: Driver) -> None:
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QAbstractItemView)
    controls = [
        control
        for kind in kinds
        for control in build.page.findChildren(kind)
        if control.isVisible() and not control.objectName().startswith("qt_") and not _inside_combo(control)
    ]
    assert len(controls) > 20
    nameless = [control for control in controls if not control.objectName() or not _accessible_name(control)]
    assert nameless == []
    assert [c.objectName() for c in controls if not isinstance(c, QAbstractItemView) and not c.toolTip()] == []


def test_that_the_rows_say_everything_to_a_screen_reader(build: Driver) -> None:
    said = build.stack.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == (
        "Conv2D_1: Conv2D, 32 filters, 3×3, relu; output 26×26×32; 320 parameters; "
        "one node sees 3×3 pixels, neighbours are 1 pixels apart."
    )


def test_that_twenty_layers_are_shown_as_they_are(build: Driver) -> None:
    convs = tuple(Conv2D(name=f"c{index}", filters=4, kernel_size=(3, 3), padding="same") for index in range(20))
    build.document.edit(replace(SIMPLE, layers=convs), "many")
    build.click_row(20)
    assert build.rows[20].field_text == "41×41"
    assert build.stack.viewport().rect().contains(build.stack.visualRect(build.stack.currentIndex()))


def _enabled(build: Driver, name: str, row: int) -> bool:
    build.click_row(row)
    action = build.page.findChild(QAction, f"build_{name}")
    assert isinstance(action, QAction)
    return action.isEnabled()


def _inside_combo(control: QWidget) -> bool:
    parent = control.parentWidget()
    while parent is not None:
        if isinstance(parent, QComboBox):
            return True
        parent = parent.parentWidget()
    return False


def _accessible_name(control: QWidget) -> str:
    return control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
