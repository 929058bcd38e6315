"""Joined views by hand."""

from __future__ import annotations

from cnn_explorer.core.network.branches import beside
from cnn_explorer.core.network.geometry import NOTHING, Enlarging, Sliding, Spreading, View


def test_that_a_node_sees_what_either_branch_shows() -> None:
    narrow, wide = View().through(Sliding(2, 0, 1)), View().through(Sliding(2, 2, 5))
    assert narrow is not None
    assert wide is not None
    assert beside(narrow, wide) == wide
    left = View().through(Sliding(2, 3, 2))
    assert left is not None
    joined = beside(left, narrow)
    assert joined is not None
    assert [joined.pixels(node) for node in (0, 4)] == [(-3, 0), (5, 8)]


def test_that_phases_are_joined_one_by_one() -> None:
    pooled = View().through(Sliding(2, 0, 2))
    assert pooled is not None
    enlarged = pooled.through(Enlarging(2))
    assert enlarged is not None
    joined = beside(enlarged, View())
    assert joined is not None
    assert [joined.pixels(node) for node in range(4)] == [(0, 1), (0, 1), (2, 3), (2, 3)]


def test_that_branches_at_different_distances_have_no_common_view() -> None:
    strided = View().through(Sliding(2))
    assert strided is not None
    assert beside(strided, View()) is None


def test_that_a_node_that_sees_nothing_through_one_branch_sees_what_the_other_shows() -> None:
    every_third = View().through(Spreading(stride=3))
    all_of_them = View().through(Enlarging(3))
    assert every_third is not None
    assert all_of_them is not None
    assert [every_third.pixels(node) for node in (3, 4)] == [(1, 1), (2, 1)]
    joined = beside(every_third, all_of_them)
    assert joined == all_of_them
    assert beside(every_third, every_third) == View(1, (0, *[NOTHING[0]] * 2), (0, *[NOTHING[1]] * 2))
