"""How much more a trusted file may ask for than one of unknown origin."""

from __future__ import annotations

import dataclasses

import pytest

from cnn_explorer.core.model.file_limits import LIMITS, FileLimits, raised_limits


@pytest.mark.parametrize("free", [None, 0, 1 << 20, 8 << 30, 1 << 40])
def test_that_trust_lowers_no_limit_however_little_memory_is_free(free: int | None) -> None:
    raised = raised_limits(free)
    assert all(getattr(raised, one.name) >= getattr(LIMITS, one.name) for one in dataclasses.fields(FileLimits))


def test_that_a_trusted_file_gets_three_fifths_of_the_memory_that_is_free() -> None:
    raised = raised_limits(100 << 30)
    assert raised.weight_bytes == 60 << 30
    assert raised.activations == 10 << 30  # four bytes each: two fifths
