"""What the Train page says and offers, derived from the run and the settings by pure functions; no Qt in here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from cnn_explorer.core.network.inference import Inference
from cnn_explorer.core.run.history import RunState
from cnn_explorer.text.durations import clock
from cnn_explorer.text.numbers import counted, percent
from cnn_explorer.text.runs import trained_seconds
from cnn_explorer.ui.session.runs.actions import (
    Button,
    RunMoment,
    pause_button,
    start_button,
    stop_after_epoch_button,
    stop_button,
)

Tone = Literal["muted", "accent", "warning", "success", "error"]

FIRST_STEP = "Press Start training: the curves above and the epochs at the right grow while the network learns."


@dataclass(frozen=True)
class Actions:
    """The buttons of the page; ``caption`` says whose settings the form shows while a run goes.

    ``reason`` says why nothing can be started, where the status card does not say it.
    """

    start: Button
    restart: Button
    pause: Button
    stop_after_epoch: Button
    stop: Button
    resume: Button
    go_on: Button
    caption: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Status:
    """The status card. ``progress`` is a share, or ``None`` while nobody knows; ``facts`` are names and values.

    ``best`` is the validation accuracy of the best epoch, ``best_words`` say what it is. ``rate`` is the learning
    rate of the latest batch while the run goes.
    """

    title: str
    tone: Tone
    icon: str
    message: str = ""
    progress: float | None = 0.0
    facts: tuple[tuple[str, str], ...] = ()
    best: str = ""
    best_words: str = ""
    rate: float | None = None
    is_running: bool = False


def same_weights(one: Inference, other: Inference) -> bool:
    """Whether the initial weights of one network belong to the other: the same layers with parameters."""

    def weights(inference: Inference) -> list[tuple[str, int]]:
        return [(facts.type, facts.params) for facts in inference.layers if facts.params]

    return weights(one) == weights(other)


def actions(moment: RunMoment, in_the_way: str, has_run: bool, weights_fit: bool, to_go_on: str = "") -> Actions:
    """The buttons. ``in_the_way`` is the session's ``obstacle``, ``to_go_on`` what is in the way of continuing the
    last run; ``weights_fit`` is about that run, too, if there is one.
    """
    if not has_run:
        restart_tip = "After a first run: train again from the same initial weights."
    elif not weights_fit:
        restart_tip = "The network has changed since the last run: its initial weights do not fit any more."
    else:
        restart_tip = in_the_way or "Train again from the initial weights of the last run, with these settings."
    return Actions(
        start=start_button(moment, in_the_way, "the network with these settings"),
        restart=Button(has_run and weights_fit and not in_the_way, restart_tip),
        pause=pause_button(moment),
        stop_after_epoch=stop_after_epoch_button(moment),
        stop=stop_button(moment),
        resume=Button(not to_go_on, to_go_on or "Go on with this run, from where it ended.",
                      visible=has_run and not moment.is_running),
        go_on=Button(
            moment.held, f"Train what waits: {counted(moment.waiting, 'run', 'runs')}, one after another.",
            visible=moment.held and not moment.is_running,
        ),
        caption="for the next run" if moment.is_running else "",
        reason=in_the_way if moment.run.phase != "idle" or moment.reason else "",
    )  # fmt: skip


def status(moment: RunMoment, in_the_way: str = "") -> Status:
    """The status card; ``in_the_way`` is the session's ``obstacle`` to a first run."""
    run = moment.run
    # What a run leaves is shown as soon as it says that it has ended, while its thread still tidies up.
    moment = replace(moment, is_running=moment.is_running and run.ended is None)
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
        percent(best.val_accuracy) if best else "", _best_words(run),
        current_rate(run) if moment.is_running else None, moment.is_running,
    )  # fmt: skip


def current_rate(run: RunState) -> float | None:
    """The learning rate of the latest batch; ``None`` before the first one."""
    if run.batch is not None:
        return run.batch.learning_rate
    return run.epochs[-1].learning_rate if run.epochs else None


def _best_words(run: RunState) -> str:
    best = run.best
    if best is None:
        return ""
    by_loss = run.started is not None and run.started.monitor == "val_loss"
    return f"{'accuracy at the lowest loss' if by_loss else 'best validation accuracy'} · epoch {best.epoch:,}"


def _headline(moment: RunMoment) -> tuple[str, Tone, str]:
    run = moment.run
    if moment.is_stopping and moment.is_running:
        return "Stopping after this batch", "warning", "square"
    if moment.is_paused:
        return f"Paused in {_epoch_words(run)}" if run.started else "Paused", "warning", "pause"
    if moment.after_epoch and moment.is_running:
        return "Stops after this epoch", "warning", "square"
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
        time = ("Trained for", clock(trained_seconds(run)))
    return time, ("Speed", "–" if speed is None else f"{speed:,.0f} images/s")


def images_per_second(run: RunState) -> float | None:
    """The speed of the current epoch, else of the last one; ``None`` while it is not known."""
    started, batch = run.started, run.batch
    last = run.epochs[-1] if run.epochs else None
    if started and batch and batch.seconds > 0 and (last is None or batch.epoch > last.epoch):
        return min(batch.step * started.batch_size, started.train_count) / batch.seconds
    return last.images_per_second if last else None
