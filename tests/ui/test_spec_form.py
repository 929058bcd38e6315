"""The form that is generated from a spec."""

from __future__ import annotations

from typing import Any, TypeVar

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

from cnn_explorer.core.architecture import (
    L1L2,
    LAYER_KINDS,
    Architecture,
    BatchNormalization,
    Conv2D,
    Dropout,
    LayerKind,
    MaxPooling2D,
    Rescaling,
    ZeroPadding2D,
)
from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.ui.widgets.form_section import SectionHeader
from cnn_explorer.ui.widgets.form_summary import differences
from cnn_explorer.ui.widgets.spec_form import SpecForm
from cnn_explorer.ui.widgets.typed_editors import next_round, parse_number, parse_numbers, short

W = TypeVar("W", bound=QWidget)
CONV = Conv2D(name="Conv2D_1", filters=32, kernel_size=(3, 3))
EVERYTHING = TrainingConfig(
    optimizer="sgd", schedule="piecewise", reduce_on_plateau="val_loss", loss="categorical_crossentropy",
    class_weight="custom", regularizer="l2", early_stopping="val_loss", augment_shift=0.1, test_limit=100,
    probe_index=1, device="cpu",
)  # fmt: skip
"""A configuration with something of its own in each group."""


class Shown:
    """A form on the screen, and everything that it has said."""

    def __init__(self, qtbot: QtBot, spec: msgspec.Struct, only: tuple[str, ...] | None = None) -> None:
        self.form = SpecForm(only=only)
        qtbot.addWidget(self.form)
        self.form.set_value(spec)
        with qtbot.waitActive(self.form):
            self.form.show()
            self.form.activateWindow()
        self.said: list[Any] = []
        self.form.value_changed.connect(self.said.append)

    def find(self, kind: type[W], name: str) -> W:
        found = self.form.findChild(kind, f"field_{name}")
        assert isinstance(found, kind)
        return found

    def problem(self, name: str) -> str:
        label = self.form.findChild(QLabel, f"problem_{name}")
        assert isinstance(label, QLabel)
        return label.text() if label.isVisible() else ""

    def type_over(self, qtbot: QtBot, name: str, text: str, kind: type[QWidget] = QAbstractSpinBox) -> None:
        """Replace what stands in a field, key by key."""
        control = self.find(kind, name)
        control.setFocus()
        control.selectAll()
        qtbot.keyClicks(control, text)


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


