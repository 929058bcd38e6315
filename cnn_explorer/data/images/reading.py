"""An image file of any kind and size -> the raw bytes of one image as a network takes them.

One path for a single file and for folders of them: ``opened`` (the header, refused if it is too large), ``upright``
(turned, opaque, 8 bits) and ``brought`` (grey or colour, and of one size).
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from cnn_explorer.core.dataset_spec import Resize
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.sizes import shape_text

MOST_PIXELS = 50_000_000
"""Larger images are refused before they are decoded: a tiny file can claim any size."""

DAMAGED = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError,
    MemoryError, AssertionError, RuntimeError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow's decoders raise for damaged files, beside its own errors (which are OSErrors)."""

_STRIP = 1_000_000
"""Pixels of a picture that are put on white at a time."""
_SIDEWAYS = (5, 6, 7, 8)
"""EXIF orientations that exchange rows and columns."""


class TooLargeError(Exception):
    """The file claims more than ``MOST_PIXELS``."""


class Upright(NamedTuple):
    """A picture in full, grey (mode L) or in colour (RGB), and what was done to it."""

    image: Image.Image
    turned: bool = False
    was_transparent: bool = False
    was_deep: bool = False


def read_image(path: Path, shape: tuple[int, int, int], resize: Resize = "fit") -> NDArray[np.uint8]:
    """Read an image file as bytes of ``shape`` (rows, columns, channels); channels is 1 (grey) or 3 (colour).

    The image is turned as its EXIF orientation says, put on white where it is transparent, made grey or
    coloured, and brought to size as ``resize`` says (``brought``). Nothing is inverted. An image that has the size
    already keeps its pixels. Of an animation the first picture counts.

    Raises ``ExplorerError`` if the file is missing, damaged, no image or too large.
    """
    channels = shape[2]
    if channels not in (1, 3):
        raise ExplorerError(
            f"The network wants images of {channels} channels; an image file gives 1 (grey) or 3 (colour).",
            "Take an image of the data set instead.",
        )
    return brought(decoded(path, shape[:2]).image, shape, resize)


def decoded(path: Path, at_least: tuple[int, int] | None = None) -> Upright:
    """A file as a picture: upright and opaque, grey (mode L) or in colour (RGB), the first of an animation.

    In full, unless it is wanted for ``at_least`` so many rows and columns (``upright``).
    Raises ``ExplorerError`` if the file is missing, damaged, no image or too large.
    """
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise ExplorerError(f"The image {path} {what}.", "Give the path of an image file (PNG, JPEG …).")
        with pillow_silenced(), opened(path) as image:
            return upright(image, at_least)
    except (TooLargeError, Image.DecompressionBombError) as error:
        raise ExplorerError(f"{path} is {reason(error)}.", "Make it smaller first.") from error
    except DAMAGED as error:
        raise ExplorerError(
            f"{path} could not be read as an image: {reason(error)}.", "Give an intact image file (PNG, JPEG …)."
        ) from error


@contextmanager
def pillow_silenced() -> Iterator[None]:
    """Without Pillow's warnings of huge and of odd files: huge ones are refused, odd ones are read as they are.

    Python's list of what to ignore belongs to all threads: enter this once, and not in each of several workers.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\b")
        yield


@contextmanager
def opened(path: Path, formats: tuple[str, ...] | None = None) -> Iterator[Image.Image]:
    """An image whose header is read and whose pixels are not, of one of Pillow's ``formats`` if they are given.

    Raises ``TooLargeError``, or one of ``DAMAGED``.
    """
    # Opened here: files that Pillow opens by name it may map, and then it scrambles sideways TIFFs without compression.
    with path.open("rb") as file, Image.open(file, formats=formats) as image:
        if image.width * image.height > MOST_PIXELS:
            raise TooLargeError(f"{shape_text(image.size)} pixels, at most {MOST_PIXELS:,} are read")
        yield image


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Rows and columns of an opened image as it will be shown; nothing is decoded."""
    # Pillow would decode a PNG to look for an orientation behind its pixels, and turns a TIFF by itself.
    sideways = "exif" in image.info and image.format != "TIFF" and _orientation(image) in _SIDEWAYS
    return (image.width, image.height) if sideways else (image.height, image.width)


