"""What the dialogue on a person's own images says, and what its choices mean; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.progress import Watch
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.arrays.array_file import ArrayInfo
from cnn_explorer.data.arrays.roles import may_be_images, may_be_labels
from cnn_explorer.data.folders.reader import FolderFacts, folder_facts
from cnn_explorer.data.sources.facts import SourceFacts, source_facts
from cnn_explorer.data.sources.samples import Samples, folder_samples
from cnn_explorer.text.numbers import counted

_HANDY_SIDE = 96
"""Pixels of a side that are enough to tell most things by, and few enough for a processor without help."""
_LARGE_SIDE = 256
"""Images with a longer side than that are proposed to be made smaller."""


@dataclass(frozen=True, eq=False)
class Found:
    """What lies at a path; ``folder`` and ``samples`` are those of a folder."""

    source: SourceFacts
    folder: FolderFacts | None = None
    samples: Samples | None = None


def found_at(path: Path, watch: Watch) -> Found:
    """Find out what lies at ``path``. Raises ``ExplorerError`` if it is no data set."""
    source = source_facts(path)
    if source.kind is not None:
        return Found(source)
    return Found(source, folder_facts(path, watch), folder_samples(path, watch))


def tells_all(found: Found) -> bool:
    """Whether nobody needs to be asked how to read it: the names of the arrays tell."""
    return found.source.kind is not None and found.source.spec is not None


def folder_summary(facts: FolderFacts) -> str:
    """How many images of how many classes a folder has, and how they are."""
    text = f"{counted(facts.count, 'image', 'images')} in {counted(len(facts.classes), 'class', 'classes')}"
    if facts.has_test:
        train, test = (sum(part) for part in zip(*facts.counts, strict=True))
        text += f", {train:,} for training and {test:,} for the test"
    if facts.image_size is None:
        return f"{text}. None of those looked at can be read."
    kind = "in colour" if facts.color == "rgb" else "grey"
    size = shape_text(facts.image_size)
    few = "" if facts.looked_at >= facts.count else f" of the {facts.looked_at:,} looked at"
    if facts.one_size:
        return f"{text}. All{few} are {size}, {kind}."
    if 2 * facts.of_that_size > facts.looked_at:
        return f"{text}. Sizes differ, most{few} are {size}, {kind}."
    share = f"{facts.of_that_size:,} of {facts.looked_at:,}{' looked at' if few else ''}"
    return f"{text}, {kind}. Sizes differ; the most frequent is {size} ({share})."


def proposed_size(facts: FolderFacts) -> tuple[int, int] | None:
    """Rows and columns that the dialogue proposes; ``None``: the most frequent size, as most images have it.

    Where sizes differ, a square; where images are large, smaller ones of their proportions: what a first network can
    learn from in minutes.
    """
    if facts.image_size is None:
        return None
    if 2 * facts.of_that_size <= facts.looked_at:
        side = min(facts.short_side, _HANDY_SIDE)
        return side, side
    longest = max(facts.image_size)
    if longest <= _LARGE_SIDE:
        return None
    rows, columns = (max(1, round(_HANDY_SIDE * side / longest)) for side in facts.image_size)
    return rows, columns


def smallest_classes(facts: FolderFacts) -> str:
    """How evenly the images are spread over the classes."""
    counts = [sum(both) for both in facts.counts]
    least, most = min(counts), max(counts)
    return f"{least:,} in each class" if least == most else f"{least:,} to {most:,} in a class"


def array_text(array: ArrayInfo) -> str:
    """An array in a list to choose from."""
    return f"{array.name} · ({', '.join(map(str, array.shape))}) {array.dtype}"


def image_arrays(arrays: tuple[ArrayInfo, ...]) -> tuple[ArrayInfo, ...]:
    """The arrays that may hold images, those that are more likely to first."""
    return tuple(sorted(filter(may_be_images, arrays), key=lambda array: len(array.shape) == 2))


def label_arrays(arrays: tuple[ArrayInfo, ...]) -> tuple[ArrayInfo, ...]:
    """The arrays that may hold labels, those that are more likely to first."""
    return tuple(sorted(filter(may_be_labels, arrays), key=lambda array: len(array.shape) == 2))


def first_choice(arrays: tuple[ArrayInfo, ...]) -> DatasetSpec:
    """What stands in the dialogue where names do not tell: images, and labels of the same number."""
    for images in image_arrays(arrays):
        for labels in label_arrays(arrays):
            if labels is not images and labels.shape[0] == images.shape[0]:
                return DatasetSpec(train_images=images.name, train_labels=labels.name)
    return DatasetSpec()


def choice_problem(arrays: tuple[ArrayInfo, ...], spec: DatasetSpec) -> str:
    """Why these arrays cannot be a data set together; "" if they may be."""
    by_name = {array.name: array for array in arrays}
    if not spec.train_images or not spec.train_labels:
        return "Choose the arrays of the training images and of their labels."
    if bool(spec.test_images) != bool(spec.test_labels):
        return "Choose both arrays of the test part, or neither."
    for part, images, labels in (
        ("Training", spec.train_images, spec.train_labels),
        ("Test", spec.test_images, spec.test_labels),
    ):
        if not images:
            continue
        if images == labels:
            return f"{part}: images and labels are the same array."
        images_count, labels_count = by_name[images].shape[0], by_name[labels].shape[0]
        if images_count != labels_count:
            return f"{part}: {images_count:,} images and {labels_count:,} labels; there must be one label for each."
    if spec.test_images == spec.train_images:
        return "Training and test images are the same array."
    return ""


def drawn_count(facts: FolderFacts, part: float) -> int:
    """About how many images a share of each class is."""
    return sum(min(max(1, round(part * sum(both))), sum(both) - 1) for both in facts.counts if sum(both) > 1)
