"""What the lines of the sweep panel mean: runs, how many, or what is wrong; no Qt in here."""

from __future__ import annotations

from typing import NamedTuple

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.fields import Field
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.sweep import SWEPT, Axis, SweepRun, axis_of, sweep
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.session.readiness import config_problems

EXAMPLE = "Give values with commas between, as in 0, 1, 2."


class SweepPlan(NamedTuple):
    """What was typed: the runs, and a caption; with a ``problem`` there are no runs."""

    axes: tuple[Axis, ...] = ()
    runs: tuple[SweepRun, ...] = ()
    caption: str = ""
    problem: str = ""


def plan_sweep(config: TrainingConfig, dataset: Dataset | None, lines: tuple[tuple[str, str], ...]) -> SweepPlan:
    """The sweep of ``config`` that ``lines`` mean: names of settings ("" for none) and their values as typed."""
    wanted = [(name, text) for name, text in lines if name]
    if not all(text.strip() for _, text in wanted):
        return SweepPlan(caption=EXAMPLE)
    try:
        axes = tuple(axis_of(name, text) for name, text in wanted)
        runs = sweep(config, axes)
    except ExplorerError as error:
        return SweepPlan(problem=f"{error.message} {error.hint}".strip())
    for run in runs:
        for field, message in config_problems(run.config, dataset):
            return SweepPlan(problem=f"{field}: {message}")
    caption = counted(len(runs), "run", "runs")
    if len(axes) == 2:
        caption += f" = {' × '.join(str(len(axis.values)) for axis in axes)}"
    idle = [field.title for field in SWEPT if _is_idle(field, axes, runs)]
    if idle:
        caption += f". {idle[0]} has no effect with these settings: its runs will not differ."
    return SweepPlan(axes, runs, caption)


def example(field: Field) -> str:
    """Values that may stand in the line of a setting."""
    match field.kind:
        case "boolean":
            return "true, false"
        case "choice":
            return ", ".join(map(str, field.choices[:3]))
        case "integer":
            return "0, 1, 2" if field.minimum == 0 else "8, 16, 32"
        case "number":
            return "0.01, 0.001"
        case _:
            return "values with commas between"


def _is_idle(field: Field, axes: tuple[Axis, ...], runs: tuple[SweepRun, ...]) -> bool:
    """Whether a setting is varied that has no effect in any of the runs."""
    return field.name in {axis.field for axis in axes} and not any(field.is_relevant(run.config) for run in runs)
