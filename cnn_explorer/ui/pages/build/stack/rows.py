"""A network as the rows of a table: what each layer is, how it is set, what it does to the data. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.network.architecture import L1L2, LAYER_KINDS, AnyLayer, Architecture
from cnn_explorer.core.network.inference import Inference, LayerFacts, Problem
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.text.run_differences import receptive_field_text

UNKNOWN = "–"
"""Stands for a fact that cannot be known because a layer does not fit."""

ROLES = {"Convolution": "accent", "Pooling": "second", "Dense": "success"}
"""The palette's colour for each group of layers; all other groups are muted."""

_GROUPS = {kind.spec: kind.group for kind in LAYER_KINDS}


@dataclass(frozen=True)
class StackRow:
    """One row: row 0 is the input, row i the layer of index i - 1.

    ``shape`` is ``None`` where a layer does not fit. All ``*_text`` are ready to be shown; receptive field and
    jump are empty where they have no meaning. ``problem`` is empty or says what is wrong with the layer.
    """

    name: str
    type: str
    role: str
    settings: str
    shape: tuple[int, ...] | None
    shape_text: str
    params_text: str
    macs_text: str
    field_text: str
    jump_text: str
    problem: str = ""

    @property
    def sentence(self) -> str:
        """Everything in one sentence: for the tooltip and the screen reader."""
        words = [f"{self.name}: {self.type}" + (f", {self.settings}" if self.settings else "")]
        words.append(f"output {self.shape_text}" if self.shape else "output not known")
        if self.shape and self.params_text:
            words.append(f"{self.params_text} parameters")
        if self.field_text not in ("", UNKNOWN):
            words.append(f"one node sees {self.field_text} pixels, neighbours are {self.jump_text} pixels apart")
        return "; ".join(words) + "." + (f" {self.problem}" if self.problem else "")


@dataclass(frozen=True)
class Total:
    """A figure for the whole network."""

    figure: str
    caption: str
    tooltip: str


def stack_rows(architecture: Architecture, inference: Inference, problems: tuple[Problem, ...]) -> tuple[StackRow, ...]:
    """The input, then all layers; ``problems`` mark the layers that they name by index."""
    shape = architecture.input_shape
    rows = [StackRow("Input", "images", "text", "", shape, shape_text(shape), "", "", "", "")]
    messages: dict[int, list[str]] = {}
    for problem in problems:
        if problem.index is not None:
            messages.setdefault(problem.index, []).append(problem.message)
    for index, (layer, facts) in enumerate(zip(architecture.layers, inference.layers, strict=True)):
        rows.append(_row(layer, facts, " ".join(messages.get(index, ()))))
    return tuple(rows)


def _row(layer: AnyLayer, facts: LayerFacts, problem: str) -> StackRow:
    known = facts.output_shape is not None
    return StackRow(
        name=layer.name,
        type=layer.type,
        role=role_of(type(layer)),
        settings=settings(layer),
        shape=facts.output_shape,
        shape_text=shape_text(facts.output_shape) if facts.output_shape is not None else UNKNOWN,
        params_text=f"{facts.params:,}" if facts.params is not None else UNKNOWN,
        macs_text=compact(facts.macs) if facts.macs is not None else UNKNOWN,
        field_text=_pair(facts.receptive_field) if known else UNKNOWN,
        jump_text=_single(facts.jump) if known else UNKNOWN,
        problem=problem,
    )


def totals(inference: Inference, batch_size: int) -> tuple[Total, ...]:
    """What the whole network costs."""
    all_of_them = 0 < inference.trainable_params == inference.total_params
    trainable = "all" if all_of_them else f"{inference.trainable_params:,}"
    return (
        Total(f"{inference.total_params:,}", "parameters", "All numbers of the network: weights, biases …"),
        Total(trainable, "trainable", "How many of the parameters training changes."),
        Total(compact(inference.total_macs), "MACs", "Multiplications with a weight, for one image."),
        Total(
            size_text(inference.memory(batch_size)),
            f"for a batch of {batch_size:,}",
            "What training on one batch needs at least: weights, their gradients, and every layer's output. "
            "Working space comes on top.",
        ),
    )


def role_of(spec: type[Any]) -> str:
    """The palette's colour for a class of layers."""
    return ROLES.get(_GROUPS[spec], "muted")


def settings(layer: AnyLayer) -> str:
    """How a layer is set, in a few words: ``32 filters, 3×3, same, relu``; most defaults are left out."""
    words = []
    for field in fields_of(type(layer)):
        value = getattr(layer, field.name)
        if value == field.default and field.name not in _ALWAYS and field.kind != "pairs":
            continue
        if field.name in _WORDS:
            words.append(_WORDS[field.name](value))
        elif field.short:
            words.append(field.short.format(receptive_field_text(field, value)))
    return ", ".join(words)


def compact(number: int) -> str:
    """A count with two or three digits and a unit: 320, 18.5 k, 2.1 M, 1.3 G."""
    value = float(number)
    for unit in ("", " k", " M", " G"):
        if value < 999.5:
            return f"{value:.0f}{unit}" if unit == "" or value >= 99.95 else f"{value:.1f}{unit}"
        value /= 1000
    return f"{value:,.1f} T"


def size_text(count: int) -> str:
    """A number of bytes: 512 B, 3.1 kB, 7.9 MB."""
    text = compact(count)
    return f"{text}B" if " " in text else f"{text} B"


def _pair(pair: tuple[float, ...] | None) -> str:
    return "" if pair is None else shape_text(pair)


def _single(pair: tuple[float, ...] | None) -> str:
    """A pair of equal numbers as one."""
    return f"{pair[0]:g}" if pair is not None and len(set(pair)) == 1 else _pair(pair)


def _padding(padding: str | tuple[tuple[int, int], tuple[int, int]]) -> str:
    if isinstance(padding, str):
        return padding
    (above, below), (left, right) = padding
    if above == below == left == right:
        return f"{above} on each side"
    return f"rows {above} + {below}, columns {left} + {right}"


def _penalty(penalty: L1L2) -> str:
    return " ".join(f"{word} {value:g}" for word, value in (("L1", penalty.l1), ("L2", penalty.l2)) if value)


def _scale(scale: bool | float) -> str:
    """BatchNormalization's ``scale`` is a switch, that of Rescaling a number."""
    return "no scale" if isinstance(scale, bool) else f"× {scale:.4g}"


_ALWAYS = ("pool_size", "size", "negative_slope")  # worth saying even where they are the default
# Of fields that need more than a place for their value; others say it themselves (``Field.short``).
_WORDS: dict[str, Callable[[Any], str]] = {
    "filters": lambda count: f"{count:,} filter" + ("" if count == 1 else "s"),
    "units": lambda count: f"{count:,} unit" + ("" if count == 1 else "s"),
    "kernel_size": _pair,
    "pool_size": _pair,
    "size": _pair,
    "strides": lambda strides: f"stride {_single(strides)}",
    "dilation_rate": lambda rate: f"dilation {_single(rate)}",
    "padding": _padding,
    "depth_multiplier": "multiplier {}".format,
    "activation": str,
    "use_bias": lambda _: "no bias",
    "rate": "rate {:g}".format,
    "negative_slope": "slope {:g}".format,
    "kernel_regularizer": _penalty,
    "depthwise_regularizer": _penalty,
    "pointwise_regularizer": _penalty,
    "momentum": "momentum {:g}".format,
    "center": lambda _: "no shift",
    "scale": _scale,
    "offset": lambda offset: f"{'+' if offset > 0 else '−'} {abs(offset):g}",
    "interpolation": str,
}
