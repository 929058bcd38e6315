"""The settings of a layer in words: Keras' names of the arguments, and values as a person would write them."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import keras

from cnn_explorer.core.sizes import shape_text

_UNSAID = frozenset({"name", "trainable", "dtype", "seed", "batch_shape", "layers", "build_config"})
_SIZES = frozenset({"kernel_size", "pool_size", "strides", "dilation_rate", "size", "output_size"})
_OF_TRAINING = ("_initializer", "_regularizer", "_constraint")
_LONGEST = 80


def settings_of(operation: Any) -> tuple[tuple[str, str], ...]:
    """The settings of a layer as (argument, value in words); none for one of ``keras.ops``.

    Left out is what says nothing: values that are not set, and initializers and penalties that are Keras' defaults.
    """
    if not isinstance(operation, keras.Layer):
        return ()
    try:
        config = operation.get_config()
    except Exception:  # a layer may have no such thing
        return ()
    defaults = inspect.signature(type(operation).__init__).parameters
    words = []
    for key, value in config.items():
        if key in _UNSAID or value is None:
            continue
        text = value_words(key, value)
        if key.endswith(_OF_TRAINING) and key in defaults and _is_default(text, defaults[key].default):
            continue
        words.append((key, text))
    policy = operation.dtype_policy.name
    return (*words, ("dtype", policy)) if policy != "float32" else tuple(words)


def value_words(key: str, value: Any) -> str:
    """One value: ``3×3``, ``yes``, ``L2(l2=0.01)``."""
    if isinstance(value, list | tuple) and key in _SIZES and all(isinstance(side, int) for side in value):
        text = shape_text(value)
    else:
        text = _words(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return _object_words(value)
    if isinstance(value, list | tuple):
        return ", ".join(f"({_words(part)})" if isinstance(part, list | tuple) else _words(part) for part in value)
    return str(value)


def _object_words(value: dict[str, Any]) -> str:
    """An object of Keras, ``{"class_name": …, "config": …}``; of layers within layers the name alone."""
    name, config = value.get("class_name"), value.get("config")
    if not isinstance(name, str):
        return _pairs(value.items())
    if name == "function":
        return str(config)
    if not isinstance(config, dict) or "name" in config:
        return name
    told = _pairs((key, part) for key, part in config.items() if part is not None and key != "seed")
    return f"{name}({told})" if told else name


def _pairs(items: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(f"{key}={_words(value)}" for key, value in items)


def _is_default(text: str, default: Any) -> bool:
    """Whether ``GlorotUniform`` is what ``glorot_uniform`` means."""
    return isinstance(default, str) and default.replace("_", "").lower() == text.lower()
