"""What the gallery shows, in which order and in which words, by pure functions on arrays; no Qt in here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import Predictions
from cnn_explorer.core.run.config import SplitName
from cnn_explorer.data.dataset import Dataset, Split
from cnn_explorer.data.split import split_again
from cnn_explorer.text.numbers import counted

Part = Literal["all", "train", "test"]
Verdict = Literal["any", "right", "wrong"]
Order = Literal["data", "mistakes"]
PARTS: dict[Part, tuple[Split, ...]] = {"all": ("train", "test"), "train": ("train",), "test": ("test",)}
_WORDS: dict[Split, str] = {"train": "training", "test": "test"}
_RANGE = re.compile(r"(\d{1,18})(?:\s*[-–…]\s*(\d{1,18}))?")
_UNASKED = -1


@dataclass(frozen=True, eq=False)
class Catalog:
    """All images of a data set, the training part first, then the test part, each in its order.

    ``official`` is the data set as it came, ``dataset`` the same as the configuration splits it. A *position* counts
    the images of the catalogue, a *place* those in ``dataset.images``.
    """

    official: Dataset
    dataset: Dataset

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """(count,) The place of the image at each position."""
        return np.concatenate([np.asarray(part, np.int64) for part in (self.dataset.train, self.dataset.test)])

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """(count,) The class of the image at each position."""
        return self.dataset.labels[self.places]

    def __len__(self) -> int:
        return len(self.places)

    def part(self, part: Part) -> slice:
        """The positions of a part."""
        border = len(self.dataset.train)
        return {"all": slice(0, len(self)), "train": slice(0, border), "test": slice(border, len(self))}[part]

    def split_of(self, position: int) -> Split:
        """The part that an image belongs to."""
        return "train" if position < len(self.dataset.train) else "test"

    def index_of(self, position: int) -> int:
        """The index of an image in its part."""
        return position - len(self.dataset.train) * (self.split_of(position) == "test")

    def official_of(self, position: int) -> tuple[Split, int]:
        """Part and index of an image in the data set as it came, whatever split is shown."""
        place = int(self.places[position])
        for split, part in (("train", self.official.train), ("test", self.official.test)):
            if isinstance(part, range):
                found = [part.index(place)] if place in part else []
            else:
                found = np.flatnonzero(part == place).tolist()
            if found:
                return ("train" if split == "train" else "test"), int(found[0])
        raise IndexError(f"image {place} belongs to no part")


def catalog(dataset: Dataset, split: SplitName, seed: int) -> Catalog:
    """The images of ``dataset``, which is in its official split, as they will be trained on.

    Raises ``ExplorerError`` if they cannot be split so.
    """
    made = Catalog(dataset, split_again(dataset, split, seed))
    _ = made.labels  # computed now, where nobody waits for it
    return made


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model said of the images, by their place, so that another split does not make it worthless.

    ``predictions``: (count,) the class, −1 where the model was not asked; ``confidences``: (count,) how sure it was.
    """

    predictions: NDArray[np.int64]
    confidences: NDArray[np.float32]
    model: Path | None = None

    @classmethod
    def none(cls, count: int) -> Answers:
        """No answers yet on ``count`` images."""
        return cls(np.full(count, _UNASKED, np.int64), np.zeros(count, np.float32))

    def plus(self, found: Predictions, dataset: Dataset) -> Answers:
        """These and the ones of ``found`` on a part of ``dataset``; those of another model are dropped."""
        kept = self if self.model == found.model else Answers.none(len(self.predictions))
        places = dataset.train if found.split == "train" else dataset.test
        predictions, confidences = kept.predictions.copy(), kept.confidences.copy()
        predictions[places] = found.predictions
        confidences[places] = found.confidences
        return Answers(predictions, confidences, found.model)

    @property
    def any(self) -> bool:
        """Whether a model was asked at all."""
        return self.model is not None


