"""Steps and views against plain lists of which node reaches which."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from cnn_explorer.core.network.geometry import AxisStep, Enlarging, Sliding, Spreading, View

SMALL = st.integers(1, 5)
STEPS: st.SearchStrategy[AxisStep] = st.one_of(
    st.builds(Sliding, st.integers(1, 4), st.integers(0, 3), SMALL),
    st.builds(Spreading, SMALL, st.integers(0, 3), SMALL),
    st.builds(Enlarging, st.integers(1, 3), st.booleans()),
)


@given(stride=SMALL, before=st.integers(0, 4), span=SMALL, node=st.integers(-9, 30))
def test_that_spreading_goes_back_to_the_nodes_that_reach_it(stride: int, before: int, span: int, node: int) -> None:
    reaching = [n for n in range(-30, 60) if n * stride - before <= node < n * stride - before + span]
    first, last = Spreading(stride, before, span).back(node)
    assert list(range(first, last + 1)) == reaching


def seen(steps: list[AxisStep], node: int) -> set[int]:
    """All pixels that a node sees, node by node."""
    nodes = {node}
    for step in reversed(steps):
        reached = [step.back(each) for each in nodes]
        nodes = {before for first, last in reached for before in range(first, last + 1)}
    return nodes


@given(steps=st.lists(STEPS, min_size=1, max_size=4), nodes=st.lists(st.integers(-9, 30), min_size=1, max_size=5))
def test_that_a_view_ends_where_the_pixels_end_that_are_seen(steps: list[AxisStep], nodes: list[int]) -> None:
    view: View | None = View()
    for step in steps:
        view = view.through(step) if view is not None else None
    assume(view is not None)
    assert view is not None
    for node in nodes:
        pixels = seen(steps, node)
        first, last = view.pixels(node)
        assert (first, last) == (min(pixels), max(pixels)) if pixels else first > last
    truths = [len(range(min(pixels), max(pixels) + 1)) if (pixels := seen(steps, node)) else 0 for node in range(20)]
    assert view.largest(20) == max(truths)
