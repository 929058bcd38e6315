"""How maps are laid out in a room: in view where they can be read, in columns to scroll where not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.maps.arrangement import AUTOMATIC, arranged, default_columns, wrapped_columns


def test_that_up_to_64_maps_stand_as_in_the_articles() -> None:
    assert [default_columns(count) for count in (1, 32, 64)] == [8, 8, 8]
    assert default_columns(65) == AUTOMATIC


def test_that_a_few_maps_are_all_in_view() -> None:
    found = arranged((26, 26, 32), (300, 900), 8)
    assert (found.columns, found.scrolls) == (8, False)
    assert found.node == pytest.approx(300 / (4 * 26))
    assert not arranged((11, 11, 64), (300, 900), 8).scrolls


def test_that_automatic_columns_fill_the_room() -> None:
    assert arranged((10, 10, 32), (200, 1600)).columns == 16
    assert arranged((10, 10, 32), (1600, 200)).columns == 2


@pytest.mark.parametrize(("side", "count", "columns"), [(7, 2048, 18), (14, 512, 18), (56, 256, 9), (224, 512, 9)])
def test_that_many_maps_scroll_at_a_size_that_can_be_read(side: int, count: int, columns: int) -> None:
    found = arranged((side, side, count), (300, 900))
    assert (found.columns, found.scrolls) == (columns, True)
    assert found.node * side == pytest.approx(900 / columns)


def test_that_columns_which_someone_chose_are_kept() -> None:
    assert arranged((7, 7, 2048), (300, 900), 5).columns == 5
    assert arranged((7, 7, 2048), (300, 900), 5).node * 7 == pytest.approx(96), "maps need not fill the whole width"
    assert arranged((7, 7, 3), (300, 900), 8).columns == 3
    with pytest.raises(ValueError, match="-1 columns"):
        arranged((7, 7, 3), (300, 900), -1)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 300), st.integers(1, 2000), st.integers(1, 2000))
def test_that_no_number_of_columns_makes_maps_larger_than_the_automatic_one(
    height: int, width: int, count: int, high: int, wide: int
) -> None:
    found = arranged((height, width, count), (high, wide))

    def size(columns: int) -> float:
        return min(wide / (columns * width), high / (-(-count // columns) * height))

    assert 1 <= found.columns <= count
    if not found.scrolls and found.node * max(height, width) >= 48:
        assert found.node == pytest.approx(max(map(size, range(1, count + 1))))
    assert found.columns * width * found.node <= wide * (1 + 1e-9)


@pytest.mark.parametrize(("count", "columns"), [(576, 32), (61_952, 352), (257, 23)])
def test_that_long_vectors_wrap_to_about_twice_as_wide_as_high(count: int, columns: int) -> None:
    assert wrapped_columns(count) == columns
