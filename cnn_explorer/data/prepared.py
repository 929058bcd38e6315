"""The user's images, read once and kept as plain bytes in the cache: from then on they are only mapped into memory.

One way for sets of all sizes: reading needs bounded memory, a second time it takes milliseconds, and a training goes on
if the folder disappears meanwhile. A copy is a folder of the cache, ``prepared/SOURCE-KEY``, with three files:
``images.bin`` (the bytes of all images, those of the training part first), ``labels.bin`` and ``facts.json``.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import mmap
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch
from cnn_explorer.core.sizes import megabytes, shape_text
from cnn_explorer.data.dataset import Dataset, Skipped
from cnn_explorer.store.atomic import write_failure
from cnn_explorer.store.locks import Lock
from cnn_explorer.store.paths import cache_dir
from cnn_explorer.store.staging import LOCK_NAME, staged

_IMAGES, _LABELS, _FACTS = _FILES = ("images.bin", "labels.bin", "facts.json")
_FORMAT = 1
_PIECE = 1 << 22
"""Bytes that are read at a time to compute the fingerprint."""
_WAY_OUT = "Free some space there, or let CNN_EXPLORER_HOME name a folder on another disk."


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a source once it is read; the fields are those of ``Dataset``.

    The first ``train_count`` images that were written are the training part, all others the test part.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    train_count: int
    remarks: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """facts.json: ``shape`` is that of all images, ``identity`` says of what this is a copy."""

    format: int
    identity: str
    shape: tuple[int, int, int, int]
    fingerprint: str
    facts: Facts


class Writer:
    """Takes the images of a source in their official order: the training part first, then the test part."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._labels: list[NDArray[np.int64]] = []
        self.image_shape: tuple[int, int, int] | None = None
        # Unbuffered: what is added comes in large pieces, and closing cannot fail for what would not fit any more.
        self._file = (folder / _IMAGES).open("wb", buffering=0)

    def reserve(self, count: int, image_shape: tuple[int, int, int]) -> None:
        """Say how much is to come. Raises ``ExplorerError`` at once if the disk has no room for it."""
        needed = count * math.prod(image_shape)
        free = shutil.disk_usage(self._folder).free
        if needed > free:
            raise ExplorerError(
                f"The disk of {self._folder.parent} is too full: {count:,} images of "
                f"{shape_text(image_shape)} need {megabytes(needed)}, {megabytes(free)} are free.",
                f"Bring the images to a smaller size. {_WAY_OUT}",
            )

    def add(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
        """Append images (count, rows, columns, channels), all of one shape ever, and their labels (count,).

        Raises ``ExplorerError`` if the disk is full.
        """
        if images.dtype != np.uint8 or images.ndim != 4 or labels.shape != images.shape[:1]:
            raise ValueError(f"images {images.dtype} {images.shape} with labels {labels.shape}")
        shape = images.shape[1:]
        if self.image_shape not in (None, shape):
            raise ValueError(f"images of shape {shape} after those of {self.image_shape}")
        self.image_shape = shape
        with _written(self._folder.parent):
            rest = np.ascontiguousarray(images).reshape(-1).data
            while rest:  # a raw file may take less than it was given
                rest = rest[self._file.write(rest) :]
        self._labels.append(np.array(labels, np.int64))

    def renumber(self, kept: NDArray[np.int64]) -> None:
        """Make class ``kept[i]`` class ``i`` in all labels so far; ``kept`` is sorted and holds every class in use."""
        self._labels = [np.searchsorted(kept, labels) for labels in self._labels]

    def _close(self) -> None:
        self._file.close()

    def _finish(self) -> tuple[tuple[int, int, int, int], NDArray[np.int64]]:
        """Bring everything to the disk; the shape of all images, and the labels."""
        labels = np.concatenate(self._labels) if self._labels else np.zeros(0, np.int64)
        with _written(self._folder.parent):
            os.fsync(self._file.fileno())
            self._close()
            (self._folder / _LABELS).write_bytes(labels.astype("<i8").tobytes())
        rows, columns, channels = self.image_shape or (0, 0, 0)
        return (len(labels), rows, columns, channels), labels


def prepared(source: Path, key: str, spec: DatasetSpec, build: Callable[[Writer], Facts], watch: Watch) -> Dataset:
    """The data set of ``source``, mapped from its copy in the cache; ``build`` writes one where there is none yet.

    ``key`` is a text that changes whenever the content of the copy would. A copy that is damaged, or made with another
    key, is replaced. The images are a read-only array that the system reads from the disk page by page. If anything
    is raised (the watch ended it, the disk is full, ``build`` failed), nothing new is left in the cache, and older
    copies stay. Another process that builds the same source is waited for.

    Raises ``ExplorerError`` if there are no images, fewer than two classes, no training or no test part, or if the
    cache cannot be written.
    """
    folder, mark, place = _place(source, key)
    identity = _digest(f"{source}\n{key}")
    dataset = _mapped(place, identity, spec)
    if dataset is not None:
        return dataset
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / f"{mark}.lock", watch):
        dataset = _mapped(place, identity, spec)  # another process may have made it by now
        if dataset is None:
            _build(source, place, identity, build, watch)
            dataset = _mapped(place, identity, spec)
        _remove_others(folder, mark, place)
    if dataset is None:
        raise ExplorerError(f"The copy of {source} in {folder} was damaged while it was written.", "Try it again.")
    return dataset


