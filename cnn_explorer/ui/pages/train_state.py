"""What the Train page says and offers, derived from the run and the settings by pure functions; no Qt in here."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from typing import Literal

from cnn_explorer.core.history import RunState
from cnn_explorer.core.inference import Inference, Problem
from cnn_explorer.core.schedules import schedule_of
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.run_words import clock
from cnn_explorer.ui.widgets.plot_data import percent

Tone = Literal["muted", "accent", "warning", "success", "error"]

SMOOTHING = (0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""The positions of the smoothing slider, in batches."""

FIRST_STEP = "Press Start training: the curves above and the epochs at the right grow while the network learns."

_RATES = 120
_FADED = 1e-3
"""A learning rate below this share of its start hardly changes anything."""


@dataclass(frozen=True)
class Moment:
    """What the page knows of the run just now. ``reason`` and ``hint`` are those of a run that never began."""

    run: RunState
    is_running: bool = False
    is_paused: bool = False
    is_stopping: bool = False
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Actions:
    """Which buttons can be pressed and what their tooltips say; ``locked`` says why the settings are read-only."""

    is_running: bool
    can_start: bool
    start_tip: str
    can_restart: bool
    restart_tip: str
    can_pause: bool
    pause_text: str
    pause_tip: str
    can_stop: bool
    stop_tip: str
    locked: str


@dataclass(frozen=True)
class Status:
    """The status card. ``progress`` is a share, or ``None`` while nobody knows; ``facts`` are names and values.

    ``best`` is the best validation accuracy, ``best_words`` say what it is.
    """

    title: str
    tone: Tone
    icon: str
    message: str = ""
    progress: float | None = 0.0
    facts: tuple[tuple[str, str], ...] = ()
    best: str = ""
    best_words: str = ""


def train_count(config: TrainingConfig, dataset: Dataset) -> int:
    """How many images one epoch has."""
    count = len(dataset.train_images)
    return count if config.train_limit is None else min(count, config.train_limit)


def steps_per_epoch(config: TrainingConfig, dataset: Dataset) -> int:
    """How many batches one epoch has; the last one may be smaller."""
    return max(1, math.ceil(train_count(config, dataset) / config.batch_size))


def summary(config: TrainingConfig, dataset: Dataset | None) -> str:
    """How long the run will be: ``938 batches an epoch · 4,690 in all``."""
    if dataset is None:
        return "The data set is still loading."
    steps = steps_per_epoch(config, dataset)
    return f"{counted(steps, 'batch', 'batches')} an epoch · {steps * config.epochs:,} in all"


def schedule_rates(config: TrainingConfig, dataset: Dataset | None) -> tuple[float, ...]:
    """Learning rates at equal distances from the first to the last batch; none if there is nothing to draw."""
    if dataset is None or config.schedule == "none":
        return ()
    last = steps_per_epoch(config, dataset) * config.epochs - 1
    rate = schedule_of(config)
    try:
        rates = tuple(rate(last * index / (_RATES - 1)) for index in range(_RATES))
    except OverflowError:
        return ()
    return rates if all(map(math.isfinite, rates)) else ()


def schedule_text(config: TrainingConfig, dataset: Dataset | None) -> tuple[str, str]:
    """The caption of the curve, and what is wrong with the schedule; "" if nothing is."""
    if dataset is None or config.schedule == "none":
        return "", ""
    rates = schedule_rates(config, dataset)
    if not rates:
        return "", "The learning rate grows beyond all bounds: choose a decay rate below 1."
    caption = f"{rates[0]:.3g} at the first batch, {rates[-1]:.3g} at the last"
    total = steps_per_epoch(config, dataset) * config.epochs
    rate = schedule_of(config)
    faded = bisect.bisect_left(range(total), True, key=lambda step: rate(step) < _FADED * config.learning_rate)
    if faded < total / 2:
        batches = counted(faded, "batch", "batches")
        return caption, f"After {batches} hardly anything is left of it: choose more decay steps, up to {total:,}."
    return caption, ""


def obstacle(
    problems: tuple[Problem, ...],
    dataset: Dataset | None,
    engine_ready: bool,
    dataset_failure: str = "",
    engine_failure: str = "",
) -> str:
    """Why no run can start now, in a sentence; "" if nothing is in the way."""
    if dataset is None:
        failed = f"The data set could not be loaded: {dataset_failure}"
        return failed if dataset_failure else "The data set is still loading."
    if not engine_ready:
        failed = f"The engine could not be started: {engine_failure}"
        return failed if engine_failure else "The engine is still loading."
    if problems:
        first = problems[0]
        return f"{first.layer}: {first.message}" if first.layer else first.message
    return ""


