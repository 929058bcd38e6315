"""Some of a source's images before all of them are read: to see what a choice does to them."""

from __future__ import annotations

import itertools
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnn_explorer.core.dataset_spec import Resize
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.data.arrays.array_file import Chunks
from cnn_explorer.data.arrays.values import layout_of, range_of
from cnn_explorer.data.folders.listing import list_folder
from cnn_explorer.data.images.reading import brought, decoded
from cnn_explorer.data.sources.facts import kind_of

COUNT = 8
_LONGEST = 1024  # pixels a side: enough to judge by, however large the images are


@dataclass(frozen=True, eq=False)
class Samples:
    """Pictures of a folder as they are, upright and opaque, in grey (mode L) or colour (RGB)."""

    pictures: tuple[Image.Image, ...]

    def brought(self, shape: tuple[int, int, int], resize: Resize) -> NDArray[np.uint8]:
        """What becomes of them: an array (count, rows, columns, channels)."""
        images = np.empty((len(self.pictures), *shape), np.uint8)
        for image, picture in zip(images, self.pictures, strict=True):
            image[:] = brought(picture, shape, resize)
        return images


def folder_samples(path: Path, watch: Watch = unwatched) -> Samples:
    """Up to ``COUNT`` images of a folder of class folders, evenly chosen; those that cannot be read are passed over.

    Raises ``ExplorerError`` if it is no such folder.
    """
    files = list_folder(path, watch).files
    found: list[Image.Image] = []
    for index in np.unique(np.linspace(0, len(files) - 1, COUNT).astype(int)).tolist():
        watch(f"Looking at {path.name}", 0, 0)
        try:
            picture = decoded(path / files[index]).image
        except ExplorerError:
            continue
        picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BILINEAR)
        found.append(picture)
    return Samples(tuple(found))


def array_samples(path: Path, name: str) -> NDArray[np.uint8]:
    """The first ``COUNT`` images of an array of a file, in bytes (count, rows, columns, channels).

    Their values are spread by these few images alone. Raises ``ExplorerError`` if they are no images.
    """
    kind = kind_of(path)
    if kind is None:
        raise ExplorerError(f"{path} is a folder.", "Choose a file of arrays.")
    with kind.open(path) as file:
        array = file.array(name)
        if array is None:
            raise ExplorerError(f'{path} has no array "{name}".')
        layout = layout_of(array)
        with closing(file.read(array)) as chunks:
            values = next(itertools.islice(chunks, 1), np.empty(array.shape, array.dtype))[:COUNT]
        spread = range_of([(array.name, array.dtype, _one(values))])
        return layout.arranged(spread.to_bytes(values))


def _one(values: NDArray[Any]) -> Chunks:
    yield values
