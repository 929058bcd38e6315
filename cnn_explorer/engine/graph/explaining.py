"""One node of a layer by hand: by the rule for its kind, else by gradient the node on which it depends most."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from cnn_explorer.core.nodes.activation_functions import straight
from cnn_explorer.core.nodes.steps import Unexplained, Work
from cnn_explorer.engine.graph import node_work
from cnn_explorer.engine.graph.activation_functions import NotKnownError
from cnn_explorer.engine.graph.node_work import MERGES, Site
from cnn_explorer.engine.graph.rules import rule_of


def work_at(site: Site) -> Work:
    """The node by hand; ``Unexplained`` if that is not known for this layer."""
    try:
        if getattr(site.layer, "quantization_mode", None):
            raise NotKnownError("Its weights are quantized.")
        if not site.call.is_layer:
            return _operation(site)
        work = rule_of(site.call).work
        if work is None:
            raise NotKnownError(f"The arithmetic of {site.call.type} is not written out here.")
        return work(site)
    except NotKnownError as reason:
        return _by_gradient(site, str(reason))


def _operation(site: Site) -> Work:
    """One of ``keras.ops``: two values of the graph, or one and a number."""
    arguments = site.call.node.arguments.args
    if site.call.type in MERGES and len(arguments) == 2:
        if len(site.kept) == 2:
            return node_work.merge(site)
        one, other = arguments
        match site.call.type, one, other:
            case ("Add", float() | int() as number, _) | ("Add", _, float() | int() as number):
                return node_work.of_one_value(site, straight(1.0, number))
            case ("Multiply", float() | int() as number, _) | ("Multiply", _, float() | int() as number):
                return node_work.of_one_value(site, straight(number, 0.0))
            case ("Subtract", _, float() | int() as number):
                return node_work.of_one_value(site, straight(1.0, -number))
            case ("Subtract", float() | int() as number, _):
                return node_work.of_one_value(site, straight(-1.0, number))
    raise NotKnownError(f"The arithmetic of the operation {site.call.type} is not written out here.")


def _by_gradient(site: Site, reason: str) -> Unexplained:
    """The node on which this one depends most, by the gradient through the one layer."""
    inputs = [tf.constant(values[np.newaxis]) for values in site.kept]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = site.call.run(inputs)[0][(0, *site.place)]
    gradients = tape.gradient(value, inputs)
    value = float(value)
    slopes = [None if slope is None else tf.convert_to_tensor(slope).numpy()[0] for slope in gradients]
    for shares in (
        [None if slope is None else np.abs(slope * kept) for slope, kept in zip(slopes, site.kept, strict=True)],
        [None if slope is None else np.abs(slope) for slope in slopes],
    ):
        highest = [0.0 if share is None else float(share.max(initial=0.0)) for share in shares]
        number = int(np.argmax(highest))
        share = shares[number]
        if share is not None and highest[number] > 0:
            place = np.unravel_index(int(np.argmax(share)), share.shape)
            return Unexplained(value, reason, site.source(tuple(int(axis) for axis in place), number), number)
    return Unexplained(value, reason)
