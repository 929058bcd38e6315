"""What the header shows and which of its buttons can be pressed, as a pure function of the facts. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cnn_explorer.core.model.info import DeviceReport
from cnn_explorer.core.network.inference import Problem
from cnn_explorer.core.run.history import RunState
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.text.numbers import counted
from cnn_explorer.text.runs import progress_words

_NO_RUN = RunState()


@dataclass(frozen=True)
class Facts:
    """What the header reads from the session.

    ``problems`` are those that keep the network from being trained on ``dataset``. ``dataset_failure`` and
    ``engine_failure`` say why loading has ended without a result, ``obstacle`` why no run can be started.
    ``waiting`` runs are in the queue. ``loading``: how far another data set is that is on its way.
    """

    model_name: str
    parameters: int
    problems: tuple[Problem, ...] = ()
    dataset: Dataset | None = None
    dataset_failure: str = ""
    loading: str = ""
    device: DeviceReport | None = None
    engine_failure: str = ""
    obstacle: str = ""
    run: RunState = _NO_RUN
    running: bool = False
    paused: bool = False
    stopping: bool = False
    after_epoch: bool = False
    waiting: int = 0


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
    progress_tooltip: str

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
        progress_text=_progress_text(facts),
        progress_tooltip=_progress_tooltip(facts),
    )


def _progress_text(facts: Facts) -> str:
    if not facts.running:
        return ""
    return progress_words(
        facts.run, paused=facts.paused, stopping=facts.stopping, after_epoch=facts.after_epoch, waiting=facts.waiting
    )


def _progress_tooltip(facts: Facts) -> str:
    last = " It ends after this epoch." if facts.after_epoch and not facts.stopping else ""
    queue = f" {counted(facts.waiting, 'run waits', 'runs wait')} in the queue." if facts.waiting else ""
    return f"The current run.{last}{queue}"


def _dataset(facts: Facts) -> Fact:
    dataset = facts.dataset
    if dataset is None:
        if facts.dataset_failure:
            return Fact("No data set", "not loaded", f"The data set could not be loaded: {facts.dataset_failure}")
        return Fact("Data set", "loading…", "The data set is being loaded.", busy=True)
    if facts.loading:
        sentence = f"{facts.loading}. Until it is there, the data set is {dataset.title}."
        return Fact(dataset.title, facts.loading, sentence, busy=True)
    train, test = f"{len(dataset.train_images):,}", f"{len(dataset.test_images):,}"
    shape = shape_text(dataset.image_shape)
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
    words = (
        report.gpu_note if len(report.devices) > 1 else f"Computes on {report.default_description}. {report.gpu_note}"
    )
    return Fact(report.default_description, "the GPU is not used" if report.idle_gpu else "ready", words)


def _train(facts: Facts) -> Control:
    text = "Queue" if facts.running else "Train"
    if facts.obstacle:
        return Control(False, facts.obstacle, text)
    what = f"{facts.model_name} on {facts.dataset.title}" if facts.dataset else facts.model_name
    if facts.running:
        return Control(True, f"Train {what} with the settings as they are now, after the current run.", text)
    return Control(True, f"Train {what}.", text)


def _pause(facts: Facts) -> Control:
    if facts.paused:
        return Control(not facts.stopping, "Continue the run where it waits.", "Continue")
    if facts.running and not facts.stopping:
        return Control(True, "Wait after the current batches; nothing is lost.", "Pause")
    return Control(False, "Nothing to pause: no run trains.", "Pause")


def _stop(facts: Facts) -> Control:
    if facts.stopping:
        return Control(False, "The run ends after the current batches.")
    if facts.running:
        return Control(True, "End the run after the current batches; the last whole epoch is kept.")
    return Control(False, "Nothing to stop: no run trains.")
