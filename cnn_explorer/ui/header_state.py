"""What the header shows and which of its buttons can be pressed, as a pure function of the facts. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cnn_explorer.core.history import RunState
from cnn_explorer.core.inference import Problem
from cnn_explorer.core.model_info import DeviceReport
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.run_words import progress_words

_NO_RUN = RunState()


@dataclass(frozen=True)
class Facts:
    """What the header reads from the session.

    ``problems`` are those that keep the network from being trained on ``dataset``. ``dataset_failure`` and
    ``engine_failure`` say why loading has ended without a result.
    """

    model_name: str
    parameters: int
    problems: tuple[Problem, ...] = ()
    dataset: Dataset | None = None
    dataset_failure: str = ""
    device: DeviceReport | None = None
    engine_failure: str = ""
    run: RunState = _NO_RUN
    running: bool = False
    paused: bool = False
    stopping: bool = False


@dataclass(frozen=True)
class Fact:
    """One of the three facts: two short lines, and the whole sentence for the tooltip and a screen reader."""

    title: str
    detail: str
    sentence: str
    busy: bool = False


@dataclass(frozen=True)
class Control:
    """One of the run's buttons."""

    enabled: bool
    tooltip: str
    text: str = ""


@dataclass(frozen=True)
class HeaderState:
    """Everything that the header shows. ``badge`` is empty for a network without problems."""

    dataset: Fact
    model: Fact
    badge: str
    badge_tooltip: str
    device: Fact
    train: Control
    pause: Control
    stop: Control
    progress: float
    progress_text: str

    @property
    def progress_visible(self) -> bool:
        """Whether a run goes."""
        return bool(self.progress_text)


def header_state(facts: Facts) -> HeaderState:
    """Derive the header from the facts."""
    count = len(facts.problems)
    return HeaderState(
        dataset=_dataset(facts),
        model=_model(facts),
        badge=f"{count} problem{'' if count == 1 else 's'}" if count else "",
        badge_tooltip=f"{facts.problems[0].message} Press to go to the layers." if count else "",
        device=_device(facts),
        train=_train(facts),
        pause=_pause(facts),
        stop=_stop(facts),
        progress=facts.run.progress if facts.running else 0.0,
        progress_text=progress_words(facts.run, paused=facts.paused, stopping=facts.stopping) if facts.running else "",
    )


def _dataset(facts: Facts) -> Fact:
    dataset = facts.dataset
    if dataset is None:
        if facts.dataset_failure:
            return Fact("No data set", "not loaded", f"The data set could not be loaded: {facts.dataset_failure}")
        return Fact("Data set", "loading…", "The data set is being loaded.", busy=True)
    train, test = f"{len(dataset.train_images):,}", f"{len(dataset.test_images):,}"
    shape = "×".join(map(str, dataset.image_shape))
    return Fact(
        dataset.title,
        f"{train} + {test} · {shape}",
        f"Data set {dataset.title}: {train} images for training, {test} for testing, each {shape}.",
    )


def _model(facts: Facts) -> Fact:
    parameters = f"{facts.parameters:,} parameters"
    return Fact(facts.model_name, parameters, f"Network {facts.model_name}: {parameters}.")


def _device(facts: Facts) -> Fact:
    report = facts.device
    if report is None:
        if facts.engine_failure:
            return Fact("No engine", "not started", f"The engine could not be started: {facts.engine_failure}")
        words = "TensorFlow is being loaded. Everything but training and looking inside works meanwhile."
        return Fact("Engine", "is loading…", words, busy=True)
    return Fact(report.default_description, "ready", f"Computes on {report.default_description}. {report.gpu_note}")


def _train(facts: Facts) -> Control:
    if facts.running:
        return Control(False, "A run goes: stop it before you start another one.")
    if facts.engine_failure:
        return Control(False, f"The engine could not be started: {facts.engine_failure}")
    if facts.device is None:
        return Control(False, "The engine is still loading.")
    if facts.dataset_failure:
        return Control(False, f"The data set could not be loaded: {facts.dataset_failure}")
    if facts.dataset is None:
        return Control(False, "The data set is still loading.")
    if facts.problems:
        return Control(False, f"This network cannot be trained. {facts.problems[0].message}")
    return Control(True, f"Train {facts.model_name} on {facts.dataset.title}.")


def _pause(facts: Facts) -> Control:
    if facts.paused:
        return Control(not facts.stopping, "Continue the run where it waits.", "Continue")
    if facts.running and not facts.stopping:
        return Control(True, "Wait after the current batches; nothing is lost.", "Pause")
    return Control(False, "Nothing to pause: no run goes.", "Pause")


def _stop(facts: Facts) -> Control:
    if facts.stopping:
        return Control(False, "The run ends after the current batches.")
    if facts.running:
        return Control(True, "End the run after the current batches; the last whole epoch is kept.")
    return Control(False, "Nothing to stop: no run goes.")
