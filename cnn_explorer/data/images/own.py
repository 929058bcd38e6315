"""Images from outside the data set, brought to what a network takes; every step that was taken is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnn_explorer.core.dataset_spec import Resize
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.images.handwriting import centred, inverted, is_inverted, uncentred, without_paper
from cnn_explorer.data.images.reading import decoded, resized

LONGEST = 4096
"""Larger pictures are reduced to this many pixels on their longer side as they are read: no network takes more."""

_DONE: dict[Resize, str] = {"fit": "fitted into", "crop": "cropped to", "stretch": "stretched to"}


@dataclass(frozen=True, eq=False)
class UserImage:
    """A picture in full: upright and opaque, grey (mode L) or in colour (RGB).

    ``size``: width and height that it came with; ``remarks``: what was done in reading it, in the order of doing.
    """

    picture: Image.Image
    size: tuple[int, int]
    remarks: tuple[str, ...] = ()

    @property
    def in_colour(self) -> bool:
        """Whether its channels differ anywhere."""
        return self.picture.mode == "RGB"


@dataclass(frozen=True)
class Bringing:
    """How a picture is brought to a network's input. ``invert``: ``None`` leaves it to ``is_inverted``."""

    resize: Resize = "fit"
    invert: bool | None = None
    centre: bool = False


@dataclass(frozen=True, eq=False)
class Brought:
    """``image``: bytes (rows, columns, channels) for the network. ``said``: all that was done, in one line.

    ``inverted``: whether its brightness was turned round.
    """

    image: NDArray[np.uint8]
    said: str
    inverted: bool = False


def read_user_image(path: Path) -> UserImage:
    """Read an image file of any kind. Raises ``ExplorerError`` if it is missing, damaged, no image or too large."""
    found = decoded(path)
    done = ((found.turned, "turned upright"), (found.was_transparent, "put on white"), (found.was_deep, "in 8 bits"))
    return _user_image(found.image, found.image.size, tuple(words for was, words in done if was))


def user_image_of(pixels: NDArray[np.uint8]) -> UserImage:
    """A picture that is in memory: bytes (rows, columns, 3), or 4 with opacity, which is put on white."""
    picture = Image.fromarray(pixels)
    remarks: tuple[str, ...] = ()
    if pixels.shape[2] == 4:
        remarks = () if int(pixels[..., 3].min()) == 255 else ("put on white",)
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return _user_image(picture, picture.size, remarks)


def brought(user_image: UserImage, shape: tuple[int, int, int], how: Bringing) -> Brought:
    """Bring a picture to ``shape`` (rows, columns, channels).

    Colours become grey for one channel, where dark ink on bright paper becomes bright ink on black unless ``how``
    says otherwise; grey goes into all of three channels. Raises ``ExplorerError`` for other numbers of channels.
    """
    rows, columns, channels = shape
    _check_channels(channels)
    steps = list(user_image.remarks)
    picture = user_image.picture
    turned = False
    if channels == 1:
        if user_image.in_colour:
            steps.append("grey")
            picture = picture.convert("L")
        pixels = np.asarray(picture)
        turned = is_inverted(pixels) if how.invert is None else how.invert
        if turned:
            steps.append("inverted")
            pixels = inverted(pixels)
        if how.centre:
            image = centred(without_paper(pixels), (rows, columns))
            steps.append(f"paper cleared, centred and scaled like MNIST in {_size((columns, rows))}")
            return Brought(image[..., np.newaxis], _said(user_image, steps), turned)
        picture = Image.fromarray(pixels)
    elif not user_image.in_colour:
        steps.append("grey in all three channels")
        picture = picture.convert("RGB")
    if user_image.size != (columns, rows):
        steps.append(f"{_DONE[how.resize]} {_size((columns, rows))}")
    image = np.asarray(resized(picture, rows, columns, how.resize)).reshape(shape)
    return Brought(image, _said(user_image, steps), turned)


def drawn(ink: NDArray[np.uint8], shape: tuple[int, int, int], like_mnist: bool) -> Brought:
    """Bring a drawing (rows, columns; bright on black) to ``shape`` (rows, columns, channels).

    Either ``centred``, or as a whole where it was drawn. Raises ``ExplorerError`` if a drawing cannot have so many
    channels.
    """
    rows, columns, channels = shape
    _check_channels(channels)
    if like_mnist:
        image = centred(ink, (rows, columns))
        said = f"scaled into a box and centred by its mass in {_size((columns, rows))}, like MNIST"
    else:
        image = uncentred(ink, (rows, columns))
        said = f"reduced to {_size((columns, rows))} as it is drawn"
    if channels == 3:
        said += ", grey in all three channels"
    return Brought(np.repeat(image[..., np.newaxis], channels, axis=2), f"Drawing → {said}")


def thumbnail(user_image: UserImage, side: int) -> NDArray[np.uint8]:
    """The picture in small, at most ``2 * side`` pixels long for sharp screens: bytes (rows, columns, 3)."""
    small = user_image.picture.copy()
    small.thumbnail((2 * side, 2 * side))
    return np.asarray(small.convert("RGB"))


def _user_image(picture: Image.Image, size: tuple[int, int], remarks: tuple[str, ...]) -> UserImage:
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    if picture.mode == "RGB":
        pixels = np.asarray(picture)
        if np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 0], pixels[..., 2]):
            picture = picture.getchannel(0)
    return UserImage(picture, size, remarks)


def _check_channels(channels: int) -> None:
    if channels not in (1, 3):
        raise ExplorerError(
            f"The network wants images of {channels} channels; a picture has 1 (grey) or 3 (colour).",
            "Take an image of the data set instead.",
        )


def _said(user_image: UserImage, steps: list[str]) -> str:
    origin = f"{_size(user_image.size)} {'colour' if user_image.in_colour else 'grey'}"
    return f"{origin} → {', '.join(steps)}" if steps else f"{origin}, used as it is"


def _size(size: tuple[int, int]) -> str:
    return shape_text(size)
