"""What both sides of a comparison are, as plain values: what stands above one, and what a pin keeps; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import finite_limits
from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.core.model.info import ForwardPass, ModelInfo
from cnn_explorer.store.file_stamp import FileStamp
from cnn_explorer.ui.pages.inspect.images.state import ChosenImage, ImageState


@dataclass(frozen=True, eq=False)
class Head:
    """``picture``: an image (rows, columns, channels), black at ``limits[0]``; ``None`` shows an empty frame.

    ``input``: what the network got (rows, columns, channels). ``wrong``: the network was wrong about it.
    """

    title: str
    words: str
    picture: NDArray[Any] | None = None
    limits: tuple[float, float] = (0.0, 255.0)
    input: NDArray[np.float32] | None = None
    wrong: bool = False
    tooltip: str = ""


def difference_picture(a: Head, b: Head) -> NDArray[np.float32] | None:
    """The difference of what the network got (rows, columns), -1…1 of the range of both; ``None`` if there is none."""
    if a.input is None or b.input is None or a.input.shape != b.input.shape:
        return None
    (low, high), (other_low, other_high) = finite_limits(a.input), finite_limits(b.input)
    span = max(max(high, other_high) - min(low, other_low), 1e-30)
    apart = (a.input - b.input).mean(axis=2, dtype=np.float64) / span
    clipped: NDArray[np.float32] = np.clip(np.nan_to_num(apart), -1.0, 1.0).astype(np.float32)
    return clipped


def head_of_side(title: str, words: str, image: NDArray[np.float32], tooltip: str = "") -> Head:
    """A head whose picture is what the network got, from its smallest to its largest value."""
    return Head(title, words, image, finite_limits(image), image, tooltip=tooltip)


@dataclass(frozen=True, eq=False)
class Pin:
    """What was in view: the model as its file was (``stamp``), a layer, an image and its source, how it was painted.

    ``fingerprint``: that of the data set, if the image is one of it, else "".
    """

    name: str
    model: ModelInfo
    stamp: FileStamp | None
    layer: str
    image: ChosenImage
    source: ImageState
    fingerprint: str
    choice: MapStyle
    forward: ForwardPass

    @property
    def size(self) -> int:
        """Bytes of its forward pass."""
        return sum(values.nbytes for values in self.forward.activations.values())
