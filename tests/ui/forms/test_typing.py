"""Typing into a form: numbers, texts and lists, those that are refused, and words that stand for a number."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.network.architecture import BatchNormalization, Dropout, MaxPooling2D, Rescaling
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.text.numbers import short
from cnn_explorer.ui.forms.typed_editors import next_round, parse_number, parse_numbers
from tests.ui.forms.driver import CONV, Shown


def test_that_typing_gives_each_valid_value_on_the_way(qtbot: QtBot) -> None:
    shown = Shown(qtbot, CONV)
    shown.type_over(qtbot, "filters", "64")
    assert [spec.filters for spec in shown.said] == [6, 64]


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


def test_that_zero_reads_automatic_where_that_is_what_it_means_and_can_be_typed_over(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    shown.form.set_open("Device", True)
    words = [field.name for field in fields_of(TrainingConfig) if field.zero]
    assert words == ["gpu_memory", "intra_op_threads", "inter_op_threads"]
    for name, typed, value in zip(words, ("0.35", "4", "2"), (0.35, 4, 2), strict=True):
        line = shown.find(QAbstractSpinBox, name).lineEdit()
        assert line.text() == "automatic"
        qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda line=line: line.selectedText() == "automatic")
        qtbot.keyClicks(line, typed)  # so that the first digit takes the place of the word
        assert (getattr(shown.form.value(), name), shown.problem(name)) == (value, "")
    shown.form.set_value(TrainingConfig())
    assert {shown.find(QAbstractSpinBox, name).text() for name in words} == {"automatic"}


@pytest.mark.parametrize(("name", "typed"), [("gpu_memory", ("0", "automatic")), ("intra_op_threads", ("0",))])
def test_that_who_types_or_steps_to_zero_or_writes_the_word_gets_automatic(
    qtbot: QtBot, name: str, typed: tuple[str, ...]
) -> None:
    start = TrainingConfig(gpu_memory=0.05, intra_op_threads=1)
    for keys in typed:
        shown = Shown(qtbot, start)
        shown.form.set_open("Device", True)
        box = shown.find(QAbstractSpinBox, name)
        shown.type_over(qtbot, name, keys)
        qtbot.keyClick(box, Qt.Key.Key_Tab)
        assert (box.text(), getattr(shown.form.value(), name), shown.problem(name)) == ("automatic", 0, "")
    shown = Shown(qtbot, start)
    shown.form.set_open("Device", True)
    box = shown.find(QAbstractSpinBox, name)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert (box.text(), getattr(shown.form.value(), name)) == ("automatic", 0)
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert shown.form.value() == start


def test_that_zero_is_a_number_like_any_other_elsewhere(qtbot: QtBot) -> None:
    shown = Shown(qtbot, TrainingConfig())
    assert shown.find(QAbstractSpinBox, "momentum").text() == "0"
    assert shown.find(QAbstractSpinBox, "seed").text() == "0"
    shown.type_over(qtbot, "momentum", "automatic")
    assert shown.problem("momentum").startswith("Expected a number")


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
