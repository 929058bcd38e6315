"""The architecture in a model file, looked at as plain JSON: may Keras be asked to build it?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.file_limits import RAISE, FileLimits
from cnn_explorer.core.model.info import LimitError
from cnn_explorer.core.network.layers.traits import TRAITS, names_with
from cnn_explorer.core.sizes import bytes_text
from cnn_explorer.engine.opening.checks.allowed_names import (
    ACTIVATIONS,
    FUNCTIONS,
    KNOWN,
    LAYERS,
    MODELS,
    WITHOUT_MODULE,
)
from cnn_explorer.engine.opening.checks.hdf5 import shown

Json = Any
"""What ``json.loads`` gives."""

_NAMES = frozenset({"name", "layer_name", "class_name", "registered_name", "module", "cell_name"})
_MOST_IN_WRONG_ORDER = 100
_COSTLY = {name: TRAITS[name].build_cost for name in names_with(lambda traits: traits.build_cost > 1)}
"""As many simple layers, such as convolutions, take as long to build as one of these."""


def parse_config(text: Any, label: str, limits: FileLimits) -> Json:
    """The JSON in ``text`` (bytes or str). Raises ``ExplorerError`` if it is none, too long or too deep."""
    if not isinstance(text, str | bytes):
        raise _not_json(label)
    if len(text) > limits.config_bytes:
        raise LimitError(
            f"The architecture in {label} takes {bytes_text(len(text))} of text; the limit is "
            f"{bytes_text(limits.config_bytes)}.",
            RAISE,
        )
    try:
        config = json.loads(text)
    except RecursionError as error:
        raise _too_deep(label, limits) from error
    except (ValueError, TypeError) as error:
        raise _not_json(label) from error
    if any(depth > limits.config_depth for _, depth in parts(config)):
        raise _too_deep(label, limits)
    return config


def _not_json(label: str) -> ExplorerError:
    return ExplorerError(f"{label} is damaged: its architecture is not JSON.", "Copy or save the file again.")


def _too_deep(label: str, limits: FileLimits) -> LimitError:
    return LimitError(f"The architecture in {label} is nested deeper than {limits.config_depth} levels.", RAISE)


def parts(config: Json) -> Iterator[tuple[Json, int]]:
    """Everything in ``config``, itself included, with its depth. Without recursion: a file decides how deep it goes."""
    waiting = [(config, 0)]
    while waiting:
        part, depth = waiting.pop()
        yield part, depth
        if isinstance(part, dict):
            waiting.extend((value, depth + 1) for value in part.values())
        elif isinstance(part, list):
            waiting.extend((value, depth + 1) for value in part)


def _texts(part: Json) -> Iterator[str]:
    """The texts that ``part`` is, or has as keys."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        yield from part


def without_compiling(config: Json) -> Json:
    """``config`` without what only training needs: optimizers, losses, metrics. Nothing of it is ever used here."""
    if isinstance(config, dict):
        return {key: without_compiling(value) for key, value in config.items() if key != "compile_config"}
    return [without_compiling(part) for part in config] if isinstance(config, list) else config


def objection(config: Json) -> str | None:
    """Why Keras is not asked to build ``config``, as the end of a sentence about the file; ``None`` if it may be.

    ``config`` is the outermost ``{"class_name": …, "config": …}``, repaired already.
    """
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        return "has an architecture that is not a model"
    if config.get("class_name") not in list(MODELS):  # a list, since anything may stand there
        return f"holds a {shown(config.get('class_name'))}, which is no model of Keras' own"
    for part, _ in parts(config):
        if isinstance(part, dict) and (found := _wrong_object(part) or _wrong_value(part)):
            return found
    return None