def same_weights(one: Inference, other: Inference) -> bool:
    """Whether the initial weights of one network belong to the other: the same layers with parameters."""

    def weights(inference: Inference) -> list[tuple[str, int]]:
        return [(facts.type, facts.params) for facts in inference.layers if facts.params]

    return weights(one) == weights(other)


def actions(moment: Moment, in_the_way: str, has_run: bool, weights_fit: bool) -> Actions:
    """The buttons. ``in_the_way`` is the ``obstacle``; ``weights_fit`` is about the last run, if there is one."""
    running = moment.is_running
    if not has_run:
        restart_tip = "After a first run: train again from the same initial weights."
    elif running:
        restart_tip = "Wait until the run has ended."
    elif not weights_fit:
        restart_tip = "The network has changed since the last run: its initial weights do not fit any more."
    else:
        restart_tip = in_the_way or "Train again from the initial weights of the last run, with these settings."
    return Actions(
        is_running=running,
        can_start=not running and not in_the_way,
        start_tip=in_the_way or "Train the network with these settings.",
        can_restart=has_run and weights_fit and not running and not in_the_way,
        restart_tip=restart_tip,
        can_pause=running and not moment.is_stopping,
        pause_text="Continue" if moment.is_paused else "Pause",
        pause_tip="Go on with the run." if moment.is_paused else "Wait after this batch; nothing is lost.",
        can_stop=running and not moment.is_stopping,
        stop_tip="End the run after this batch and keep the last whole epoch.",
        locked="The run goes with these settings. They can be changed when it has ended." if running else "",
    )


def status(moment: Moment, in_the_way: str = "") -> Status:
    """The status card; ``in_the_way`` is the ``obstacle`` to a first run."""
    run = moment.run
    if moment.reason and run.ended is None:
        return Status("Failed", "error", "circle-alert", f"{moment.reason} {moment.hint}".strip())
    if run.phase == "idle":
        return Status("Not started", "muted", "activity", in_the_way or FIRST_STEP)
    progress = None if run.started is None and moment.is_running else run.progress
    title, tone, icon = _headline(moment)
    message = f"{run.ended.message} {run.ended.hint}".strip() if run.ended else ""
    best = run.best
    return Status(
        title, tone, icon, message, progress, _facts(run),
        percent(best.val_accuracy) if best else "",
        f"best validation accuracy · epoch {best.epoch:,}" if best else "",
    )  # fmt: skip


def _headline(moment: Moment) -> tuple[str, Tone, str]:
    run = moment.run
    if moment.is_stopping and moment.is_running:
        return "Stopping after this batch", "warning", "square"
    if moment.is_paused:
        return f"Paused in {_epoch_words(run)}" if run.started else "Paused", "warning", "pause"
    match run.phase:
        case "completed":
            return "Completed", "success", "circle-check"
        case "stopped":
            return "Stopped", "warning", "square"
        case "failed":
            return "Failed", "error", "circle-alert"
        case "validating":
            return f"Validating {_epoch_words(run)}", "accent", "activity"
        case "training":
            return f"Training {_epoch_words(run)}", "accent", "activity"
        case _:
            return "Preparing the run", "accent", "loader-circle"


def _epoch_words(run: RunState) -> str:
    assert run.started is not None
    after = run.epochs[-1].epoch + 1 if run.epochs else run.started.first_epoch
    return f"epoch {min(after, run.started.epochs):,} of {run.started.epochs:,}"


def _facts(run: RunState) -> tuple[tuple[str, str], ...]:
    speed = images_per_second(run)
    if run.is_running:
        time = ("Time left", "–" if run.eta is None else clock(run.eta))
    else:
        time = ("Trained for", clock(sum(epoch.seconds for epoch in run.epochs)))
    return time, ("Speed", "–" if speed is None else f"{speed:,.0f} images/s")


def images_per_second(run: RunState) -> float | None:
    """The pace of the epoch that goes, else of the last one; ``None`` while it is not known."""
    started, batch = run.started, run.batch
    last = run.epochs[-1] if run.epochs else None
    if started and batch and batch.seconds > 0 and (last is None or batch.epoch > last.epoch):
        return min(batch.step * started.batch_size, started.train_count) / batch.seconds
    return last.images_per_second if last else None


def default_smoothing(steps: int) -> int:
    """The slider's position that makes the curve of a run of ``steps`` batches calm: a hundredth of it."""
    return min(range(len(SMOOTHING)), key=lambda index: abs(SMOOTHING[index] - steps / 100))


def smoothing_text(window: int) -> str:
    """What stands beside the slider."""
    return f"{window:,} batches" if window else "off"


def counted(count: int, one: str, many: str) -> str:
    """A number with its noun: ``1 batch``, ``938 batches``."""
    return f"{count:,} {one if count == 1 else many}"
