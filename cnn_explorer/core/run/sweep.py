"""A sweep: one training for each value of one setting, or for each pair of values of two."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.fields import Field, fields_of
from cnn_explorer.core.run.config import TrainingConfig

LARGEST = 1000
"""Runs in one sweep."""
_NOT_SWEPT = (
    "gpu_memory",
    "intra_op_threads",
    "inter_op_threads",
    "probe_layer",
    "probe_index",
    "log_device_placement",
)
"""Settings of the process, which all runs share, and settings that change no result."""

SWEPT: tuple[Field, ...] = tuple(
    field for field in fields_of(TrainingConfig) if field.kind != "numbers" and field.name not in _NOT_SWEPT
)
"""The settings that a sweep may vary."""


class Axis(NamedTuple):
    """A setting and the values that it takes, in the setting's own type."""

    field: str
    values: tuple[Any, ...]


class SweepPlace(Struct, frozen=True):
    """Where a run belongs: the sweep's name, and the settings that differ between its runs, with this run's values."""

    sweep: str
    settings: dict[str, Any]


class SweepRun(NamedTuple):
    """One run of a sweep, still to be done."""

    settings: dict[str, Any]
    config: TrainingConfig


def axis_of(name: str, text: str) -> Axis:
    """The axis that ``name`` and a list such as ``0, 1, 2`` mean; ``-`` in names may stand for ``_``.

    Raises ``ExplorerError`` that names the value that does not fit and says what was expected.
    """
    name = name.strip().replace("-", "_")
    field = next((field for field in SWEPT if field.name == name), None)
    if field is None:
        raise ExplorerError(f'A sweep cannot vary "{name}".', f"Choose one of: {', '.join(f.name for f in SWEPT)}.")
    values: list[Any] = []
    for part in (part.strip() for part in text.split(",")):
        if not part:
            continue
        try:
            changed = msgspec.convert({name: part}, TrainingConfig, strict=False)
        except msgspec.ValidationError as error:
            raise ExplorerError(f'{name}: expected {field.expected()}, got "{part}".') from error
        value = getattr(changed, name)
        if value not in values:
            values.append(value)
    if not values:
        raise ExplorerError(f"{name}: expected values with commas between, got none.", "Give some, as in 0, 1, 2.")
    return Axis(name, tuple(values))


def sweep(base: TrainingConfig, axes: tuple[Axis, ...]) -> tuple[SweepRun, ...]:
    """``base`` with every combination of the values of one or two axes; the last axis changes fastest.

    Raises ``ExplorerError`` for other numbers of axes, too many runs, or settings that do not go together.
    """
    if not 1 <= len(axes) <= 2:
        raise ExplorerError(f"A sweep varies one or two settings, not {len(axes)}.", "Leave some out.")
    if len(axes) == 2 and axes[0].field == axes[1].field:
        raise ExplorerError(f"A sweep cannot vary {axes[0].field} twice.", "Give all its values in one list.")
    combinations = list(itertools.islice(itertools.product(*(axis.values for axis in axes)), LARGEST + 1))
    if len(combinations) > LARGEST:
        raise ExplorerError(f"The sweep has more than {LARGEST:,} runs.", "Give fewer values.")
    runs = []
    for values in combinations:
        settings = {axis.field: value for axis, value in zip(axes, values, strict=True)}
        config = msgspec.structs.replace(base, **settings)
        config.check()
        runs.append(SweepRun(settings, config))
    return tuple(runs)
