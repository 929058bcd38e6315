"""What is known of each type of layer of Keras: one entry a type, by the name of its class.

This is the one place to extend for a new type of layer; plain facts about types are in ``core.network.layers.traits``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cnn_explorer.core.network.layers.traits import names_with
from cnn_explorer.core.nodes.steps import Work
from cnn_explorer.engine.graph import grid_steps as steps
from cnn_explorer.engine.graph import node_work as work
from cnn_explorer.engine.graph import products
from cnn_explorer.engine.graph import receptive_field_rules as field
from cnn_explorer.engine.graph.calls import Call
from cnn_explorer.engine.graph.grid_steps import AxisSteps, Sides
from cnn_explorer.engine.graph.node_work import MERGES, Site
from cnn_explorer.engine.graph.receptive_field_rules import Place, ReceptiveField


@dataclass(frozen=True)
class Rule:
    """A type of layer; ``None`` where nothing is known.

    ``work``: a node by hand. ``field``: what its nodes see of the image. ``steps``: the geometry along rows and
    columns. ``products``: how many products of a weight and a value it computes.
    """

    work: Callable[[Site], Work] | None = None
    field: Callable[[Place], ReceptiveField] | None = None
    steps: Callable[[Call, Sides, Sides], AxisSteps | None] | None = None
    products: Callable[[Call], int] | None = None


def _by_value(how: Callable[[Site], Work]) -> Rule:
    """Of a layer that keeps every value in its place."""
    return Rule(how, field.stay, steps.stay)


RULES: dict[str, Rule] = {
    "Conv2D": Rule(work.conv, field.conv, steps.sliding, products.at_each_place),
    "DepthwiseConv2D": Rule(work.depthwise, field.depthwise, steps.sliding, products.depthwise),
    "SeparableConv2D": Rule(work.separable, field.separable, steps.sliding, products.separable),
    "Conv2DTranspose": Rule(work.transposed, field.transposed, steps.spreading, products.transposed),
    **dict.fromkeys(("Conv1D", "Conv3D"), Rule(products=products.at_each_place)),
    **dict.fromkeys(("Conv1DTranspose", "Conv3DTranspose"), Rule(products=products.transposed)),
    "DepthwiseConv1D": Rule(products=products.depthwise),
    "SeparableConv1D": Rule(products=products.separable),
    "MaxPooling2D": Rule(work.pool("max"), field.pool, steps.sliding),
    "AveragePooling2D": Rule(work.pool("average"), field.pool, steps.sliding),
    "GlobalMaxPooling2D": Rule(work.pool_globally("max"), field.pool_globally),
    "GlobalAveragePooling2D": Rule(work.pool_globally("average"), field.pool_globally),
    **dict.fromkeys(names_with(lambda traits: traits.idle), _by_value(work.stay)),
    "BatchNormalization": _by_value(work.batch_normalization),
    "LayerNormalization": Rule(work.layer_normalization, field.layer_normalization, steps.along_axes),
    "Normalization": _by_value(work.preparing_normalization),
    **dict.fromkeys(("ReLU", "LeakyReLU", "ELU"), _by_value(work.pointwise)),
    "PReLU": _by_value(work.prelu),
    "Rescaling": _by_value(work.rescaling),
    "Activation": Rule(work.pointwise, field.activation, steps.stay),
    "Softmax": Rule(work.softmax, field.softmax, steps.along_axes),
    "Dense": Rule(work.dense, field.dense, steps.dense, products.at_each_place),
    **dict.fromkeys(("Flatten", "Reshape"), Rule(work.reshape, field.flatten)),
    "Permute": Rule(work.permute, field.permute),
    "ZeroPadding2D": Rule(work.zero_padding, field.padding, steps.padding),
    "Cropping2D": Rule(work.cropping, field.cropping, steps.cropping),
    "UpSampling2D": Rule(work.up_sampling, field.up_sampling, steps.up_sampling),
    **dict.fromkeys(MERGES, Rule(work.merge)),
    "Concatenate": Rule(work.concatenate, field.concatenate, steps.concatenate),
}

_NOTHING = Rule()


def rule_of(call: Call) -> Rule:
    """What is known of a call; nothing of one of ``keras.ops``, whose classes bear the same names."""
    return RULES.get(call.type, _NOTHING) if call.is_layer else _NOTHING