def is_gray(image: Image.Image) -> bool:
    """Whether an opened image has no colours, told by its mode and its palette; nothing is decoded."""
    if image.palette is not None and image.mode == "P":
        kind, data = image.palette.getdata()
        colors = np.frombuffer(bytes(data), np.uint8)
        if kind.endswith(";L"):  # all reds, then all greens, then all blues
            channels = colors[: len(colors) // 3 * 3].reshape(3, -1)
        else:
            channels = colors[: len(colors) // len(kind) * len(kind)].reshape(-1, len(kind)).T[:3]
        return bool((channels == channels[0]).all())
    return image.mode in ("1", "L", "LA", "La", "F") or image.mode.startswith("I")


def upright(image: Image.Image, at_least: tuple[int, int] | None = None) -> Upright:
    """The pixels of an opened image: upright, on white where it is transparent, 8 bits a channel.

    A JPEG that is to be shrunk much may be decoded at a half, a quarter or an eighth of its size, which is several
    times faster: it stays larger than twice ``at_least`` (rows, columns).
    16 bits are divided by 257; whole numbers of 32 bits are too, unless all are below 256; floats are taken for
    0 … 1 if none lies outside, else for 0 … 255. Raises one of ``DAMAGED``.
    """
    turned_by_pillow = image.format == "TIFF" and _is_turned(image)  # when it is loaded
    if at_least is not None:
        image.draft(None, (2 * max(at_least), 2 * max(at_least)))  # the sides may yet be exchanged
    image.load()
    turned = turned_by_pillow or ("exif" in image.info and _is_turned(image))
    if turned:
        ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):  # Pillow would clip them at 255
        numbers = np.asarray(image)
        as_bytes = image.mode == "I" and numbers.max(initial=0) < 256
        return Upright(_gray(numbers.clip(0, 65535) // (1 if as_bytes else 257)), turned, was_deep=not as_bytes)
    if image.mode == "F":
        floats = np.asarray(image)
        if not np.isfinite(floats).all():
            raise ValueError("it holds values that are no finite numbers")
        factor = 255.0 if floats.min(initial=0.0) >= 0.0 and floats.max(initial=0.0) <= 1.0 else 1.0
        return Upright(_gray(np.rint(floats * factor).clip(0, 255)), turned, was_deep=True)
    if image.has_transparency_data:
        return _on_white(image, turned)
    return Upright(_converted(image, "L" if image.mode in ("1", "L") else "RGB"), turned)


def brought(image: Image.Image, shape: tuple[int, int, int], resize: Resize) -> NDArray[np.uint8]:
    """A picture as an array of its own of ``shape`` (rows, columns, channels); channels is 1 or 3.

    ``fit``: the whole image, its proportions kept, in the middle; what is left is filled with the median colour of its
    edge. ``crop``: proportions kept, everything filled; what is too much is cut off evenly. ``stretch``: the whole
    image, its proportions given up. An image that has the size already keeps its pixels. Raises one of ``DAMAGED``.
    """
    rows, columns, channels = shape
    image = _converted(image, "L" if channels == 1 else "RGB")
    return np.array(resized(image, rows, columns, resize), np.uint8).reshape(shape)


def resized(image: Image.Image, rows: int, columns: int, resize: Resize) -> Image.Image:
    """A picture (mode L or RGB) in ``rows`` × ``columns``, by a choice that ``brought`` explains."""
    if image.size == (columns, rows):
        return image
    bilinear = Image.Resampling.BILINEAR  # averages when shrinking, and never overshoots
    match resize:
        case "stretch":
            return image.resize((columns, rows), bilinear)
        case "crop":
            # Never a hair wider or higher than the image, as products with a rounded factor would be: Pillow refuses.
            if image.width * rows <= image.height * columns:
                width, height = float(image.width), rows * image.width / columns
            else:
                width, height = columns * image.height / rows, float(image.height)
            left, upper = (image.width - width) / 2, (image.height - height) / 2
            return image.resize((columns, rows), bilinear, box=(left, upper, left + width, upper + height))
        case "fit":
            factor = min(columns / image.width, rows / image.height)
            size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
            small = image.resize(size, bilinear)
            canvas = Image.new(image.mode, (columns, rows), _edge_color(image))
            canvas.paste(small, ((columns - small.width) // 2, (rows - small.height) // 2))
            return canvas


def reason(error: BaseException) -> str:
    """Why an image cannot be read, in a few words; ``error`` is ``TooLargeError`` or one of ``DAMAGED``."""
    match error:
        case TooLargeError():
            return f"too large: {error}"
        case Image.DecompressionBombError():
            return f"too large: at most {MOST_PIXELS:,} pixels are read"
        case UnidentifiedImageError():
            return "no image, or a damaged one"
        case FileNotFoundError():
            return "it is not there any more"
        case OSError() if error.strerror:
            return error.strerror
        case MemoryError():
            return "too large for the memory"
        case _:
            return f"damaged: {error}" if str(error) else "damaged"


def _orientation(image: Image.Image) -> int:
    found = image.getexif().get(ExifTags.Base.Orientation, 1)
    return found if isinstance(found, int) else 1


def _is_turned(image: Image.Image) -> bool:
    return _orientation(image) in range(2, 9)


def _converted(image: Image.Image, mode: str) -> Image.Image:
    """``image`` in that mode; itself if it is, for Pillow would copy it."""
    return image if image.mode == mode else image.convert(mode)


def _on_white(image: Image.Image, turned: bool) -> Upright:
    """``image`` without its transparency. In strips: Pillow holds Python's lock meanwhile, and copies each of them."""
    opaque = Image.new("RGB", image.size)
    was_transparent = False
    rows = max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height))).convert("RGBA")
        was_transparent |= strip.getchannel("A").getextrema() != (255, 255)
        white = Image.new("RGBA", strip.size, "white")
        opaque.paste(Image.alpha_composite(white, strip).convert("RGB"), (0, top))
    return Upright(opaque, turned, was_transparent=was_transparent)


def _gray(pixels: NDArray[np.generic]) -> Image.Image:
    return Image.fromarray(pixels.astype(np.uint8))


def _edge_color(image: Image.Image) -> tuple[int, ...]:
    """The median of the outermost pixels, channel by channel."""
    width, height = image.size
    sides = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    bands = len(image.getbands())
    edge = np.concatenate([np.asarray(image.crop(side)).reshape(-1, bands) for side in sides])
    return tuple(int(value) for value in np.median(edge, axis=0))
