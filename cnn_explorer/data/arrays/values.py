"""From the numbers of any array to images in bytes, and from any labels to indices of classes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import LONGEST_SIDE
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.arrays.array_file import ArrayInfo, Chunks

MOST_CLASSES = 1000


@dataclass(frozen=True)
class Layout:
    """How the axes of an array of images lie: ``shape`` is rows, columns, channels; ``remark`` says what is changed."""

    shape: tuple[int, int, int]
    channels_first: bool = False
    remark: str = ""

    def arranged(self, images: NDArray[Any]) -> NDArray[Any]:
        """``images`` (count, …) as (count, rows, columns, channels)."""
        if self.channels_first:
            return np.moveaxis(images, 1, -1)
        return images.reshape(len(images), *self.shape)


def layout_of(array: ArrayInfo) -> Layout:
    """The layout of images in ``array``, of 2 to 4 axes. Raises ``ExplorerError`` if they are no such images."""
    layout = _layout(array)
    rows, columns, _ = layout.shape
    if max(rows, columns) > LONGEST_SIDE:
        raise ExplorerError(
            f'"{array.name}" has images of {shape_text((rows, columns))} pixels, at most {LONGEST_SIDE:,} a side can '
            "be learnt from.",
            "Make them smaller first.",
        )
    return layout


def _layout(array: ArrayInfo) -> Layout:
    axes = array.shape[1:]
    match axes:
        case (pixels,) if pixels:
            for channels, kind in ((1, "images"), (3, "colour images")):
                side = math.isqrt(pixels // channels)
                if side * side * channels == pixels:
                    return Layout(
                        (side, side, channels),
                        remark=f"Rows of {pixels:,} values became {kind} of {shape_text((side, side))}.",
                    )
        case (rows, columns) if rows and columns:
            return Layout((rows, columns, 1))
        case (rows, columns, 1 | 3) if rows and columns:
            return Layout((rows, columns, axes[2]))
        case (1 | 3, rows, columns) if rows and columns:
            return Layout((rows, columns, axes[0]), True, "Channels came first and were moved to the end.")
    raise ExplorerError(
        f'"{array.name}" has no images of 1 or 3 channels: its shape is ({", ".join(map(str, array.shape))}).',
        "Expected (count, rows, columns), or (count, rows, columns, channels) with 1 or 3 channels.",
    )


@dataclass(frozen=True)
class ValueRange:
    """How numbers become bytes: byte = (value - low) · 255 / (high - low), rounded. ``remark`` says it in words."""

    low: float
    high: float
    remark: str = ""

    def to_bytes(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """``values`` as bytes, in the same shape."""
        if values.dtype == np.uint8:
            return values
        if (self.low, self.high) != (0.0, 255.0):
            values = (values.astype(np.float64) - self.low) * (255.0 / (self.high - self.low))
        images: NDArray[np.uint8] = np.rint(values).astype(np.uint8)
        return images


BYTES = ValueRange(0.0, 255.0)


def range_of(arrays: Iterable[tuple[str, np.dtype[Any], Chunks]]) -> ValueRange:
    """The range of all values of some arrays, given as name, type and chunks, and how they become bytes.

    0…255 stays as it is, 0…1 becomes 0…255, whatever else is spread over 0…255. Raises ``ExplorerError`` for pixels
    that are no numbers.
    """
    low, high, whole = math.inf, -math.inf, True
    for name, dtype, chunks in arrays:
        if dtype == np.uint8:
            low, high = min(low, 0.0), max(high, 255.0)
            continue
        whole = whole and dtype.kind in "iub"
        with closing(chunks):
            for chunk in chunks:
                if chunk.size:
                    _refuse_no_numbers(name, chunk)
                    low, high = min(low, float(chunk.min())), max(high, float(chunk.max()))
    if low > high or (low >= 0.0 and 1.0 < high <= 255.0):
        return BYTES if whole else ValueRange(0.0, 255.0, "The values 0…255 were rounded to bytes.")
    if low >= 0.0 and high <= 1.0:
        return ValueRange(0.0, 1.0, "The values 0…1 were brought to bytes, 0…255.")
    if low == high:
        high = low + 1.0
    return ValueRange(low, high, f"The values {low:g}…{high:g} were brought to bytes, 0…255.")


def _refuse_no_numbers(name: str, images: NDArray[Any]) -> None:
    if images.dtype.kind != "f" or np.isfinite(images).all():
        return
    bad = int((~np.isfinite(images.reshape(len(images), -1))).any(axis=1).sum())
    raise ExplorerError(
        f'"{name}" has pixels that are no numbers (NaN or infinite), in '
        f"{'an image' if bad == 1 else f'{bad:,} images'} at least.",
        "Mend or leave out these images first.",
    )


@dataclass(frozen=True)
class Labels:
    """Labels of both parts as indices into ``classes``; ``test`` is empty where there is no test part."""

    classes: tuple[str, ...]
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    remark: str = ""


def labels_of(train: NDArray[Any], test: NDArray[Any] | None, names: tuple[str, ...] = ()) -> Labels:
    """Read labels of any kind: whole numbers, one column for each class, words.

    With ``names`` the numbers are indices into them; without, the classes are the distinct numbers, or words, in
    their order. Raises ``ExplorerError`` if they are no labels, or outside the range.
    """
    (train, remark), (test, _) = _flat(train, "training"), _flat(test, "test") if test is not None else (None, "")
    values = np.unique(train)
    if not len(values):
        raise ExplorerError("There are no training labels.", "Choose arrays with at least one image of two classes.")
    if names:
        classes = names
        if train.dtype.kind not in "iu":
            raise ExplorerError("The classes have names, but the labels are no whole numbers.", _EXPECTED)
        outside = [int(value) for value in values if not 0 <= value < len(names)]
        if outside:
            raise _outside(outside[0], f"there are {len(names)} class names", "training")
        values = np.arange(len(names))
    else:
        if train.dtype.kind in "iu" and values[0] >= 0 and values[-1] < len(values) + _GAPS:
            # 0, 1, 3: a class that no training image has still has its place.
            values = np.arange(0 if values[0] == 0 else values[0], values[-1] + 1)
        classes = tuple(str(value) for value in values)
    if len(classes) > MOST_CLASSES:
        raise ExplorerError(
            f"The labels have {len(classes):,} different values; at most {MOST_CLASSES:,} classes are possible.",
            "Choose the array that holds the classes.",
        )
    if len(classes) < 2:
        raise ExplorerError(
            f"All images are of one class, {classes[0]}: there is nothing to tell apart.",
            "Choose images of two classes at least.",
        )
    return Labels(classes, _indices(train, values, "training"), _tested(test, values), remark)


_EXPECTED = "Expected one whole number or word for each image, or one column for each class."
_GAPS = 2
"""So many classes may be without a training image, and the labels are still taken as they are numbered."""


def _tested(test: NDArray[Any] | None, values: NDArray[Any]) -> NDArray[np.int64]:
    return np.empty(0, np.int64) if test is None else _indices(test, values, "test")


def _indices(labels: NDArray[Any], values: NDArray[Any], part: str) -> NDArray[np.int64]:
    places = np.searchsorted(values, labels).clip(max=len(values) - 1)
    wrong = values[places] != labels
    if wrong.any():
        first = labels[wrong][0]
        raise _outside(first, f"the training labels are {_shown(values)}", part)
    return places.astype(np.int64)


def _shown(values: NDArray[Any]) -> str:
    texts = [str(value) for value in values]
    return ", ".join(texts if len(texts) <= 10 else [*texts[:4], "…", texts[-1]])


def _outside(label: Any, what: str, part: str) -> ExplorerError:
    return ExplorerError(f"The {part} label {label} is outside the range: {what}.", "Mend the labels first.")


def _flat(labels: NDArray[Any], part: str) -> tuple[NDArray[Any], str]:
    """One value a label, as whole numbers or words."""
    remark = ""
    if labels.dtype.kind in "SO":
        labels = np.array([value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                           for value in labels.ravel()]).reshape(labels.shape)  # fmt: skip
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ExplorerError(f"The {part} labels have values that are no numbers (NaN or infinite).", _EXPECTED)
    if labels.ndim == 2 and labels.dtype.kind in "biuf":
        if not ((labels == labels.max(axis=1, keepdims=True)).sum(axis=1) == 1).all():
            raise ExplorerError(f"The columns of the {part} labels do not tell one class for each image.", _EXPECTED)
        labels, remark = labels.argmax(axis=1), "Labels of one column for each class were read as numbers."
    if labels.dtype.kind == "b":
        labels = labels.astype(np.int64)
    if labels.dtype.kind == "f":
        if not (labels == np.rint(labels)).all():
            raise ExplorerError(f"The {part} labels are no whole numbers.", _EXPECTED)
        labels = labels.astype(np.int64)
    if labels.ndim != 1:
        raise ExplorerError(f"The {part} labels have {labels.ndim} axes.", _EXPECTED)
    return labels.astype(np.int64) if labels.dtype.kind in "iu" else labels, remark
