"""Layers of any name: Keras 3 allows them, while TensorFlow, which writes them down with all they compute, does not."""

from __future__ import annotations

import re
from functools import partial

import keras
from keras.src import backend

_ALLOWED = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.-]*")


def allow_names(model: keras.Model) -> None:
    """Let the layers of ``model`` with names that TensorFlow refuses compute under others. Their own names stay."""
    for layer in model._flatten_layers():
        if not _ALLOWED.fullmatch(layer.name):
            allowed = "layer_" + re.sub(r"[^A-Za-z0-9_.-]", "_", layer.name[:50])
            layer._open_name_scope = partial(backend.name_scope, allowed, caller=layer)
