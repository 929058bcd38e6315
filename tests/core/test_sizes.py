"""Sizes as people read them."""

from __future__ import annotations

import numpy as np
import pytest

from cnn_explorer.core.sizes import bytes_text, megabytes, shape_text


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((26, 26, 32), "26×26×32"), ((61_952,), "61,952"), ((), ""), ((None, None, 3), "?×?×3"),
        ((2.0, 1.0), "2×1"), ((0.5, 0.25), "0.5×0.25"), ([3, 3], "3×3"), (np.zeros((1200, 3)).shape, "1,200×3"),
        (np.array([4, 5]), "4×5"),
    ],
)  # fmt: skip
def test_that_a_shape_is_its_sides(shape: tuple[float | None, ...], text: str) -> None:
    assert shape_text(shape) == text


def test_that_a_small_download_is_not_said_to_be_nothing() -> None:
    assert [megabytes(size) for size in (0, 5_000, 170_498_071, 1_234_600_000)] == [
        "0 MB",
        "1 MB",
        "170 MB",
        "1,235 MB",
    ]


def test_that_bytes_beside_a_limit_have_a_tenth() -> None:
    told = [bytes_text(size) for size in (0, 400_000, 16 << 20, 999_900_000, 3_700_000_000)]
    assert told == ["0.0 MB", "0.4 MB", "16.8 MB", "999.9 MB", "3.7 GB"]
