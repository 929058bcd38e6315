"""The folder of a run: where each file lies, what run.json says, and how it is made without harm to other files."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from cnn_explorer.core import specfile
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import BatchEnded, EpochEnded, LearningRateChanged
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.store import struct_csv
from cnn_explorer.store.atomic import TEMPORARY_PREFIX, atomic_write, refuse_existing, write_failure
from cnn_explorer.store.locks import Lock
from cnn_explorer.store.staging import Staged, staged

_FIRST_FILES = ("initial.weights.h5", "checkpoint.keras", "model.h5", "run.json")
"""What a run has from the beginning; run.json makes a folder a run, so it comes last."""
_RESULTS = ("history.csv", "batches.csv", "best.h5", "log.txt", "notes.json")
"""What a run gets later, beside its probes."""

RunStatus = Literal["running", "completed", "stopped", "failed"]


class DatasetRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data set that a run learns from, and where it is found. ``image_shape``: rows, columns, channels."""

    name: str
    fingerprint: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    spec: DatasetSpec = DatasetSpec()


class RunRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """run.json: everything that a run began with, and how it stands.

    ``versions`` are pairs of program and version; ``created`` and ``finished`` ISO 8601 times with zone;
    ``epochs_done`` whole epochs. A run found as ``running`` that no process works on was killed.
    ``initial_weights`` is the file that it began with, if not with the weights of its seed.
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
    rate_changes: tuple[LearningRateChanged, ...] = ()
    initial_weights: str | None = None
    sweep: SweepPlace | None = None

    def to_json(self) -> bytes:
        """The text of run.json."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


class Annotation(Struct, frozen=True):
    """notes.json: what a person wrote about a run."""

    title: str = ""
    notes: str = ""


NOT_ANNOTATED = Annotation()


@dataclass(frozen=True, eq=False)
class Batches:
    """The batch calls of a run, one in each place of the arrays; the fields are those of ``BatchEnded``."""

    epoch: NDArray[np.float64]
    step: NDArray[np.float64]
    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    learning_rate: NDArray[np.float64]


