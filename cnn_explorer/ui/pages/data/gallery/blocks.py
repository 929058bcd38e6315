"""Thumbnails in blocks: composed in another thread, a picture for many tiles, and only the latest ones kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from cnn_explorer.ui.session.jobs import Failure, Job, JobRunner

CACHE_BYTES = 48 * 2**20
_BLOCK_BYTES = 2**20
_MOST_TILES = 256
Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True)
class Key:
    """Which block: of which list of images, in which size of thumbnails, and the how manieth."""

    generation: int
    size: Size
    number: int


@dataclass(frozen=True, eq=False)
class Block:
    """Many thumbnails in one picture, ``columns`` in a row."""

    picture: QImage
    columns: int
    size: Size

    def corner(self, number: int) -> tuple[int, int]:
        """The left and upper end of thumbnail ``number`` in the picture."""
        return number % self.columns * self.size[0], number // self.columns * self.size[1]

    def source(self, number: int) -> QRect:
        """Where thumbnail ``number`` lies in the picture."""
        return QRect(*self.corner(number), *self.size)


def block_length(shape: tuple[int, ...], size: Size) -> int:
    """How many images of ``shape`` (rows, columns, channels) go into a block of thumbnails of ``size``."""
    read = shape[0] * shape[1] * shape[2]
    return max(1, min(_MOST_TILES, _BLOCK_BYTES // read, _BLOCK_BYTES // (4 * size[0] * size[1])))


def compose(images: NDArray[np.uint8], size: Size) -> Block:
    """A block of images (count, rows, columns, channels), each brought to ``size``.

    Three channels are red, green and blue; of other numbers the first is shown in grey.
    """
    count, rows, columns = images.shape[:3]
    across = max(1, int(np.ceil(np.sqrt(count * rows / columns))))
    down = -(-count // across)
    if size != (columns, rows):
        return Block(_reduced(images, size, across, down), across, size)
    lines = np.full((down, rows, across, columns), 0xFF000000, np.uint32)
    tiles = lines.swapaxes(1, 2)  # (down, across, rows, columns): the same memory, tile by tile
    words = _words(images)
    full = count // across
    tiles[:full] = words[: full * across].reshape(full, across, rows, columns)
    if rest := count - full * across:
        tiles[full, :rest] = words[full * across :]
    picture = QImage(lines.data, across * columns, down * rows, 4 * across * columns, QImage.Format.Format_RGB32)
    return Block(picture.copy(), across, size)  # the copy does not hang on the array


def _words(images: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """(count, rows, columns) Opaque, red, green and blue, in this order from the upper byte of each pixel on.

    As few passes as can be, since the window waits for its turn while this thread computes.
    """
    if images.shape[3] != 3:
        return images[..., 0] * np.uint32(0x010101) | np.uint32(0xFF000000)
    words: NDArray[np.uint32] = images[..., 0] * np.uint32(0x010000)
    words |= images[..., 1] * np.uint32(0x000100)
    words |= images[..., 2]
    words |= np.uint32(0xFF000000)
    return words


def picture_of(image: NDArray[np.uint8]) -> QImage:
    """One image (rows, columns, channels) as a picture of the same size."""
    rows, columns = image.shape[:2]
    return compose(image[np.newaxis], (columns, rows)).picture


def _reduced(images: NDArray[np.uint8], size: Size, across: int, down: int) -> QImage:
    width, height = size
    picture = QImage(across * width, down * height, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.black)
    painter = QPainter(picture)
    for number, image in enumerate(images):
        small = picture_of(image).scaled(
            width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        row, column = divmod(number, across)
        painter.drawImage(column * width, row * height, small)
    painter.end()
    return picture


class BlockStore(QObject):
    """Gives the blocks that are there, and has those composed that are wanted, the latest wish first.

    Each ``want`` replaces the one before it: what has been scrolled past is not composed any more. At most
    ``CACHE_BYTES`` of pictures are kept, those that were shown last.
    """

    loaded = Signal()
    """A wanted block is there."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__(runner)  # which may have something to say when the tiles are gone
        self._runner = runner
        self._kept: OrderedDict[Key, Block] = OrderedDict()
        self._bytes = 0
        self._generation = 0
        self._source: NDArray[np.uint8] = np.zeros((0, 1, 1, 1), np.uint8)
        self._places: NDArray[np.int64] = np.zeros(0, np.int64)
        self._lock = threading.Lock()
        self._wanted: tuple[Key, ...] = ()
        self._begun: set[Key] = set()  # being composed, or on their way from the other thread
        self._unreadable = -1  # the generation whose images could not be read
        self._job: Job | None = None

    @property
    def bytes(self) -> int:
        """The memory of the pictures that are kept."""
        return self._bytes

    @property
    def idle(self) -> bool:
        """Whether nothing is being composed."""
        return self._job is None

    def set_images(self, source: NDArray[np.uint8], places: NDArray[np.int64]) -> None:
        """Show the images of ``source`` at ``places``, in this order, from now on; all blocks are forgotten."""
        with self._lock:
            self._generation += 1
            self._source, self._places = source, places
            self._wanted = ()
        self._kept.clear()
        self._bytes = 0

    def key(self, size: Size, number: int) -> Key:
        """The key of a block of the images that are shown."""
        return Key(self._generation, size, number)

    def length(self, size: Size) -> int:
        """How many thumbnails of ``size`` are in a block."""
        return block_length(self._source.shape[1:], size)

    def block(self, key: Key) -> Block | None:
        """A block that is there; it counts as used."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def want(self, keys: Sequence[Key]) -> None:
        """Have these blocks composed, the first one first, and none that was wanted before."""
        with self._lock:
            self._wanted = tuple(key for key in keys if key not in self._kept and key not in self._begun)
        self._begin()

    def _begin(self) -> None:
        if self._job is None and self._wanted and self._unreadable != self._generation:
            self._job = self._runner.submit(self._work, self._done, failed=self._failed, progress=self._keep)

    def _work(self, job: Job) -> None:
        """In the other thread: compose what is wanted in this moment, until nothing is."""
        while not job.control.stopped:
            with self._lock:
                if not self._wanted:
                    return
                key, self._wanted = self._wanted[0], self._wanted[1:]
                self._begun.add(key)
                source, places = self._source, self._places
            length = block_length(source.shape[1:], key.size)
            some = places[key.number * length : (key.number + 1) * length]
            job.emit((key, compose(source[some], key.size)))

    def _keep(self, told: tuple[Key, Block]) -> None:
        key, block = told
        self._begun.discard(key)
        if key.generation != self._generation or key in self._kept:
            return
        self._kept[key] = block
        self._bytes += block.picture.sizeInBytes()
        while self._bytes > CACHE_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.picture.sizeInBytes()
        self.loaded.emit()

    def _done(self, _result: object) -> None:
        self._job = None
        self._begin()  # something may have been wanted just after the thread had looked

    def _failed(self, failure: Failure) -> None:
        """Said once; the tiles stay empty until there are other images."""
        self._job = None
        self._begun.clear()
        self._unreadable = self._generation
        self._runner.failed.emit(failure)
