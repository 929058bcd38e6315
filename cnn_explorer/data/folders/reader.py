"""The reader of folders of class folders: images of any sizes and kinds, brought to one and kept in the cache.

They are read twice: first all headers, which tell the most frequent size and what is no image at all, then the
pixels, in the official order. Threads do both, since Pillow lets go of Python's lock while it decodes; processes would
be faster by a quarter at best, and are not to be had everywhere in a frozen program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import LONGEST_SIDE, DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.dataset import Dataset, Skipped
from cnn_explorer.data.folders.images import CHANGES, Block, Header, read_block, read_header
from cnn_explorer.data.folders.listing import Listing, list_folder, listed, shown
from cnn_explorer.data.folders.workers import Workers, workers
from cnn_explorer.data.images.reading import pillow_silenced
from cnn_explorer.data.prepared import Facts, Writer, official_order, prepared

_FORMAT = 1
"""Part of the key of the copy: to be raised when the same files would give other pixels."""
_BLOCK, _BLOCK_BYTES = 32, 1 << 22
"""Images that are read as one piece of work: so many, or as many as fit into so many bytes."""
_HEADERS = 100
_SAMPLE = 200


@dataclass(frozen=True)
class FolderFacts:
    """A quick look at a folder. ``counts``: image files of each class, in the training and in the test part (0 if the
    folder has none); ``image_size`` (rows, columns) is the most frequent of the ``looked_at`` images, whose headers
    were read; ``of_that_size`` of them have it, and ``short_side`` is the median of their shorter sides; ``color`` is
    that of most of them. ``None`` and 0 if none of them could be read."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, int], ...]
    has_test: bool
    looked_at: int
    image_size: tuple[int, int] | None
    of_that_size: int
    short_side: int
    color: Literal["gray", "rgb"]
    remarks: tuple[str, ...]

    @property
    def count(self) -> int:
        """The number of image files."""
        return sum(map(sum, self.counts))

    @property
    def one_size(self) -> bool:
        """Whether all that were looked at have one size."""
        return self.of_that_size == self.looked_at


def folder_facts(path: Path, watch: Watch = unwatched) -> FolderFacts:
    """Look at a folder of class folders: all names, and the headers of some images, evenly chosen.

    Raises ``ExplorerError`` if it is not one.
    """
    listing = list_folder(path, watch)
    chosen = np.unique(np.linspace(0, len(listing.files) - 1, _SAMPLE).astype(int)).tolist()
    with pillow_silenced():
        headers = [header for index in chosen if isinstance(header := read_header(listing, index), Header)]
    is_test = np.zeros(len(listing.files), bool) if listing.is_test is None else listing.is_test
    train, test = (np.bincount(listing.labels[part], minlength=len(listing.classes)) for part in (~is_test, is_test))
    size = _most_frequent_size(headers) if headers else None
    return FolderFacts(
        classes=tuple(map(shown, listing.classes)),
        counts=tuple(zip(train.tolist(), test.tolist(), strict=True)),
        has_test=listing.is_test is not None,
        looked_at=len(headers),
        image_size=size,
        of_that_size=sum(header.size == size for header in headers),
        short_side=int(np.median([min(header.size) for header in headers])) if headers else 0,
        color="gray" if _mostly_gray(headers) else "rgb",
        remarks=listing.remarks,
    )


def read_folder(path: Path, spec: DatasetSpec, watch: Watch) -> Dataset:
    """The images of a folder of class folders as ``spec`` wants them, mapped from a copy in the cache.

    With folders ``train`` (or ``training``) and ``test`` (``testing``, ``validation``, ``val``) that hold class folders
    these are the parts; else ``spec.test_part`` of each class, always the same, is drawn for the test. Images that
    cannot be read are left out and said in ``skipped``. Images of the wanted size and kind keep their pixels.

    Raises ``ExplorerError`` if the folder is missing, disappears, or has images of fewer than two classes.
    """
    with pillow_silenced():
        listing = list_folder(path, watch)
        wishes = msgspec.json.encode((spec.image_size, spec.color, spec.resize, spec.test_part)).decode()
        key = f"folder {_FORMAT} {wishes} {listing.digest}"
        return prepared(path, key, spec, lambda writer: _read(listing, spec, writer, watch), watch)


