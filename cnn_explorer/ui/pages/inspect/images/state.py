"""The image in view as plain values: which one is chosen, where it comes from, and how one comes back to it; no Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.data.dataset import Split
from cnn_explorer.data.images.own import UserImage

Source = Literal["dataset", "files", "drawing"]


@dataclass(eq=False)
class OwnImage:
    """An image of the user's. ``read`` gives it in full; ``invert`` is what the user says of its brightness."""

    name: str
    read: Callable[[], UserImage]
    invert: bool | None = None


@dataclass(frozen=True, eq=False)
class ChosenImage:
    """An image for the model: bytes (rows, columns, channels).

    ``true_name`` is its class, "" if nobody knows; ``name`` is for files about it; ``said``: what was done to it.
    """

    image: NDArray[np.uint8]
    name: str
    true_name: str = ""
    said: str = ""

    @property
    def title(self) -> str:
        """The name for people: ``test-42`` is ``test 42``."""
        part, _, number = self.name.partition("-")
        return f"{part} {number}" if part in ("test", "train") and number.isdigit() else self.name


@dataclass(frozen=True, eq=False)
class ImageState:
    """Which image is chosen, so that one can come back to it: of the data set, of the user's own, or a drawing."""

    source: Source
    split: Split
    index: int
    own: OwnImage | None
    ink: NDArray[np.uint8] | None


@dataclass(frozen=True)
class NoImage:
    """There is none yet. ``reason`` is a sentence, "" while one is on its way."""

    reason: str = ""
