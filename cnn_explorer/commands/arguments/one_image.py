"""The one image that a command sends through a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.commands.arguments.image import ImageChoice
from cnn_explorer.commands.output import console
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.images.handwriting import inverted, is_inverted
from cnn_explorer.data.images.reading import read_image


@dataclass(frozen=True, eq=False)
class OneImage:
    """Bytes (rows, columns, channels). ``name`` says which image it is, ``true_name`` its class, "" if unknown."""

    raw: NDArray[np.uint8]
    name: str
    true_name: str = ""


def one_image(choice: ImageChoice, dataset: Dataset | None, shape: tuple[int, int, int]) -> OneImage:
    """The image of ``choice``, which has been checked, for a network that takes ``shape``; ``dataset`` is the choice's.

    Raises ``ExplorerError`` if there is no such image.
    """
    if choice.file is not None:
        return OneImage(_of_file(choice.file, shape, choice.invert), choice.file.name)
    assert dataset is not None
    images, labels = dataset.part(choice.split)
    choice.check_count(len(images))
    name = f"{choice.split}-{choice.index}"
    return OneImage(images[choice.index], name, dataset.classes[labels[choice.index]])


def _of_file(path: Path, shape: tuple[int, int, int], invert: bool) -> NDArray[np.uint8]:
    """The image in a file for a network that takes ``shape``; dark ink on bright paper is told of, not changed."""
    raw = read_image(path, shape)
    if invert:
        return inverted(raw)
    if shape[2] == 1 and is_inverted(raw[..., 0]):
        console.remark(f"{path} looks like dark ink on bright paper: --invert makes it bright on dark, as MNIST is.")
    return raw
