"""What live plots show, without Qt."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnn_explorer.ui.plots.data import (
    ACCURACY,
    LEARNING_RATE,
    LOSS,
    QUANTITIES,
    CurveData,
    Quantity,
    Series,
    round_range,
    span_of,
)
from cnn_explorer.ui.plots.lines import SMOOTHING, default_smoothing, smoothing_text
from cnn_explorer.ui.plots.ticks import log_ticks, plain, round_step


def curve(raw: list[float], validation: list[float] | None = None) -> CurveData:
    values = np.array(raw, np.float64)
    val = np.array(validation or [], np.float64)
    position = np.linspace(1 / max(len(raw), 1), 1, len(raw))
    return CurveData(position, values, values, np.arange(1.0, len(val) + 1), val)


def calm_range(data: CurveData, quantity: Quantity, *, log: bool, with_raw: bool = True) -> tuple[float, float]:
    bounds = data.bounds(quantity, (-math.inf, math.inf), log=log, with_raw=with_raw)
    return round_range([bounds], quantity, log=log)


def test_that_the_first_steps_do_not_flatten_the_rest_of_the_curve() -> None:
    falling = [2.3] * 5 + [0.1 + 0.05 * math.sin(i) for i in range(995)]
    low, high = calm_range(curve(falling), LOSS, log=False)
    assert 0 <= low < 0.06
    assert 0.15 <= high < 0.25


def test_that_validation_is_always_inside() -> None:
    low, high = calm_range(curve([0.1, 0.11] * 50, [0.9]), LOSS, log=False)
    assert low <= 0.1
    assert high >= 0.9


def test_that_accuracy_ends_at_100_percent() -> None:
    _, high = calm_range(curve([0.98, 1.0] * 50), ACCURACY, log=False)
    assert high == 100.0


def test_that_a_logarithmic_axis_holds_everything_above_0() -> None:
    low, high = calm_range(curve([2.3, 0.5, 0.0, math.nan, 0.004]), LOSS, log=True)
    assert 0.003 < low < 0.004
    assert 2.3 < high < 3.0


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("raw", [[], [math.nan], [0.0], [0.5], [1e-9] * 4, [1e30, math.inf]])
def test_that_any_curve_has_a_range(raw: list[float], log: bool) -> None:
    for quantity in QUANTITIES:
        low, high = calm_range(curve(raw), quantity, log=log)
        assert math.isfinite(low)
        assert low < high < math.inf


def test_that_the_range_stays_the_same_while_a_calm_curve_grows() -> None:
    wave = [0.3 + 0.1 * math.sin(i) for i in range(400)]
    assert len({calm_range(curve(wave[:n]), LOSS, log=False) for n in range(100, 400, 10)}) == 1


def test_that_a_plot_reaches_to_the_end_of_the_epoch_that_goes() -> None:
    data = curve([1.0, 0.9, 0.8])
    assert data.right == 1
    assert CurveData.empty(planned=5).right == 5
    later = CurveData(np.array([7.25]), np.array([1.0]), np.array([1.0]), np.empty(0), np.empty(0), first=7)
    assert (later.first, later.right) == (7, 8)


def test_that_the_cursor_finds_the_nearest_point_of_each_curve() -> None:
    data = CurveData(
        np.array([0.25, 0.5, 0.75, 1.0]), np.array([4.0, 3.0, 2.0, 1.0]), np.array([4.0, 3.5, 3.0, 2.5]),
        np.array([1.0]), np.array([0.5]),
    )  # fmt: skip
    found = {point.curve: (point.position, point.value) for point in data.near(0.6)}
    assert found == {"batch": (0.5, 3.0), "smoothed": (0.5, 3.5), "validation": (1.0, 0.5)}
    assert [point.position for point in data.near(-3)] == [0.25, 0.25, 1.0]
    assert [point.position for point in data.near(99)] == [1.0, 1.0, 1.0]
    assert CurveData.empty().near(0.5) == ()


def test_that_what_is_not_in_view_does_not_count() -> None:
    data = curve([4.0] * 50 + [1.0] * 50)
    assert data.bounds(LOSS, (0.6, 1.0), log=False, with_raw=True) == (1.0, 1.0)
    assert data.bounds(LOSS, (2.0, 3.0), log=False, with_raw=True) is None


def test_that_a_comparison_shows_everything_that_each_run_would_show() -> None:
    low, high = round_range([(0.2, 0.3), None, (0.05, 0.25)], LOSS, log=False)
    assert low <= 0.05
    assert high >= 0.3
    assert span_of([CurveData.empty(9), curve([1.0, 2.0])], 4) == (0.0, 1.0)
    assert span_of([CurveData.empty(9)], 4) == (0.0, 9.0)
    assert span_of([], 4) == (0.0, 4.0)


def test_that_every_learning_rate_is_inside_and_the_axis_begins_at_0() -> None:
    rates = [1e-4] * 3 + [0.01] + [1e-4] * 996
    low, high = calm_range(curve(rates), LEARNING_RATE, log=False)
    assert low == 0.0
    assert 0.01 <= high <= 0.013
    assert calm_range(curve([3e-5] * 10), LEARNING_RATE, log=False)[1] <= 4e-5


def test_that_marks_are_described_near_them_only() -> None:
    series = Series("r", "r", curve([1.0]), marks=((1.5, "set by hand: 0.1"), (4.0, "plateau: 0.01")))
    assert series.notes_at(1.48, 0.05) == ("set by hand: 0.1",)
    assert series.notes_at(2.0, 0.05) == ()


@pytest.mark.parametrize(("steps", "window"), [(16, 0), (938, 10), (4690, 50), (75_040, 1000), (10**7, 5000)])
def test_that_smoothing_fits_the_length_of_the_run(steps: int, window: int) -> None:
    assert SMOOTHING[default_smoothing(steps)] == window


def test_that_no_smoothing_is_called_so() -> None:
    assert smoothing_text(0) == "off"
    assert smoothing_text(1000) == "1,000 batches"


@pytest.mark.parametrize(
    ("value", "loss", "accuracy"),
    [(0.03125, "0.0312", "3.12 %"), (0.9912, "0.9912", "99.12 %"), (math.nan, "not a number", "not a number")],
)
def test_that_values_are_written_as_people_read_them(value: float, loss: str, accuracy: str) -> None:
    assert LOSS.text(value) == loss
    assert ACCURACY.text(value) == accuracy


@pytest.mark.parametrize(
    ("span", "most", "step"), [(1.0, 5, 0.2), (100, 5, 20), (0.31, 8, 0.05), (5, 10, 0.5), (3e-5, 3, 1e-5)]
)
def test_that_steps_are_round(span: float, most: float, step: float) -> None:
    assert round_step(span, most) == pytest.approx(step)


def test_that_ticks_of_a_logarithmic_axis_are_round_numbers_inside_it() -> None:
    assert log_ticks(0.008, 3.0, 12) == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
    assert log_ticks(1e-6, 1.0, 8) == [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0]
    assert log_ticks(1e-12, 1.0, 5) == pytest.approx([1e-12, 1e-9, 1e-6, 1e-3, 1.0])
    assert log_ticks(0.021, 0.029, 4) == pytest.approx([0.022, 0.024, 0.026, 0.028])


def test_that_labels_have_as_many_digits_as_they_need() -> None:
    assert [plain(v, 0.2) for v in (0.0, 0.2, 1.0)] == ["0.0", "0.2", "1.0"]
    assert plain(20.0, 20.0) == "20"
    assert plain(2e-6, 1e-6) == "2e-06"