def _read(listing: Listing, spec: DatasetSpec, writer: Writer, watch: Watch) -> Facts:
    """Write the images of a listing in their official order; what is to be said of them."""
    skipped = list(listing.skipped)
    changes: Counter[str] = Counter()
    kept: list[int] = []
    with workers(watch) as threads:
        headers = _headers(listing, threads, skipped)
        _refuse_too_few(listing, list(headers), skipped)
        shape = _shape(list(headers.values()), spec)
        train, test = _order(listing, np.array(list(headers), np.int64), spec.test_part)
        order = [*train.tolist(), *test.tolist()]
        writer.reserve(len(order), shape)

        def read(places: Sequence[int]) -> Block:
            return read_block(listing, places, shape, spec.resize, threads.stopped)

        size = max(1, min(_BLOCK, _BLOCK_BYTES // (shape[0] * shape[1] * shape[2])))
        for block in threads.through(order, size, read, f"Reading {len(order):,} images"):
            writer.add(block.images, listing.labels[block.places])
            kept += block.places
            changes += block.changes
            skipped += block.skipped
    _refuse_too_few(listing, kept, skipped)
    train_count = int(np.isin(kept, train).sum())
    left = np.unique(listing.labels[kept])
    writer.renumber(left)
    name = shown(listing.root.name or str(listing.root))
    return Facts(
        name=name,
        title=name,
        classes=tuple(shown(listing.classes[label]) for label in left),
        train_count=train_count,
        remarks=_remarks(listing, spec, kept, train_count, changes, skipped),
        skipped=tuple(skipped),
    )


def _remarks(
    listing: Listing, spec: DatasetSpec, kept: list[int], train_count: int, changes: Counter[str],
    skipped: list[Skipped],
) -> tuple[str, ...]:  # fmt: skip
    """What the images are told apart by, and what was done to those that were ``kept``."""
    labels = listing.labels[kept]
    remarks = list(listing.remarks)
    if lost := [name for label, name in enumerate(listing.classes) if label not in labels]:
        remarks.append(f"No image in {listed(lost)} can be read: left out as a class.")
    if skipped:
        remarks.append(f"Left out, since they could not be read: {_images(len(skipped))}.")
    if listing.is_test is None:
        remarks.append(f"The test part is {100 * spec.test_part:.3g} % of each class, drawn once and for all.")
    elif spec.test_part != DatasetSpec().test_part:
        remarks.append("The folder has a test part of its own; the share that was given for one is not used.")
    if unknown := [listing.classes[label] for label in np.unique(labels) if label not in labels[:train_count]]:
        remarks.append(f"Nothing to train on in {listed(unknown)}.")
    remarks.extend(f"{CHANGES[name]}: {changes[name]:,} of {_images(len(kept))}." for name in CHANGES if changes[name])
    return tuple(remarks)


def _headers(listing: Listing, threads: Workers, skipped: list[Skipped]) -> dict[int, Header]:
    """The headers of all images that have one, by their index; the others go into ``skipped``."""

    def read(places: Sequence[int]) -> list[Header | Skipped]:
        return [read_header(listing, place) for place in places if not threads.stopped()]

    count = len(listing.files)
    found: dict[int, Header] = {}
    place = 0
    for block in threads.through(range(count), _HEADERS, read, f"Looking at {_images(count)}"):
        for header in block:
            if isinstance(header, Skipped):
                skipped.append(header)
            else:
                found[place] = header
            place += 1
    return found


def _refuse_too_few(listing: Listing, places: list[int], skipped: list[Skipped]) -> None:
    """Raise ``ExplorerError`` if the images at ``places`` are of fewer than two classes."""
    left = np.unique(listing.labels[places])
    if len(left) < 2:
        what = f"of one class only ({shown(listing.classes[left[0]])})" if len(left) else "of no class"
        example = f" For example {skipped[0].place}: {skipped[0].reason}." if skipped else ""
        raise ExplorerError(
            f"The folder {shown(str(listing.root))} holds images that can be read {what}.",
            f"Put readable images into two class folders or more.{example}",
        )


def _order(listing: Listing, places: NDArray[np.int64], part: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the training and of the test images, as the folder or else the draw has it, well mixed."""
    if listing.is_test is None:
        train, test = official_order(listing.labels[places], part)
        return places[train], places[test]
    is_test = listing.is_test[places]
    return _mixed(listing, places[~is_test]), _mixed(listing, places[is_test])


def _mixed(listing: Listing, places: NDArray[np.int64]) -> NDArray[np.int64]:
    return places[official_order(listing.labels[places], None)[0]]


def _shape(headers: Sequence[Header], spec: DatasetSpec) -> tuple[int, int, int]:
    """Rows, columns and channels that all images are brought to."""
    gray = _mostly_gray(headers) if spec.color == "auto" else spec.color == "gray"
    rows, columns = spec.image_size or _most_frequent_size(headers)
    if max(rows, columns) > LONGEST_SIDE:
        raise ExplorerError(
            f"Most images have {shape_text((rows, columns))} pixels, at most {LONGEST_SIDE:,} a side can be learnt "
            "from.",
            "Choose a smaller size, which all images are brought to.",
        )
    return rows, columns, 1 if gray else 3


def _most_frequent_size(headers: Sequence[Header]) -> tuple[int, int]:
    """Rows and columns; of equally frequent sizes the largest."""
    counts = Counter(header.size for header in headers)
    return max(counts, key=lambda size: (counts[size], size[0] * size[1], size))


def _mostly_gray(headers: Sequence[Header]) -> bool:
    return 2 * sum(header.gray for header in headers) > len(headers)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"
