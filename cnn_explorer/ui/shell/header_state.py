"""What the header shows and which of its buttons can be pressed, as a pure function of the facts. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cnn_explorer.core.model.info import DeviceReport
from cnn_explorer.core.network.inference import Problem
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.text.numbers import counted
from cnn_explorer.text.runs import progress_words
from cnn_explorer.ui.session.runs.actions import Button, RunMoment, pause_button, start_button, stop_button

_NO_RUN = RunMoment()


@dataclass(frozen=True)
class Facts:
    """What the header reads from the session.

    ``problems`` are those that keep the network from being trained on ``dataset``. ``dataset_failure`` and
    ``engine_failure`` say why loading has ended without a result, ``obstacle`` why no run can be started.
    ``loading``: how far another data set is that is on its way.
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
    moment: RunMoment = _NO_RUN


@dataclass(frozen=True)
class Fact:
    """One of the three facts: two short lines, and the whole sentence for the tooltip and a screen reader."""

    title: str
    detail: str
    sentence: str
    busy: bool = False


@dataclass(frozen=True)
class HeaderState:
    """Everything that the header shows. ``badge`` is empty for a network without problems."""

    dataset: Fact
    model: Fact
    badge: str
    badge_tooltip: str
    device: Fact
    train: Button
    pause: Button
    stop: Button
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
        train=start_button(facts.moment, facts.obstacle, _what(facts)),
        pause=pause_button(facts.moment),
        stop=stop_button(facts.moment),
        progress=facts.moment.run.progress if facts.moment.is_running else 0.0,
        progress_text=_progress_text(facts.moment),
        progress_tooltip=_progress_tooltip(facts.moment),
    )


def _what(facts: Facts) -> str:
    return f"{facts.model_name} on {facts.dataset.title}" if facts.dataset else facts.model_name


def _progress_text(moment: RunMoment) -> str:
    if not moment.is_running:
        return ""
    return progress_words(
        moment.run, paused=moment.is_paused, stopping=moment.is_stopping, after_epoch=moment.after_epoch,
        waiting=moment.waiting,
    )  # fmt: skip


def _progress_tooltip(moment: RunMoment) -> str:
    last = " It ends after this epoch." if moment.after_epoch and not moment.is_stopping else ""
    queue = f" {counted(moment.waiting, 'run waits', 'runs wait')} in the queue." if moment.waiting else ""
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
