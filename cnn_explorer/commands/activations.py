"""``activations``: what one layer makes of one image, as a picture or as numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.commands import console
from cnn_explorer.commands.checks import ImageChoice, PictureOptions
from cnn_explorer.commands.models import opened
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.training import PreprocessingName
from cnn_explorer.data.handwriting import inverted, is_inverted
from cnn_explorer.data.images import read_image
from cnn_explorer.data.pictures import save_activations_npz, save_grid_png
from cnn_explorer.engine.activations import activation_of


def run(
    model: Path,
    layer: str,
    image: ImageChoice,
    out: Path,
    picture: PictureOptions,
    preprocessing: PreprocessingName | None,
    force: bool,
    invert: bool = False,
) -> None:
    """Write the activations of one layer for one image, which has been checked. Raises ``ExplorerError``."""
    inspector, dataset = opened(model, image.dataset, preprocessing)
    if image.file is not None:
        raw = _of_file(image.file, inspector.info.input_shape, invert)
    else:
        assert dataset is not None
        images, _ = dataset.part(image.split)
        image.check_count(len(images))
        raw = images[image.index]
    look = activation_of(inspector, layer, raw)
    activation = look.activations[layer]
    if out.suffix == ".npz":
        save_activations_npz(out, activation, look.image, layer, force)
    elif activation.ndim in (1, 3):
        save_grid_png(out, activation, picture.columns, picture.colormap, picture.scale, force)
    else:
        raise ExplorerError(
            f'The layer "{layer}" gives neither maps nor a vector, but values of shape {activation.shape}.',
            "Save them as .npz.",
        )
    console.result(str(out))


def _of_file(path: Path, shape: tuple[int, int, int], invert: bool) -> NDArray[np.uint8]:
    """The image in a file for a network that takes ``shape``; dark ink on bright paper is told of, not changed."""
    raw = read_image(path, shape)
    if invert:
        return inverted(raw)
    if shape[2] == 1 and is_inverted(raw[..., 0]):
        console.say(f"{path} looks like dark ink on bright paper: --invert makes it bright on dark, as MNIST is.")
    return raw
