"""What a network says of an image, in words and bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.model.info import ModelInfo
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.text.numbers import figure, percent

ALL_CLASSES = 12
"""Up to so many classes all get a bar; of more classes, those with the largest values."""
_LARGEST = 10


@dataclass(frozen=True)
class Bar:
    """One class of a prediction: its value in words, and the length of its bar from 0 to 1."""

    name: str
    text: str
    length: float
    predicted: bool = False
    true: bool = False


@dataclass(frozen=True)
class Verdict:
    """A prediction in words and bars. ``right`` is ``None`` where the true class is not one of the model's."""

    text: str
    right: bool | None
    bars: tuple[Bar, ...]


def verdict(prediction: NDArray[np.float32] | None, names: tuple[str, ...], true_name: str) -> Verdict | None:
    """What the network says of an image whose class is ``true_name``; ``None`` if it gives no vector."""
    if prediction is None or prediction.ndim != 1 or not prediction.size:
        return None
    values = prediction.astype(np.float64)
    if not np.isfinite(values).all():
        return Verdict("The answer contains values that are not numbers.", None, ())
    if values.size == 1:
        return Verdict(f"Output {figure(values[0])}", None, ())
    best, bars = int(values.argmax()), prediction_bars(values, names, true_name)
    if true_name not in names:
        return Verdict(f"Predicted {names[best]}", None, bars)
    right = names[best] == true_name
    text = f"Predicted {names[best]}, which is right" if right else f"Predicted {names[best]}, it is {_a(true_name)}"
    return Verdict(text, right, bars)


def prediction_bars(values: NDArray[np.float64], names: tuple[str, ...], true_name: str) -> tuple[Bar, ...]:
    """The classes of a prediction, all of them or those with the largest values. Outputs without a name are numbers.

    ``values`` are finite numbers, at least one. If they are shares of 1 their bars are too, else they reach from the
    smallest to the largest, and to 0.
    """
    shares = bool(values.size > 1 and values.min() >= 0 and abs(values.sum() - 1) < 1e-3)
    low, high = (0.0, 1.0) if shares else (min(0.0, values.min()), max(0.0, values.max()))
    best = int(values.argmax())
    order = range(values.size) if values.size <= ALL_CLASSES else np.argsort(-values, kind="stable")[:_LARGEST].tolist()
    bars = []
    for index in order:
        name = names[index] if index < len(names) else str(index)
        text = percent(values[index], 1) if shares else figure(values[index])
        length = float((values[index] - low) / (high - low or 1.0))
        bars.append(Bar(name, text, length, index == best, bool(true_name) and name == true_name))
    return tuple(bars)


def class_names(info: ModelInfo, dataset: Dataset | None, count: int) -> tuple[str, ...]:
    """Names of the model's ``count`` outputs: its own, else the data set's if their number fits, else numbers."""
    for names in (info.classes, dataset.classes if dataset else ()):
        if len(names) == count:
            return names
    return tuple(str(index) for index in range(count))


def _a(name: str) -> str:
    """The class with its article where it is a number: a 5, an 8."""
    if not name.isdigit():
        return name
    return f"an {name}" if name.startswith("8") or name in ("11", "18") else f"a {name}"
