"""What activations and predictions say, in numbers and words for people; no Qt in here."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.imaging import Limits, ScaleMode, plain_limits
from cnn_explorer.core.maps.statistics import MapFigures
from cnn_explorer.core.model.info import LayerInfo, ModelInfo
from cnn_explorer.text.numbers import figure as figure
from cnn_explorer.text.numbers import finite_limits as finite_limits
from cnn_explorer.text.numbers import rough as rough
from cnn_explorer.text.numbers import shape_text as shape_text

Split = Literal["test", "train"]
"""A part of a data set."""

ALL_CLASSES = 12
"""Up to so many classes all get a bar; of more classes, the ten with the largest values."""

MOST_BARS = 256
"""Up to so many values of a vector stand side by side as bars; a longer one is shown as a strip of colours."""

_NAMED_MAPS = 12  # how many map numbers a summary lists before it breaks off


AUTOMATIC_COLORS = "automatic"
"""As a colour map: viridis, and coolwarm around 0 for layers with negative values."""
_PLAIN_COLORS, _SIGNED_COLORS = "viridis", "coolwarm"


@dataclass(frozen=True)
class GridChoice:
    """How activations are shown: the controls above the grid.

    ``columns``: maps in a row, ``core.maps.arrangement.AUTOMATIC`` (0) for as many as fill the room. ``colormap``: a
    name of ``export.pictures.colormaps`` or ``AUTOMATIC_COLORS``. ``everywhere``: the scale of a layer has the limits
    of all layers.
    """

    columns: int = 8
    colormap: str = "viridis"
    scale: ScaleMode = "map"
    lines: bool = True
    everywhere: bool = False

    def with_colors(self, signed: bool) -> GridChoice:
        """The same with a colour map of ``export.pictures.colormaps``; ``signed``: there are negative values."""
        if self.colormap != AUTOMATIC_COLORS:
            return self
        # The middle of a standardized scale is the mean and not 0.
        around_zero = signed and self.scale != "standardized"
        return replace(self, colormap=_SIGNED_COLORS if around_zero else _PLAIN_COLORS)


def as_maps(activation: NDArray[Any]) -> NDArray[Any] | None:
    """The activation as maps (rows, columns, maps); a plane is one map; ``None`` if it is a vector."""
    if activation.ndim == 3:
        return activation
    return activation[..., np.newaxis] if activation.ndim == 2 else None


def too_many_axes(shape: tuple[int, ...]) -> str:
    """Why an output that is neither a vector nor maps is not shown."""
    return (
        f"The output of this layer has {len(shape)} axes, {shape_text(shape)}, and cannot be shown as maps. "
        "Its values can be saved for numpy (NPZ)."
    )


def layer_size(layer: LayerInfo) -> str:
    """The output of a layer in words: 32 maps of 26×26, 576 values."""
    shape = layer.output_shape
    if layer.has_maps:
        count = "1 map" if shape[2] == 1 else f"{shape[2]:,} maps"
        return f"{count} of {shape_text(shape[:2])}"
    if len(shape) == 2:
        return f"1 map of {shape_text(shape)}"
    count_values = math.prod(shape)
    return "1 value" if count_values == 1 else f"{count_values:,} values"


def layer_facts(layer: LayerInfo) -> str:
    """Everything that is known of a layer, in one sentence."""
    text = f"{layer.name}: {layer.type}, output {shape_text(layer.output_shape)}, {layer.params:,} parameters"
    if layer.receptive_field is not None:
        text += f"; one node sees {shape_text(layer.receptive_field)} pixels of the image"
    return text


def origin(info: ModelInfo) -> str:
    """Where a model comes from, in two words: its run folder and file."""
    return f"{info.path.parent.name}/{info.path.name}" if info.path.parent.name else info.path.name


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
    shares = bool(values.min() >= 0 and abs(values.sum() - 1) < 1e-3)
    low, high = (0.0, 1.0) if shares else (min(0.0, values.min()), max(0.0, values.max()))
    best = int(values.argmax())
    order = range(values.size) if values.size <= ALL_CLASSES else np.argsort(-values, kind="stable")[:10]
    bars = tuple(
        Bar(
            names[index],
            f"{100 * values[index]:.1f} %" if shares else figure(values[index]),
            float((values[index] - low) / (high - low or 1.0)),
            int(index) == best,
            names[index] == true_name,
        )
        for index in order
    )
    if true_name not in names:
        return Verdict(f"Predicted {names[best]}", None, bars)
    right = names[best] == true_name
    text = f"Predicted {names[best]}, which is right" if right else f"Predicted {names[best]}, it is {_a(true_name)}"
    return Verdict(text, right, bars)


def _a(name: str) -> str:
    """The class with its article where it is a number: a 5, an 8."""
    if not name.isdigit():
        return name
    return f"an {name}" if name.startswith("8") or name in ("11", "18") else f"a {name}"


@dataclass(frozen=True)
class Silence:
    """Which maps of a layer say nothing on ``count`` images: 0 on each of them, or one value on each of them."""

    count: int
    zero: tuple[int, ...]
    constant: tuple[int, ...]

    @property
    def images(self) -> str:
        """What was looked at, in words."""
        return f"all {self.count:,} images looked at"


@dataclass(frozen=True)
class QuietMaps:
    """Maps that show nothing: 0 everywhere, or one other value everywhere, on the image in question.

    ``values`` are those of the ``constant`` ones; ``silence`` says what is known of other images.
    """

    zero: tuple[int, ...]
    constant: tuple[int, ...]
    count: int
    values: tuple[float, ...] = ()
    silence: Silence | None = None

    def reason(self, number: int) -> str:
        """Why map ``number`` is marked; "" if it is not and there is nothing to say of other images either."""
        known = self.silence
        if number in self.zero:
            return _on_images("zero on this image", number in known.zero if known else None, known)
        if number in self.constant:
            value = f" ({figure(self.values[self.constant.index(number)])})" if self.values else ""
            quiet = number in (*known.constant, *known.zero) if known else None
            return _on_images(f"constant on this image{value}", quiet, known)
        if known is not None and number in known.zero:
            return f"zero on {known.images}, but not on this one"
        if known is not None and number in known.constant:
            return f"constant on {known.images}, but not on this one"
        return ""

    @property
    def summary(self) -> str:
        """One line under the grid: how many maps are quiet, and which."""
        parts = [
            f"{_share(numbers, self.count)} {word} on this image: {_listed(numbers)}"
            for numbers, word in ((self.zero, "zero"), (self.constant, "constant"))
            if numbers
        ]
        if self.silence is not None:
            dead = len({*self.silence.zero, *self.silence.constant})
            parts.append(f"{dead:,} of {self.count:,} show nothing on {self.silence.images}")
        return " · ".join(parts)


def _on_images(text: str, quiet: bool | None, silence: Silence | None) -> str:
    if silence is None:
        return text
    return f"{text} and on {silence.images}" if quiet else f"{text}, not on {silence.images}"


def quiet_maps(maps: NDArray[Any], limits: Limits | None = None, silence: Silence | None = None) -> QuietMaps:
    """Which of the maps (rows, columns, maps) are constant. A map of one node is only looked at for 0.

    ``limits``: ``plain_limits`` of the maps, if they are known already.
    """
    low, high = limits or plain_limits(maps)
    zero = (low == 0) & (high == 0)
    constant = (low == high) & ~zero & (maps.shape[0] * maps.shape[1] > 1)
    return QuietMaps(
        tuple(np.flatnonzero(zero).tolist()), tuple(np.flatnonzero(constant).tolist()), int(maps.shape[2]),
        tuple(low[constant].tolist()), silence,
    )  # fmt: skip


def figures_text(figures: MapFigures) -> str:
    """What a map amounts to, in one line."""
    return (
        f"min {rough(figures.low)} · mean {rough(figures.mean)} · max {rough(figures.high)} · "
        f"deviation {rough(figures.deviation)} · {share_text(figures.zeros)} zeros"
    )


def share_text(share: float) -> str:
    """A share in percent, of which 0 and 100 are only said where they are exact."""
    if 0 < share < 0.001 or 0.999 < share < 1:
        return "< 0.1 %" if share < 0.5 else "> 99.9 %"
    return f"{100 * share:.0f} %" if share in (0, 1) else f"{100 * share:.1f} %"


def zero_values(vector: NDArray[Any]) -> str:
    """How many values of a vector are 0, in words; "" if none is."""
    zero = vector.size - int(np.count_nonzero(vector))
    return f"{zero:,} of {vector.size:,} values {'is' if zero == 1 else 'are'} zero on this image" if zero else ""


def _share(numbers: tuple[int, ...], count: int) -> str:
    if count == 1:
        return "The map is"
    return f"{len(numbers)} of {count:,} maps {'is' if len(numbers) == 1 else 'are'}"


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers[:_NAMED_MAPS])) + (" …" if len(numbers) > _NAMED_MAPS else "")


def node_text(number: int, row: int, column: int, value: float, reason: str = "") -> str:
    """The status line for one node of one map; numbers count from 0, as in the files and the command line."""
    text = f"map {number} · row {row}, column {column} · value {figure(value)}"
    return f"{text} · {reason}" if reason else text


def value_text(index: int, value: float, name: str = "") -> str:
    """The status line for one value of a vector."""
    return f"value {index}{f' ({name})' if name and name != str(index) else ''} · {figure(value)}"


@dataclass(frozen=True)
class Legend:
    """What the ends and the middle of the colour bar stand for; ``middle_at``: its place from 0, low, to 1, high."""

    high: str
    middle: str
    low: str
    note: str
    middle_at: float = 0.5


def legend(
    values: NDArray[Any], scale: ScaleMode, symmetric: bool, many: bool, everywhere: Limits | None = None
) -> Legend:
    """The colour bar's texts for ``values``; ``many``: there are several maps, each with a scale of its own if asked.

    ``symmetric``: the colour map diverges, its middle is 0. ``everywhere``: the limits of all layers, if these are
    those of the scale.
    """
    if scale == "standardized":
        return Legend("+2σ", "mean", "−2σ", "around each map's mean" if many else "around the mean")
    if scale == "map" and many:
        if symmetric:
            return Legend("+max", "0", "−max", "each map by its largest magnitude")
        return Legend("max", "", "min", "each map from its own min to max")
    if everywhere is not None:
        low, high = float(everywhere[0].min()), float(everywhere[1].max())
        note = "the same for all layers"
    else:
        low, high = finite_limits(values)
        note = "the same for all maps" if many else ""
    if symmetric:
        reach = max(abs(low), abs(high))
        if -reach < low or high < reach:
            found = f"the values go from {figure(low)} to {figure(high)}"
            note = f"{note}; {found}" if note else found
        return Legend(figure(reach), "0", figure(-reach), note)
    if low < 0 < high:
        return Legend(figure(high), "0", figure(low), note, -low / (high - low))
    return Legend(figure(high), "", figure(low), note)


def wrapped_columns(count: int) -> int:
    """How many values of a long vector stand in one row of its strip, which becomes about twice as wide as high.

    A divisor of ``count`` if one is near, so that the last row is full.
    """
    ideal = math.sqrt(2 * count)
    near = [n for n in range(max(1, int(ideal / 1.5)), int(ideal * 1.5) + 1) if count % n == 0]
    return min(near, key=lambda n: abs(n - ideal)) if near else math.ceil(ideal)
