"""Where layers lie in the drawing of a branching model: columns, order, straight lines, nested models."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.ui.pages.inspect.graph.layout import GraphLayout, Place, branches, lay_out


def _layers(**sources: str) -> tuple[LayerInfo, ...]:
    """Layers by name, with their sources in one string; "image" is an input of the model."""
    return tuple(
        LayerInfo(name, "Conv2D", (4, 4, 2), 0, sources=tuple("" if one == "image" else one for one in told.split()))
        for name, told in sources.items()
    )


RESIDUAL = _layers(
    stem="image", one="stem", two="one", three="two", shortcut="stem", add="three shortcut", last="add",
)  # fmt: skip


def _crossings(layout: GraphLayout) -> int:
    """Pairs of ways that cross between two columns, told from the drawing alone."""
    steps = {step for edge in layout.edges for step in itertools.pairwise(edge.way)}
    return sum(
        1
        for (a, b), (c, d) in itertools.combinations(steps, 2)
        if a.column == c.column and (a.row - c.row) * (b.row - d.row) < 0
    )


def test_that_a_column_is_the_longest_way_from_an_input() -> None:
    columns = {name: place.column for name, place in lay_out(RESIDUAL).places.items()}
    assert columns == {"stem": 1, "one": 2, "two": 3, "three": 4, "shortcut": 2, "add": 5, "last": 6}


def test_that_the_longest_way_is_a_straight_line_and_the_shortcut_lies_beside_it() -> None:
    layout = lay_out(RESIDUAL)
    assert {layout.places[name].row for name in ("stem", "one", "two", "three", "add", "last")} == {0.0}
    assert layout.places["shortcut"].row == 1.0


def test_that_an_edge_that_passes_columns_keeps_off_the_layers_in_them() -> None:
    layout = lay_out(_layers(stem="image", one="stem", two="one", add="two stem"))
    (skipping,) = (edge for edge in layout.edges if (edge.source, edge.target) == ("stem", "add"))
    assert [place.column for place in skipping.way] == [1, 2, 3, 4]
    for place in skipping.way[1:-1]:
        assert abs(place.row - layout.places["one"].row) > 0.5


def test_that_edges_that_leave_a_layer_share_their_way() -> None:
    layout = lay_out(_layers(a="image", b="a", c="b", d="c a", e="d a"))
    short, long = (edge.way for edge in layout.edges if edge.source == "a" and edge.target in "de")
    assert short[:-1] == long[: len(short) - 1]


def test_that_crossings_are_removed_where_an_order_without_them_exists() -> None:
    # In the order of the model every tower would cross all others at its end.
    layout = lay_out(
        _layers(a="image", b="image", c="image", c2="c", b2="b", a2="a", c3="c2", a3="a2", b3="b2", all="a3 b3 c3")
    )
    assert _crossings(layout) == 0


def test_that_each_layer_that_takes_an_input_has_one_before_it() -> None:
    layout = lay_out(_layers(left="image", right="image", both="left right"))
    assert set(layout.inputs) == {"left", "right"}
    assert all(place.column == 0 for place in layout.inputs.values())
    late = lay_out(_layers(a="image", b="a", c="b image"))
    assert late.inputs["c"].column == late.places["c"].column - 1


def test_that_nested_models_are_framed_outer_before_inner() -> None:
    layout = lay_out(
        (
            LayerInfo("stem", "Conv2D", (4, 4, 2), 0, sources=("",)),
            LayerInfo("body/one", "Conv2D", (4, 4, 2), 0, sources=("stem",)),
            LayerInfo("body/deep/two", "Conv2D", (4, 4, 2), 0, sources=("body/one",)),
            LayerInfo("head", "Dense", (2,), 0, sources=("body/deep/two",)),
        )
    )
    body, deep = layout.groups
    assert (body.name, body.first_column, body.last_column) == ("body", 2, 3)
    assert (deep.name, deep.first_column, deep.last_column) == ("body/deep", 3, 3)


def test_that_two_nested_models_side_by_side_do_not_mix() -> None:
    def tower(name: str) -> dict[str, str]:
        one, two, three = (f"{name}/{part}" for part in ("one", "two", "three"))
        return {one: "image", two: one, three: f"{one}", f"{name}/sum": f"{two} {three}"}

    layout = lay_out(_layers(**tower("a"), **tower("b"), both="a/sum b/sum"))
    first, second = layout.groups
    assert first.last_row < second.first_row or second.last_row < first.first_row


def test_that_neighbours_are_found_along_edges_and_within_a_column() -> None:
    layout = lay_out(RESIDUAL)
    assert layout.neighbour("stem", "forward") == "one", "straight ahead, not aside"
    assert layout.neighbour("one", "behind") == "shortcut"
    assert layout.neighbour("shortcut", "before") == "one"
    assert layout.neighbour("shortcut", "forward") == "add"
    assert layout.neighbour("add", "back") == "three"
    assert layout.neighbour("stem", "back") == "", "there is only an input"
    assert layout.neighbour("last", "forward") == ""


def test_that_only_what_is_more_than_a_chain_branches() -> None:
    assert branches(RESIDUAL)
    assert branches(_layers(a="image", b="image", c="a b"))
    assert not branches(_layers(a="image", b="a", c="b"))
    assert not branches((LayerInfo("a", "Conv2D", (4, 4, 2), 0),)), "without sources nobody knows"


def test_that_a_model_without_layers_has_an_empty_drawing() -> None:
    layout = lay_out(())
    assert (layout.columns, layout.rows, layout.neighbour("", "forward")) == (0, (-0.5, 0.5), "")


@st.composite
def _graphs(draw: st.DrawFn) -> tuple[LayerInfo, ...]:
    layers: list[LayerInfo] = []
    for number in range(draw(st.integers(1, 14))):
        known = ["", *(layer.name for layer in layers)]
        sources = draw(st.lists(st.sampled_from(known[-6:]), min_size=1, max_size=3))
        prefix = draw(st.sampled_from(("", "", "nested/")))
        layers.append(LayerInfo(f"{prefix}layer{number}", "Add", (4, 4, 2), 0, sources=tuple(sources)))
    return tuple(layers)


@given(_graphs())
@settings(max_examples=60, deadline=None)
def test_that_in_any_graph_edges_go_forwards_and_no_two_layers_overlap(layers: tuple[LayerInfo, ...]) -> None:
    layout = lay_out(layers)
    assert list(layout.places) == [layer.name for layer in layers]
    for edge in layout.edges:
        assert [place.column for place in edge.way] == list(range(edge.way[0].column, edge.way[-1].column + 1))
        assert edge.way[-1] == layout.places[edge.target]
    taken: list[Place] = [*layout.places.values(), *layout.inputs.values()]
    for one, other in itertools.combinations(taken, 2):
        assert one.column != other.column or abs(one.row - other.row) >= 0.999
