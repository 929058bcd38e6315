"""What a model file says without being built: its layers, their settings and weights, from JSON and h5py alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cnn_explorer.core.model.info import ModelStructure, StoredLayer, StoredWeight
from cnn_explorer.engine.opening.checks.hdf5 import StoredArray, shown

_LONGEST = 200
_ROOTS = ("model_weights", "layers", "_layer_checkpoint_dependencies")
_NOT_WEIGHTS = frozenset({"optimizer", "optimizer_weights", "cnn_explorer"})


def weight_arrays(arrays: Sequence[StoredArray]) -> tuple[StoredArray, ...]:
    """Those of a file's arrays that are weights of the model: not the optimizer's, not ours."""
    return tuple(array for array in arrays if array.name.split("/")[1] not in _NOT_WEIGHTS)


def structure_of(
    path: Path, config: Any, arrays: Sequence[StoredArray], reason: str, names: dict[str, str] | None = None
) -> ModelStructure:
    """Layers of ``config`` (anything, if the file has none that can be read), with the weights among ``arrays``.

    ``names`` gives the layers' names of the groups in Keras 3's files, which call them after their classes. Weights
    of no known layer come last, under the name of their group.
    """
    described = list(_layers(config, ""))
    held: dict[str, list[StoredWeight]] = {}
    for array in weight_arrays(arrays):
        owner, name = _owner(array.name, names or {})
        held.setdefault(owner, []).append(StoredWeight(name, array.shape, array.dtype))
    layers = [StoredLayer(name, kind, settings, tuple(held.pop(name, ()))) for name, kind, settings in described]
    layers += [StoredLayer(name, "", (), tuple(weights)) for name, weights in held.items()]
    return ModelStructure(path, _model_name(config, path), reason, tuple(layers))


def _owner(path: str, names: dict[str, str]) -> tuple[str, str]:
    """Layer and name of the array in ``path``."""
    parts = path.strip("/").split("/")
    for end in range(len(parts) - 1, 1, -1):
        if owner := names.get("/" + "/".join(parts[:end])):
            return owner, "/".join(part for part in parts[end:] if part != "vars")
    if parts[0] in _ROOTS and len(parts) > 2:
        parts = parts[1:]
    elif len(parts) == 1:
        return "", parts[0]
    name = "/".join(part for part in parts[1:] if part != "vars")
    # Keras 2 writes layer/layer/kernel:0.
    return parts[0], name.removeprefix(f"{parts[0]}/").removesuffix(":0")


def _layers(config: Any, prefix: str) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    inner = config.get("config") if isinstance(config, dict) else None
    layers = inner if isinstance(inner, list) else inner.get("layers") if isinstance(inner, dict) else None
    for index, layer in enumerate(layers if isinstance(layers, list) else ()):
        if not isinstance(layer, dict):
            continue
        own = layer.get("config")
        own = own if isinstance(own, dict) else {}
        name = prefix + _short(layer.get("name") or own.get("name") or f"layer {index + 1}")
        settings = tuple((_short(key), _short(value)) for key, value in own.items() if key not in ("name", "layers"))
        yield name, _short(layer.get("class_name", "")), settings
        yield from _layers(layer, f"{name}/")


def _model_name(config: Any, path: Path) -> str:
    inner = config.get("config") if isinstance(config, dict) else None
    name = inner.get("name") if isinstance(inner, dict) else None
    return _short(name) if isinstance(name, str) else path.stem


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown(text, _LONGEST)[1:-1] + ("…" if len(text) > _LONGEST else "")
