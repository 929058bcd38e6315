"""What differs between runs: network, training settings and data set, side by side as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from cnn_explorer.core.fields import Field, fields_of
from cnn_explorer.core.network.architecture import L1L2, AnyLayer, Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.sizes import shape_text

ABSENT = "–"
"""Stands where a run has no such layer, or where its other settings leave a setting without effect."""

_SAME_NAME, _SAME_TYPE = 1, 2
_Slot = tuple[AnyLayer | None, ...]


@dataclass(frozen=True)
class Setup:
    """What a run was started with. ``dataset`` holds facts about its data set: what each is called, and its value."""

    architecture: Architecture
    training: TrainingConfig
    dataset: Mapping[str, str]


class Difference(NamedTuple):
    """A row of the comparison: where it belongs, what it is called, and its value in each setup, in their order."""

    group: str
    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether not all values are the same."""
        return len(set(self.values)) > 1


def differences(setups: Sequence[Setup]) -> tuple[Difference, ...]:
    """The rows in which the setups differ; settings without effect in a setup count as absent there."""
    return tuple(row for row in comparison(setups) if row.differs)


def comparison(setups: Sequence[Setup]) -> tuple[Difference, ...]:
    """All rows, equal ones too: of one setup this is its whole description. Settings without effect are left out."""
    return (*_dataset_rows(setups), *_network_rows(setups), *_training_rows(setups))


def value_words(value: Any) -> str:
    """A setting's value as a person would write it: ``yes``, ``3×3``, ``L2 0.001``."""
    match value:
        case None | "":
            return "not set"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case float():
            return f"{value:.10g}"
        case int():
            return f"{value:,}"
        case L1L2():
            parts = [f"{name.upper()} {strength:.10g}" for name, strength in (("l1", value.l1), ("l2", value.l2))]
            return " + ".join(part for part in parts if not part.endswith(" 0")) or "none"
        case (int(), int()):
            return shape_text(value)
        case tuple():
            return ", ".join(map(value_words, value)) or "none"
    return str(value)


def _dataset_rows(setups: Sequence[Setup]) -> list[Difference]:
    names = list(dict.fromkeys(name for setup in setups for name in setup.dataset))
    return [Difference("Data set", name, tuple(setup.dataset.get(name, ABSENT) for setup in setups)) for name in names]


def _training_rows(setups: Sequence[Setup]) -> list[Difference]:
    rows = []
    for field in fields_of(TrainingConfig):
        values = tuple(_setting(setup.training, field) for setup in setups)
        if any(value != ABSENT for value in values):
            rows.append(Difference(field.group, field.title, values))
    return rows


def _setting(spec: msgspec.Struct, field: Field) -> str:
    return receptive_field_text(field, getattr(spec, field.name)) if field.is_relevant(spec) else ABSENT


def receptive_field_text(field: Field, value: Any) -> str:
    """The value of a field as a person would write it."""
    if field.kind == "numbers":  # a list of any length, not a size
        return ", ".join(map(value_words, value)) or "none"
    return field.zero if field.zero and value == 0 else value_words(value)


def _network_rows(setups: Sequence[Setup]) -> list[Difference]:
    architectures = [setup.architecture for setup in setups]
    rows = [
        Difference("Network", "Name", tuple(each.name for each in architectures)),
        Difference("Network", "Input shape", tuple(shape_text(each.input_shape) for each in architectures)),
    ]
    for slot in _aligned([each.layers for each in architectures]):
        rows += _layer_rows(slot)
    return rows


def _layer_rows(slot: _Slot) -> list[Difference]:
    """One row where a layer is missing in a setup or all have the same; else one for each field that differs."""
    present = [layer for layer in slot if layer is not None]
    first = present[0]
    if len(present) < len(slot) or all(layer == first for layer in present):
        words = tuple(ABSENT if layer is None else _layer_words(layer) for layer in slot)
        return [Difference("Network", first.name, words)]
    return [
        Difference("Network", f"{first.name}: {field.title.lower()}", values)
        for field in fields_of(type(first))
        if len(set(values := tuple(receptive_field_text(field, getattr(layer, field.name)) for layer in present))) > 1
    ]


def _layer_words(layer: AnyLayer) -> str:
    """``Conv2D, filters 32, kernel size 3×3, activation relu``: what is not as usual."""
    parts = [layer.type]
    for field in fields_of(type(layer)):
        value = getattr(layer, field.name)
        if field.name != "name" and (field.required or value != field.default):
            parts.append(f"{field.title.lower()} {receptive_field_text(field, value)}")
    return ", ".join(parts)


def _aligned(stacks: Sequence[tuple[AnyLayer, ...]]) -> list[_Slot]:
    """The stacks side by side: each slot holds what stands at the same place in all of them.

    Each stack is laid against the slots of those before it, so that as many layers as possible of one type meet,
    those of the same name first; order is kept.
    """
    slots: list[_Slot] = [(layer,) for layer in stacks[0]] if stacks else []
    for done, stack in enumerate(stacks[1:], start=1):
        heads = [next(layer for layer in slot if layer is not None) for slot in slots]
        merged: list[_Slot] = []
        for row, column in _pairs(heads, stack):
            before = (None,) * done if row is None else slots[row]
            merged.append((*before, None if column is None else stack[column]))
        slots = merged
    return slots


def _pairs(left: Sequence[AnyLayer], right: Sequence[AnyLayer]) -> list[tuple[int | None, int | None]]:
    """The best order-keeping match of two stacks (Needleman and Wunsch, 1970, without a price for gaps)."""
    best = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            skipped = max(best[i + 1][j], best[i][j + 1])
            gain = _likeness(left[i], right[j])
            best[i][j] = max(skipped, best[i + 1][j + 1] + gain) if gain else skipped
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(left) or j < len(right):
        if i < len(left) and j < len(right):
            gain = _likeness(left[i], right[j])
            if gain and best[i][j] == best[i + 1][j + 1] + gain:
                pairs.append((i, j))
                i, j = i + 1, j + 1
                continue
        if j == len(right) or (i < len(left) and best[i][j] == best[i + 1][j]):
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return pairs


def _likeness(one: AnyLayer, other: AnyLayer) -> int:
    if one.type != other.type:
        return 0
    return _SAME_TYPE + (_SAME_NAME if one.name == other.name else 0)
