"""What the Inspect page writes: the maps as they are shown, or their unscaled values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.model_info import Look
from cnn_explorer.data.pictures import save_activations_npz, save_grid_png
from cnn_explorer.ui.readings import GridChoice, as_maps

FILTERS = {"png": "PNG picture (*.png)", "npz": "NumPy arrays (*.npz)"}
"""The kinds of files, as the native dialog names them."""


def writer(kind: str, look: Look, layer: str, choice: GridChoice) -> Callable[[Path], None]:
    """What writes the output of ``layer`` into a file of that ``kind``, for a worker thread.

    It replaces an existing file: the dialog has asked already whether it may.
    """
    activation = look.activations[layer]
    if kind == "npz":
        return partial(
            save_activations_npz, activations=np.asarray(activation), image=look.image, layer=layer, force=True
        )
    maps = as_maps(activation)
    shown: NDArray[Any] = activation.reshape(-1) if maps is None else maps
    return partial(
        save_grid_png, activation=shown, columns=choice.columns, colormap=choice.colormap, scale=choice.scale,
        force=True,
    )  # fmt: skip
