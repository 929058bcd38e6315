"""From one order of rows to another: what is removed and inserted gives the new list, and is no more than needed."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.ui.widgets.row_changes import Changes, changes, spans

orders = st.lists(st.integers(0, 8), unique=True, max_size=8)


def applied(old: list[int], new: list[int], found: Changes) -> list[int]:
    rows = list(old)
    for first, last in found.removed:
        del rows[first : last + 1]
    for first, last in found.inserted:
        rows[first:first] = new[first : last + 1]
    return rows


def size(found: tuple[tuple[int, int], ...]) -> int:
    return sum(last - first + 1 for first, last in found)


@given(orders, orders)
def test_that_the_steps_lead_to_the_new_list_and_are_the_fewest(old: list[int], new: list[int]) -> None:
    found = changes(old, new)
    assert applied(old, new, found) == new
    common = [key for key in old if key in new]
    stay = max(
        count
        for count in range(len(common) + 1)
        for kept in combinations(common, count)
        if list(kept) == [key for key in new if key in kept]
    )
    assert (size(found.removed), size(found.inserted)) == (len(old) - stay, len(new) - stay)


def test_that_neighbours_go_and_come_together() -> None:
    assert changes("abcdef", "aef") == Changes(((1, 3),), ())
    assert changes("aef", "xyaef") == Changes((), ((0, 1),))
    assert changes("abcd", "dabc") == Changes(((3, 3),), ((0, 0),))
    assert changes("abc", "abc") == Changes((), ())
    assert spans([1, 2, 5]) == ((1, 2), (5, 5))
