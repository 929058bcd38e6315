"""What the image in view can be compared with, and what stands on both sides then; no Qt in here."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.comparing import proposed_layer, same_layer
from cnn_explorer.core.maps.top_images import ClassAverage
from cnn_explorer.core.model.info import ForwardPass, LayerInfo, ModelInfo
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.text.layers import origin
from cnn_explorer.text.numbers import counted
from cnn_explorer.text.verdicts import class_names, verdict
from cnn_explorer.ui.pages.inspect.compare.values import Head, Pin, head_of_side


@dataclass(frozen=True)
class OtherImage:
    """Another image of the data set. ``class_index``: stepping goes from one of this class to the next one."""

    split: str
    index: int
    class_index: int | None = None


@dataclass(frozen=True)
class OtherFile:
    """An image file, brought to what the network takes."""

    path: Path


@dataclass(frozen=True)
class ClassMean:
    """The average of the images of one class in a part of the data set."""

    split: str
    class_index: int


@dataclass(frozen=True)
class OtherModel:
    """Another model, on the same image."""

    path: Path


Choice = OtherImage | OtherFile | ClassMean | OtherModel | Pin


@dataclass(frozen=True, eq=False)
class Side:
    """What is compared with: a forward pass. ``deviations``: the standard deviations, if it is a mean."""

    model: ModelInfo
    forward: ForwardPass
    head: Head
    deviations: dict[str, NDArray[np.float32]] | None = None


def image_head(
    title: str,
    model: ModelInfo,
    forward: ForwardPass,
    dataset: Dataset | None,
    image: NDArray[np.uint8],
    true_name: str,
) -> Head:
    """What stands above a side that is one image: its picture, and what the model says of it."""
    names = () if forward.prediction is None else names_of(model, dataset, forward.prediction.size)
    said = verdict(forward.prediction, names, true_name)
    words = "" if said is None else said.text
    return Head(title, words, image, input=forward.image, wrong=said is not None and said.right is False)


def mean_head(average: ClassAverage) -> Head:
    """What stands above the average of a class."""
    part = "training" if average.split == "train" else "test"
    words = counted(average.count, f"{part} image", f"{part} images")
    tooltip = f"The mean of what the model makes of {words} of class {average.class_name}, one by one."
    return head_of_side(f"Average of class {average.class_name}", f"mean of {words}", average.forward.image, tooltip)


def names_of(model: ModelInfo, dataset: Dataset | None, count: int) -> tuple[str, ...]:
    """Names for ``count`` outputs of a model."""
    fits = dataset is not None and dataset.image_shape == model.input_shape
    return class_names(model, dataset if fits else None, count)


def layer_beside(layer: LayerInfo, others: tuple[LayerInfo, ...], chosen: str) -> LayerInfo | None:
    """The layer of the other model that stands beside ``layer``: the ``chosen`` one, else the one that is proposed."""
    wanted = next((other for other in others if other.name == chosen), None)
    return wanted or proposed_layer(layer, others)


def offered_layers(model: ModelInfo, layer: LayerInfo, side: ModelInfo) -> tuple[str, ...]:
    """The layers of side B to choose from; none where both are the same model."""
    if model.path == side.path and same_layer(layer, side.layers) is not None:
        return ()
    return tuple(other.name for other in side.layers)


def neighbour(labels: NDArray[np.int64], index: int, by: int, class_index: int | None) -> int | None:
    """The next image after ``index`` in the direction ``by``, of that class if one is given; ``None`` at the end."""
    count = len(labels)
    if class_index is None:
        return index + by if 0 <= index + by < count else None
    of_class = np.flatnonzero(labels == class_index)
    beyond = of_class[of_class > index] if by > 0 else of_class[of_class < index][::-1]
    return int(beyond[0]) if beyond.size else None


def first_other(labels: NDArray[np.int64], index: int, class_index: int | None) -> int | None:
    """The first image to set beside image ``index``: the next one, of that class, or else the first one."""
    found = neighbour(labels, index, 1, class_index)
    return found if found is not None else neighbour(labels, -1, 1, class_index)


@dataclass(frozen=True)
class Offers:
    """What there is to choose from now.

    ``frozen``: what is in view, to stay on side B. ``images``: title, object name and choice of the next and a random
    image of the data set. ``of_classes``: an image of each class, with the class's name; ``means``: the average of
    each. ``model``: the other model that is open already. ``why_none``: why there is nothing at all, in a sentence.
    """

    frozen: Choice | None = None
    images: tuple[tuple[str, str, Choice], ...] = ()
    of_classes: tuple[tuple[str, Choice], ...] = ()
    means: tuple[tuple[str, Choice], ...] = ()
    model: OtherModel | None = None
    pins: tuple[Pin, ...] = ()
    why_none: str = ""


def offers(
    labels: NDArray[np.int64] | None, classes: tuple[str, ...], split: str, index: int | None, draw: float,
    model: OtherModel | None, pins: tuple[Pin, ...],
) -> Offers:  # fmt: skip
    """What to compare with.

    ``labels``: of the images in the part ``split`` of the data set, ``None`` if none can be looked at. ``index``: the
    image in view, ``None`` if it is none of these. ``draw``: 0…1, for the random image.
    """
    if labels is None or not len(labels):
        return Offers(model=model, pins=pins)
    here = -1 if index is None else index
    following = first_other(labels, here, None)
    images: list[tuple[str, str, Choice]] = []
    if following is not None:
        title = "An image of the data set" if index is None else "The next image"
        images.append((title, "compare_next", OtherImage(split, following)))
    images.append(("A random image", "compare_random", OtherImage(split, int(draw * len(labels)))))
    found = [(number, name, first_other(labels, here, number)) for number, name in enumerate(classes)]
    return Offers(
        None if index is None else OtherImage(split, index),
        tuple(images),
        tuple((name, OtherImage(split, place, number)) for number, name, place in found if place is not None),
        tuple((name, ClassMean(split, number)) for number, name, place in found if place is not None),
        model,
        pins,
    )


def told_apart(model: ModelInfo, other: ModelInfo) -> str:
    """Where ``model`` comes from, in so many words that it is not taken for the ``other`` one."""
    if model.path == other.path or origin(model) != origin(other):
        return origin(model)
    pairs = zip(reversed(model.path.parts), reversed(other.path.parts), strict=False)
    alike = sum(1 for _ in itertools.takewhile(lambda parts: parts[0] == parts[1], pairs))
    return "/".join(model.path.parts[-alike - 1 :])


def model_words(choice: OtherModel) -> str:
    """A model file in two words: its folder and its name."""
    return f"{choice.path.parent.name}/{choice.path.name}"