def is_prepared(source: Path, key: str) -> bool:
    """Whether there is a copy of ``source`` made with this key, so that ``prepared`` needs nothing but the cache."""
    return (_place(source, key)[2] / _FACTS).is_file()


def _place(source: Path, key: str) -> tuple[Path, str, Path]:
    """The folder of all copies, how the names of those of ``source`` begin, and where this one lies."""
    folder, mark = cache_dir() / "prepared", _digest(str(source))
    return folder, mark, folder / f"{mark}-{_digest(key)}"


def official_order(labels: NDArray[np.int64], test_part: float | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the training images and of the test images of a source that has no test part, always the same.

    ``test_part`` of each class (at least one image, but never the last one) is drawn for the test; ``None`` draws none.
    Both parts come in a fixed shuffle, so that their first N images are a fair mix.
    """
    generator = np.random.default_rng(0)
    order = generator.permutation(len(labels))
    drawn = np.zeros(len(labels), bool)
    if test_part is not None:
        for label in np.unique(labels):
            of_class = order[labels[order] == label]
            drawn[of_class[: min(max(1, round(len(of_class) * test_part)), len(of_class) - 1)]] = True
    return order[~drawn[order]], order[drawn[order]]


def _build(source: Path, place: Path, identity: str, build: Callable[[Writer], Facts], watch: Watch) -> None:
    """Make the copy beside ``place`` and rename it there. Whatever goes wrong, it is gone again."""
    with staged(place, _FILES) as copy:
        with _written(place.parent):
            writer = Writer(copy.path)
        try:
            facts = build(writer)
            watch("Writing to the disk", 0, 0)
            shape, labels = writer._finish()
        finally:
            writer._close()
        _refuse_useless(source, facts, labels)
        fingerprint = _fingerprint(copy.path / _IMAGES, shape, labels, facts.train_count, watch)
        record = _Record(format=_FORMAT, identity=identity, shape=shape, fingerprint=fingerprint, facts=facts)
        with _written(place.parent):
            (copy.path / _FACTS).write_bytes(msgspec.json.format(msgspec.json.encode(record)))
            _remove(place)  # a damaged one
            copy.publish(place)


def _mapped(place: Path, identity: str, spec: DatasetSpec) -> Dataset | None:
    """The data set of a copy; ``None`` if there is none, or if it is not whole."""
    try:
        record = msgspec.json.decode((place / _FACTS).read_bytes(), type=_Record)
        labels = np.frombuffer((place / _LABELS).read_bytes(), "<i8").astype(np.int64)
        facts, count = record.facts, record.shape[0]
        if (
            (record.format, record.identity) != (_FORMAT, identity)
            or len(labels) != count
            or not 0 < facts.train_count < count
            or not 0 <= labels.min() <= labels.max() < len(facts.classes)
        ):
            return None
        images = _map(place / _IMAGES, record.shape)
    except (OSError, ValueError):  # msgspec's errors are ValueErrors
        return None
    return Dataset(
        name=facts.name,
        title=facts.title,
        classes=facts.classes,
        fingerprint=record.fingerprint,
        images=images,
        labels=labels,
        train=range(facts.train_count),
        test=range(facts.train_count, count),
        spec=spec,
        remarks=facts.remarks,
        skipped=facts.skipped,
    )


def _map(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A file of exactly these bytes as a read-only array. Raises ``ValueError`` if it has another size."""
    with path.open("rb") as file:
        if min(shape) < 1 or os.fstat(file.fileno()).st_size != math.prod(shape):
            raise ValueError(f"{path} is not whole")
        # Not np.memmap: each slice of one is a memmap again, which is slow and surprises whoever asks for the type.
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(whole, np.uint8).reshape(shape)


def _fingerprint(path: Path, shape: tuple[int, ...], labels: NDArray[np.int64], train_count: int, watch: Watch) -> str:
    """``registry.fingerprint_of`` the four arrays, read piece by piece."""
    digest = hashlib.sha256()
    size, done, total = math.prod(shape[1:]), 0, math.prod(shape)
    with path.open("rb", buffering=0) as file:
        for part in (labels[:train_count], labels[train_count:]):
            digest.update(repr((len(part), *shape[1:])).encode())
            left = len(part) * size
            while left:
                watch("Computing the fingerprint", done, total)
                piece = file.read(min(left, _PIECE))
                if not piece:
                    raise ExplorerError(f"{path} was cut off while it was written.", "Try it again.")
                digest.update(piece)
                left, done = left - len(piece), done + len(piece)
            digest.update(repr(part.shape).encode())
            digest.update(part.astype("<i8").tobytes())
    return digest.hexdigest()


def _refuse_useless(source: Path, facts: Facts, labels: NDArray[np.int64]) -> None:
    """Raise ``ExplorerError`` if nothing can be learnt from what was read."""
    if not len(labels):
        raise ExplorerError(f"{source} holds no images that can be read.", "Choose another source.")
    if len(np.unique(labels)) < 2:
        raise ExplorerError(
            f"{source} holds images of one class only; a network learns to tell classes apart.",
            "Choose a source with two classes or more.",
        )
    if not 0 < facts.train_count < len(labels):
        part = "test" if facts.train_count else "training"
        raise ExplorerError(f"{source} holds no {part} images.", "Both parts need images: give each class two or more.")


@contextmanager
def _alone(path: Path, watch: Watch) -> Iterator[None]:
    """Work as the only process on one source; waits for another one, and asks ``watch`` meanwhile."""
    lock = Lock(path)
    with _written(path.parent):
        while not lock.acquire():
            watch("Waiting for another CNN Explorer, which reads the same images", 0, 0)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """Turn failures of the disk in the block into a sentence about the cache."""
    try:
        yield
    except OSError as error:
        raise ExplorerError(write_failure(folder, error).message, _WAY_OUT) from error


def _remove_others(folder: Path, mark: str, place: Path) -> None:
    """Remove older copies of the same source; one that another process holds open may stay (Windows)."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{mark}-*"):
            if path != place:
                with contextlib.suppress(OSError):
                    _remove(path)


def _remove(place: Path) -> None:
    """Remove a copy as a whole: renamed first, so that it is never found without some of its files."""
    if os.path.lexists(place):
        doomed = place.with_name(f".{place.name}.{os.urandom(6).hex()}")  # what ``staged`` takes for a dead one
        place.rename(doomed)
        for name in (*_FILES, LOCK_NAME):
            with contextlib.suppress(OSError):
                (doomed / name).unlink()
        with contextlib.suppress(OSError):
            doomed.rmdir()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]
