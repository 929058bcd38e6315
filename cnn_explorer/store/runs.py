"""The folder of a run: where each file lies, what run.json says, and how it is made without harm to other files."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from cnn_explorer.core import specfile
from cnn_explorer.core.architecture import Architecture
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.events import EpochEnded
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.store import history_csv
from cnn_explorer.store.atomic import TEMPORARY_PREFIX, atomic_write, refuse_existing, replacing, write_failure

RunStatus = Literal["running", "completed", "stopped", "failed"]


class DatasetRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data set that a run learns from. ``image_shape``: rows, columns, channels."""

    name: str
    fingerprint: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]


class RunRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """run.json: everything that a run began with, and how it stands.

    ``versions`` are pairs of program and version; ``created`` and ``finished`` ISO 8601 times with zone;
    ``epochs_done`` whole epochs. A run found as ``running`` that no process works on was killed.
    """

    format: Literal[1] = 1
    name: str
    architecture: Architecture
    training: TrainingConfig
    dataset: DatasetRecord
    seed: int
    versions: tuple[tuple[str, str], ...] = ()
    device: str = ""
    status: RunStatus = "running"
    message: str = ""
    created: str
    finished: str | None = None
    epochs_done: int = 0

    def to_json(self) -> bytes:
        """The text of run.json."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


@dataclass(frozen=True)
class RunFolder:
    """A run on disk. Every file is replaced as a whole, history.csv grows by whole lines.

    All methods raise ``ExplorerError`` if the disk or the files do not allow what they do.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, record: RunRecord, force: bool = False) -> RunFolder:
        """Make the folder, parents included, and write run.json.

        With ``force`` an existing run is emptied first: exactly the files that a run consists of are removed,
        and only after the new run.json has found room on the disk. A folder with other things in it, but no run,
        is refused.
        """
        refuse_existing(path, force)
        folder, is_new = cls(path), not os.path.lexists(path)
        try:
            if not is_new and not path.is_dir():
                raise ExplorerError(f"{path} is not a folder.", "Choose another path for the run.")
            path.mkdir(parents=True, exist_ok=True)
            holds_something = any(path.iterdir())
        except OSError as error:
            raise write_failure(path, error) from error
        if holds_something and not folder._holds_run():
            raise ExplorerError(
                f"{path} holds other files and no run; it is not replaced.", "Choose another path for the run."
            )
        folder.remove_leftovers()
        try:
            with replacing(folder.run_json) as temporary:
                temporary.write_bytes(record.to_json())
                folder._clear()
        except ExplorerError:
            if is_new:
                with contextlib.suppress(OSError):
                    path.rmdir()
            raise
        return folder

    @property
    def run_json(self) -> Path:
        """Architecture, training, data set, versions, status: see ``RunRecord``."""
        return self.path / "run.json"

    @property
    def history_csv(self) -> Path:
        """One line an epoch."""
        return self.path / "history.csv"

    @property
    def initial_weights(self) -> Path:
        """The weights before the first step."""
        return self.path / "initial.weights.h5"

    @property
    def checkpoint(self) -> Path:
        """Model and optimizer after the last whole epoch."""
        return self.path / "checkpoint.keras"

    @property
    def model(self) -> Path:
        """The model as it is now."""
        return self.path / "model.h5"

    @property
    def best(self) -> Path:
        """The model with the best validation result."""
        return self.path / "best.h5"

    @property
    def probes(self) -> Path:
        """The folder with the maps of the pinned image."""
        return self.path / "probes"

    def probe(self, epoch: int) -> Path:
        """The maps of the pinned image after ``epoch``; 0 is before training."""
        return self.probes / f"epoch-{epoch:05d}.npz"

    def read(self) -> RunRecord:
        """What run.json says; a wrong value is named by its path in the file."""
        try:
            text = self.run_json.read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            if self.path.is_dir():
                what = "is not the folder of a run: run.json is missing"
            else:
                what = "is a file, not the folder of a run" if self.path.exists() else "does not exist"
            raise ExplorerError(f"{self.path} {what}.", "Give a folder with a run.json in it.") from error
        except OSError as error:
            raise ExplorerError(f"{self.run_json} could not be read: {error.strerror}.", "Check the path.") from error
        try:
            return specfile.decode(text, RunRecord, "run")
        except ExplorerError as error:
            raise ExplorerError(f"{self.run_json}: {error.message}", error.hint) from error

    def write(self, record: RunRecord) -> None:
        """Replace run.json."""
        atomic_write(self.run_json, record.to_json())

    def append_epoch(self, epoch: EpochEnded) -> None:
        """Add a line to history.csv; it is on the disk when this returns."""
        history_csv.append_epoch(self.history_csv, epoch)

    def history(self) -> tuple[EpochEnded, ...]:
        """The epochs in history.csv, without a line that a killed process left half-written."""
        return history_csv.read_epochs(self.history_csv)

    def truncate_history(self, epoch: int) -> None:
        """Drop the epochs after ``epoch``, the one of the checkpoint from which a run goes on."""
        history_csv.keep_epochs(self.history_csv, epoch)

    def remove_leftovers(self) -> None:
        """Remove temporary files of a killed process. Only for the process that goes on with the run."""
        with contextlib.suppress(OSError):  # they do no harm where they cannot be removed
            for leftover in (*self.path.glob(f"{TEMPORARY_PREFIX}*"), *self.probes.glob(f"{TEMPORARY_PREFIX}*")):
                leftover.unlink()

    def _holds_run(self) -> bool:
        """Whether the folder's run.json is ours, even one of another version."""
        try:
            content = msgspec.json.decode(self.run_json.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return isinstance(content, dict) and {"format", "architecture", "training"} <= content.keys()

    def _clear(self) -> None:
        """Remove what a run consists of, except run.json. Files of other names stay."""
        probes = () if self.probes.is_symlink() else self.probes.glob("epoch-*.npz")
        results = (self.history_csv, self.initial_weights, self.checkpoint, self.model, self.best, *probes)
        for file in results:
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise ExplorerError(
                    f"{file} could not be removed: {error.strerror}.", "Choose another path."
                ) from error
        with contextlib.suppress(OSError):  # it holds files of other names
            self.probes.rmdir()