def test_that_typing_gives_each_valid_value_on_the_way(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.type_over(qtbot, "filters", "64")
    assert [spec.filters for spec in shown.said] == [6, 64]


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


def test_that_no_limit_can_be_typed_over(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    shown.form.set_open("Data", True)
    limit = shown.find(QSpinBox, "train_limit")
    assert limit.text() == "No limit"
    shown.type_over(qtbot, "train_limit", "512")
    assert shown.said[-1].train_limit == 512
    shown.form.set_value(TrainingConfig())
    assert limit.text() == "No limit"
    assert shown.form.value().train_limit is None


@pytest.mark.parametrize(
    ("typed", "value"), [("1e-05", 1e-05), ("0.25", 0.25), ("0,5", 0.5), ("1/4", 0.25), (".5", 0.5)]
)
def test_that_numbers_can_be_written_in_any_way(qtbot: QtBot, typed: str, value: float) -> None:
    shown = Shown(qtbot, TrainingConfig())
    shown.type_over(qtbot, "learning_rate", typed)
    assert shown.form.value().learning_rate == value
    assert shown.find(QAbstractSpinBox, "learning_rate").text() == typed  # left as it was typed
    assert shown.problem("learning_rate") == ""


@pytest.mark.parametrize("typed", ["fast", "-1", "0", "1/0", "nan", "1e999", "101"])
def test_that_a_wrong_number_is_marked_and_the_last_right_one_kept(qtbot: QtBot, typed: str) -> None:
    shown = Shown(qtbot, TrainingConfig(learning_rate=0.02))
    shown.find(QAbstractSpinBox, "learning_rate").lineEdit().clear()
    shown.type_over(qtbot, "learning_rate", typed)
    assert shown.find(QAbstractSpinBox, "learning_rate").text() == typed
    assert "a number above 0 and up to 100" in shown.problem("learning_rate")
    valid = shown.form.value().learning_rate
    assert 0 < valid <= 100
    shown.type_over(qtbot, "learning_rate", "0.1")
    assert shown.problem("learning_rate") == ""
    assert shown.form.value().learning_rate == 0.1


def test_that_a_refused_number_that_is_left_behind_gives_way_to_the_one_before(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig(learning_rate=0.02))
    shown.type_over(qtbot, "learning_rate", "1000")
    box = shown.find(QAbstractSpinBox, "learning_rate")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.text() == "1000"
    qtbot.keyClick(box, Qt.Key.Key_Tab)
    assert box.text() == "0.02"
    assert shown.problem("learning_rate") == ""
    assert shown.form.value() == shown.said[-1] == TrainingConfig(learning_rate=0.02)


def test_that_a_refused_name_that_is_left_behind_gives_way_to_the_one_before(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.type_over(qtbot, "name", "good", QLineEdit)
    qtbot.keyClick(shown.find(QLineEdit, "name"), Qt.Key.Key_Tab)
    shown.type_over(qtbot, "name", "a b", QLineEdit)
    qtbot.keyClick(shown.find(QLineEdit, "name"), Qt.Key.Key_Tab)
    assert shown.find(QLineEdit, "name").text() == "good"
    assert shown.form.value().name == "good"


def test_that_a_refused_name_says_nothing_about_the_spec_that_comes_next(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.type_over(qtbot, "name", "a b", QLineEdit)
    shown.said.clear()
    pool = MaxPooling2D(name="Max_Pool_1", pool_size=(2, 2))
    shown.form.set_value(pool)
    assert shown.said == []
    assert shown.form.value() == pool


def test_that_a_limit_which_is_excluded_is_refused(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Dropout(name="d", rate=0.5))
    shown.type_over(qtbot, "rate", "1")
    assert shown.form.value().rate == 0.5
    assert shown.problem("rate")


def test_that_arrows_step_through_round_numbers_and_stay_within_the_limits(qtbot: QtBot) -> None:
    shown = Shown(qtbot, BatchNormalization(name="b", epsilon=0.5, momentum=0.95))
    epsilon = shown.find(QAbstractSpinBox, "epsilon")
    qtbot.keyClick(epsilon, Qt.Key.Key_Up)
    assert shown.form.value().epsilon == 1.0
    qtbot.keyClick(epsilon, Qt.Key.Key_Up)
    assert shown.form.value().epsilon == 1.0
    momentum = shown.find(QAbstractSpinBox, "momentum")
    qtbot.keyClick(momentum, Qt.Key.Key_Up)
    assert shown.form.value().momentum == 0.95  # 1 is not allowed
    qtbot.keyClick(momentum, Qt.Key.Key_PageDown)  # ten steps
    assert shown.form.value().momentum == 0.45


@pytest.mark.parametrize(
    ("number", "up", "down"),
    [(0.001, 0.002, 0.0005), (0.03, 0.05, 0.02), (1.0, 2.0, 0.5), (0.0, 1e-05, -1e-05), (1e-08, 2e-08, 0.0),
     (-0.2, -0.1, -0.5), (99.0, 100.0, 50.0)],
)  # fmt: skip
def test_that_round_numbers_follow_each_other(number: float, up: float, down: float) -> None:
    assert (next_round(number, 1), next_round(number, -1)) == (up, down)


@pytest.mark.parametrize("number", [0.001, 1e-05, 1 / 255, 3.0, 0.1 + 0.2, 1e22])
def test_that_the_shown_number_is_the_number(number: float) -> None:
    assert parse_number(short(number)) == number


def test_that_a_number_without_limits_may_not_be_infinite(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Rescaling(name="r", scale=2.0))
    shown.type_over(qtbot, "scale", "inf")
    assert shown.form.value().scale == 2.0
    assert shown.problem("scale")


def test_that_a_wrong_name_is_marked_and_goes_with_the_next_spec(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.type_over(qtbot, "name", "a b", QLineEdit)
    assert shown.form.value().name == "a"
    assert "Expected a name" in shown.problem("name")
    line = shown.find(QLineEdit, "name")
    shown.form.set_value(shown.form.value())  # nothing new: what is typed stays
    assert line.text() == "a b"
    shown.form.set_value(CONV)
    assert line.text() == "Conv2D_1"
    assert shown.problem("name") == ""


def test_that_an_empty_name_is_refused(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.find(QLineEdit, "name").selectAll()
    qtbot.keyClick(shown.find(QLineEdit, "name"), Qt.Key.Key_Backspace)
    assert shown.said == []
    assert shown.problem("name")


def test_that_the_cursor_stays_while_the_same_value_comes_back(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.form.value_changed.connect(shown.form.set_value)
    line = shown.find(QLineEdit, "name")
    line.setFocus()
    line.setCursorPosition(4)
    qtbot.keyClicks(line, "xy")
    assert line.text() == "Convxy2D_1"


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


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [("2000, 4000", (2000.0, 4000.0)), ("1e-3,5e-4,", (0.001, 0.0005)), ("0,5; 0,25", (0.5, 0.25)), ("1/4", (0.25,)),
     ("", ()), (" ", ()), ("1,,2", None), ("1, fast", None), (",", None), ("nan", None)],
)  # fmt: skip
def test_that_lists_of_numbers_are_read(typed: str, numbers: tuple[float, ...] | None) -> None:
    assert parse_numbers(typed) == numbers


def test_that_a_list_of_integers_takes_no_fractions() -> None:
    assert parse_numbers("2e3, 7", whole=True) == (2000, 7)
    assert all(isinstance(number, int) for number in parse_numbers("2e3, 7", whole=True) or ())
    assert parse_numbers("2.5", whole=True) is None


PIECEWISE = TrainingConfig(schedule="piecewise")


def test_that_a_list_is_typed_and_a_wrong_one_stays_marked(qtbot: QtBot) -> None:
    shown = Shown(qtbot, PIECEWISE)
    line = shown.find(QLineEdit, "boundaries")
    assert line.text() == "2000, 4000"
    shown.type_over(qtbot, "boundaries", "100, 200, 300", QLineEdit)
    assert shown.form.value().boundaries == (100, 200, 300)
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    shown.type_over(qtbot, "boundaries", "100, x", QLineEdit)
    assert line.text() == "100, x"
    assert shown.problem("boundaries").startswith("Expected a list of integers from 1 to")
    assert line.property("invalid") is True
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    assert line.text() == "100, 200, 300"
    assert shown.form.value() == replace(PIECEWISE, boundaries=(100, 200, 300))
    assert shown.problem("boundaries") == ""


def test_that_a_list_may_be_empty_and_keeps_within_its_limits(qtbot: QtBot) -> None:
    shown = Shown(qtbot, PIECEWISE)
    shown.find(QLineEdit, "values").selectAll()
    qtbot.keyClick(shown.find(QLineEdit, "values"), Qt.Key.Key_Backspace)
    assert shown.form.value().values == ()
    shown.type_over(qtbot, "values", "0", QLineEdit)
    assert shown.problem("values")
    shown.type_over(qtbot, "values", "0.1, 1/100", QLineEdit)
    assert shown.form.value().values == (0.1, 0.01)


def test_that_what_is_wrong_with_the_typing_hides_other_problems_only_for_a_while(qtbot: QtBot) -> None:
    shown = Shown(qtbot, PIECEWISE)
    shown.form.set_problem("values", "One for each boundary.")
    shown.type_over(qtbot, "values", "x", QLineEdit)
    assert shown.problem("values").startswith("Expected a list")
    shown.form.set_problem("values", "")
    assert shown.problem("values").startswith("Expected a list")
    shown.form.set_problem("values", "One for each boundary.")
    shown.type_over(qtbot, "values", "1", QLineEdit)
    assert shown.problem("values") == "One for each boundary."


def header(shown: Shown, group: str) -> SectionHeader:
    found = shown.form.findChild(SectionHeader, f"section_{group.lower()}")
    assert isinstance(found, SectionHeader)
    return found


def test_that_groups_at_their_defaults_start_folded_except_the_first_two(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig(augment_shift=0.1))
    groups = list(dict.fromkeys(field.group for field in fields_of(TrainingConfig)))
    assert [group for group in groups if shown.form.is_open(group)] == ["Run", "Optimization", "Augmentation"]
    assert shown.form.findChild(QWidget, "field_preprocessing") is None  # made when it is wanted


def test_that_a_heading_unfolds_by_click_and_by_key(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    device = header(shown, "Device")
    qtbot.mouseClick(device, Qt.MouseButton.LeftButton)
    assert shown.find(QComboBox, "precision").isVisible()
    for key, is_open in (
        (Qt.Key.Key_Left, False), (Qt.Key.Key_Left, False), (Qt.Key.Key_Right, True), (Qt.Key.Key_Right, True),
        (Qt.Key.Key_Space, False), (Qt.Key.Key_Return, True),
    ):  # fmt: skip
        qtbot.keyClick(device, key)
        assert shown.form.is_open("Device") is is_open
        assert shown.find(QComboBox, "precision").isVisible() is is_open
    assert shown.said == []


def test_that_tab_goes_through_the_fields_in_their_order_and_folded_ones_are_left_out(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    qtbot.mouseClick(header(shown, "Loss"), Qt.MouseButton.LeftButton)  # made after all the others
    qtbot.keyClick(shown.find(QComboBox, "class_weight"), Qt.Key.Key_End)  # custom: one more field, made even later
    shown.find(QComboBox, "schedule").setCurrentText("power")  # two more, in the middle
    header(shown, "Run").setFocus()
    seen = []
    for _ in range(21):
        control = QApplication.focusWidget()
        seen.append(control.objectName())
        qtbot.keyClick(control, Qt.Key.Key_Tab)
    assert seen == [
        "section_run", "field_epochs", "field_batch_size", "field_seed", "field_deterministic",
        "section_optimization", "field_optimizer", "field_learning_rate", "field_momentum", "field_schedule",
        "field_decay_steps", "field_decay_rate", "field_warmup_steps", "field_reduce_on_plateau",
        "section_loss", "field_loss", "field_class_weight", "field_class_weight_values",
        "section_regularization", "section_augmentation", "section_data",
    ]  # fmt: skip
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget().objectName() == "section_augmentation"


def test_that_a_folded_heading_says_what_differs(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig(regularizer="l2", early_stopping="val_loss"))
    regularization = header(shown, "Regularization")
    assert regularization.shown == ""  # it is open
    qtbot.mouseClick(regularization, Qt.MouseButton.LeftButton)
    assert regularization.shown == "l2 0.001 · early stopping val_loss"
    shown.form.set_value(TrainingConfig(regularizer="l1", regularizer_strength=0.5))
    assert regularization.shown == "l1 0.5"
    shown.form.set_value(TrainingConfig())
    assert regularization.shown == ""
    assert regularization.accessibleName() == "Regularization, folded"
    assert not shown.form.is_open("Regularization")


@pytest.mark.parametrize(
    ("group", "config", "expected"),
    [
        ("Optimization", TrainingConfig(optimizer="sgd", momentum=0.9, nesterov=True),
         ("sgd", "momentum 0.9", "nesterov")),
        ("Optimization", TrainingConfig(optimizer="adamw"), ("adamw 0.004",)),
        ("Optimization", TrainingConfig(optimizer="adam", momentum=0.9), ("adam",)),  # without effect
        ("Optimization", TrainingConfig(schedule="piecewise", values=(0.1,)), ("schedule piecewise", "values 0.1")),
        ("Data", TrainingConfig(preprocessing="scale", train_limit=2000), ("scale", "training limit 2,000")),
        ("Regularization", TrainingConfig(early_stopping="val_loss", restore_best_weights=False),
         ("early stopping val_loss", "not restore best")),
        ("Device", TrainingConfig(jit_compile="on", gpu_memory=0.35), ("XLA on", "GPU memory 0.35")),
        ("Loss", TrainingConfig(class_weight="custom"), ("class weights custom",)),
        ("Augmentation", TrainingConfig(augment_rotation=10.0, augment_flip="both"), ("rotation 10", "flip both")),
        ("Run", TrainingConfig(), ()),
    ],
)  # fmt: skip
def test_that_a_summary_names_only_what_has_an_effect(
    group: str, config: TrainingConfig, expected: tuple[str, ...]
) -> None:
    fields = tuple(field for field in fields_of(TrainingConfig) if field.group == group)
    assert differences(fields, config) == expected


def test_that_a_problem_unfolds_its_group_but_not_twice(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    shown.form.set_value(TrainingConfig(class_weight="custom"))
    assert not shown.form.is_open("Loss")
    shown.form.set_problem("class_weight_values", "Expected 10 numbers.")
    assert shown.form.is_open("Loss")
    assert shown.problem("class_weight_values") == "Expected 10 numbers."
    qtbot.mouseClick(header(shown, "Loss"), Qt.MouseButton.LeftButton)
    shown.form.set_problem("class_weight_values", "Expected 10 numbers.")
    assert not shown.form.is_open("Loss")
    assert header(shown, "Loss").shown == "Expected 10 numbers."
    shown.form.set_problem("class_weight_values", "")
    assert header(shown, "Loss").shown == "class weights custom"


def test_that_a_locked_form_can_still_be_looked_into(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    shown.form.set_locked(True)
    qtbot.mouseClick(header(shown, "Data"), Qt.MouseButton.LeftButton)
    assert shown.find(QComboBox, "preprocessing").isVisible()
    assert not shown.find(QComboBox, "preprocessing").isEnabled()
    assert not shown.find(QSpinBox, "epochs").isEnabled()
    shown.form.set_locked(False)
    assert shown.find(QComboBox, "preprocessing").isEnabled()


def test_that_left_out_fields_keep_their_values_and_something_can_stand_below_a_group(qtbot: QtBot) -> None:
    form = SpecForm(without=("probe_index", "probe_layer"))
    qtbot.addWidget(form)
    form.set_value(TrainingConfig(probe_index=7, probe_layer="Conv2D_2"))
    assert form.findChild(SectionHeader, "section_film") is None
    below = QLabel("preview")
    form.add_below("Augmentation", below)
    with qtbot.waitExposed(form):
        form.show()
    assert not below.isVisible()
    form.set_open("Augmentation", True)
    assert below.isVisible()
    epochs = form.findChild(QSpinBox, "field_epochs")
    assert isinstance(epochs, QSpinBox)
    epochs.setValue(9)
    assert form.value() == TrainingConfig(epochs=9, probe_index=7, probe_layer="Conv2D_2")


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
