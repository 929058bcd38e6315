"""Numbers in the cells of the microscope's grids."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QFont, QFontMetricsF
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.microscope.paint import decimals, number_size, number_text


@pytest.mark.parametrize(
    ("largest", "told"), [(12.0, 2), (0.27, 2), (0.051, 3), (-0.00396, 4), (1e-9, 5), (0.0, 2), (np.nan, 2)]
)
def test_that_the_largest_number_of_a_grid_shows_two_digits(largest: float, told: int) -> None:
    assert decimals(np.array([[largest, 0.0]])) == told


def test_that_small_products_are_no_zeros() -> None:
    values = np.array([[0.0003, -0.0037]])
    assert [number_text(float(value), decimals(values)) for value in values.ravel()] == ["0.0003", "−0.0037"]


def test_that_less_exact_numbers_are_better_than_none(qtbot: QtBot) -> None:
    tiny, font = np.full((2, 2), 0.00044), QFont()
    font.setPixelSize(9)
    exact, rough = (QFontMetricsF(font).horizontalAdvance(text) for text in ("0.00044", "0.00"))
    assert rough < 0.8 * exact
    assert number_size(font, [tiny], 0.8 * exact / 0.88, 60) > 0
    assert number_size(font, [tiny], 0.8 * rough / 0.88, 60) == 0
