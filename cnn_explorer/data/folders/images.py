"""The images of a listed folder: headers and pixels, and why some cannot be read."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import Resize
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.dataset import Skipped
from cnn_explorer.data.folders.listing import Listing, shown
from cnn_explorer.data.images.reading import (
    DAMAGED,
    TooLargeError,
    brought,
    is_gray,
    opened,
    reason,
    upright,
    upright_size,
)  # fmt: skip

_KINDS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
"""What is read, whatever a file's name says: some of Pillow's other formats start programs."""
_LARGE = 16_000_000
"""Pixels from which images are decoded one at a time, so that several huge ones do not meet in memory."""
_one_large = threading.Lock()

CHANGES = {
    "resized": "Brought to the common size",
    "gray": "Made grey, though in colour",
    "rgb": "Made coloured, though grey",
    "turned": "Turned upright, as the camera noted",
    "opaque": "Put on white, where they were transparent",
    "reduced": "Reduced to 8 bits a value",
}
"""What may be done to an image so that it fits to the others, and how that is said."""


class Header(NamedTuple):
    """What is known of an image before it is decoded: rows and columns as it will be shown, whether it is gray."""

    size: tuple[int, int]
    gray: bool


@dataclass(eq=False)
class Block:
    """Images that were read. ``places``: their indices in the listing; ``changes``: how many were changed how."""

    images: NDArray[np.uint8]
    places: list[int] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)


def read_header(listing: Listing, place: int) -> Header | Skipped:
    """The header of one image, or why it has none. Raises ``ExplorerError`` if its folder has disappeared."""
    try:
        with opened(listing.root / listing.files[place], _KINDS) as image:
            return Header(upright_size(image), is_gray(image))
    except (TooLargeError, *DAMAGED) as error:
        return _skipped(listing, place, error)


def read_block(
    listing: Listing, places: Sequence[int], shape: tuple[int, int, int], resize: Resize, stopped: Callable[[], bool]
) -> Block:
    """Read the images at ``places`` and bring them to ``shape``; those that cannot be read are left out.

    Raises ``ExplorerError`` if their folder has disappeared.
    """
    block = Block(np.empty((len(places), *shape), np.uint8))
    for place in places:
        if stopped():
            break
        try:
            with opened(listing.root / listing.files[place], _KINDS) as image:
                gray, size = is_gray(image), upright_size(image)
                with _one_large if image.width * image.height > _LARGE else nullcontext():
                    picture = upright(image, shape[:2])
                    block.images[len(block.places)] = brought(picture.image, shape, resize)
        except (TooLargeError, *DAMAGED) as error:
            block.skipped.append(_skipped(listing, place, error))
            continue
        block.places.append(place)
        done = {
            "resized": size != shape[:2],
            "gray": shape[2] == 1 and not gray,
            "rgb": shape[2] == 3 and gray,
            "turned": picture.turned,
            "opaque": picture.was_transparent,
            "reduced": picture.was_deep,
        }
        block.changes.update(name for name, happened in done.items() if happened)
    block.images = block.images[: len(block.places)]
    return block


def _skipped(listing: Listing, place: int, error: BaseException) -> Skipped:
    """The word on an image that cannot be read. Raises ``ExplorerError`` if its whole folder has disappeared."""
    file = listing.files[place]
    folder = (listing.root / file).parent
    if not folder.is_dir():
        raise ExplorerError(
            f"The folder {shown(str(folder))} disappeared while its images were read.",
            "Bring it back and read the data set again.",
        ) from error
    return Skipped(shown(file), reason(error))
