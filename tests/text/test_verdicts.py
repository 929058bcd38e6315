"""What a network says of an image, in words and bars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cnn_explorer.text.verdicts import Verdict, class_names, prediction_bars, verdict
from tests.ui.fakes import FakeModel, digits

DIGITS = tuple("0123456789")


def said_of(values: list[float] | NDArray[np.float32], names: tuple[str, ...], true_name: str) -> Verdict:
    found = verdict(np.asarray(values, np.float32), names, true_name)
    assert found is not None
    return found


def test_that_a_wrong_prediction_is_marked_in_words_and_both_classes_stand_out() -> None:
    said = said_of([0, 0.05, 0, 0.75, 0, 0.2, 0, 0, 0, 0], DIGITS, "5")
    assert said.text == "Predicted 3, it is a 5"
    assert said.right is False
    assert [bar.name for bar in said.bars] == list(DIGITS)
    assert [bar.name for bar in said.bars if bar.predicted] == ["3"]
    assert [bar.name for bar in said.bars if bar.true] == ["5"]
    assert said.bars[3].text == "75.0 %"
    assert said.bars[3].length == pytest.approx(0.75)


def test_that_words_fit_numbers_and_names() -> None:
    sure = np.eye(10, dtype=np.float32)
    assert said_of(sure[1], DIGITS, "8").text == "Predicted 1, it is an 8"
    assert said_of(sure[1], DIGITS, "1").text == "Predicted 1, which is right"
    assert said_of(sure[0, :2], ("Apple", "Pear"), "Pear").text == "Predicted Apple, it is Pear"


def test_that_a_true_class_that_the_model_does_not_know_is_neither_right_nor_wrong() -> None:
    said = said_of([0.1, 0.9], ("cat", "dog"), "7")
    assert (said.text, said.right) == ("Predicted dog", None)


def test_that_of_many_classes_the_ten_largest_are_shown_in_order() -> None:
    shares = np.random.default_rng(1).dirichlet(np.ones(60)).astype(np.float32)
    said = said_of(shares, tuple(f"c{i}" for i in range(60)), "c0")
    assert [bar.name for bar in said.bars] == [f"c{i}" for i in np.argsort(-shares)[:10]]


def test_that_twelve_classes_all_get_a_bar_and_thirteen_do_not() -> None:
    for count, bars in ((12, 12), (13, 10)):
        assert len(said_of([1 / count] * count, tuple(map(str, range(count))), "0").bars) == bars


def test_that_values_which_are_no_shares_are_shown_as_they_are() -> None:
    said = said_of([-2.0, 6.0, 2.0], ("a", "b", "c"), "b")
    assert [bar.text for bar in said.bars] == ["−2.0000", "6.0000", "2.0000"]
    assert [bar.length for bar in said.bars] == pytest.approx([0.0, 1.0, 0.5])


def test_that_a_prediction_of_no_numbers_or_of_one_number_is_not_called_a_class() -> None:
    broken = said_of([np.nan, 1.0], ("a", "b"), "a")
    assert broken.text == "The answer contains values that are not numbers."
    single = said_of([0.25], ("0",), "0")
    assert (single.text, single.bars) == ("Output 0.2500", ())
    assert verdict(None, DIGITS, "1") is None
    assert verdict(np.zeros((2, 2), np.float32), DIGITS, "1") is None


def test_that_classes_are_named_by_the_model_then_by_the_data_set_then_by_numbers() -> None:
    info = FakeModel(Path("runs/1-mnist-simple/model.h5")).info
    dataset = replace(digits(), classes=("nought", "one"))
    own = replace(info, classes=("a", "b"))
    assert class_names(own, dataset, 2) == ("a", "b")
    assert class_names(replace(info, classes=()), dataset, 2) == ("nought", "one")
    assert class_names(own, dataset, 3) == ("0", "1", "2")


def test_that_one_output_has_a_bar_from_0_and_outputs_without_a_name_are_numbers() -> None:
    (bar,) = prediction_bars(np.array([-0.25]), (), "")
    assert (bar.name, bar.text, bar.length, bar.true) == ("0", "−0.2500", 0.0, False)
    assert [bar.name for bar in prediction_bars(np.array([0.5, 0.5]), ("a",), "a")] == ["a", "1"]
