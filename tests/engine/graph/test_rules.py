"""The engine's table of layers: one entry a type, in keeping with the table of traits."""

from __future__ import annotations

from cnn_explorer.core.network.architecture import LAYER_KINDS
from cnn_explorer.core.network.layers.traits import TRAITS, names_with
from cnn_explorer.engine.graph import grid_steps, receptive_field_rules
from cnn_explorer.engine.graph.rules import RULES


def test_that_every_layer_of_the_palette_is_explained_node_by_node() -> None:
    for kind in LAYER_KINDS:
        rule = RULES[kind.spec.__name__]
        assert rule.work is not None, kind
        assert rule.field is not None, kind


def test_that_every_entry_is_a_type_with_traits() -> None:
    assert set(RULES) <= set(TRAITS)


def test_that_nodes_that_work_value_by_value_stay_where_they_are() -> None:
    for name in names_with(lambda traits: traits.by_value):
        assert RULES[name].field is receptive_field_rules.stay
        assert RULES[name].steps is grid_steps.stay


def test_that_products_are_counted_where_weights_are_kernels() -> None:
    counted = {name for name, rule in RULES.items() if rule.products is not None}
    assert counted <= set(names_with(lambda traits: traits.weights == "products"))
    assert counted >= set(names_with(lambda traits: traits.convolution not in ("", "recurrent")))
