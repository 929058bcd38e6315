"""Spans of time as people read them."""

from __future__ import annotations

import pytest

from cnn_explorer.text.durations import clock


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0:00"), (42, "0:42"), (60, "1:00"), (3599.4, "59:59"), (3600, "1:00:00"), (-3, "0:00")]
)
def test_that_times_are_written_as_on_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_that_time_is_told_in_hours_when_there_are_some() -> None:
    assert [clock(seconds) for seconds in (0.4, 59.6, 3599, 3661)] == ["0:00", "1:00", "59:59", "1:01:01"]
