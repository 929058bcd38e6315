"""An image file of any kind and size -> the raw bytes of one image as a network takes them."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnn_explorer.core.errors import ExplorerError

MOST_PIXELS = 50_000_000
"""Larger images are refused before they are decoded: a tiny file can claim any size."""

# What Pillow's decoders raise for damaged files, beside its own errors (which are OSErrors).
_DAMAGED = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError,
    MemoryError, AssertionError, RuntimeError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip


def read_image(path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Read an image file as bytes of ``shape`` (rows, columns, channels); channels is 1 (grey) or 3 (colour).

    The image is turned as its EXIF orientation says, put on white where it is transparent, made grey or
    coloured, and brought to size as a whole: its proportions stay, it is centred, and what is left is filled
    with the median colour of its edge. Nothing is inverted. An image that has the size already keeps its pixels.
    Of an animation the first picture counts.

    Raises ``ExplorerError`` if the file is missing, damaged, no image or too large.
    """
    rows, columns, channels = shape
    if channels not in (1, 3):
        raise ExplorerError(
            f"The network wants images of {channels} channels; an image file gives 1 (grey) or 3 (colour).",
            "Take an image of the data set instead.",
        )
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise ExplorerError(f"The image {path} {what}.", "Give the path of an image file (PNG, JPEG …).")
        image = _decoded(path).convert("L" if channels == 1 else "RGB")
    except _DAMAGED as error:
        raise ExplorerError(
            f"{path} could not be read as an image: {error}.", "Give an intact image file (PNG, JPEG …)."
        ) from error
    return np.asarray(_fitted(image, rows, columns)).reshape(shape)


def _decoded(path: Path) -> Image.Image:
    """The pixels of the file, upright and opaque, in a mode that converts to grey or colour without loss of range."""
    with warnings.catch_warnings():
        # Pillow warns of huge and of odd files; huge ones are refused below, odd ones are read as they are.
        warnings.simplefilter("ignore")
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ExplorerError(
                    f"{path} is too large: {image.width} × {image.height} pixels, at most {MOST_PIXELS:,} are read.",
                    "Make it smaller first.",
                )
            upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):  # 16 bits a pixel; Pillow would clip them at 255
        return Image.fromarray((np.asarray(upright).clip(0, 65535) // 257).astype(np.uint8))
    if upright.has_transparency_data:
        opaque = upright.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque)
    return upright


def _fitted(image: Image.Image, rows: int, columns: int) -> Image.Image:
    """``image`` (mode L or RGB) as a whole in the middle of ``rows`` × ``columns``."""
    if image.size == (columns, rows):
        return image
    factor = min(columns / image.width, rows / image.height)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    small = image.resize(size, Image.Resampling.BILINEAR)  # averages when shrinking, and never overshoots
    canvas = Image.new(image.mode, (columns, rows), _edge_color(image))
    canvas.paste(small, ((columns - small.width) // 2, (rows - small.height) // 2))
    return canvas


def _edge_color(image: Image.Image) -> tuple[int, ...]:
    """The median of the outermost pixels, channel by channel."""
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    edge = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    return tuple(int(value) for value in np.median(edge, axis=0))
