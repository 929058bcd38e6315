"""What the facts about a data set say, and the work behind them; no Qt in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.progress import Watch
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.analysis.duplicates import DuplicateCounts, Group, duplicate_counts, groups_of, same_images
from cnn_explorer.data.analysis.statistics import ClassMoments, Spread, class_moments, tensor_spreads
from cnn_explorer.data.dataset import Dataset, Indices, picked
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.data.split import prepare_split, split_again, validation_count
from cnn_explorer.text.numbers import counted, percent, rough

_PICTURE_BYTES = 2**24
"""How much of the images is kept for the list of duplicates; those that come later have no picture."""

_FIGURES = (("Minimum", "minimum"), ("Maximum", "maximum"), ("Mean", "mean"), ("Deviation", "deviation"))
_ROUNDING = 1e-7
"""Of float32, relative to the largest value."""


class PartCounts(NamedTuple):
    """How many images do what in a run. ``unused``: left out by the limits."""

    training: int
    validation: int
    test: int
    unused: int


def part_counts(config: TrainingConfig, dataset: Dataset) -> PartCounts:
    """The parts of a run with these settings; without a validation part it is validated on the test images."""
    train, test = len(dataset.train), len(dataset.test)
    used = train if config.train_limit is None else min(train, config.train_limit)
    tested = test if config.test_limit is None else min(test, config.test_limit)
    kept = validation_count(config, used)
    return PartCounts(used - kept, kept, tested, train - used + test - tested)


def counts_note(counts: PartCounts) -> str:
    """What the counts do not say by themselves."""
    kept = "" if counts.validation else "Validation is on the test images. "
    left = f"{counted(counts.unused, 'image is', 'images are')} left out by the limits." if counts.unused else ""
    return f"{kept}{left}".strip()


def split_key(dataset: Dataset, config: TrainingConfig) -> tuple[object, ...]:
    """Changes whenever the parts do."""
    seed = 0 if config.split == "official" else config.split_seed
    return dataset.fingerprint, dataset.spec, config.split, seed


def tensor_key(dataset: Dataset, config: TrainingConfig) -> tuple[object, ...]:
    """Changes whenever what the network gets to learn from does."""
    drawn = (config.validation_split, config.split_seed) if config.validation_split else ()
    return *split_key(dataset, config), config.preprocessing, config.train_limit, drawn


class TensorRow(NamedTuple):
    """A fact about the training images as bytes, and about what the network gets."""

    title: str
    before: str
    after: str


def tensor_shapes(shape: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """The shapes, with their titles. ``shape``: count, rows, columns, channels of the training images."""
    return (
        ("All training images", f"({', '.join(map(str, shape))})"),
        ("A batch for the network", f"(None, {', '.join(map(str, shape[1:]))})"),
    )


def tensor_rows(spreads: tuple[Spread, Spread] | None) -> tuple[TensorRow, ...]:
    """Types and values; without ``spreads`` the values are still being found."""
    rows = [TensorRow("Type", "uint8", "float32")]
    for title, name in _FIGURES:
        before, after = ("…", "…") if spreads is None else (_value(spread, name) for spread in spreads)
        rows.append(TensorRow(title, before, after))
    return tuple(rows)


def _value(spread: Spread, name: str) -> str:
    """One of its figures; what is left of 0 by rounding is called 0."""
    value: float = getattr(spread, name)
    largest = max(abs(spread.minimum), abs(spread.maximum))
    return rough(0.0 if abs(value) < _ROUNDING * largest else value)


def tensor_text(shapes: tuple[tuple[str, str], ...], rows: tuple[TensorRow, ...]) -> str:
    """Both tables as text with tabs, for the clipboard."""
    return "\n".join("\t".join(line) for line in (*shapes, ("", "Bytes", "Prepared"), *rows))


def measured_tensor(dataset: Dataset, config: TrainingConfig, watch: Watch) -> tuple[Spread, Spread]:
    """The spread of the bytes of the images that the network learns from, and of what it gets of them."""
    train = prepare_split(dataset, config).train_images
    preprocessing = fit_preprocessing(config.preprocessing, train, watch)
    return tensor_spreads(train, preprocessing.apply, watch)


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """How many images of each class are in both parts, two arrays (classes,)."""

    training: NDArray[np.int64]
    test: NDArray[np.int64]


def counted_classes(dataset: Dataset, config: TrainingConfig) -> ClassCounts:
    """Count the labels of both parts."""
    parts = split_again(dataset, config.split, config.split_seed)
    size = len(dataset.classes)
    return ClassCounts(np.bincount(parts.train_labels, minlength=size), np.bincount(parts.test_labels, minlength=size))


def measured_classes(dataset: Dataset, config: TrainingConfig, watch: Watch) -> ClassMoments:
    """Mean and deviation of the training images of each class."""
    train = split_again(dataset, config.split, config.split_seed).train
    # In the order in which they lie: a drawn part of a large file would be read back and forth.
    chosen: Indices = train if isinstance(train, range) else np.sort(train)
    return class_moments(picked(dataset.images, chosen), dataset.labels[chosen], len(dataset.classes), watch)


@dataclass(frozen=True, eq=False)
class Duplicates:
    """Groups of images that are the same. ``pictures``: the image of each of the first groups.

    ``numbers`` (images,): the number of each image within its part, ``is_test`` which part that is.
    """

    groups: tuple[Group, ...]
    counts: DuplicateCounts
    pictures: NDArray[np.uint8]
    numbers: NDArray[np.int64]
    is_test: NDArray[np.bool_]


class DuplicateSearch:
    """Finds duplicates; what is the same stays the same when only the split is another one."""

    def __init__(self) -> None:
        self._known: tuple[object, tuple[tuple[int, ...], ...]] | None = None

    def __call__(self, dataset: Dataset, config: TrainingConfig, watch: Watch) -> Duplicates:
        """Compare all images of both parts."""
        parts = split_again(dataset, config.split, config.split_seed)
        is_test = np.zeros(len(dataset.labels), np.bool_)
        is_test[parts.test] = True
        numbers = np.zeros(len(dataset.labels), np.int64)
        for part in (parts.train, parts.test):
            numbers[part] = np.arange(len(part))
        key = (dataset.fingerprint, dataset.spec)
        if self._known is None or self._known[0] != key:
            self._known = key, same_images(dataset.images, watch)
        groups = groups_of(self._known[1], is_test, dataset.labels)
        first = [group.places[0] for group in groups[: _PICTURE_BYTES // max(1, dataset.images[0].size)]]
        return Duplicates(groups, duplicate_counts(groups, is_test), dataset.images[first], numbers, is_test)


class Verdict(NamedTuple):
    """What the duplicates mean: an icon's name and its colour's role, a sentence, and an explanation."""

    icon: str
    role: str
    text: str
    why: str


def duplicate_verdict(counts: DuplicateCounts, test_count: int) -> Verdict:
    """Whether the test is a fair one."""
    differ = ""
    if counts.disagreeing:
        differ = f" {counted(counts.disagreeing, 'group', 'groups')} of the same image carry different labels."
    if counts.across:
        share = percent(counts.across / test_count)
        text = counted(counts.across, "test image is", "test images are") + " among the training images."
        why = f"That is {share} of the test: what is known by heart makes the test accuracy look better.{differ}"
        return Verdict("triangle-alert", "warning", text, why)
    text = "No test image is among the training images."
    return Verdict("circle-check", "success", text, f"Compared to the last byte, all with all.{differ}")


def group_title(group: Group, found: Duplicates) -> str:
    """Where the images of a group lie: ``Training 12 = Test 5``."""
    names = [f"{'Test' if found.is_test[place] else 'Training'} {found.numbers[place]:,}" for place in group.places]
    most = 4
    return " = ".join(names[:most]) + (f" = {len(names) - most:,} more" if len(names) > most else "")


def group_note(group: Group, dataset: Dataset) -> str:
    """Its class, or that there is more than one."""
    labels = dict.fromkeys(int(dataset.labels[place]) for place in group.places)
    names = ", ".join(dataset.classes[label] for label in labels)
    return f"Class {names}" if group.agree else f"Different labels: {names}"


def skipped_text(dataset: Dataset, most: int | None = None) -> str:
    """The files that were left out, a line each."""
    lines = [f"{skipped.place}: {skipped.reason}" for skipped in dataset.skipped[:most]]
    left = len(dataset.skipped) - len(lines)
    return "\n".join((*lines, *((f"… and {left:,} more",) if left else ())))


def work_on(
    work: Callable[[Dataset, TrainingConfig, Watch], Any], dataset: Dataset, config: TrainingConfig
) -> Callable[[Watch], Any]:
    """The work with its data set and settings."""
    return lambda watch: work(dataset, config, watch)
