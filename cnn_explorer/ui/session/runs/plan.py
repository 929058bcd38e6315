"""What the settings mean for the run to come: its length, its learning rate, decay values that fit; no Qt in here."""

from __future__ import annotations

import bisect
import math
from typing import Any, NamedTuple

import msgspec

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.schedules import schedule_of
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import validation_count
from cnn_explorer.text.numbers import counted

_POINTS = 200
_FADED = 1e-3
"""A learning rate below this share of its start hardly changes anything."""
_DEFAULT = TrainingConfig()
_EPOCH_DECAY = 0.8
_PIECES = (0.3, 0.1)


class RatePlan(NamedTuple):
    """The learning rate over a run. ``points``: shares of the run, 0 to 1, and rates; none if nothing can be drawn.

    ``caption`` says the values that matter, ``warning`` what is wrong, "" if nothing is.
    """

    points: tuple[tuple[float, float], ...]
    caption: str
    warning: str


def train_count(config: TrainingConfig, dataset: Dataset) -> int:
    """How many images one epoch has."""
    count = len(dataset.train_images)
    count = count if config.train_limit is None else min(count, config.train_limit)
    return count - validation_count(config, count)


def steps_per_epoch(config: TrainingConfig, dataset: Dataset) -> int:
    """How many batches one epoch has; the last one may be smaller."""
    return max(1, math.ceil(train_count(config, dataset) / config.batch_size))


def summary(config: TrainingConfig, dataset: Dataset | None) -> str:
    """How long the run will be: ``938 batches an epoch · 4,690 in all``."""
    if dataset is None:
        return "The data set is still loading."
    steps = steps_per_epoch(config, dataset)
    return f"{counted(steps, 'batch', 'batches')} an epoch · {steps * config.epochs:,} in all"


def rate_plan(config: TrainingConfig, dataset: Dataset | None) -> RatePlan:
    """The learning rate from the first to the last batch; a constant one needs no curve."""
    if dataset is None or config.problems() or (config.schedule == "none" and not config.warmup_steps):
        return RatePlan((), "", "")
    total = steps_per_epoch(config, dataset) * config.epochs
    last = total - 1
    rate = schedule_of(config)
    # Where the curve bends lies a point, so that corners are corners in a run of any length.
    bends = {config.warmup_steps}
    if config.schedule == "piecewise":
        bends |= {config.warmup_steps + step + after for step in config.boundaries for after in (0, 1)}
    steps = sorted({round(last * index / _POINTS) for index in range(_POINTS + 1)} | {b for b in bends if b <= last})
    try:
        rates = [rate(step) for step in steps]
    except OverflowError:
        rates = [math.inf]
    if not all(map(math.isfinite, rates)):
        return RatePlan((), "", "The learning rate grows beyond all bounds: choose a decay rate below 1.")
    points = tuple((step / last if last else 0.0, value) for step, value in zip(steps, rates, strict=True))
    return RatePlan(points, _caption(config, steps, rates), _warning(config, total))


def _caption(config: TrainingConfig, steps: list[int], rates: list[float]) -> str:
    parts = [f"{rates[0]:.3g} at the first batch"]
    peak = max(rates)
    if peak > max(rates[0], rates[-1]):
        parts.append(f"{peak:.3g} at batch {steps[rates.index(peak)] + 1:,}")
    parts.append(f"{rates[-1]:.3g} at the last")
    later = "; less after a plateau" if config.reduce_on_plateau != "none" else ""
    return ", ".join(parts) + later


def _warning(config: TrainingConfig, total: int) -> str:
    warmup = config.warmup_steps
    if warmup >= total:
        return (
            f"The warm-up is as long as the run, which has {counted(total, 'batch', 'batches')}: choose a shorter one."
        )
    left = total - warmup
    if config.schedule == "piecewise":
        outside = [boundary for boundary in config.boundaries if boundary >= left]
        return f"Boundary {outside[0]:,} lies after the last batch." if outside else ""
    rate = schedule_of(config)
    faded = bisect.bisect_left(
        range(left), True, key=lambda step: rate(warmup + step) < _FADED * config.learning_rate
    )  # fmt: skip
    if faded < left / 2:
        batches = counted(warmup + faded, "batch", "batches")
        return f"After {batches} hardly anything is left of it: choose more decay steps, up to {left:,}."
    return ""


def with_fitting_schedule(before: TrainingConfig, after: TrainingConfig, dataset: Dataset | None) -> TrainingConfig:
    """``after``, an edit of ``before``, with decay values that fit its schedule and length, and a weight per class.

    Values that a person has chosen stay: only those are changed that were proposed for ``before``, or are the
    defaults when another schedule is chosen. What this very edit changed stays too.
    """
    if dataset is None:
        return after
    old, new = _proposal(before, dataset), _proposal(after, dataset)
    changes = {}
    for name, value in new.items():
        kept = getattr(after, name)
        untouched = kept == getattr(before, name)
        proposed = kept == old[name] or (before.schedule != after.schedule and kept == getattr(_DEFAULT, name))
        if untouched and proposed:
            changes[name] = value
    return msgspec.structs.replace(after, **changes)


def _proposal(config: TrainingConfig, dataset: Dataset) -> dict[str, Any]:
    """Values that make sense for this run, of the schedule's settings and the classes' weights.

    Defaults for those that it does not use.
    """
    epoch = steps_per_epoch(config, dataset)
    total = epoch * config.epochs - config.warmup_steps
    names = ("decay_steps", "decay_rate", "boundaries", "values", "class_weight_values")
    values: dict[str, Any] = {name: getattr(_DEFAULT, name) for name in names}
    if config.class_weight == "custom":
        values["class_weight_values"] = (1.0,) * len(dataset.classes)
    match config.schedule:
        case "exponential":
            values |= {"decay_steps": epoch, "decay_rate": _EPOCH_DECAY}
        case "cosine":
            values["decay_steps"] = max(1, total)
        case "piecewise":
            first = max(1, total // 2)
            values["boundaries"] = (first, max(first + 1, 3 * total // 4))
            values["values"] = tuple(float(f"{share * config.learning_rate:.3g}") for share in _PIECES)
    return values
