"""Images that are the same to the last byte, found by a hash of each."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.analysis.chunks import chunks

_DIGEST = 16  # bytes: two of a billion images share one by chance with a probability of 1e-21

Where = Literal["across", "train", "test"]
"""Whether a group has images of both parts, of the training part only, or of the test part only."""


@dataclass(frozen=True)
class Group:
    """The places of two or more images that are the same, rising. ``where`` they lie; ``agree``: one label for all."""

    places: tuple[int, ...]
    where: Where
    agree: bool


def same_images(images: ImageArray, watch: Watch) -> tuple[tuple[int, ...], ...]:
    """The places of images that are the same, a tuple for each group of them, in the order of their first places."""
    digests = np.empty(len(images), f"V{_DIGEST}")
    for start, chunk in chunks(images, "Comparing the images", watch):
        rows = np.ascontiguousarray(chunk)
        digests[start : start + len(rows)] = np.frombuffer(
            b"".join(blake2b(row.data, digest_size=_DIGEST).digest() for row in rows), digests.dtype
        )
    if not len(digests):
        return ()
    pairs = digests.view("<u8").reshape(-1, 2)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))  # stable: places rise within a group
    ordered = pairs[order]
    starts = np.flatnonzero(np.concatenate(([True], (ordered[1:] != ordered[:-1]).any(axis=1))))
    groups = (group for group in np.split(order, starts[1:]) if len(group) > 1) if len(starts) < len(order) else ()
    return tuple(sorted(tuple(int(place) for place in group) for group in groups))


def groups_of(
    same: tuple[tuple[int, ...], ...], is_test: NDArray[np.bool_], labels: NDArray[np.int64]
) -> tuple[Group, ...]:
    """What each group of ``same_images`` means for a split; ``is_test`` and ``labels`` have an entry for each image.

    First those across both parts, then those of the training part, then those of the test part.
    """
    found = []
    for places in same:
        chosen = np.array(places)
        tested = is_test[chosen]
        where: Where = "test" if tested.all() else "across" if tested.any() else "train"
        found.append(Group(places, where, len(np.unique(labels[chosen])) == 1))
    ranks: dict[Where, int] = {"across": 0, "train": 1, "test": 2}
    return tuple(sorted(found, key=lambda group: ranks[group.where]))


@dataclass(frozen=True)
class DuplicateCounts:
    """``across``: test images that are training images too. ``train`` and ``test``: those of a part that are there
    already, so what would be lost if each were kept once. ``disagreeing``: groups with more than one label."""

    across: int
    train: int
    test: int
    disagreeing: int


def duplicate_counts(groups: tuple[Group, ...], is_test: NDArray[np.bool_]) -> DuplicateCounts:
    """Count the images of ``groups`` by what they spoil."""
    across = train = test = 0
    for group in groups:
        tested = int(is_test[np.array(group.places)].sum())
        trained = len(group.places) - tested
        across += tested if trained else 0
        train += max(0, trained - 1)
        test += max(0, tested - 1)
    return DuplicateCounts(across, train, test, sum(not group.agree for group in groups))
