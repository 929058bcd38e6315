"""Files that hold weights without an architecture, and how they are attached to a network that is there."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

import h5py
import keras

# Keras' public `load_weights` tells the two layouts apart by the file's name, and old files have the new ones' name.
from keras.src.legacy.saving.legacy_h5_format import load_weights_from_hdf5_group

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.file_limits import LIMITS, FileLimits
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.engine.models.builder import first_line
from cnn_explorer.engine.opening.checks.hdf5 import DAMAGED, StoredArray, check_hdf5, require_regular_file
from cnn_explorer.engine.opening.structure import weight_arrays

Layout = Literal["keras2", "keras3"]
"""``keras2``: a group for each layer, by name, in an order that is written down (Keras 1, 2, tf.keras, and the
``model_weights`` of any ``.h5`` model). ``keras3``: groups called after the classes of the layers."""

_SUFFIX = ".weights.h5"


def weights_layout(path: Path, limits: FileLimits = LIMITS) -> Layout | None:
    """How the file in ``path`` holds weights; ``None`` if it is whole as an HDF5 file, but holds none.

    Raises ``ExplorerError`` if it cannot be read, is no HDF5 file, or holds what ``check_hdf5`` refuses.
    """
    return _looked_at(path, limits)[0]


def attach_weights(model: keras.Model, path: Path, limits: FileLimits = LIMITS) -> None:
    """Give the built ``model`` the weights in ``path``. If they do not fit, it keeps its own.

    Raises ``ExplorerError`` as ``weights_layout`` does, and with what the file holds and the model needs if the two
    are not the same.
    """
    layout, arrays = _looked_at(path, limits)
    if layout is None:
        raise ExplorerError(f"{path} holds no weights of a Keras model.", "Choose a .weights.h5 or .h5 file of Keras.")
    if layout == "keras3" and not path.name.endswith(_SUFFIX):
        raise ExplorerError(
            f"{path} holds weights as Keras 3 writes them, but its name does not end in {_SUFFIX}.",
            "Rename it: Keras tells by the name how to read it.",
        )
    held, needed = sum(array.count for array in arrays), sum(math.prod(weight.shape) for weight in model.weights)
    if held != needed:
        raise _misfit(model, path, f"it holds {held:,} numbers, the network takes {needed:,}.")
    before = model.get_weights()
    try:
        read_weights(model, path, layout)
    except Exception as error:  # Keras raises nearly everything here
        model.set_weights(before)
        raise _misfit(model, path, _difference(model, arrays) or first_line(error)) from error


def _looked_at(path: Path, limits: FileLimits) -> tuple[Layout | None, tuple[StoredArray, ...]]:
    require_regular_file(path)
    if not h5py.is_hdf5(path):
        raise ExplorerError(f"{path} is not an HDF5 file.", "Weights are in .weights.h5 or .h5 files of Keras.")
    try:
        with h5py.File(path, "r") as file:
            arrays = weight_arrays(check_hdf5(file, path, str(path), limits))
            if "layer_names" in file.attrs or "layer_names0" in file.attrs or "model_weights" in file:
                return "keras2", arrays
            if {"layers", "_layer_checkpoint_dependencies"} & set(file):
                return "keras3", arrays
            return None, arrays
    except DAMAGED as error:
        raise ExplorerError(f"{path} is damaged: {first_line(error)}", "Copy or save the file again.") from error


def read_weights(model: keras.Model, path: Path, layout: Layout) -> None:
    """Give ``model`` the weights of a file that has been looked at. Raises whatever Keras raises if they do not fit."""
    if layout == "keras3":
        model.load_weights(path)
        return
    with h5py.File(path, "r") as file:
        load_weights_from_hdf5_group(file.get("model_weights", file), model)


def _misfit(model: keras.Model, path: Path, why: str) -> ExplorerError:
    return ExplorerError(
        f'The weights in {path} do not fit the network "{model.name}": {why}',
        "Choose the network that they were saved from.",
    )


def _difference(model: keras.Model, arrays: tuple[StoredArray, ...]) -> str:
    """The first shape that only one of the two has."""
    held = sorted(array.shape for array in arrays)
    for weight in model.weights:
        if tuple(weight.shape) in held:
            held.remove(tuple(weight.shape))
        else:
            shape = shape_text(weight.shape) or "one number"
            return f"the network has {weight.path} of {shape}, the file no array of that shape."
    return ""
