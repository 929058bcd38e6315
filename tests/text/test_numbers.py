"""Numbers as people read them."""

from __future__ import annotations

import pytest

from cnn_explorer.text.numbers import counted, figure, percent, rough, share_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"), (0.83124, "0.8312"), (-1.5, "−1.5000"), (0.0004, "4.00e-04"), (-2e-7, "−2.00e-07"),
        (1234.56, "1234.6"), (123456.0, "1.23e+05"), (float("nan"), "not a number"), (float("-inf"), "−infinite"),
    ],
)  # fmt: skip
def test_that_figures_keep_what_matters(value: float, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (1, "100 %"), (1e-6, "< 0.1 %"), (1 - 1e-6, "> 99.9 %"), (0.4321, "43.2 %")]
)
def test_that_a_share_is_only_called_whole_where_it_is(share: float, text: str) -> None:
    assert share_text(share) == text


def test_that_rough_numbers_have_three_figures_and_a_true_minus() -> None:
    assert [rough(value) for value in (0.0, 0.123456, -12.345, 1234567.0)] == ["0", "0.123", "−12.3", "1.23e+06"]


def test_that_a_noun_stands_in_its_number() -> None:
    assert [counted(count, "batch", "batches") for count in (0, 1, 1938)] == ["0 batches", "1 batch", "1,938 batches"]


def test_that_percent_have_as_many_decimals_as_are_wanted() -> None:
    assert [percent(0.99125), percent(0.5, 1), percent(0.999, 0)] == ["99.12 %", "50.0 %", "100 %"]
