"""The form that is generated from a spec: a control for each field, and the spec that comes of it."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.network.architecture import (
    L1L2,
    LAYER_KINDS,
    Architecture,
    Dropout,
    LayerKind,
    MaxPooling2D,
    ZeroPadding2D,
)
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.optimizers import OPTIMIZERS
from cnn_explorer.ui.forms.spec_form import SpecForm
from tests.core.run.optimizers import OTHER_VALUES
from tests.ui.forms.driver import CONV, Shown

EVERYTHING = TrainingConfig(
    optimizer="sgd", schedule="piecewise", reduce_on_plateau="val_loss", loss="categorical_crossentropy",
    class_weight="custom", regularizer="l2", early_stopping="val_loss", augment_shift=0.1, test_limit=100,
    probe_index=1, device="cpu",
)  # fmt: skip
"""A configuration with something of its own in each group."""


@pytest.mark.parametrize("kind", LAYER_KINDS, ids=lambda kind: kind.spec.__name__)
def test_that_every_layer_survives_its_form(qtbot: QtBot, kind: LayerKind) -> None:
    layer = kind.new(())
    shown = Shown(qtbot, layer)
    assert shown.form.value() == layer
    assert shown.said == []
    # Every field has a control with a name, an accessible name and a tooltip.
    for field in msgspec.structs.fields(type(layer)):
        controls = [w for w in shown.form.findChildren(QWidget) if w.objectName().startswith(f"field_{field.name}")]
        assert controls, field.name


def test_that_every_control_can_be_named_and_explained(qtbot: QtBot) -> None:
    shown = Shown(qtbot, EVERYTHING)
    controls = [
        control
        for kind in (QAbstractSpinBox, QComboBox, QCheckBox, QLineEdit)
        for control in shown.form.findChildren(kind)
        if control.focusProxy() is None
    ]
    effective = [field for field in fields_of(TrainingConfig) if field.is_relevant(EVERYTHING)]
    assert sorted(control.objectName() for control in controls) == sorted(f"field_{f.name}" for f in effective)
    assert all(control.accessibleName() and control.toolTip() for control in controls)


def test_that_turning_a_spin_box_gives_the_whole_new_spec(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    qtbot.keyClick(shown.find(QSpinBox, "filters"), Qt.Key.Key_Up)
    assert shown.said == [replace(CONV, filters=33)]
    assert shown.form.value() == replace(CONV, filters=33)


def test_that_pairs_and_choices_and_switches_are_edited(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    qtbot.keyClick(shown.find(QSpinBox, "kernel_size_1"), Qt.Key.Key_Up)
    qtbot.keyClick(shown.find(QComboBox, "padding"), Qt.Key.Key_Down)
    qtbot.mouseClick(shown.find(QCheckBox, "use_bias"), Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert shown.form.value() == replace(CONV, kernel_size=(3, 4), padding="same", use_bias=False)
    assert len(shown.said) == 3


def test_that_a_pair_of_pairs_has_four_boxes(qtbot: QtBot) -> None:
    shown = Shown(qtbot, ZeroPadding2D(name="z", padding=((0, 1), (2, 3))))
    assert [shown.find(QSpinBox, f"padding_{i}").value() for i in range(4)] == [0, 1, 2, 3]
    qtbot.keyClick(shown.find(QSpinBox, "padding_2"), Qt.Key.Key_Up)
    assert shown.said[-1].padding == ((0, 1), (3, 3))


def test_that_a_nested_spec_is_edited_in_place(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.type_over(qtbot, "l2", "1e-3")
    assert shown.form.value().kernel_regularizer == L1L2(l2=0.001)
    shown.form.set_value(replace(CONV, kernel_regularizer=L1L2(l1=0.5)))
    assert shown.find(QAbstractSpinBox, "l1").text() == "0.5"
    assert shown.find(QAbstractSpinBox, "l2").text() == "0"


def test_that_automatic_means_none_and_makes_room_for_numbers(qtbot: QtBot) -> None:
    shown = Shown(qtbot, MaxPooling2D(name="p"))
    automatic = shown.find(QCheckBox, "strides_automatic")
    assert automatic.isChecked()
    assert not shown.find(QSpinBox, "strides_0").isVisible()
    qtbot.mouseClick(automatic, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert shown.said[-1].strides == (1, 1)
    qtbot.keyClick(shown.find(QSpinBox, "strides_0"), Qt.Key.Key_Up)
    assert shown.said[-1].strides == (2, 1)
    shown.form.set_value(MaxPooling2D(name="p"))
    assert automatic.isChecked()


def test_that_fields_without_effect_are_hidden(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig(optimizer="adam"))
    assert shown.form.findChild(QAbstractSpinBox, "field_momentum") is None
    qtbot.keyClick(shown.find(QComboBox, "schedule"), Qt.Key.Key_Down)
    assert shown.form.value().schedule == "power"
    assert shown.find(QAbstractSpinBox, "decay_rate").isVisible()
    shown.form.set_value(TrainingConfig(optimizer="sgd", schedule="cosine"))
    assert shown.find(QAbstractSpinBox, "momentum").isVisible()
    assert shown.find(QAbstractSpinBox, "decay_steps").isVisible()
    assert not shown.find(QAbstractSpinBox, "decay_rate").isVisible()
    shown.form.set_value(TrainingConfig(optimizer="adam"))
    assert not shown.find(QAbstractSpinBox, "momentum").isVisible()


def test_that_the_form_offers_each_optimizer_of_the_table_with_the_settings_that_it_takes(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    offered = shown.find(QComboBox, "optimizer")
    assert [offered.itemText(index) for index in range(offered.count())] == [row.name for row in OPTIMIZERS]
    offered.setFocus()
    qtbot.keyClick(offered, Qt.Key.Key_Home)
    for row in OPTIMIZERS:
        assert shown.form.value() == TrainingConfig(optimizer=row.name)
        controls = {name: shown.form.findChild(QWidget, f"field_{name}") for name in OTHER_VALUES}
        assert {name for name, control in controls.items() if control and control.isVisible()} == set(row.settings)
        qtbot.keyClick(offered, Qt.Key.Key_Down)


def test_that_only_the_wanted_fields_are_there(qtbot: QtBot) -> None:
    some = Shown(qtbot, Architecture(input_shape=(28, 28, 1)), only=("name", "input_shape"))
    assert [w.objectName() for w in some.form.findChildren(QSpinBox)] == [f"field_input_shape_{i}" for i in range(3)]
    qtbot.keyClick(some.find(QSpinBox, "input_shape_0"), Qt.Key.Key_Up)
    assert some.said == [Architecture(input_shape=(29, 28, 1))]


def test_that_another_class_gets_another_form(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.form.set_problem("", "something")
    shown.form.set_value(Dropout(name="d", rate=0.25))
    assert shown.form.findChild(QSpinBox, "field_filters") is None
    assert shown.find(QAbstractSpinBox, "rate").text() == "0.25"


def test_that_problems_are_shown_where_they_belong(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.form.set_problem("filters", "Too many.")
    assert shown.problem("filters") == "Too many."
    shown.form.set_problem("filters", "")
    assert shown.problem("filters") == ""
    shown.form.set_problem("", "It does not fit.")
    label = shown.form.findChild(QLabel, "form_problem")
    assert isinstance(label, QLabel)
    assert label.isVisible()
    assert label.text() == "It does not fit."


def test_that_the_wheel_scrolls_the_page_unless_the_box_has_the_focus(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    for name, kind in (("filters", QSpinBox), ("padding", QComboBox)):
        control = shown.find(kind, name)
        shown.find(QLineEdit, "name").setFocus()
        QApplication.sendEvent(control, _wheel(control))
        assert shown.said == []
    filters = shown.find(QSpinBox, "filters")
    filters.setFocus()
    QApplication.sendEvent(filters, _wheel(filters))
    assert shown.form.value().filters == 31


def test_that_undo_in_a_field_is_the_document_s(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    form = SpecForm(window)
    QVBoxLayout(window).addWidget(form)
    form.set_value(CONV)
    undone: list[bool] = []
    undo = QAction("Undo", window)
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    undo.triggered.connect(lambda: undone.append(True))
    window.addAction(undo)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    for kind, name in ((QLineEdit, "name"), (QSpinBox, "filters"), (QAbstractSpinBox, "l1")):
        control = form.findChild(kind, f"field_{name}")
        assert isinstance(control, QWidget)
        control.setFocus()
        qtbot.keyClicks(control, "1")
        qtbot.keyClick(control, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(undone) == 3


def test_that_a_long_description_is_broken_into_lines_and_read_out_whole(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    (seed,) = (field for field in fields_of(TrainingConfig) if field.name == "seed")
    control = shown.find(QSpinBox, "seed")
    assert control.toolTip().startswith("<qt>")  # Qt wraps rich text only
    assert control.accessibleDescription() == seed.description


def _wheel(control: QWidget) -> QWheelEvent:
    middle = QPointF(control.rect().center())
    return QWheelEvent(
        middle, control.mapToGlobal(middle), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
