"""Why no run can start now, in one sentence for all controls that would start one. No Qt."""

from __future__ import annotations

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.model.info import DeviceReport
from cnn_explorer.core.network.inference import Problem
from cnn_explorer.core.run.config import ConfigProblem, TrainingConfig
from cnn_explorer.data.dataset import Dataset

_TITLES = {field.name: field.title for field in fields_of(TrainingConfig)}
RESTART = "GPU memory and threads change only when the program starts: restart it, or use the current ones."


def needs_restart(config: TrainingConfig, device: DeviceReport | None) -> bool:
    """Whether TensorFlow was started with other options than ``config`` asks for."""
    return device is not None and bool(device.differing(config.runtime))


def config_problems(config: TrainingConfig, dataset: Dataset | None) -> tuple[ConfigProblem, ...]:
    """What is wrong between the settings, as far as can be said before the data set is there."""
    return config.problems(len(dataset.classes) if dataset else None)


def obstacle(
    config: TrainingConfig,
    problems: tuple[Problem, ...],
    dataset: Dataset | None,
    device: DeviceReport | None,
    dataset_failure: str = "",
    engine_failure: str = "",
) -> str:
    """Why no run can start now; "" if nothing is in the way. ``problems`` are those of the network."""
    if dataset is None:
        failed = f"The data set could not be loaded: {dataset_failure}"
        return failed if dataset_failure else "The data set is still loading."
    if device is None:
        failed = f"The engine could not be started: {engine_failure}"
        return failed if engine_failure else "The engine is still loading."
    if problems:
        first = problems[0]
        return f"{first.layer}: {first.message}" if first.layer else first.message
    for field, message in config_problems(config, dataset):
        return f"{_TITLES[field]}: {message}"
    return RESTART if needs_restart(config, device) else ""
