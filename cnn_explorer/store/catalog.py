"""All runs in a folder, as far as they can be read, for tables and comparisons."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.core.run.history import best_epoch
from cnn_explorer.store.runs import NOT_ANNOTATED, Annotation, RunFolder, RunRecord

ShownStatus = Literal["running", "completed", "stopped", "failed", "interrupted"]


@dataclass(frozen=True)
class RunSummary:
    """A run on disk. ``is_active``: a process, this one or another, works on it."""

    path: Path
    record: RunRecord
    epochs: tuple[EpochEnded, ...]
    is_active: bool
    annotation: Annotation = NOT_ANNOTATED

    @property
    def title(self) -> str:
        """What a person called the run, else the name of its network."""
        return self.annotation.title or self.record.name

    @property
    def notes(self) -> str:
        """What a person wrote about the run."""
        return self.annotation.notes

    @property
    def status(self) -> ShownStatus:
        """``interrupted``: the process that worked on it is gone without a word."""
        if self.record.status == "running" and not self.is_active:
            return "interrupted"
        return self.record.status

    @property
    def best(self) -> EpochEnded | None:
        """The best whole epoch; ``None`` if there is none."""
        return best_epoch(self.epochs, self.record.training.monitor) if self.epochs else None

    @property
    def seconds(self) -> float:
        """Training and validation time of all whole epochs."""
        return sum(epoch.seconds for epoch in self.epochs)

    @cached_property
    def parameters(self) -> int:
        """The network's parameters."""
        return infer(self.record.architecture).total_params


@dataclass(frozen=True)
class UnreadableRun:
    """A folder with a run.json that says nothing one could use; ``problem`` is a sentence."""

    path: Path
    problem: str


def summary_of(path: Path) -> RunSummary:
    """One run. Raises ``ExplorerError`` if ``path`` holds none, or a damaged one."""
    run = RunFolder(path)
    record = run.read()
    is_active = record.status == "running" and run.is_active()
    if record.status == "running" and not is_active:
        record = run.read()  # it may have come to its end just now
    return RunSummary(path, record, run.history(), is_active, run.annotation())


def list_runs(
    folder: Path, read: Callable[[Path], RunSummary] = summary_of
) -> tuple[tuple[RunSummary, ...], tuple[UnreadableRun, ...]]:
    """The runs directly in ``folder`` and in its sweeps (folders of runs), newest first, and those that are damaged.

    A folder that does not exist has none. ``read`` is what reads one run, or remembers it.
    """
    runs: list[RunSummary] = []
    damaged: list[UnreadableRun] = []
    for path in _candidates(folder):
        try:
            runs.append(read(path))
        except ExplorerError as error:
            damaged.append(UnreadableRun(path, error.message))
    runs.sort(key=lambda run: (run.record.created, run.path.name), reverse=True)
    return tuple(runs), tuple(damaged)


def _candidates(folder: Path) -> list[Path]:
    """Folders with a run.json, one or two levels below ``folder``; hidden ones are still being made."""
    found = []
    for path in _folders(folder):
        if RunFolder(path).run_json.is_file():
            found.append(path)
        else:
            found += [inner for inner in _folders(path) if RunFolder(inner).run_json.is_file()]
    return found


def _folders(parent: Path) -> list[Path]:
    try:
        with os.scandir(parent) as entries:  # knows what is a folder without asking the disk for each
            return [parent / entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return []
