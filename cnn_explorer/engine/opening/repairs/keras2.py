"""Architectures as Keras 1, Keras 2 and tf.keras wrote them -> as Keras 3 reads them, each change in a sentence.

Pure functions on JSON; the file itself is never touched. Only what leaves the computation as it was is changed: what
cannot be said in Keras 3 is left as it is, and Keras says what it thinks of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnn_explorer.core.network.layers.traits import names_with
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.engine.opening.checks.allowed_names import INITIALIZERS, LAYERS, NN_OPERATIONS, NUMPY_OPERATIONS
from cnn_explorer.engine.opening.checks.hdf5 import shown
from cnn_explorer.engine.opening.repairs.keras1 import modernize_layer
from cnn_explorer.engine.opening.repairs.tf_operations import MERGES_OF_TWO, modernize_operation

Config = dict[str, Any]
Note = Callable[[str], None]
"""Told each repair, with the name of the layer in it."""


def repair(config: Any) -> tuple[Any, tuple[str, ...]]:
    """A repaired copy of the outermost ``{"class_name": …, "config": …}``, and the sentences, each once."""
    said: dict[str, None] = {}
    repaired = _object(config, said.setdefault)
    return repaired, tuple(said)


def _object(part: Any, note: Note) -> Any:
    """``part`` with everything in it repaired, innermost first."""
    if isinstance(part, list):
        return [_object(item, note) for item in part]
    if not isinstance(part, dict):
        return part
    part = {key: _object(value, note) for key, value in part.items()}
    if set(part) == {"type", "value"} and part["type"] == "ndarray":
        note("A number that was written as an array was read as a number.")
        return part["value"]
    name, config = part.get("class_name"), part.get("config")
    if not isinstance(name, str):
        return part
    if isinstance(config, list) and name == "Sequential":
        note("The list of layers of a Sequential model of Keras 1 or 2 was given a name, as Keras 3 wants it.")
        config = {"name": "sequential", "layers": config}
    if isinstance(config, dict):
        part = {**part, **modernize_layer(name, config, note)}
        name, config = part["class_name"], dict(part["config"])
        part["config"] = config
        for mend in _MENDS:
            mend(part, config, note)
    return part


def _initializer(part: Config, config: Config, note: Note) -> None:
    """tf.keras 1.x: a dtype in initializers. Keras 3 gives each variable its own."""
    if part["class_name"] in INITIALIZERS and "dtype" in config:
        del config["dtype"]
        note("The number type in initial values was left out: it is the layer's.")


def _policy(part: Config, config: Config, note: Note) -> None:
    """A dtype policy under the name and with the settings of tf.keras."""
    if part["class_name"] in ("Policy", "PolicyV1", "FloatDTypePolicy") and isinstance(config.get("name"), str):
        part.update(class_name="DTypePolicy", module="keras", registered_name=None)
        part["config"] = {"name": config["name"]}
        note(f"The number types {shown(config['name'])} were taken over from tf.keras' way to write them.")


def _groups(part: Config, config: Config, note: Note) -> None:
    if part["class_name"] in _WITHOUT_GROUPS and config.get("groups") == 1:
        del config["groups"]
        note(f"{_where(part, config)}: groups=1, which changes nothing and Keras 3 does not know there, was left out.")


def _kernel_keys(part: Config, config: Config, note: Note) -> None:
    """Settings of a kernel that these layers do not have: theirs is in two parts."""
    if part["class_name"] in _WITHOUT_KERNEL:
        found = [key for key in ("kernel_initializer", "kernel_regularizer", "kernel_constraint") if key in config]
        for key in found:
            del config[key]
        if found:
            note(f"{_where(part, config)}: {', '.join(found)}, which had no effect, were left out.")


def _recurrent(part: Config, config: Config, note: Note) -> None:
    if config.get("time_major") is False:
        del config["time_major"]
        note(f"{_where(part, config)}: time_major=False, which is how Keras 3 always does it, was left out.")
    if part["class_name"] in ("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM2D") and config.get("unroll") is True:
        config["unroll"] = False
        note(f"{_where(part, config)}: it is not unrolled, which gives the same numbers.")
    if part["class_name"] in ("LSTM", "GRU", "SimpleRNN"):
        config.pop("implementation", None)  # how to compute it; a hint that Keras 3 dropped


def _batch_normalization(part: Config, config: Config, note: Note) -> None:
    if part["class_name"] in ("BatchNormalizationV1", "BatchNormalizationV2"):
        note(f"{_where(part, config)}: {part['class_name']} is BatchNormalization now.")
        part["class_name"] = "BatchNormalization"
    if part["class_name"] != "BatchNormalization":
        return
    axis = config.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        config["axis"] = axis[0]
        note(f"{_where(part, config)}: its axis was read out of a list.")
    # `fused` is how to compute it; of the others only these values leave it as it is.
    without_effect = {"fused": (None, True, False), "virtual_batch_size": (None,), "adjustment": (None,)}
    gone = [key for key, values in without_effect.items() if key in config and config[key] in values]
    for key in gone:
        del config[key]
    if gone:
        note(f"{_where(part, config)}: {', '.join(gone)}, which Keras 3 does not know, was left out.")


def _several_axes(part: Config, config: Config, note: Note) -> None:
    """Keras 3.15 forgets several axes while it reads ``.h5``, and takes the last one; told the module, it does not."""
    axis = config.get("axis")
    if part["class_name"] in LAYERS and "module" not in part and isinstance(axis, list) and len(axis) > 1:
        part.update(module="keras.layers", registered_name=None)
        note(f"{_where(part, config)}: its axes, which Keras forgets when it reads such a file, were kept.")


def _random(part: Config, config: Config, note: Note) -> None:
    if part["class_name"].startswith("Random") and "rng_type" in config:
        del config["rng_type"]
        note(f"{_where(part, config)}: rng_type, which matters in training only, was left out.")


def _attention(part: Config, config: Config, note: Note) -> None:
    """Keras 3 writes the word into ``.h5``, and reads it as its function of that name."""
    if part["class_name"] == "Attention" and "module" not in part and config.get("score_mode") == "dot":
        del config["score_mode"]
        note(f"{_where(part, config)}: score_mode=dot, which is what Keras 3 does anyway, was left out.")


def _leaky(part: Config, config: Config, note: Note) -> None:
    if part["class_name"] == "LeakyReLU" and "alpha" in config:
        config["negative_slope"] = config.pop("alpha")
        note(f"{_where(part, config)}: alpha is called negative_slope now.")


def _thresholded(part: Config, config: Config, note: Note) -> None:
    if part["class_name"] == "ThresholdedReLU" and "theta" in config:
        part["class_name"] = "ReLU"
        config["threshold"] = config.pop("theta")
        note(f"{_where(part, config)}: ThresholdedReLU is ReLU with a threshold now.")


def _sequential(part: Config, config: Config, note: Note) -> None:
    """A Sequential whose first layer says the shape of the input: an InputLayer says it in Keras 3."""
    layers = config.get("layers")
    if part["class_name"] != "Sequential" or not isinstance(layers, list) or not layers:
        return
    config.setdefault("name", "sequential")
    first = layers[0]
    inner = first.get("config") if isinstance(first, dict) else None
    if not isinstance(inner, dict) or first.get("class_name") == "InputLayer":
        return
    shape = inner.get("batch_input_shape")
    if not isinstance(shape, list) and not isinstance(config.get("build_input_shape"), list):
        shape = _shape_within(inner)
    if isinstance(shape, list):
        start = {"batch_shape": shape, "name": f"{inner.get('name', 'first')}_input"}
        layers = [{"class_name": "InputLayer", "config": start}, *layers]
        config["layers"] = layers
        note(f"The model begins with an input of {_sides(shape)} now, as its first layer said.")


def _shape_within(inner: Config) -> Any:
    """The shape that the first layer of a model within the model says, where that model comes first."""
    layers = inner.get("layers")
    if not isinstance(layers, list) or not layers or not isinstance(layers[0], dict):
        return None
    first = layers[0].get("config")
    return (first.get("batch_shape") or first.get("batch_input_shape")) if isinstance(first, dict) else None


def _batch_input_shape(part: Config, config: Config, _: Note) -> None:
    """Of an input it is the shape, under its old name; of other layers it says nothing that the graph does not."""
    if part["class_name"] == "InputLayer":
        if "batch_input_shape" in config:
            config["batch_shape"] = config.pop("batch_input_shape")
        return
    for layer in config["layers"] if isinstance(config.get("layers"), list) else ():
        inner = layer.get("config") if isinstance(layer, dict) else None
        if isinstance(inner, dict) and layer.get("class_name") != "InputLayer":
            inner.pop("batch_input_shape", None)


def _calls_of_models(_: Config, config: Config, note: Note) -> None:
    """Keras 2 counts the calls of a model within a model from 1. Keras 3 reads them from 0; but from 1 where they are
    outputs, except for a Sequential."""
    layers = [layer for layer in _listed(config.get("layers")) if isinstance(layer, dict)]
    # Keras 3 writes what goes into a layer as objects, not lists.
    nodes = [node for layer in layers for node in _listed(layer.get("inbound_nodes")) if isinstance(node, list)]
    if not nodes:
        return
    ends = config.get("output_layers")
    if isinstance(ends, list) and len(ends) == 1 and isinstance(ends[0], list):
        config["output_layers"] = ends[0]  # one output, not a list of one: what follows the model takes it as it is
    between, outputs = list(_uses(nodes)), list(_uses(config.get("output_layers")))
    for layer in layers:
        inner = layer.get("config")
        if not isinstance(inner, dict) or not isinstance(inner.get("layers"), list):
            continue
        read = between + outputs if layer.get("class_name") == "Sequential" else between
        own = [use for use in read if use[0] == layer.get("name")]
        if own and all(use[1] > 0 for use in own):
            for use in own:
                use[1] -= 1
            note(f"{shown(layer.get('name'))[1:-1]}: its calls are counted from 0 now, as Keras 3 does.")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _uses(part: Any) -> Iterator[list[Any]]:
    """All ``[layer, call, output, …]`` in the lists of ``part``."""
    if isinstance(part, list):
        if len(part) >= 3 and isinstance(part[0], str) and type(part[1]) is int and type(part[2]) is int:
            yield part
            return
        for item in part:
            yield from _uses(item)


def _operation(part: Config, config: Config, note: Note) -> None:
    """``x + 3`` in a graph: Keras 3 writes it into ``.h5`` by its class alone and takes it for a layer afterwards."""
    name, nodes = part["class_name"], part.get("inbound_nodes")
    node = nodes[0] if isinstance(nodes, list) and nodes else None
    arguments = node.get("args") if isinstance(node, dict) else None
    if "module" in part or not isinstance(arguments, list):
        return
    if name in LAYERS and (len(arguments) < 2 or name not in MERGES_OF_TWO):
        return
    for module, names in (("numpy", NUMPY_OPERATIONS), ("nn", NN_OPERATIONS)):
        if name in names:
            part.update(module=f"keras.src.ops.{module}", registered_name=None)
            note(f"{_where(part, config)}: it was read as the operation {name}, not as a layer of that name.")


def _where(part: Config, config: Config) -> str:
    return shown(config.get("name", part["class_name"]))[1:-1]


def _sides(shape: list[Any]) -> str:
    """An image of a batch in words. A file may say anything: what is no size of an image counts as open."""
    return shape_text(side if isinstance(side, int) and 0 < side < 10**9 else None for side in shape[1:])


_WITHOUT_GROUPS = names_with(lambda traits: traits.convolution in ("depthwise", "separable", "transposed"))
_WITHOUT_KERNEL = names_with(lambda traits: traits.convolution in ("depthwise", "separable"))
_MENDS: tuple[Callable[[Config, Config, Note], None], ...] = (
    _initializer,
    _groups,
    _kernel_keys,
    _recurrent,
    _batch_normalization,
    _several_axes,
    _random,
    _attention,
    _leaky,
    _thresholded,
    _sequential,
    _batch_input_shape,
    _policy,
    modernize_operation,
    _calls_of_models,
    _operation,
)
