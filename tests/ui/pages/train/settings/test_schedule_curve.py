"""The preview of the learning rate."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.train.settings.schedule_curve import ScheduleCurve, ticks_below
from cnn_explorer.ui.theme import Mode, theme


@pytest.fixture
def curve(qtbot: QtBot) -> ScheduleCurve:
    curve = ScheduleCurve()
    qtbot.addWidget(curve)
    curve.resize(288, curve.sizeHint().height())
    return curve


@pytest.mark.parametrize(
    ("rates", "hints"),
    [
        ((0.0, 0.001, 1e-5), ("0", "0.001", "1e-05")),
        ((0.001, 0.0005), ("", "0.001", "0.0005")),
        ((0.001, 0.001), ("", "0.001", "")),
        ((), ("", "", "")),
    ],
)
def test_that_first_highest_and_last_rate_are_written_once_each(
    curve: ScheduleCurve, rates: tuple[float, ...], hints: tuple[str, str, str]
) -> None:
    curve.show_points(tuple((index / max(1, len(rates) - 1), rate) for index, rate in enumerate(rates)), 3)
    assert curve.hints() == hints
    curve.grab()


@given(st.integers(1, 10_000), st.floats(20, 2000))
def test_that_the_epochs_below_it_go_from_0_to_the_end_and_have_room(epochs: int, width: float) -> None:
    ticks = ticks_below(epochs, width)
    assert (ticks[0], ticks[-1]) == (0, epochs)
    assert list(ticks) == sorted(set(ticks))
    if len(ticks) > 2:
        assert min(b - a for a, b in pairwise(ticks)) * width / epochs >= 25


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_that_the_curve_is_as_high_as_its_rates(curve: ScheduleCurve, mode: Mode) -> None:
    theme().set_mode(mode)
    curve.show_points(((0.0, 0.001), (0.5, 0.001), (0.5, 0.0), (1.0, 0.0)), 2)
    picture, middle = curve.grab().toImage(), curve.height() // 2
    soft = theme().color("accent_soft")
    theme().set_mode("system")
    assert picture.pixelColor(60, middle) == soft
    assert picture.pixelColor(picture.width() - 60, middle) != soft
