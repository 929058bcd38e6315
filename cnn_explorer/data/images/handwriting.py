"""Handwriting as MNIST has it: bright ink on black, scaled into a box and centred by its mass.

The article of the data set (LeCun, Cortes, Burges: "The MNIST database of handwritten digits") says: "the original
black and white images were size normalized to fit in a 20x20 pixel box while preserving their aspect ratio", grey
"as a result of the anti-aliasing", and "centered in a 28x28 image by computing the center of mass of the pixels, and
translating the image so as to position this point at the center of the 28x28 field". The centre is pixel (14, 14),
counted from 0, and the translation is by whole pixels: all 10,000 test images have their centre of mass within half
a pixel of it. 9,997 of them are exactly what ``centred`` makes of them; the other three have a box of 19 pixels.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BOX = 20 / 28
"""The side of the box in which the ink lies, as a share of the image's side."""

_STAIN = 32  # of 255: what differs less from the paper is paper too


def centred(ink: NDArray[np.uint8], size: tuple[int, int] = (28, 28)) -> NDArray[np.uint8]:
    """Bring ink (rows, columns; bright on 0) to ``size`` (rows, columns) in the way of MNIST.

    Everything above 0 is ink. Its bounding box is scaled to fill ``BOX`` of the image on its longer side, averaging
    where it shrinks; its proportions stay. Then it is moved, by whole pixels, so that its centre of mass comes within
    half a pixel of the image's centre, as far as all of the ink stays inside. Without ink the image is all 0.
    """
    picture = np.zeros(size, np.uint8)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return picture
    cut = np.ascontiguousarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    box = [max(1, round(side * BOX)) for side in size]
    factor = min(box[0] / cut.shape[0], box[1] / cut.shape[1])
    height, width = (max(1, round(side * factor)) for side in cut.shape)
    small = _scaled(cut, height, width)
    top, left = (
        min(max(_shift(small.sum(axis=other), whole), 0), whole - part)
        for other, whole, part in ((1, size[0], height), (0, size[1], width))
    )
    picture[top : top + height, left : left + width] = small
    return picture


def uncentred(ink: NDArray[np.uint8], size: tuple[int, int] = (28, 28)) -> NDArray[np.uint8]:
    """Bring ink (rows, columns) to ``size`` as a whole, where and as large as it is, in the middle if that is wider."""
    picture = np.zeros(size, np.uint8)
    factor = min(size[0] / ink.shape[0], size[1] / ink.shape[1])
    height, width = (max(1, round(side * factor)) for side in ink.shape)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    picture[top : top + height, left : left + width] = _scaled(ink, height, width)
    return picture


def is_inverted(image: NDArray[np.uint8]) -> bool:
    """Whether a grey image (rows, columns) shows dark ink on bright paper, the opposite of MNIST.

    The rule: the paper is what most of the edge shows and most of the image too. If the median of the outermost
    pixels and the median of all pixels both lie in the brighter half between the darkest and the brightest pixel,
    the paper is bright. An image of one brightness has no ink, and is not called inverted.
    """
    darkest, brightest = int(image.min()), int(image.max())
    middle = (darkest + brightest) / 2
    return darkest < brightest and float(np.median(_edge(image))) > middle and float(np.median(image)) > middle


def inverted(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The negative."""
    return 255 - image


def without_paper(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink (rows, columns) of a bright-on-dark image of any paper, which becomes 0, so that it has a bounding box.

    The paper's brightness is the median of the outermost pixels; what is less than an eighth of the whole range
    brighter is paper too: its grain, shadows, and the traces of JPEG. The brightest ink becomes 255.
    """
    values = image.astype(np.float32) - np.float32(np.median(_edge(image)))
    values[values < _STAIN] = 0
    brightest = float(values.max())
    return (values * (255 / brightest) + 0.5).astype(np.uint8) if brightest > 0 else np.zeros_like(image)


def _scaled(ink: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    if ink.shape == (height, width):
        return ink
    # Box averages over the pixels that become one, and blurs nothing beyond that; it needs several to average over.
    shrinks = 2 * height <= ink.shape[0] and 2 * width <= ink.shape[1]
    way = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(ink).resize((width, height), way))


def _shift(mass: NDArray[np.uint64], side: int) -> int:
    """Where ``mass`` along one axis must begin, so that its centre comes to [c - 0.5, c + 0.5) around c = side // 2."""
    weights = mass.astype(np.float64)
    total = weights.sum()
    centre = float(weights @ np.arange(weights.size)) / total if total else (weights.size - 1) / 2
    return math.ceil(side // 2 - 0.5 - centre)


def _edge(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate((image[0], image[-1], image[:, 0], image[:, -1]))