@dataclass(frozen=True)
class RunFolder:
    """A run on disk. Every file is replaced as a whole, the tables grow by whole lines.

    All methods raise ``ExplorerError`` if the disk or the files do not allow what they do.
    """

    path: Path

    @classmethod
    def create(
        cls, path: Path, record: RunRecord, force: bool = False, fill: Callable[[RunFolder], None] | None = None
    ) -> RunFolder:
        """Make a run that is whole from its first moment; parents are made, too.

        ``fill`` writes initial weights, checkpoint and model into the folder that it gets, which lies hidden beside
        ``path`` until everything is written. If anything fails, nothing is left behind.

        With ``force`` an existing run is replaced: exactly the files that a run consists of are removed, and only
        after the new ones have been written. A folder with other things in it, but no run, is refused, and so is a
        run that someone works on.
        """
        refuse_existing(path, force)
        run = cls(path)
        if os.path.lexists(path):
            run._refuse_other_than_run()
        with staged(Path(os.path.realpath(path)), _FIRST_FILES) as staging:
            new = cls(staging.path)
            try:
                new.write(record)
                if fill is not None:
                    fill(new)
            except ExplorerError as error:  # says the folder's name in the making
                raise ExplorerError(error.message.replace(str(new.path), str(path)), error.hint) from error
            try:
                if force:
                    _remove_if_empty(path)
                if not run.run_json.exists():
                    staging.publish(Path(os.path.realpath(path)))
                else:
                    run._replace_by(staging, new)
            except OSError as error:
                refuse_existing(path, force)  # someone may have made it meanwhile
                raise write_failure(path, error) from error
        return run

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
    def lock(self) -> Path:
        """The file that the process working on the run holds locked."""
        return self.path / ".lock"

    @property
    def log(self) -> Path:
        """What was said of the run, with times: beginning, end, failures with their tracebacks, devices."""
        return self.path / "log.txt"

    @property
    def batches_csv(self) -> Path:
        """One line for each batch call of the whole epochs: what the live curves were drawn from."""
        return self.path / "batches.csv"

    @property
    def notes_json(self) -> Path:
        """What a person wrote about the run: a file of its own, because the run rewrites run.json as it goes."""
        return self.path / "notes.json"

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

    @contextmanager
    def working(self) -> Iterator[None]:
        """Keep other processes, and other threads of this one, from working on the run meanwhile.

        The system gives the lock back when a process ends, however it ends. Raises ``ExplorerError`` if someone
        works on the run already.
        """
        lock = Lock(self.lock)
        try:
            is_free = lock.acquire()
        except OSError as error:
            raise write_failure(self.lock, error) from error
        if not is_free:
            raise ExplorerError(f"The run {self.path} is being trained just now.", "Wait until it has ended.")
        try:
            self._finish_replacement()
            yield
        finally:
            lock.release()

    def is_active(self) -> bool:
        """Whether a process works on the run just now."""
        return self.lock.exists() and Lock(self.lock).is_held_elsewhere()

    def append_epoch(self, epoch: EpochEnded) -> None:
        """Add a line to history.csv; it is on the disk when this returns."""
        struct_csv.append(self.history_csv, [epoch])

    def history(self) -> tuple[EpochEnded, ...]:
        """The epochs in history.csv, without a line that a killed process left half-written."""
        return struct_csv.read(self.history_csv, EpochEnded)

    def append_batches(self, batches: Sequence[BatchEnded]) -> None:
        """Add lines to batches.csv, those of a whole epoch; they are on the disk when this returns."""
        struct_csv.append(self.batches_csv, batches)

    def batches(self) -> Batches:
        """What batches.csv holds, without a line that a killed process left half-written."""
        return Batches(*struct_csv.read_columns(self.batches_csv, BatchEnded)[: len(fields(Batches))])

    def truncate_history(self, epoch: int) -> None:
        """Drop epochs and batches after ``epoch``, the one of the checkpoint from which a run goes on."""
        struct_csv.keep(self.history_csv, EpochEnded, epoch)
        struct_csv.keep(self.batches_csv, BatchEnded, epoch)

    def say(self, text: str) -> None:
        """Add ``text``, of one or more lines, to log.txt with the time. A disk that refuses it loses it, no more."""
        time = datetime.now().astimezone().isoformat(" ", "seconds")
        with contextlib.suppress(OSError), self.log.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{time}  {text.rstrip().replace(chr(10), chr(10) + ' ' * 4)}\n")

    def annotation(self) -> Annotation:
        """What a person wrote about the run; nothing if the file is damaged."""
        try:
            return msgspec.json.decode(self.notes_json.read_bytes(), type=Annotation)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return NOT_ANNOTATED

    def annotate(self, title: str | None = None, notes: str | None = None) -> None:
        """Replace title or notes or both; ``None`` leaves them. Safe while the run goes, in any process."""
        now = self.annotation()
        new = Annotation(now.title if title is None else title, now.notes if notes is None else notes)
        atomic_write(self.notes_json, msgspec.json.format(msgspec.json.encode(new), indent=2) + b"\n")

    def remove_leftovers(self) -> None:
        """Remove temporary files of a killed process. Only for the process that continues the run."""
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

    def _refuse_other_than_run(self) -> None:
        """Raise ``ExplorerError`` unless the folder, which is there, can give way to a new run."""
        if not self.path.is_dir():
            raise ExplorerError(f"{self.path} is not a folder.", "Choose another path for the run.")
        try:
            is_empty = not any(self.path.iterdir())
        except OSError as error:
            raise write_failure(self.path, error) from error
        if not is_empty and not self._holds_run():
            raise ExplorerError(
                f"{self.path} holds other files and no run; it is not replaced.", "Choose another path for the run."
            )
        for file in (self.path / name for name in (*_FIRST_FILES, *_RESULTS)):
            if file.is_dir() and not file.is_symlink():
                raise ExplorerError(f"{file} could not be removed: it is a folder.", "Choose another path.")

    def _replace_by(self, staging: Staged, new: RunFolder) -> None:
        """Put the staged run ``new`` in the place of this one. From the renaming on a kill leaves a run whose
        replacement is finished by whoever works on it next; until then its files open."""
        with self.working():
            self.remove_leftovers()
            not_written = [name for name in _FIRST_FILES if not (new.path / name).exists()]
            staging.publish(self._replacement)
            self._finish_replacement()
            for name in not_written:
                self._remove(self.path / name)

    def _finish_replacement(self) -> None:
        """Move the files of a replacement in, run.json last, after the results of the old run have been removed."""
        if not (self._replacement / _FIRST_FILES[-1]).exists():
            return
        probes = () if self.probes.is_symlink() else self.probes.glob("epoch-*.npz")
        for file in (*(self.path / name for name in _RESULTS), *probes):
            self._remove(file)
        try:
            with contextlib.suppress(OSError):  # it holds files of other names
                self.probes.rmdir()
            for name in _FIRST_FILES:
                if (self._replacement / name).exists():
                    (self._replacement / name).replace(self.path / name)
            shutil.rmtree(self._replacement)
        except OSError as error:
            raise write_failure(self.path, error) from error

    @property
    def _replacement(self) -> Path:
        """A new run, whole, whose files are about to take the places of this one's."""
        return self.path / ".replacement"

    def _remove(self, file: Path) -> None:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise ExplorerError(f"{file} could not be removed: {error.strerror}.", "Choose another path.") from error


def _remove_if_empty(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.rmdir()
