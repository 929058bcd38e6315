"""``x / 127.5`` in a functional model of tf.keras, which it writes as a call of one of TensorFlow's functions.

Nothing of TensorFlow is called by such a name: the few that are known become the operation of Keras 3 (with a number),
or the layer (between two outputs of layers), that computes the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnn_explorer.core.network.layers.traits import names_with
from cnn_explorer.engine.opening.checks.allowed_names import NUMPY_OPERATIONS

_WITH_NUMBER = {
    "math.truediv": "TrueDivide",
    "math.divide": "TrueDivide",
    "math.add": "Add",
    "math.subtract": "Subtract",
    "math.multiply": "Multiply",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
    "__operators__.add": "Add",
}
MERGES_OF_TWO = tuple(name for name in names_with(lambda traits: traits.merges) if name in NUMPY_OPERATIONS)
"""Layers for what an operation of the same name does with two outputs of layers."""
_FUNCTIONS = {"nn.relu": "relu", "nn.relu6": "relu6", "math.sigmoid": "sigmoid", "nn.sigmoid": "sigmoid"} | {
    "math.tanh": "tanh", "nn.softmax": "softmax", "nn.silu": "silu", "nn.swish": "silu", "nn.softplus": "softplus",
}  # fmt: skip


def modernize_operation(part: dict[str, Any], config: dict[str, Any], note: Callable[[str], Any]) -> None:
    """Rewrite ``part``, a layer of the class TFOpLambda, if what it calls is known; others are left as they are."""
    function, nodes = config.get("function"), part.get("inbound_nodes")
    if part.get("class_name") != "TFOpLambda" or not isinstance(function, str) or not isinstance(nodes, list):
        return
    made = [_made(function, node) for node in nodes]
    if not made or None in made or len({kind for kind, _, _ in filter(None, made)}) > 1:
        return
    kind, module, _ = made[0] or ("", None, [])
    settings = {"activation": _FUNCTIONS[function]} if kind == "Activation" else {}
    part.update(class_name=kind, inbound_nodes=[node for _, _, node in filter(None, made)])
    part["config"] = {"name": config.get("name", part.get("name")), **settings}
    if module:
        part.update(module=module, registered_name=None)
    note(f"{function}, which tf.keras took from TensorFlow, became {kind} of Keras 3.")


def _made(function: str, node: Any) -> tuple[str, str | None, list[Any]] | None:
    """Class, module and inputs of the call; ``None`` if it is not one that is known."""
    if not isinstance(node, list) or len(node) != 4 or not isinstance(node[3], dict):
        return None
    source, arguments = node[:3], {key: value for key, value in node[3].items() if value is not None}
    if function in _FUNCTIONS:
        return None if arguments.keys() - {"name"} else ("Activation", None, [[*source, {}]])
    kind, other = _WITH_NUMBER.get(function), arguments.get("y")
    if kind is None or arguments.keys() - {"name", "y"}:
        return None
    if type(other) in (int, float):
        return kind, "keras.src.ops.numpy", [[*source, {"x2": other}]]
    if kind in MERGES_OF_TWO and isinstance(other, list) and len(other) == 3:
        return kind, None, [[*source, {}], [*other, {}]]
    return None