def excess(config: Json, limits: FileLimits) -> str | None:
    """What ``config``, to which there is no objection, asks for beyond the limits, likewise."""
    longest = max((len(text) for part, _ in parts(config) for text in _texts(part)), default=0)
    if longest > limits.text:
        return f"has a text of {longest:,} letters in its architecture; the limit is {limits.text:,}"
    calls = _calls(config)
    if calls <= limits.calls:
        return None
    costly = any(isinstance(part, dict) and part.get("class_name") in list(_COSTLY) for part, _ in parts(config))
    how = ", recurrent ones and the like counted several times" if costly else ""
    return f"calls {calls:,} layers{how}; the limit is {limits.calls:,}"


def _wrong_object(part: dict[str, Json]) -> str | None:
    """Why the class or function that ``part`` names, if it does, is not made."""
    if "class_name" not in part:
        return None
    name, module = part["class_name"], part.get("module")
    if name in ("Lambda", "__lambda__"):
        return "holds a Lambda layer, that is program code, which is not run here"
    if name == "function":
        if module in (None, "builtins", "keras.activations") and part.get("config") in list(ACTIVATIONS):
            return None
        return f"names the function {shown(part.get('config'))} of {shown(module)}, which is not run here"
    known = WITHOUT_MODULE if module is None else KNOWN.get(module, frozenset()) if isinstance(module, str) else ()
    if not isinstance(name, str) or name not in known:
        where = "" if module is None else f" of {shown(module)}"
        return f"holds a {shown(name)}{where}, which is not among the layers that are built here"
    if part.get("registered_name") not in (None, name):
        return f"holds a {shown(part['registered_name'])}, which is not among the layers that are built here"
    if part.get("config") is not None and not isinstance(part["config"], dict):
        return f"has a {name} without settings"
    return None


def _wrong_value(part: dict[str, Json]) -> str | None:
    for key, value in part.items():
        if not isinstance(value, str):
            continue
        if key.endswith("activation") and value not in ACTIVATIONS:
            return f"names the activation {shown(value)}, which is not one of Keras' own"
        if value in FUNCTIONS and key not in _NAMES and key != "score_mode":
            return f"names the function {shown(value)} as a setting, which is not run here"
    if part.get("unroll") is True:
        return "holds a recurrent layer that is to be unrolled, which can take any time and memory"
    return None


def _calls(config: Json) -> int:
    """How many calls of layers it takes to build the model, all those inside models and wrappers included."""
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(layers, list):
        own = _COSTLY.get(str(config.get("class_name")), 1)
        return own + sum(2 * _calls(part) for part in _wrapped(inner))
    count, known, late = 0, set(), 0
    for layer in layers:
        if not isinstance(layer, dict):
            continue
        nodes = layer.get("inbound_nodes")
        # A model within the model is built once, and then called for each of its nodes.
        times = 1 + len(nodes) if isinstance(nodes, list) else 2
        count += times * _calls(layer) if _has_layers(layer) else max(times - 1, 1) * _calls(layer)
        known.add(str(layer.get("name")))
        late += sum(name not in known for name in _inputs(nodes))
    # Each layer that comes before its inputs makes Keras go through all the others once more.
    return count if late <= _MOST_IN_WRONG_ORDER else count * late


def _wrapped(settings: Json) -> Iterator[dict[str, Json]]:
    """The layers that a layer has in its settings: those of TimeDistributed, Bidirectional, recurrent cells."""
    for value in settings.values() if isinstance(settings, dict) else ():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict) and part.get("class_name") in list(LAYERS | MODELS):
                yield part


def _inputs(nodes: Json) -> Iterator[str]:
    """The names of the layers whose outputs a layer takes, in the ways of Keras 2 and 3 to say it."""
    for part, _ in parts(nodes):
        history = part.get("keras_history") if isinstance(part, dict) else part
        if isinstance(history, list) and len(history) >= 3 and isinstance(history[0], str):
            yield history[0]


def _has_layers(layer: dict[str, Json]) -> bool:
    inner = layer.get("config")
    return isinstance(inner, dict) and isinstance(inner.get("layers"), list)
