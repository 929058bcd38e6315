"""Spreading against plain lists of which node reaches which; joined views by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.network.branches import Spreading, beside
from cnn_explorer.core.network.geometry import Enlarging, Sliding, View

SMALL = st.integers(1, 5)


@given(stride=SMALL, before=st.integers(0, 4), span=SMALL, node=st.integers(-9, 30))
def test_that_spreading_goes_back_to_the_nodes_that_reach_it(stride: int, before: int, span: int, node: int) -> None:
    reaching = [n for n in range(-30, 60) if n * stride - before <= node < n * stride - before + span]
    first, last = Spreading(stride, before, span).back(node)
    assert list(range(first, last + 1)) == reaching


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
