"""The folder of a sweep: sweep.json says what it is, and each of its runs has a folder in it."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.sweep import Axis, SweepRun
from cnn_explorer.store.atomic import atomic_write, refuse_existing, write_failure

_LONGEST_NAME = 100  # characters of a run's folder


class SweepEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One run: the name of its folder, and its values of the settings that are varied."""

    folder: str
    settings: dict[str, Any]


class SweepRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """sweep.json: network, data set, and configuration, the settings that are varied, and the runs that follow."""

    format: Literal[1] = 1
    architecture: Architecture
    training: TrainingConfig
    dataset: DatasetSpec
    axes: dict[str, list[Any]]
    runs: tuple[SweepEntry, ...]

    def config_of(self, entry: SweepEntry) -> TrainingConfig:
        """The configuration of one run. Raises ``ExplorerError`` if its settings are not possible."""
        try:
            return msgspec.convert({**msgspec.to_builtins(self.training), **entry.settings}, TrainingConfig)
        except msgspec.ValidationError as error:
            raise ExplorerError(f"The settings of {entry.folder} are not possible: {error}.") from error


def sweep_record(
    architecture: Architecture,
    base: TrainingConfig,
    dataset: DatasetSpec,
    axes: tuple[Axis, ...],
    runs: tuple[SweepRun, ...],
) -> SweepRecord:
    """What sweep.json says of a new sweep; folders are numbered and named after their settings."""
    width = max(2, len(str(len(runs))))
    entries = [
        SweepEntry(f"{number:0{width}}_{_words(run.settings)}"[:_LONGEST_NAME], run.settings)
        for number, run in enumerate(runs, start=1)
    ]
    return SweepRecord(
        architecture=architecture,
        training=base,
        dataset=dataset,
        axes={axis.field: list(axis.values) for axis in axes},
        runs=tuple(entries),
    )


def setting_text(value: Any) -> str:
    """A value as the command line takes it: ``true``, ``null``, ``0.001``, ``adam``."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _words(settings: dict[str, Any]) -> str:
    words = "_".join(f"{name}-{setting_text(value)}" for name, value in settings.items())
    return re.sub(r"[^\w.\-]+", "-", words)


class SweepFolder:
    """A sweep on disk. All methods raise ``ExplorerError`` if the disk or the files do not allow what they do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def sweep_json(self) -> Path:
        """See ``SweepRecord``."""
        return self.path / "sweep.json"

    @property
    def sweep_csv(self) -> Path:
        """The results, a line for each run."""
        return self.path / "sweep.csv"

    def run(self, entry: SweepEntry) -> Path:
        """The folder of a run."""
        return self.path / entry.folder

    def read(self) -> SweepRecord:
        """What sweep.json says."""
        try:
            record = msgspec.json.decode(self.sweep_json.read_bytes(), type=SweepRecord)
        except OSError as error:
            raise ExplorerError(f"{self.sweep_json} could not be read: {error.strerror}.", "Check the path.") from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ExplorerError(f"{self.sweep_json} is damaged: {error}.", "Start the sweep again.") from error
        for entry in record.runs:
            if Path(entry.folder).name != entry.folder or entry.folder in ("", ".."):
                raise ExplorerError(
                    f'{self.sweep_json} is damaged: "{entry.folder}" is not the name of a folder.',
                    "Start the sweep again.",
                )
        return record

    def check_free(self, record: SweepRecord, force: bool) -> None:
        """Raise ``ExplorerError`` if the sweep may not be written here.

        ``force`` replaces a sweep, but only one whose runs are all replaced: nothing else is removed.
        """
        refuse_existing(self.path, force)
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise ExplorerError(f"{self.path} is not a folder.", "Choose another path for the sweep.")
        try:
            there = {path.name for path in self.path.iterdir()}
        except OSError as error:
            raise write_failure(self.path, error) from error
        if there and not self.sweep_json.is_file():
            raise ExplorerError(
                f"{self.path} holds other files and no sweep; it is not replaced.", "Choose another path for the sweep."
            )
        if there:
            named = {entry.folder for entry in record.runs}
            others = [entry.folder for entry in self.read().runs if entry.folder in there - named]
            if others:
                raise ExplorerError(
                    f"The sweep in {self.path} has runs that this one would not replace, {others[0]} for one.",
                    "Choose another path, or delete the old sweep.",
                )

    def write(self, record: SweepRecord) -> None:
        """Make the folder, parents included, and write sweep.json, replacing it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_failure(self.path, error) from error
        atomic_write(self.sweep_json, msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")

    def remove_empty(self) -> None:
        """Remove the folder with its table and sweep.json, if there is nothing else in it."""
        with contextlib.suppress(OSError):
            if {path.name for path in self.path.iterdir()} <= {self.sweep_json.name, self.sweep_csv.name}:
                self.sweep_csv.unlink(missing_ok=True)
                self.sweep_json.unlink(missing_ok=True)
                self.path.rmdir()