@dataclass(frozen=True)
class Filter:
    """Which images are shown. ``classes``: none for all of them. ``indices``: such as 10-20, 42, in the parts.
    ``places``: these images of ``Dataset.images`` in this order; none for all of them.

    ``verdict``, ``confidence`` (from and to, 0 to 1) and the order ``mistakes`` ask for a model's answers: but for
    their defaults they leave out the images that no model was asked about.
    """

    part: Part = "all"
    classes: frozenset[int] = frozenset()
    indices: str = ""
    places: tuple[int, ...] = ()
    verdict: Verdict = "any"
    confidence: tuple[float, float] = (0.0, 1.0)
    order: Order = "data"

    @property
    def asks_answers(self) -> bool:
        """Whether it means anything other than for images that a model has been asked about."""
        return self != self.without_answers()

    def without_answers(self) -> Filter:
        """The same, whatever a model says."""
        return replace(self, verdict="any", confidence=(0.0, 1.0), order="data")

    @property
    def only_class(self) -> int:
        """The one class that is shown alone; -1 if there are several."""
        return next(iter(self.classes)) if len(self.classes) == 1 else -1


def mistakes(catalog: Catalog, answers: Answers, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of each of the images at ``positions``, whether the model was asked about it and took it for another class."""
    predictions = answers.predictions[catalog.places[positions]]
    wrong: NDArray[np.bool_] = (predictions != _UNASKED) & (predictions != catalog.labels[positions])
    return wrong


def index_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """``10-20, 42`` as pairs of first and last index; none for an empty text.

    Raises ``ExplorerError`` with one sentence if it means anything else.
    """
    ranges = []
    for word in filter(None, (word.strip() for word in re.split(r"[,;]", text))):
        found = _RANGE.fullmatch(word)
        if found is None:
            raise ExplorerError(f"“{word}” is no index.", "Write indices and ranges, such as 10-20, 42.")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise ExplorerError(f"“{word}” ends before it begins.", "Write the smaller index first.")
        ranges.append((first, last))
    return tuple(ranges)


def chosen(catalog: Catalog, wanted: Filter, answers: Answers) -> NDArray[np.int64]:
    """The positions of the images that pass the filter, in the order in which they are shown.

    Raises ``ExplorerError`` if the indices are none.
    """
    passes = np.zeros(len(catalog), np.bool_)
    passes[catalog.part(wanted.part)] = True
    if wanted.classes:
        passes &= np.isin(catalog.labels, sorted(wanted.classes))
    if ranges := index_ranges(wanted.indices):
        passes &= _in_ranges(catalog, ranges)
    if wanted.places:
        passes &= np.isin(catalog.places, wanted.places)
    predictions, confidences = answers.predictions[catalog.places], answers.confidences[catalog.places]
    asked = predictions != _UNASKED
    if wanted.verdict != "any":
        passes &= asked & ((predictions == catalog.labels) == (wanted.verdict == "right"))
    low, high = wanted.confidence
    if wanted.confidence != (0.0, 1.0):
        passes &= asked & (confidences >= np.float32(low)) & (confidences <= np.float32(high))
    found = np.flatnonzero(passes)
    if wanted.order == "mistakes":
        wrong = (predictions != catalog.labels)[found]
        # The surest mistakes first, then what is right from the least sure on, then what nobody asked about.
        rank = np.where(asked[found], np.where(wrong, 0, 1), 2)
        sure = confidences[found]
        return found[np.lexsort((np.where(wrong, -sure, sure), rank))]
    if wanted.places:
        order = {place: number for number, place in enumerate(wanted.places)}
        return np.array(sorted(found, key=lambda position: order[int(catalog.places[position])]), np.int64)
    return found


def _in_ranges(catalog: Catalog, ranges: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    passes = np.zeros(len(catalog), np.bool_)
    for split in PARTS["all"]:
        part = passes[catalog.part(split)]
        for first, last in ranges:
            part[first : last + 1] = True
    return passes


@dataclass(frozen=True)
class ImageFacts:
    """One image in words. ``predicted`` and ``confidence`` are ``None`` where no model was asked."""

    split: Split
    index: int
    true: str
    predicted: str | None = None
    confidence: float | None = None

    @property
    def wrong(self) -> bool:
        """Whether a model took it for another class."""
        return self.predicted is not None and self.predicted != self.true

    @property
    def name(self) -> str:
        """Test image 42."""
        return f"{_WORDS[self.split].capitalize()} image {self.index:,}"

    @property
    def caption(self) -> str:
        """What stands under its tile: the class, and what it was taken for."""
        return f"{self.true} → {self.predicted}" if self.wrong else self.true

    @property
    def sentence(self) -> str:
        """All that is known of it, in one line."""
        text = f"{self.name} · class {self.true}"
        if self.predicted is None:
            return text
        sure = "" if self.confidence is None else f" ({100 * self.confidence:.1f} %)"
        return f"{text} · predicted {self.predicted}{sure}" + (", wrong" if self.wrong else "")


def image_facts(catalog: Catalog, answers: Answers, position: int) -> ImageFacts:
    """What is known of the image at ``position``."""
    classes, place = catalog.dataset.classes, catalog.places[position]
    split, index, true = catalog.split_of(position), catalog.index_of(position), classes[catalog.labels[position]]
    predicted = int(answers.predictions[place])
    if predicted == _UNASKED:
        return ImageFacts(split, index, true)
    return ImageFacts(split, index, true, classes[predicted], float(answers.confidences[place]))


def count_text(shown: int, count: int) -> str:
    """How many images are shown: 70,000 images, or 1,135 of 70,000."""
    return counted(count, "image", "images") if shown == count else f"{shown:,} of {count:,}"


@dataclass(frozen=True)
class Score:
    """How many images of a part a model was asked about, and how many it got right. ``kind``: "test " or alike."""

    asked: int
    right: int
    kind: str = ""

    @property
    def sentence(self) -> str:
        """10,000 test images · 9,870 right · 130 wrong."""
        images = counted(self.asked, f"{self.kind}image", f"{self.kind}images")
        return f"{images} · {self.verdict}"

    @property
    def verdict(self) -> str:
        """9,870 right · 130 wrong."""
        return f"{self.right:,} right · {self.asked - self.right:,} wrong"

    @property
    def accuracy(self) -> str:
        """98.70 % right."""
        return f"{100 * self.right / self.asked:.2f} % right"


def score(catalog: Catalog, answers: Answers, part: Part) -> Score | None:
    """How well the model did on a part, as far as it was asked; ``None`` if it was not."""
    rights = {}
    for split in PARTS[part]:
        positions = catalog.part(split)
        predictions = answers.predictions[catalog.places[positions]]
        asked = predictions != _UNASKED
        if asked.any():
            rights[split] = (predictions == catalog.labels[positions])[asked]
    if not rights:
        return None
    kind = f"{_WORDS[next(iter(rights))]} " if len(rights) == 1 else ""
    all_ = np.concatenate(list(rights.values()))
    return Score(len(all_), int(np.count_nonzero(all_)), kind)


def why_no_check(catalog: Catalog | None, model: Path | None, part: Part) -> str:
    """Why no model can be asked about the images now, in a sentence; "" if nothing is in the way."""
    if model is None:
        return "Train a network or open a model first."
    if catalog is None or not len(catalog.places[catalog.part(part)]):
        return "There are no images to ask a model about."
    return ""


def why_no_pin(facts: ImageFacts | None) -> str:
    """Why an image cannot be pinned for the film, in a sentence; "" if nothing is in the way."""
    if facts is None:
        return "Choose an image first."
    if facts.split == "train":
        return "Only test images can be pinned: the film shows what the network makes of one that it never trained on."
    return ""


def picture_name(dataset: Dataset, facts: ImageFacts, scale: int) -> str:
    """A name to propose for a saved image: mnist_test-42_7.png, mnist_test-42_7_8x.png."""
    larger = f"_{scale}x" if scale > 1 else ""
    words = f"{dataset.name}_{facts.split}-{facts.index}_{facts.true}{larger}"
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in words) + ".png"
