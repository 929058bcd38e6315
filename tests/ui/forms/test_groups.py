"""The groups of a form: folding, the line that says what a folded one hides, and the order of Tab."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.ui.forms.section import SectionHeader
from cnn_explorer.ui.forms.spec_form import SpecForm
from cnn_explorer.ui.forms.summary import differences
from tests.ui.forms.driver import Shown


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
        ("Optimization", TrainingConfig(optimizer="lion"), ("lion 0.004",)),
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


def test_that_a_summary_has_a_word_where_zero_means_automatic() -> None:
    (threads,) = (field for field in fields_of(TrainingConfig) if field.name == "intra_op_threads")
    machine = replace(threads, default=4)
    assert differences((machine,), TrainingConfig()) == ("threads automatic",)
    assert differences((machine,), TrainingConfig(intra_op_threads=2)) == ("threads 2",)


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
